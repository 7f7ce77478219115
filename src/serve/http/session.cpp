#include "serve/http/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <type_traits>
#include <utility>

#include "yolovino/version.hpp"

#include "options/text.hpp"
#include "serve/error_response.hpp"

namespace yolovino::serve {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

/// Beast reads as much as the buffer has room for, and 512 bytes without any.
constexpr std::size_t kBufferBytes = 131072;
constexpr std::chrono::seconds kLinger{2};

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts = {};
    std::array<char, 64> text{};
    const std::size_t size = ::gmtime_r(&now, &parts) == nullptr
                                 ? 0
                                 : std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
}

/// The trace id of `00-<32 hexadecimal digits>-<16>-<2>`; empty if it is none.
std::string trace_of(std::string_view parent) {
    constexpr std::size_t kFirst = 3;
    constexpr std::size_t kDigits = 32;
    if (parent.size() < kFirst + kDigits + 1 || parent[2] != '-' || parent[kFirst + kDigits] != '-') return {};
    const std::string_view id = parent.substr(kFirst, kDigits);
    return id.find_first_not_of("0123456789abcdef") == std::string_view::npos ? std::string(id) : std::string();
}

/// What comes from elsewhere must not end a header.
std::string header_text(std::string_view text) {
    std::string safe(text);
    for (char& c : safe) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return safe;
}

bool has_no_body(unsigned status) {
    return status == 204 || status == 304;
}

}  // namespace

/// An answer without end, whose pieces a thread of its own makes: one ahead of what is written.
template <class Stream>
struct Session<Stream>::Endless {
    std::function<std::optional<std::string>()> next;
    bool chunked = true;
    std::thread thread;
    std::mutex mutex;
    std::condition_variable changed;
    bool wanted = true;  ///< another piece may be made
    bool closed = false;
    // Of the network's thread:
    bool failed = false;
    bool writing = false;
    bool finishing = false;  ///< as soon as nothing is being written
    std::uint64_t bytes = 0;

    void set(bool& flag) {
        {
            const std::lock_guard lock(mutex);
            flag = true;
        }
        changed.notify_all();
    }
    /// False when no piece is wanted any more.
    bool wait() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return wanted || closed; });
        wanted = false;
        return !closed;
    }
    /// Nothing at the end, or when it failed: the status line has been sent long ago.
    std::optional<std::string> make() {
        try {
            return next();
        } catch (const std::exception&) {
            return std::nullopt;
        }
    }
};

template <class Stream>
Session<Stream>::Session(Stream stream, std::string peer, std::shared_ptr<SessionShared> shared,
                         std::function<void()> ended)
    : stream_(std::move(stream)), peer_(std::move(peer)), shared_(std::move(shared)), ended_(std::move(ended)) {
    buffer_.reserve(kBufferBytes);
}

template <class Stream>
void Session<Stream>::start() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
        handshake();
    } else {
        wait_for_request();
    }
}

template <class Stream>
void Session<Stream>::handshake() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
        tcp().expires_after(shared_->options.head);
        stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](Error error) {
            if (error) return self->close();
            self->wait_for_request();
        });
    }
}

template <class Stream>
void Session<Stream>::stop() {
    close_after_ = true;
    if (state_ == State::Idle) return close();
    if (endless_) endless_->set(endless_->closed);
}

template <class Stream>
void Session<Stream>::wait_for_request() {
    state_ = State::Idle;
    if (shared_->stopping) return close();
    ++number_;
    read_all_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->options.max_head_bytes));
    parser_->body_limit(shared_->options.max_body_bytes);
    if (buffer_.size() > 0) return on_first_bytes({}, 0);
    tcp().expires_after(number_ == 1 ? shared_->options.head : shared_->options.idle);
    stream_.async_read_some(
        buffer_.prepare(kBufferBytes / 2),
        [self = this->shared_from_this()](Error error, std::size_t bytes) { self->on_first_bytes(error, bytes); });
}

