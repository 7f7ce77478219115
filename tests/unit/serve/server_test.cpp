#include "serve/http/server.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "yolovino/error.hpp"

#include "support/http_client.hpp"

namespace yolovino::serve {
namespace {

using namespace std::chrono_literals;
using test::http;
using test::http_request;
using test::HttpAnswer;
using test::HttpClient;

/// Answers with what it was asked.
void echo(Request request, const Reply& reply) {
    Response response{.status = 200, .content_type = "text/plain"};
    response.body = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) response.body += " " + name + "=" + value;
    response.body += " " + request.body;
    reply.send(std::move(response));
}

class ServeServer : public testing::Test {
protected:
    Server& start(ServerOptions options = {}, Handler handler = echo) {
        server_ = std::make_unique<Server>(std::move(options), std::move(handler), [this](const Served& served) {
            const std::lock_guard lock(mutex_);
            served_.push_back(served);
        });
        server_->start();
        return *server_;
    }
    /// Stops the server, so that all has been reported.
    std::vector<Served> served() {
        server_.reset();
        return served_;
    }

private:
    std::mutex mutex_;
    std::vector<Served> served_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServeServer, RequestsOnOneConnectionAreAnsweredInTheirOrder) {
    const Server& server = start();
    HttpClient client(server.port());
    client.send(http_request("GET", "/a%20b?x=1") + http_request("POST", "/c", "body") +
                "POST /d HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n" +
                http_request("GET", "/e", {}, "Connection: close\r\n"));
    EXPECT_EQ(client.receive().body, "GET /a b x=1 ");
    EXPECT_EQ(client.receive().body, "POST /c body");
    EXPECT_EQ(client.receive().body, "POST /d abcde");
    const HttpAnswer last = client.receive();
    EXPECT_EQ(last.body, "GET /e ");
    EXPECT_EQ(last.headers.at("connection"), "close");
    EXPECT_EQ(client.rest(), "");
    const auto all = served();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].path, "/a%20b");
    EXPECT_EQ(all[0].peer, "127.0.0.1");
    EXPECT_EQ(all[1].status, 200U);
    EXPECT_EQ(all[1].body_bytes, 12U);
}

TEST_F(ServeServer, HeadHasNoBodyAndHttp10ClosesItsConnection) {
    const Server& server = start();
    HttpClient client(server.port());
    client.send(http_request("HEAD", "/x") + "GET /y HTTP/1.0\r\n\r\n");
    const HttpAnswer head = client.receive(true);
    EXPECT_EQ(head.headers.at("content-length"), "8");
    const HttpAnswer old = client.receive();
    EXPECT_EQ(old.body, "GET /y ");
    EXPECT_EQ(old.headers.at("connection"), "close");
    EXPECT_EQ(client.rest(), "");
}

TEST_F(ServeServer, ExpectedPermissionIsGivenOnlyForBodiesThatAreRead) {
    ServerOptions options;
    options.max_body_bytes = 10;
    const Server& server = start(options);
    HttpClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100U);
    client.send("abcd");
    EXPECT_EQ(client.receive().body, "POST / abcd");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 413U);
}

