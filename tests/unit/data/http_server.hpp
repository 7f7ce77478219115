#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace yolovino::test {

/// A server on this machine that answers one connection after the other with what `answer` sends.
class LocalServer {
public:
    /// Gets the path of the request (empty unless it is HTTP) and a function that sends bytes and is false once the
    /// peer is gone.
    using Send = std::function<bool(const std::string&)>;
    using Answer = std::function<void(const std::string& path, const Send& send)>;

    explicit LocalServer(Answer answer, bool http = true, std::string host = "127.0.0.1")
        : answer_(std::move(answer)), http_(http), host_(std::move(host)) {
        // A proxy of the environment must not come between.
        ::setenv("no_proxy", "127.0.0.1,127.0.0.2", 1);
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::inet_addr(host_.c_str());
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
            ::getsockname(listener_, generic, &size) != 0) {
            throw std::runtime_error("no local server");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer() {
        stop_ = true;
        thread_.join();
        ::close(listener_);
    }

    std::string address() const { return host_ + ":" + std::to_string(port_); }
    std::string url(const std::string& path) const { return "http://" + address() + path; }
    bool stopped() const { return stop_; }
    int connections() const { return connections_; }
    /// The head of the last request; to be asked for once it is answered.
    std::string last_request() const {
        const std::lock_guard lock(mutex_);
        return last_request_;
    }

    static std::string reply(const std::string& status, const std::string& body, const std::string& headers = "") {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\nConnection: close\r\n" + headers + "\r\n" + body;
    }

private:
    static bool readable(int descriptor, int wait_ms) {
        pollfd entry = {descriptor, POLLIN, 0};
        return ::poll(&entry, 1, wait_ms) > 0;
    }

    void serve() {
        while (!stop_) {
            if (!readable(listener_, 20)) continue;
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) continue;
            ++connections_;
            const std::string path = http_ ? requested_path(peer) : "";
            answer_(path, [&](const std::string& bytes) { return send_all(peer, bytes); });
            ::shutdown(peer, SHUT_WR);
            char rest[256];
            while (readable(peer, 100) && ::recv(peer, rest, sizeof(rest), 0) > 0) continue;
            ::close(peer);
        }
    }

    std::string requested_path(int peer) {
        std::string request;
        char piece[1024];
        while (request.find("\r\n\r\n") == std::string::npos && readable(peer, 2000)) {
            const ssize_t got = ::recv(peer, piece, sizeof(piece), 0);
            if (got <= 0) break;
            request.append(piece, static_cast<std::size_t>(got));
        }
        {
            const std::lock_guard lock(mutex_);
            last_request_ = request;
        }
        const std::size_t begin = request.find(' ');
        return begin == std::string::npos ? "" : request.substr(begin + 1, request.find(' ', begin + 1) - begin - 1);
    }

    static bool send_all(int peer, const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const ssize_t count = ::send(peer, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return false;
            sent += static_cast<std::size_t>(count);
        }
        return true;
    }

    Answer answer_;
    bool http_;
    std::string host_;
    mutable std::mutex mutex_;
    std::string last_request_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> stop_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace yolovino::test