template <class Stream>
void Session<Stream>::on_first_bytes(Error error, std::size_t bytes) {
    if (error) return close();
    buffer_.commit(bytes);
    state_ = State::Reading;
    first_byte_ = Clock::now();
    read_head();
}

template <class Stream>
void Session<Stream>::read_head() {
    tcp().expires_after(shared_->options.head);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](Error error, std::size_t) { self->on_head(error); });
}

template <class Stream>
void Session<Stream>::on_head(Error error) {
    head_ = {};
    request_ = {};
    served_ = {};
    served_.peer = peer_;
    if (error) return refuse_broken(error);
    const auto& message = parser_->get();
    head_.method = std::string(message.method_string());
    head_.target = std::string(message.target());
    head_.version = message.version();
    for (const auto& field : message) {
        head_.headers.emplace_back(
            options::lower(std::string_view(field.name_string().data(), field.name_string().size())),
            std::string(field.value()));
    }
    served_.method = head_.method;
    served_.path = head_.target.substr(0, head_.target.find('?'));
    served_.trace = trace_of(header_of(head_.headers, "traceparent"));
    close_after_ = head_.version < 11 || shared_->draining || shared_->stopping ||
                   lists_word(header_of(head_.headers, "connection"), "close");
    read_all_ = parser_->is_done();
    if (const auto refusal = check_head(head_)) return refuse(refusal->status, refusal->message);
    if (!take_target(head_, request_)) return refuse(400, "the target of the request is no path that is served");
    begin_body();
}

template <class Stream>
void Session<Stream>::begin_body() {
    if (parser_->is_done()) return call_handler();
    body_start_ = Clock::now();
    parser_->eager(true);
    if (!header_of(head_.headers, "expect").empty() && head_.version >= 11 && buffer_.size() == 0) return permit_body();
    read_body();
}

template <class Stream>
void Session<Stream>::permit_body() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    tcp().expires_after(shared_->options.write);
    asio::async_write(stream_, asio::buffer(kContinue), [self = this->shared_from_this()](Error error, std::size_t) {
        if (error) return self->close();
        self->read_body();
    });
}

template <class Stream>
void Session<Stream>::read_body() {
    const ServerOptions& limits = shared_->options;
    const std::chrono::duration<double> earned(static_cast<double>(body_bytes_) / limits.body_bytes_per_s);
    tcp().expires_at(body_start_ + limits.body + std::chrono::duration_cast<Clock::duration>(earned));
    http::async_read_some(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](Error error, std::size_t bytes) { self->on_body(error, bytes); });
}

template <class Stream>
void Session<Stream>::on_body(Error error, std::size_t bytes) {
    body_bytes_ += bytes;
    shared_->bodies_bytes += bytes;
    if (error) return refuse_broken(error);
    if (parser_->is_done()) {
        read_all_ = true;
        request_.body = std::move(parser_->get().body());
        return call_handler();
    }
    if (shared_->bodies_bytes > shared_->options.max_bodies_bytes)
        return refuse(503, "the bodies of all requests together are too large");
    read_body();
}

template <class Stream>
void Session<Stream>::release_body() {
    shared_->bodies_bytes -= std::exchange(body_bytes_, 0);
}

template <class Stream>
void Session<Stream>::call_handler() {
    state_ = State::Working;
    tcp().expires_never();
    request_.peer = peer_;
    request_.received = Clock::now();
    gone_ = std::make_shared<std::atomic<bool>>(false);
    watch_client();
    // A late answer to a client that has gone finds nobody.
    auto send = [weak = this->weak_from_this(), executor = stream_.get_executor(),
                 number = number_](Response response) {
        asio::post(executor, [weak, number, response = std::move(response)]() mutable {
            const auto self = weak.lock();
            if (self && self->number_ == number && self->state_ == State::Working) self->answer(std::move(response));
        });
    };
    shared_->handler(std::move(request_), {.send = std::move(send), .gone = gone_});
}

