#include "serve/http/server.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "yolovino/error.hpp"

#include "serve/http/session.hpp"

namespace yolovino::serve {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Code = boost::system::error_code;

[[noreturn]] void fail_to_listen(const ServerOptions& options, const Code& code) {
    const bool in_use = code == asio::error::address_in_use;
    throw Error(ErrorCode::IoFailure, "serve",
                fmt::format("cannot listen on {}:{}: {}", options.host, options.port, code.message()), {},
                in_use ? "another program listens there: give another port=, or port=0 for a free one" : "");
}

tcp::endpoint resolve(asio::io_context& context, const ServerOptions& options) {
    Code code;
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, code);
    if (code || found.empty()) fail_to_listen(options, code);
    return found.begin()->endpoint();
}

/// @throws Error InvalidArgument
std::optional<asio::ssl::context> tls_of(const ServerOptions& options) {
    if (options.cert.empty()) return std::nullopt;
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                        asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
    const std::string& key = options.key.empty() ? options.cert : options.key;
    Code code;
    context.use_certificate_chain_file(options.cert, code);
    if (code)
        throw Error(ErrorCode::InvalidArgument, "serve", "the certificate cannot be used: " + code.message(),
                    {options.cert}, "cert= wants a PEM file");
    context.use_private_key_file(key, asio::ssl::context::pem, code);
    if (code)
        throw Error(ErrorCode::InvalidArgument, "serve", "the private key cannot be used: " + code.message(), {key},
                    "key= wants a PEM file with the key of the certificate");
    return context;
}

}  // namespace

struct Server::Impl {
    explicit Impl(ServerOptions options, Handler handler, std::function<void(const Served&)> observer)
        : shared(std::make_shared<SessionShared>()), acceptor(context), tls(tls_of(options)) {
        shared->options = std::move(options);
        shared->handler = std::move(handler);
        shared->observer = std::move(observer);
        const tcp::endpoint endpoint = resolve(context, shared->options);
        Code code;
        acceptor.open(endpoint.protocol(), code);
        if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
        if (!code) acceptor.bind(endpoint, code);
        if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
        if (code) fail_to_listen(shared->options, code);
        local = acceptor.local_endpoint();
    }

    void accept() {
        acceptor.async_accept([this](Code code, tcp::socket socket) {
            if (!acceptor.is_open()) return;
            if (code) return accept_later();
            admit(std::move(socket));
            accept();
        });
    }

    /// Without free descriptors accepting again at once would keep the thread busy.
    void accept_later() {
        constexpr std::chrono::milliseconds kPause{100};
        timer.expires_after(kPause);
        timer.async_wait([this](Code code) {
            if (!code && acceptor.is_open()) accept();
        });
    }

    void admit(tcp::socket socket) {
        Code code;
        const tcp::endpoint remote = socket.remote_endpoint(code);
        if (code) return;
        const std::string peer = remote.address().to_string();
        if (connections.size() >= shared->options.connections || per_address[peer] >= shared->options.per_address) {
            if (per_address[peer] == 0) per_address.erase(peer);
            return;  // which closes it
        }
        socket.set_option(tcp::no_delay(true), code);
        ++per_address[peer];
        ++count;
        const auto place = std::make_shared<std::shared_ptr<Connection>>();
        auto ended = [this, place, peer] {
            connections.erase(std::exchange(*place, nullptr));
            --count;
            if (--per_address[peer] == 0) per_address.erase(peer);
            if (shared->stopping && connections.empty()) guard.reset();
        };
        if (tls) {
            *place = std::make_shared<Session<TlsStream>>(TlsStream(std::move(socket), *tls), peer, shared,
                                                          std::move(ended));
        } else {
            *place =
                std::make_shared<Session<PlainStream>>(PlainStream(std::move(socket)), peer, shared, std::move(ended));
        }
        connections.insert(*place);
        (*place)->start();
    }

    /// What a callback throws, when memory runs out, ends that callback alone.
    void run() {
        while (true) {
            try {
                context.run();
                return;
            } catch (const std::exception&) {
                continue;
            }
        }
    }

    void stop() {
        shared->stopping = true;
        Code ignored;
        acceptor.close(ignored);
        timer.cancel();
        for (const auto& connection : std::set(connections)) connection->stop();
        if (connections.empty()) guard.reset();
    }

    std::shared_ptr<SessionShared> shared;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
    tcp::acceptor acceptor;
    asio::steady_timer timer{context};
    std::optional<asio::ssl::context> tls;
    tcp::endpoint local;
    std::set<std::shared_ptr<Connection>> connections;
    std::map<std::string, std::size_t> per_address;
    std::atomic<std::size_t> count = 0;  ///< of connections, for other threads
    std::thread thread;
};

Server::Server(ServerOptions options, Handler handler, std::function<void(const Served&)> observer)
    : impl_(std::make_shared<Impl>(std::move(options), std::move(handler), std::move(observer))) {}

Server::~Server() {
    if (!impl_->thread.joinable()) return;
    stop();
    join();
}

std::string Server::address() const {
    const std::string host = impl_->local.address().to_string();
    return fmt::format("{}:{}", impl_->local.address().is_v6() ? "[" + host + "]" : host, port());
}

unsigned short Server::port() const {
    return impl_->local.port();
}

bool Server::is_loopback() const {
    return impl_->local.address().is_loopback();
}

void Server::start() {
    impl_->accept();
    impl_->thread = std::thread([impl = impl_] { impl->run(); });
}

void Server::drain() {
    asio::post(impl_->context, [impl = impl_] { impl->shared->draining = true; });
}

void Server::stop() {
    asio::post(impl_->context, [impl = impl_] {
        if (!impl->shared->stopping) impl->stop();
    });
}

void Server::join() {
    if (impl_->thread.joinable()) impl_->thread.join();
}

std::size_t Server::connections() const {
    return impl_->count;
}

}  // namespace yolovino::serve
