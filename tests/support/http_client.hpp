#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <map>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace yolovino::test {

/// An answer of a server, as it came.
struct HttpAnswer {
    unsigned status = 0;                              ///< 0: the connection ended without one
    std::map<std::string, std::string> headers = {};  ///< names in lower case
    std::string body = {};
};

/// A connection to 127.0.0.1 that sends bytes as they are: whatever a client may do wrong.
class HttpClient {
public:
    explicit HttpClient(unsigned short port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient() { ::close(socket_); }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // what the server says counts
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void hang_up() { ::shutdown(socket_, SHUT_WR); }

    /// The next answer. @param of_head to a HEAD, which has no body
    HttpAnswer receive(bool of_head = false) {
        HttpAnswer answer;
        while (text_.find("\r\n\r\n") == std::string::npos) {
            if (!more()) return answer;
        }
        const std::size_t end = text_.find("\r\n\r\n");
        const std::string head = text_.substr(0, end + 2);
        text_.erase(0, end + 4);
        answer.status = static_cast<unsigned>(std::atoi(head.substr(head.find(' ') + 1, 3).c_str()));
        for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
            const std::size_t line_end = head.find("\r\n", at);
            const std::string line = head.substr(at, line_end - at);
            at = line_end + 2;
            const std::size_t colon = line.find(':');
            std::string name = line.substr(0, colon);
            for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            answer.headers[name] = line.substr(std::min(colon + 2, line.size()));
        }
        if (of_head || answer.status == 100) return answer;
        if (answer.headers.contains("transfer-encoding"))
            answer.body = chunks();
        else if (answer.headers.contains("content-length"))
            answer.body = take(static_cast<std::size_t>(std::atoll(answer.headers["content-length"].c_str())));
        else
            answer.body = rest();
        return answer;
    }

    /// Everything until the server closes.
    std::string rest() {
        while (more()) {
        }
        return std::exchange(text_, {});
    }
    /// Whether the server closes within a time, without another byte.
    bool closes_within(std::chrono::milliseconds time) {
        pollfd wait = {.fd = socket_, .events = POLLIN, .revents = 0};
        char byte = 0;
        return ::poll(&wait, 1, static_cast<int>(time.count())) == 1 && ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
    }
    /// One line of a chunked answer's next chunk; nothing at its end.
    std::optional<std::string> chunk() {
        while (text_.find("\r\n") == std::string::npos) {
            if (!more()) return std::nullopt;
        }
        const std::size_t end = text_.find("\r\n");
        const auto size = static_cast<std::size_t>(std::strtoull(text_.substr(0, end).c_str(), nullptr, 16));
        text_.erase(0, end + 2);
        std::string content = take(size);
        take(2);
        if (size == 0) return std::nullopt;
        return content;
    }

private:
    bool more() {
        constexpr int kPatienceMs = 30'000;
        pollfd wait = {.fd = socket_, .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, kPatienceMs) != 1) throw std::runtime_error("the server neither answers nor closes");
        char piece[65536];
        const ssize_t count = ::recv(socket_, piece, sizeof piece, 0);
        if (count <= 0) return false;
        text_.append(piece, static_cast<std::size_t>(count));
        return true;
    }
    std::string take(std::size_t count) {
        while (text_.size() < count && more()) {
        }
        const std::string taken = text_.substr(0, count);
        text_.erase(0, std::min(count, text_.size()));
        return taken;
    }
    std::string chunks() {
        std::string all;
        while (auto next = chunk()) all += *next;
        return all;
    }

    int socket_;
    std::string text_;
};

/// One request on a connection of its own.
inline HttpAnswer http(unsigned short port, const std::string& request) {
    HttpClient client(port);
    client.send(request);
    return client.receive(request.starts_with("HEAD "));
}

/// `GET /x` or `POST /x` with what a right request has.
inline std::string http_request(const std::string& method, const std::string& target, const std::string& body = {},
                                const std::string& headers = {}) {
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

}  // namespace yolovino::test
