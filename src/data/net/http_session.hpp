#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yolovino::data {

struct DownloadLimits {
    std::uint64_t max_bytes = 0;  ///< of the body
    long connect_timeout_s = 10;
    long total_timeout_s = 600;  ///< 0: as long as it takes
    long stall_timeout_s = 30;   ///< without a byte for so long, give up
    long max_redirects = 5;
    bool allow_private = false;  ///< public names and redirects may lead to private addresses
};

struct HttpRequest {
    std::string url;
    DownloadLimits limits;
    std::string byte_range = {};            ///< `0-99`; empty for the whole
    std::vector<std::string> headers = {};  ///< `Name: value`, for requests to the host of the session's URL
    bool verify_tls = true;
    std::function<bool()> stopped = {};  ///< called at least once a second; true ends the transfer with an error
};

/// Receives the body piece by piece, and how long the whole is if the server says so, else 0.
using HttpSink = std::function<void(std::span<const std::byte> piece, std::uint64_t length_bytes)>;

/// What a server answered, whatever its status.
struct HttpAnswer {
    long status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
};

/// Requests for a URL that a user gave, and for what the answers name. All obey one AddressPolicy: private addresses
/// are contacted only for the user's own host, or where that one answered from.
class HttpSession {
public:
    virtual ~HttpSession() = default;
    /// Follows redirects and returns the address that answered. The limits' `allow_private` is the session's.
    /// @throws Error NetworkFailure, LimitExceeded; and whatever the sink throws
    virtual std::string get(const HttpRequest& request, const HttpSink& sink) = 0;
    /// One request without redirects, POST with a body. The connection is kept for the next one.
    /// @throws Error NetworkFailure if there is no answer, LimitExceeded
    virtual HttpAnswer exchange(const HttpRequest& request, const std::optional<std::string_view>& body) = 0;
    /// `reference` as it is meant in a text that came from `base`. @throws Error NetworkFailure
    virtual std::string resolve(const std::string& base, const std::string& reference) const = 0;
};

/// What the net module exports under the name `yolovino_http_session`; the caller owns the result.
using HttpSessionFunction = HttpSession* (*)(const std::string& url, bool allow_private);

/// YOLO_ALLOW_PRIVATE_URLS=1 in the environment allows private addresses everywhere. @throws Error MissingComponent
std::unique_ptr<HttpSession> open_http_session(const std::string& url, bool allow_private = false);

}  // namespace yolovino::data
