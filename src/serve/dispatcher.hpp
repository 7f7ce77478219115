#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "serve/http/exchange.hpp"
#include "serve/http/router.hpp"
#include "serve/http/token.hpp"
#include "serve/message.hpp"
#include "serve/metrics/metrics.hpp"
#include "serve/predict/work_queue.hpp"

namespace yolovino::serve {

/// What a server is doing.
enum class Phase { Starting, Ready, Draining };

/// From a request to its answer: finds the route, checks who asks, and runs the handler here or in the queue.
class Dispatcher {
public:
    /// All of it must outlive the dispatcher.
    struct Parts {
        const Router& router;
        const Token& token;
        WorkQueue& queue;
        Metrics& metrics;
        const std::atomic<Phase>& phase;
        std::size_t max_body_bytes;
    };

    explicit Dispatcher(Parts parts) : parts_(parts) {}

    /// Answers once, now or from a worker. Does not throw, unless memory runs out.
    void operator()(Request request, const Reply& reply) const;

private:
    /// What forbids the request; 0 as status: nothing.
    Response refusal_of(const Route* route, const Request& request) const;
    Response run(const Route& route, Request& request) const;
    void enqueue(const Route& route, Request request, const Reply& reply) const;

    Parts parts_;
};

}  // namespace yolovino::serve
