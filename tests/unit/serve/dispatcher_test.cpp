#include "serve/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>

#include "yolovino/error.hpp"

#include "serve/http/content_coding.hpp"
#include "support/shared.hpp"

namespace yolovino::serve {
namespace {

using namespace std::chrono_literals;

/// A dispatcher with three routes, whose work waits until the test lets it go.
class ServeDispatcher : public testing::Test {
protected:
    ServeDispatcher() {
        router_.add({.method = "GET", .path = "/quick", .api = "quick", .open = true, .handle = [](const Request&) {
                         return Response{.status = 200, .content_type = "a", .body = "quick"};
                     }});
        router_.add({.method = "POST",
                     .path = "/work",
                     .api = "work",
                     .cost = Cost::Work,
                     .handle = [this](const Request& request) {
                         ++begun_;
                         gate_.wait();
                         Response response{.status = 200, .content_type = "a", .body = request.body};
                         response.headers.emplace_back("Yolovino-Model", "m");
                         return response;
                     }});
        router_.add(
            {.method = "GET", .path = "/fails", .api = "fails", .handle = [](const Request& request) -> Response {
                 if (request.query.empty()) throw std::runtime_error("a\nb");
                 throw Error(ErrorCode::CorruptFile, "image", "broken");
             }});
    }
    ~ServeDispatcher() override {
        if (!open_) gate_promise_.set_value();
        queue_.finish();
    }

    void open_gate() {
        open_ = true;
        gate_promise_.set_value();
    }
    static Request request(const std::string& method, const std::string& path) {
        Request made;
        made.method = method;
        made.path = path;
        made.received = std::chrono::steady_clock::now();
        return made;
    }
    std::future<Response> send(Request request, std::shared_ptr<const std::atomic<bool>> gone = nullptr) {
        const auto promise = std::make_shared<std::promise<Response>>();
        dispatcher_(std::move(request),
                    {.send = [promise](Response response) { promise->set_value(std::move(response)); },
                     .gone = std::move(gone)});
        return promise->get_future();
    }
    static std::string header(const Response& response, const std::string& name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) return value;
        }
        return {};
    }

    std::promise<void> gate_promise_;
    std::shared_future<void> gate_ = gate_promise_.get_future().share();
    bool open_ = false;
    std::atomic<int> begun_ = 0;
    Router router_;
    Token token_;
    Metrics metrics_;
    std::atomic<Phase> phase_ = Phase::Ready;
    WorkQueue queue_{1, 1, 100ms};
    Dispatcher dispatcher_{{.router = router_,
                            .token = token_,
                            .queue = queue_,
                            .metrics = metrics_,
                            .phase = phase_,
                            .max_body_bytes = 1000}};
};

TEST_F(ServeDispatcher, WorkThatDoesNotFitOrWaitsForTooLongIsAnswered503) {
    auto running = send(request("POST", "/work"));
    while (begun_ == 0) std::this_thread::sleep_for(1ms);
    auto waiting = send(request("POST", "/work"));
    auto too_many = send(request("POST", "/work"));
    const Response refused = too_many.get();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_GE(std::stoi(header(refused, "Retry-After")), 1);
    EXPECT_EQ(send(request("GET", "/quick")).get().body, "quick") << "while the worker is busy";
    const Response expired = waiting.get();
    EXPECT_EQ(expired.status, 503U);
    EXPECT_NE(expired.body.find("waited for too long"), std::string::npos);
    open_gate();
    EXPECT_EQ(running.get().status, 200U);
    EXPECT_NE(metrics_.text().find("yolovino_requests_total{api=\"work\",code=\"503\",model=\"\",version=\"\"} 2"),
              std::string::npos);
    EXPECT_NE(metrics_.text().find("yolovino_requests_total{api=\"work\",code=\"200\",model=\"m\",version=\"1\"} 1"),
              std::string::npos);
}

TEST_F(ServeDispatcher, WhoHasGoneGetsNoWork) {
    auto running = send(request("POST", "/work"));
    while (begun_ == 0) std::this_thread::sleep_for(1ms);
    static_cast<void>(send(request("POST", "/work"), std::make_shared<std::atomic<bool>>(true)));
    open_gate();
    running.get();
    queue_.finish();
    EXPECT_EQ(begun_, 1);
}

TEST_F(ServeDispatcher, UnknownPathsMethodsAndPagesFromElsewhereAreRefused) {
    EXPECT_EQ(send(request("GET", "/nothing")).get().status, 404U);
    const Response wrong = send(request("GET", "/work")).get();
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_EQ(header(wrong, "Allow"), "POST");
    Request foreign = request("POST", "/work");
    foreign.headers = {{"host", "localhost"}, {"origin", "http://evil.example"}};
    EXPECT_EQ(send(std::move(foreign)).get().status, 403U);
}

TEST_F(ServeDispatcher, BeforeModelsAreLoadedWorkIsAnswered503) {
    phase_ = Phase::Starting;
    EXPECT_EQ(send(request("POST", "/work")).get().status, 503U);
    EXPECT_EQ(send(request("GET", "/quick")).get().status, 200U);
    phase_ = Phase::Draining;
    open_gate();
    EXPECT_EQ(send(request("POST", "/work")).get().status, 200U);
}

TEST_F(ServeDispatcher, TheTokenGuardsWhatIsNotOpen) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "token") << "secret";
    token_ = Token(folder.path() / "token");
    open_gate();
    const Response refused = send(request("POST", "/work")).get();
    EXPECT_EQ(refused.status, 401U);
    EXPECT_EQ(header(refused, "WWW-Authenticate"), "Bearer");
    EXPECT_EQ(send(request("GET", "/quick")).get().status, 200U);
    Request known = request("POST", "/work");
    known.headers = {{"authorization", "Bearer secret"}};
    EXPECT_EQ(send(std::move(known)).get().status, 200U);
}

TEST_F(ServeDispatcher, WhatHandlersThrowIsAnAnswerInOneLine) {
    const Response broken = send(request("GET", "/fails")).get();
    EXPECT_EQ(broken.status, 500U);
    EXPECT_EQ(std::count(broken.body.begin(), broken.body.end(), '\n'), 1) << broken.body;
    Request corrupt = request("GET", "/fails");
    corrupt.query = {{"corrupt", ""}};
    EXPECT_EQ(send(std::move(corrupt)).get().status, 400U);
}

TEST_F(ServeDispatcher, PackedBodiesAreUnpackedByWorkersWithinTheLimit) {
    open_gate();
    const auto packed = [&](const std::string& body) {
        Request made = request("POST", "/work");
        made.headers = {{"content-encoding", "gzip"}};
        made.body = gzip(body);
        return made;
    };
    EXPECT_EQ(send(packed("text")).get().body, "text");
    EXPECT_EQ(send(packed(std::string(1001, 'x'))).get().status, 413U);
}

}  // namespace
}  // namespace yolovino::serve
