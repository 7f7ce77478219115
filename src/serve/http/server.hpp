#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "serve/http/exchange.hpp"

namespace yolovino::serve {

/// Speaks HTTP/1.1 on one thread of its own.
class Server {
public:
    /// Listens, but accepts nothing yet. @throws Error IoFailure, InvalidArgument for certificates
    Server(ServerOptions options, Handler handler, std::function<void(const Served&)> observer);
    /// As `stop` and `join`.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// `127.0.0.1:8000` or `[::1]:8000`
    std::string address() const;
    unsigned short port() const;
    /// Whether only this machine can reach it.
    bool is_loopback() const;

    void start();
    /// Each answer from now on closes its connection.
    void drain();
    /// Accepts nothing more and closes what is idle; requests that have begun are answered.
    void stop();
    /// Waits until the last connection has ended.
    void join();
    std::size_t connections() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace yolovino::serve