/// Whoever has hung up needs no answer, and no place in the queue.
template <class Stream>
void Session<Stream>::watch_client() {
    tcp().socket().async_wait(
        asio::ip::tcp::socket::wait_read, [self = this->shared_from_this(), number = number_](Error error) {
            if (error || self->number_ != number || self->state_ != State::Working) return;
            char byte = 0;
            if (::recv(self->tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) return;
            *self->gone_ = true;
            self->observe(499, 0);
            self->close();
        });
}

template <class Stream>
void Session<Stream>::refuse_broken(Error error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error.category() != http::make_error_code(http::error::bad_method).category())
        return close();
    close_after_ = true;
    if (error == http::error::body_limit) {
        return refuse(
            413, "the body has more than " + std::to_string(shared_->options.max_body_bytes) + " bytes (max_body)");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return refuse(
            431, "the head of the request has more than " + std::to_string(shared_->options.max_head_bytes) + " bytes");
    }
    if (error == http::error::bad_version) return refuse(505, "the version of HTTP is not known, wanted 1.0 or 1.1");
    refuse(400, "the request breaks the rules of HTTP: " + error.message());
}

template <class Stream>
void Session<Stream>::refuse(unsigned status, const std::string& message) {
    close_after_ = true;
    Response response = error_response(status, message);
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    answer(std::move(response));
}

template <class Stream>
void Session<Stream>::answer(Response response) {
    state_ = State::Writing;
    release_body();
    for (const auto& [name, value] : response.headers) {
        if (name == "Yolovino-Model") served_.model = value;
    }
    if (response.stream) return write_endless(std::move(response));
    write_whole(std::move(response));
}

template <class Stream>
template <class Message>
void Session<Stream>::fill_fields(Message& message, const Response& response) const {
    message.version(head_.version == 10 ? 10 : 11);
    message.result(response.status);
    message.set(http::field::server, std::string("yolovino/").append(version()));
    message.set(http::field::date, http_date());
    message.set("X-Content-Type-Options", "nosniff");
    if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) message.insert(header_text(name), header_text(value));
    if (close_after_) message.set(http::field::connection, "close");
}

template <class Stream>
void Session<Stream>::write_whole(Response response) {
    close_after_ = close_after_ || shared_->draining || shared_->stopping;
    const auto message = std::make_shared<http::response<http::string_body>>();
    fill_fields(*message, response);
    const std::uint64_t bytes = response.body.size();
    if (!has_no_body(response.status)) message->content_length(bytes);
    if (!is_head() && !has_no_body(response.status)) message->body() = std::move(response.body);
    tcp().expires_after(shared_->options.write);
    http::async_write(stream_, *message, [self = this->shared_from_this(), message, bytes](Error error, std::size_t) {
        self->observe(message->result_int(), bytes);
        if (error) return self->close();
        self->answered();
    });
}

template <class Stream>
void Session<Stream>::write_endless(Response response) {
    if (shared_->streams >= shared_->options.streams) return refuse(503, "too many streams are watched already");
    const auto message = std::make_shared<http::response<http::empty_body>>();
    if (head_.version < 11) close_after_ = true;
    fill_fields(*message, response);
    if (is_head()) {
        response.stream = nullptr;
    } else {
        endless_ = std::make_shared<Endless>();
        endless_->next = std::move(response.stream);
        endless_->chunked = head_.version >= 11;
        ++shared_->streams;
    }
    message->chunked(head_.version >= 11);
    tcp().expires_after(shared_->options.write);
    const auto serializer = std::make_shared<http::response_serializer<http::empty_body>>(*message);
    http::async_write_header(stream_, *serializer,
                             [self = this->shared_from_this(), message, serializer](Error error, std::size_t) {
                                 if (!self->endless_) return error ? self->close() : self->answered();
                                 self->endless_->failed = static_cast<bool>(error);
                                 if (error) return self->finish_endless();
                                 self->start_producer();
                             });
}

