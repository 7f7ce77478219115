#include "serve/probe.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <string>

#include "yolovino/error.hpp"

namespace yolovino::serve {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

using Code = boost::system::error_code;

constexpr std::chrono::seconds kPatience{3};

/// What an address to listen on is called by who connects to it.
std::string address_of(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

class Probe {
public:
    explicit Probe(const options::ServeArgs& args)
        : args_(args), host_(address_of(args.host)), stream_(context_, tls_), secure_(!args.cert.empty()) {
        // The certificate is made out to a name of the network, not to this address.
        tls_.set_verify_mode(asio::ssl::verify_none);
    }

    void run() {
        Code code;
        tcp::resolver resolver(context_);
        const auto found = resolver.resolve(host_, std::to_string(args_.port), code);
        if (code) fail(code.message());
        tcp_stream().expires_after(kPatience);
        await([&](auto done) {
            tcp_stream().async_connect(found, [done](Code each, const tcp::endpoint&) { done(each); });
        });
        if (secure_) await([&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, done); });
        request_.set(http::field::host, fmt::format("{}:{}", host_, args_.port));
        if (secure_)
            talk(stream_);
        else
            talk(tcp_stream());
        if (response_.result_int() != 200) fail(fmt::format("it answers {}", response_.result_int()));
    }

private:
    [[noreturn]] void fail(const std::string& reason) const {
        throw Error(ErrorCode::NetworkFailure, "serve",
                    fmt::format("the server at {}:{} is not ready: {}", host_, args_.port, reason));
    }

    beast::tcp_stream& tcp_stream() { return stream_.next_layer(); }

    /// Runs one operation to its end.
    void await(const std::function<void(std::function<void(Code)>)>& start) {
        Code result;
        start([&](Code code) { result = code; });
        context_.restart();
        context_.run();
        if (result) fail(result.message());
    }

    template <class Stream>
    void talk(Stream& stream) {
        await([&](auto done) { http::async_write(stream, request_, [done](Code code, std::size_t) { done(code); }); });
        await([&](auto done) {
            http::async_read(stream, buffer_, response_, [done](Code code, std::size_t) { done(code); });
        });
    }

    const options::ServeArgs& args_;
    const std::string host_;
    asio::io_context context_;
    asio::ssl::context tls_{asio::ssl::context::tls_client};
    beast::ssl_stream<beast::tcp_stream> stream_;
    const bool secure_;
    http::request<http::empty_body> request_{http::verb::get, "/v2/health/ready", 11};
    http::response<http::string_body> response_;
    beast::flat_buffer buffer_;
};

}  // namespace

void probe(const options::ServeArgs& args) {
    Probe(args).run();
}

}  // namespace yolovino::serve
