#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "serve/message.hpp"

namespace yolovino::serve {

struct ServerOptions {
    std::string host = "127.0.0.1";
    unsigned short port = 0;  ///< 0: a free one
    std::string cert;         ///< PEM file; empty: no TLS
    std::string key;          ///< PEM file; empty: in `cert`
    std::size_t max_head_bytes = 16384;
    std::size_t max_body_bytes = 32'000'000;
    std::size_t max_bodies_bytes = 1'000'000'000;  ///< of all requests at once
    std::size_t connections = 2048;
    std::size_t per_address = 1536;
    std::size_t streams = 64;                 ///< answers without end at once
    std::chrono::milliseconds idle{60'000};   ///< between two requests
    std::chrono::milliseconds head{10'000};   ///< from the first byte of a request to the end of its head
    std::chrono::milliseconds body{10'000};   ///< for a body, and more by `body_bytes_per_s`
    double body_bytes_per_s = 100'000;        ///< slower ones are dropped
    std::chrono::milliseconds write{30'000};  ///< for each answer, and each piece of one without end
};

/// Takes the answer of a request, once, from any thread.
struct Reply {
    std::function<void(Response)> send;
    std::shared_ptr<const std::atomic<bool>> gone;  ///< whether the client has gone, so that nobody reads the answer
};

/// Answers a request; called on the thread of the network, which it must not keep waiting.
using Handler = std::function<void(Request, Reply)>;

/// A request that was answered, or refused before it reached the handler.
struct Served {
    std::string method;
    std::string path;
    std::string peer;
    std::string trace;  ///< the trace id of `traceparent`; empty: none
    std::string model;  ///< that answered
    unsigned status = 0;
    std::uint64_t body_bytes = 0;  ///< of the answer
    double seconds = 0;            ///< from the first byte of the request to the last of the answer
};

}  // namespace yolovino::serve