template <class Stream>
void Session<Stream>::start_producer() {
    // The guard keeps the network's thread running until the last piece has been made.
    endless_->thread = std::thread([self = this->shared_from_this(), endless = endless_,
                                    guard = asio::make_work_guard(stream_.get_executor())]() mutable {
        bool more = true;
        while (more && endless->wait()) {
            std::optional<std::string> piece = endless->make();
            more = piece.has_value();
            if (more) {
                asio::post(guard.get_executor(),
                           [self, piece = std::move(piece)]() mutable { self->write_piece(std::move(piece)); });
            }
        }
        auto executor = guard.get_executor();
        asio::post(executor, [self = std::move(self)] { self->finish_endless(); });
    });
}

template <class Stream>
void Session<Stream>::write_piece(std::optional<std::string> piece) {
    if (endless_->failed) return;
    if (piece->empty()) return endless_->set(endless_->wanted);  // an empty chunk would be the last
    endless_->bytes += piece->size();
    const auto kept = std::make_shared<std::string>(*std::move(piece));
    endless_->writing = true;
    const auto on_written = [self = this->shared_from_this(), kept](Error error, std::size_t) {
        self->endless_->writing = false;
        self->endless_->failed = static_cast<bool>(error);
        if (self->endless_->finishing) return self->finish_endless();
        self->endless_->set(error ? self->endless_->closed : self->endless_->wanted);
    };
    tcp().expires_after(shared_->options.write);
    if (endless_->chunked)
        asio::async_write(stream_, http::make_chunk(asio::buffer(*kept)), on_written);
    else
        asio::async_write(stream_, asio::buffer(*kept), on_written);
}

template <class Stream>
void Session<Stream>::finish_endless() {
    if (endless_->writing) {
        endless_->finishing = true;
        return;
    }
    const std::shared_ptr<Endless> endless = std::exchange(endless_, nullptr);
    if (endless->thread.joinable()) endless->thread.join();
    endless->next = nullptr;
    --shared_->streams;
    observe(200, endless->bytes);
    if (endless->failed || state_ == State::Closing) return close();
    if (!endless->chunked) return answered();
    tcp().expires_after(shared_->options.write);
    asio::async_write(stream_, http::make_chunk_last(), [self = this->shared_from_this()](Error error, std::size_t) {
        if (error) return self->close();
        self->answered();
    });
}

template <class Stream>
void Session<Stream>::answered() {
    if (close_after_ || shared_->stopping) return linger();
    wait_for_request();
}

/// Closing at once with something unread would reset the connection, and the client might lose the answer.
template <class Stream>
void Session<Stream>::linger() {
    state_ = State::Closing;
    tcp().expires_after(kLinger);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
        stream_.async_shutdown([self = this->shared_from_this()](Error) { self->close(); });
    } else {
        Error ignored;
        if (number_ > 0) tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        if (read_all_) return close();
        drop_rest();
    }
}

template <class Stream>
void Session<Stream>::drop_rest() {
    buffer_.clear();
    tcp().async_read_some(buffer_.prepare(kBufferBytes / 2),
                          [self = this->shared_from_this()](Error error, std::size_t) {
                              if (error) return self->close();
                              self->drop_rest();
                          });
}

template <class Stream>
void Session<Stream>::close() {
    if (!ended_) return;
    state_ = State::Closing;
    release_body();
    if (gone_) *gone_ = true;
    Error ignored;
    tcp().socket().close(ignored);
    asio::post(stream_.get_executor(), std::exchange(ended_, nullptr));
}

template <class Stream>
void Session<Stream>::observe(unsigned status, std::uint64_t bytes) {
    served_.status = status;
    served_.body_bytes = bytes;
    served_.seconds = std::chrono::duration<double>(Clock::now() - first_byte_).count();
    shared_->observer(served_);
}

template class Session<PlainStream>;
template class Session<TlsStream>;

}  // namespace yolovino::serve
