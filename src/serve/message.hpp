#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yolovino::serve {

/// A request as handlers see it: complete, within the limits, without anything of the library that speaks HTTP.
struct Request {
    std::string method;  ///< `POST`
    std::string path;    ///< percent-decoded, without the query: `/v2/models/yolov8n/infer`
    std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in their order
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in their order
    std::string body;                                          ///< after Content-Encoding was undone
    std::string peer;                                          ///< address of the client
    std::chrono::steady_clock::time_point received;            ///< when its last byte was there
};

/// An answer as handlers give it.
struct Response {
    unsigned status = 200;
    std::string content_type = {};  ///< empty: no body
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    /// Instead of `body`: the next piece of an answer without end (MJPEG, events), called off the event thread; nothing
    /// when the stream has ended. It is destroyed when the client goes.
    std::function<std::optional<std::string>()> stream = nullptr;
};

}  // namespace yolovino::serve
