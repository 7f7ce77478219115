#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "serve/http/exchange.hpp"
#include "serve/http/head.hpp"

namespace yolovino::serve {

/// What all connections of a server share; of the network's thread alone, but for what is atomic.
struct SessionShared {
    ServerOptions options;
    Handler handler;
    std::function<void(const Served&)> observer;
    bool draining = false;
    bool stopping = false;
    std::size_t bodies_bytes = 0;  ///< of all requests that are not answered yet
    std::atomic<std::size_t> streams = 0;
};

/// A connection as the server sees it.
class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;
    virtual void start() = 0;
    /// Closes it as soon as no request is in work.
    virtual void stop() = 0;
};

using PlainStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;

/// One client: its requests one after the other. All members are of the network's thread.
template <class Stream>
class Session : public Connection, public std::enable_shared_from_this<Session<Stream>> {
public:
    /// @param ended called once, when the connection is over
    Session(Stream stream, std::string peer, std::shared_ptr<SessionShared> shared, std::function<void()> ended);

    void start() override;
    void stop() override;

private:
    using Error = boost::system::error_code;
    using Clock = std::chrono::steady_clock;
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class State { Idle, Reading, Working, Writing, Closing };
    struct Endless;

    boost::beast::tcp_stream& tcp() { return boost::beast::get_lowest_layer(stream_); }
    void handshake();
    void wait_for_request();
    void on_first_bytes(Error error, std::size_t bytes);
    void read_head();
    void on_head(Error error);
    void begin_body();
    void permit_body();
    void read_body();
    void release_body();
    void on_body(Error error, std::size_t bytes);
    void call_handler();
    void watch_client();
    void refuse(unsigned status, const std::string& message);
    void refuse_broken(Error error);
    void answer(Response response);
    void write_whole(Response response);
    void write_endless(Response response);
    void start_producer();
    void write_piece(std::optional<std::string> piece);
    void finish_endless();
    void answered();
    void linger();
    void drop_rest();
    void close();
    template <class Message>
    void fill_fields(Message& message, const Response& response) const;
    bool is_head() const { return head_.method == "HEAD"; }
    void observe(unsigned status, std::uint64_t bytes);

    Stream stream_;
    const std::string peer_;
    const std::shared_ptr<SessionShared> shared_;
    std::function<void()> ended_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    State state_ = State::Idle;
    Head head_;
    Request request_;
    Clock::time_point first_byte_;
    Clock::time_point body_start_;
    std::size_t body_bytes_ = 0;  ///< counted in SessionShared
    bool close_after_ = false;
    bool read_all_ = false;  ///< nothing of the request is unread
    Served served_;
    std::uint64_t number_ = 0;  ///< of the request, so that late callbacks know theirs
    std::shared_ptr<std::atomic<bool>> gone_;
    std::shared_ptr<Endless> endless_;
};

extern template class Session<PlainStream>;
extern template class Session<TlsStream>;

}  // namespace yolovino::serve
