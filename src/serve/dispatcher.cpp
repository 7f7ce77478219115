#include "serve/dispatcher.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "yolovino/error.hpp"

#include "serve/error_response.hpp"
#include "serve/http/content_coding.hpp"
#include "serve/http/head.hpp"

namespace yolovino::serve {

namespace {

std::string model_of(const Response& response) {
    const auto found =
        std::ranges::find(response.headers, "Yolovino-Model", [](const auto& each) { return each.first; });
    return found == response.headers.end() ? std::string() : found->second;
}

/// A reply that counts what it sends.
Reply counted(const Reply& reply, Metrics& metrics, std::string api, std::chrono::steady_clock::time_point received) {
    return {.send =
                [send = reply.send, &metrics, api = std::move(api), received](Response response) {
                    const double seconds =
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - received).count();
                    const std::string model = model_of(response);
                    metrics.count_request(model, model.empty() ? "" : "1", api, response.status, seconds);
                    send(std::move(response));
                },
            .gone = reply.gone};
}

/// Undoes the coding of a body; the answer if that fails.
std::optional<Response> unpack(Request& request, std::size_t max_bytes) {
    const std::string_view coding = header_of(request.headers, "content-encoding");
    if (coding.empty()) return std::nullopt;
    try {
        request.body = decode_content(coding, request.body, max_bytes);
    } catch (const Error& error) {
        return error_response(error.code() == ErrorCode::LimitExceeded ? 413 : 400, error.what());
    }
    return std::nullopt;
}

Response busy(const std::string& message, double wait_s) {
    Response response = error_response(503, message);
    response.headers.emplace_back("Retry-After",
                                  std::to_string(static_cast<int>(std::clamp(std::ceil(wait_s), 1.0, 60.0))));
    return response;
}

}  // namespace

Response Dispatcher::refusal_of(const Route* route, const Request& request) const {
    if (route == nullptr) {
        const std::string methods = parts_.router.methods_of(request.path);
        if (methods.empty()) return error_response(404, "there is nothing at this path");
        Response response = error_response(405, "the path takes " + methods);
        response.headers.emplace_back("Allow", methods);
        return response;
    }
    if (!route->open && !parts_.token.allows(header_of(request.headers, "authorization"))) {
        Response response = error_response(401, "a token is wanted: Authorization: Bearer TEXT");
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
        return response;
    }
    // A page from elsewhere must not use a server that only this machine reaches.
    if (route->method == "POST" && !is_same_origin(request))
        return error_response(403, "the request comes from a page of another origin");
    if (route->cost == Cost::Work && parts_.phase == Phase::Starting) return busy("the models are being loaded", 1);
    return {.status = 0};
}

Response Dispatcher::run(const Route& route, Request& request) const {
    try {
        if (std::optional<Response> refusal = unpack(request, parts_.max_body_bytes)) return *std::move(refusal);
        return route.handle(request);
    } catch (const std::exception& error) {
        return error_response(error);
    }
}

void Dispatcher::enqueue(const Route& route, Request request, const Reply& reply) const {
    const auto shared = std::make_shared<Request>(std::move(request));
    WorkQueue::Job job;
    job.run = [this, &route, shared, reply] {
        if (reply.gone && *reply.gone) return;
        parts_.metrics.count_queued(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - shared->received).count());
        reply.send(run(route, *shared));
    };
    job.expired = [this, reply] {
        reply.send(busy("the request has waited for too long", parts_.queue.expected_wait_s()));
    };
    if (!parts_.queue.push(std::move(job)))
        reply.send(busy("too many requests wait already", parts_.queue.expected_wait_s()));
}

void Dispatcher::operator()(Request request, const Reply& reply) const {
    const Route* route = parts_.router.find(request.method, request.path);
    const Reply counting = counted(reply, parts_.metrics, route == nullptr ? "" : route->api, request.received);
    Response refusal = refusal_of(route, request);
    if (refusal.status != 0) return counting.send(std::move(refusal));
    // Unpacking is work, too.
    const bool is_work = route->cost == Cost::Work || !header_of(request.headers, "content-encoding").empty();
    if (is_work) return enqueue(*route, std::move(request), counting);
    counting.send(run(*route, request));
}

}  // namespace yolovino::serve
