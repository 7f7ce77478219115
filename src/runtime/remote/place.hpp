#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace yolovino::runtime {

/// What a server answers.
struct RemoteAnswer {
    long status = 0;
    std::string header_length;  ///< Inference-Header-Content-Length; empty: all of the body is JSON
    std::string retry_after;    ///< seconds; empty: the server does not say
    std::string body;
};

/// Requests to one server. Used by one thread; what opens sockets implements it.
class RemoteConnection {
public:
    virtual ~RemoteConnection() = default;
    /// @param path from the root of the protocol, `/v2/models/yolov8n`. @throws Error NetworkFailure, LimitExceeded
    virtual RemoteAnswer get(const std::string& path) = 0;
    /// @param json_bytes how much of the body is JSON
    virtual RemoteAnswer post(const std::string& path, std::size_t json_bytes, std::string_view body) = 0;
};

/// Where a model is served.
struct RemotePlace {
    std::string url;   ///< of the model, without credentials, for messages
    std::string path;  ///< `/v2/models/yolov8n`
    std::function<std::unique_ptr<RemoteConnection>()> connect;
};

}  // namespace yolovino::runtime