TEST_F(ServeServer, BodiesAndHeadsAboveTheirLimitsAreRefused) {
    ServerOptions options;
    options.max_body_bytes = 1000;
    const Server& server = start(options);
    EXPECT_EQ(http(server.port(), http_request("POST", "/", std::string(1000, 'x'))).status, 200U);
    EXPECT_EQ(http(server.port(), http_request("POST", "/", std::string(1001, 'x'))).status, 413U);
    EXPECT_EQ(http(server.port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n" +
                                      std::string(200'000, 'x'))
                  .status,
              413U);
    EXPECT_EQ(http(server.port(), http_request("GET", "/", {}, "X: " + std::string(20'000, 'x') + "\r\n")).status,
              431U);
    std::string many;
    for (int i = 0; i < 200'000; ++i) many += "a:b\r\n";
    EXPECT_EQ(http(server.port(), http_request("GET", "/", {}, many)).status, 431U);
    EXPECT_EQ(http(server.port(), http_request("GET", "/")).status, 200U) << "it still answers";
}

TEST_F(ServeServer, RequestsThatTwoReadersMayTakeInTwoWaysAreRefusedAndTheConnectionIsClosed) {
    const Server& server = start();
    const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string start_line = "POST / HTTP/1.1\r\nHost: a\r\n";
    const std::string rows[] = {
        start_line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled,
        start_line + "Content-Length: 0\r\nContent-Length: 37\r\n\r\n" + smuggled,
        start_line + "Content-Length: 0, 37\r\n\r\n" + smuggled,
        start_line + "Content-Length: +0\r\n\r\n" + smuggled,
        start_line + "Content-Length: -1\r\n\r\n" + smuggled,
        start_line + "Content-Length : 0\r\n\r\n" + smuggled,
        start_line + "Content-Length: 18446744073709551616\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: gzip\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n" + smuggled,
        start_line + "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n" + smuggled,
        "GET / HTTP/1.1\nHost: a\n\n" + smuggled,
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled,
        "GET / HTTP/1.1\r\n\r\n" + smuggled,
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled,
        "GET /\r\n\r\n" + smuggled,
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + smuggled,
        "GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled,
        "GET /..%2fx HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled,
        "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled,
        std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29) + smuggled,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01\x02\x01\x01\xfc\x03\x03",
        "CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled,
    };
    for (const std::string& row : rows) {
        HttpClient client(server.port());
        client.send(row);
        client.hang_up();
        const std::string all = client.rest();
        EXPECT_EQ(all.find("HTTP/1.1 200"), std::string::npos) << row << "\n->\n" << all;
        EXPECT_EQ(all.find("smuggled"), std::string::npos) << row << "\n->\n" << all;
        EXPECT_TRUE(all.empty() || all.starts_with("HTTP/1.1 4") || all.starts_with("HTTP/1.1 5")) << all;
    }
    EXPECT_EQ(http(server.port(), http_request("GET", "/")).status, 200U) << "it still answers";
}

TEST_F(ServeServer, SlowHeadsSlowBodiesAndIdleConnectionsAreDroppedWhileOthersAreServed) {
    ServerOptions options;
    options.head = 200ms;
    options.body = 200ms;
    options.idle = 300ms;
    const Server& server = start(options);
    HttpClient silent(server.port());
    HttpClient slow_head(server.port());
    slow_head.send("GET / HTTP/1.1\r\n");
    HttpClient slow_body(server.port());
    slow_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
    HttpClient idle(server.port());
    idle.send(http_request("GET", "/"));
    EXPECT_EQ(idle.receive().status, 200U);
    EXPECT_EQ(http(server.port(), http_request("GET", "/")).status, 200U);
    for (HttpClient* client : {&silent, &slow_head, &slow_body, &idle}) EXPECT_TRUE(client->closes_within(20s));
}

TEST_F(ServeServer, DrippingDoesNotExtendTheDeadline) {
    ServerOptions options;
    options.head = 300ms;
    const Server& server = start(options);
    HttpClient client(server.port());
    client.send("GET / HTTP/1.1\r\n");
    int drops = 0;
    constexpr int kEnough = 1000;
    while (drops < kEnough && !client.closes_within(20ms)) {
        client.send("A: b\r\n");
        ++drops;
    }
    EXPECT_LT(drops, kEnough);
}

TEST_F(ServeServer, ConnectionsAreLimitedInAllAndForEachAddress) {
    ServerOptions options;
    options.per_address = 2;
    const Server& server = start(options);
    auto first = std::make_unique<HttpClient>(server.port());
    const HttpClient second(server.port());
    first->send(http_request("GET", "/"));
    EXPECT_EQ(first->receive().status, 200U);
    HttpClient third(server.port());
    EXPECT_TRUE(third.closes_within(20s));
    first.reset();
    // The end of the first is seen some time after it.
    for (int i = 0; i < 1000 && server.connections() > 1; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(http(server.port(), http_request("GET", "/")).status, 200U);
}

TEST_F(ServeServer, AnswersFromOtherThreadsReachTheirClientsAndWhoHasGoneIsKnown) {
    std::promise<Reply> taken;
    const Server& server = start({}, [&](const Request&, const Reply& reply) { taken.set_value(reply); });
    auto client = std::make_unique<HttpClient>(server.port());
    client->send(http_request("GET", "/"));
    const Reply reply = taken.get_future().get();
    EXPECT_FALSE(*reply.gone);
    client.reset();
    for (int i = 0; i < 1000 && !*reply.gone; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(*reply.gone);
    reply.send({.status = 200});  // finds nobody
    const auto all = served();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].status, 499U);
}

TEST_F(ServeServer, AnEndlessAnswerComesInPiecesAndIsNotMadeAhead) {
    std::atomic<int> made = 0;
    const Server& server = start({}, [&](const Request&, const Reply& reply) {
        Response response{.content_type = "text/event-stream"};
        response.stream = [&made]() -> std::optional<std::string> {
            const int number = ++made;
            return number > 3 ? std::nullopt : std::optional("piece " + std::to_string(number));
        };
        reply.send(std::move(response));
    });
    HttpClient client(server.port());
    client.send(http_request("GET", "/") + http_request("HEAD", "/"));
    const HttpAnswer answer = client.receive();
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.body, "piece 1piece 2piece 3");
    EXPECT_EQ(client.receive(true).status, 200U);
    HttpClient old(server.port());
    made = 0;
    old.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.receive().body, "piece 1piece 2piece 3");
}

TEST_F(ServeServer, AnEndlessAnswerWaitsForASlowReaderAndEndsWhenTheClientGoes) {
    std::atomic<int> made = 0;
    const auto alive = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = alive;
    const Server& server = start({}, [&made, kept = alive](const Request&, const Reply& reply) {
        Response response{.content_type = "video"};
        response.stream = [&made, kept = std::make_shared<std::shared_ptr<int>>(kept)]() -> std::optional<std::string> {
            ++made;
            return std::string(1'000'000, 'x');
        };
        reply.send(std::move(response));
    });
    auto client = std::make_unique<HttpClient>(server.port());
    client->send(http_request("GET", "/"));
    const long before = alive.use_count();
    ASSERT_TRUE(client->receive(true).status == 200U && client->chunk());
    std::this_thread::sleep_for(300ms);
    EXPECT_LT(made, 50) << "what the sockets buffer, and one ahead";
    EXPECT_GE(alive.use_count(), before);
    client.reset();
    for (int i = 0; i < 1000 && alive.use_count() > 2; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(alive.use_count(), 2) << "of the test and the handler: the stream was destroyed";
}

TEST_F(ServeServer, StoppingAnswersWhatHasBegunAndEndsStreams) {
    std::promise<Reply> taken;
    auto server = std::make_unique<Server>(
        ServerOptions{},
        [&](const Request& request, const Reply& reply) {
            if (request.path == "/wait") return taken.set_value(reply);
            Response response{.content_type = "x"};
            response.stream = [] {
                std::this_thread::sleep_for(1ms);
                return std::optional<std::string>("piece");
            };
            reply.send(std::move(response));
        },
        [](const Served&) {});
    server->start();
    HttpClient waiting(server->port());
    waiting.send(http_request("GET", "/wait"));
    HttpClient watching(server->port());
    watching.send(http_request("GET", "/stream"));
    HttpClient idle(server->port());
    const Reply reply = taken.get_future().get();
    ASSERT_TRUE(watching.receive(true).status == 200U && watching.chunk());
    server->stop();
    EXPECT_TRUE(idle.closes_within(20s));
    while (watching.chunk()) {
    }
    reply.send({.status = 200, .content_type = "a", .body = "late"});
    const HttpAnswer answer = waiting.receive();
    EXPECT_EQ(answer.body, "late");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    server->join();
    EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ServeServer, APortInUseAndABrokenCertificateAreErrors) {
    const Server& server = start();
    ServerOptions options;
    options.port = server.port();
    try {
        const Server second(options, echo, [](const Served&) {});
        ADD_FAILURE() << "two servers on one port";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::IoFailure);
        EXPECT_NE(error.hint().find("port=0"), std::string::npos);
    }
    ServerOptions broken;
    broken.cert = YOLOVINO_SOURCE_DIR "/README.md";
    EXPECT_THROW(Server(broken, echo, [](const Served&) {}), Error);
    ServerOptions unknown;
    unknown.host = "no.such.host.invalid";
    EXPECT_THROW(Server(unknown, echo, [](const Served&) {}), Error);
}

}  // namespace
}  // namespace yolovino::serve
