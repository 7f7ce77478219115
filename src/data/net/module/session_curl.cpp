#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <curl/curl.h>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "data/location.hpp"
#include "data/net/address_policy.hpp"
#include "data/net/http_session.hpp"

namespace yolovino::data {

namespace {

using Clock = std::chrono::steady_clock;

/// What the callbacks need; exceptions must not pass through curl's C frames.
struct Transfer {
    CURL* curl;
    AddressPolicy& policy;
    const HttpRequest& request;
    const HttpSink& sink;
    bool followed = false;  ///< the host is not the user's: an answer named it
    Clock::time_point heard = Clock::now();
    std::uint64_t received_bytes = 0;
    bool too_large = false;
    bool silent = false;
    std::exception_ptr problem = nullptr;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* user) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    transfer.received_bytes += bytes;
    if (transfer.received_bytes > transfer.request.limits.max_bytes) {
        transfer.too_large = true;
        return 0;
    }
    curl_off_t length = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    try {
        transfer.sink(std::as_bytes(std::span(data, bytes)),
                      static_cast<std::uint64_t>(std::max<curl_off_t>(length, 0)));
    } catch (...) {
        transfer.problem = std::current_exception();
        return 0;
    }
    transfer.heard = Clock::now();  // the sink may have waited for long
    return bytes;
}

/// One line of an answer's head. Exceptions must not pass through curl's C frames.
std::size_t receive_header(char* data, std::size_t size, std::size_t count, void* user) noexcept {
    constexpr std::size_t kMaxHeaders = 200;
    auto& answer = *static_cast<HttpAnswer*>(user);
    try {
        const std::string_view line(data, size * count);
        if (line.starts_with("HTTP/")) answer.headers.clear();
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || answer.headers.size() == kMaxHeaders) return size * count;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        const std::size_t end = line.find_last_not_of(" \t\r\n");
        const bool empty = begin == std::string_view::npos || end < begin;
        answer.headers.emplace_back(yolovino::base::to_lower(line.substr(0, colon)),
                                    empty ? std::string_view() : line.substr(begin, end + 1 - begin));
    } catch (...) {
        return 0;
    }
    return size * count;
}

/// curl calls it about once a second, also while nothing comes.
int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(user);
    transfer.silent = Clock::now() - transfer.heard > std::chrono::seconds(transfer.request.limits.stall_timeout_s);
    if (transfer.silent) return 1;
    try {
        return transfer.request.stopped && transfer.request.stopped() ? 1 : 0;
    } catch (...) {
        transfer.problem = std::current_exception();
        return 1;
    }
}

/// A limit or a ban that libcurl does not take must not be dropped in silence.
template <typename Value>
void set(CURL* curl, CURLoption option, Value value) {
    const CURLcode result = curl_easy_setopt(curl, option, value);
    if (result != CURLE_OK) {
        throw Error(
            ErrorCode::NetworkFailure, "url",
            fmt::format("the HTTP client refuses option {}: {}", static_cast<int>(option), curl_easy_strerror(result)),
            {}, "install libcurl 7.85 or newer with support for https");
    }
}

std::string part_of(CURLU* address, CURLUPart part) {
    char* text = nullptr;
    const CURLUcode result = curl_url_get(address, part, &text, CURLU_DEFAULT_PORT);
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
    return result == CURLUE_OK ? text : "";
}

using Address = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// As libcurl understands it, so that 0x7f.1 is the address that it will ask.
std::string host_of(const std::string& url) {
    const Address address(curl_url(), &curl_url_cleanup);
    if (!address || curl_url_set(address.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
    return part_of(address.get(), CURLUPART_HOST);
}

/// A proxy of the environment is in the user's own network more often than not.
void trust_proxies(AddressPolicy& policy) {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        const char* proxy = std::getenv(name);
        if (proxy == nullptr || *proxy == '\0') continue;
        const Address address(curl_url(), &curl_url_cleanup);
        if (!address || curl_url_set(address.get(), CURLUPART_URL, proxy,
                                     CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
            continue;
        addrinfo* found = nullptr;
        if (::getaddrinfo(part_of(address.get(), CURLUPART_HOST).c_str(), nullptr, nullptr, &found) != 0) continue;
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
        for (const addrinfo* each = found; each != nullptr; each = each->ai_next) policy.trust(*each->ai_addr);
    }
}

/// The address is known here for certain: no second look-up can answer with another one.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) noexcept {
    auto& transfer = *static_cast<Transfer*>(user);
    long redirects = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_REDIRECT_COUNT, &redirects);
    if (!transfer.policy.allows(address->addr, redirects + (transfer.followed ? 1 : 0))) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void configure(CURL* curl, Transfer& transfer) {
    const HttpRequest& request = transfer.request;
    const DownloadLimits& limits = request.limits;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<curl_off_t>::max());
    set(curl, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(curl, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&transfer));
    set(curl, CURLOPT_URL, request.url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
    set(curl, CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
    set(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC | CURLAUTH_DIGEST);  // cameras ask for the latter
    set(curl, CURLOPT_FOLLOWLOCATION, 1L);
    set(curl, CURLOPT_MAXREDIRS, limits.max_redirects);
    set(curl, CURLOPT_CONNECTTIMEOUT, limits.connect_timeout_s);
    set(curl, CURLOPT_TIMEOUT, limits.total_timeout_s);
    set(curl, CURLOPT_XFERINFOFUNCTION, &watch);
    set(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
    set(curl, CURLOPT_NOPROGRESS, 0L);
    set(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(std::min(limits.max_bytes, kMost)));
    set(curl, CURLOPT_FAILONERROR, 1L);
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_USERAGENT, "yolovino");
    set(curl, CURLOPT_WRITEFUNCTION, &receive);
    set(curl, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    if (!request.byte_range.empty()) set(curl, CURLOPT_RANGE, request.byte_range.c_str());
}

[[noreturn]] void fail(CURL* curl, CURLcode result, const char* reason, const std::string& name,
                       const DownloadLimits& limits) {
    if (result == CURLE_HTTP_RETURNED_ERROR) {
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        throw Error(ErrorCode::NetworkFailure, "url", fmt::format("the server answers with HTTP status {}", status),
                    {.file = name}, status == 404 ? "check the address" : "");
    }
    if (result == CURLE_TOO_MANY_REDIRECTS) {
        throw Error(ErrorCode::NetworkFailure, "url", fmt::format("more than {} redirects", limits.max_redirects),
                    {.file = name});
    }
    throw Error(ErrorCode::NetworkFailure, "url", reason[0] != '\0' ? reason : curl_easy_strerror(result),
                {.file = name}, "check the address and the connection");
}

void judge(CURLcode result, const Transfer& transfer, const char* reason) {
    const DownloadLimits& limits = transfer.request.limits;
    const std::string name = url_for_display(transfer.request.url);
    if (transfer.problem) std::rethrow_exception(transfer.problem);
    if (transfer.too_large || result == CURLE_FILESIZE_EXCEEDED) {
        throw Error(ErrorCode::LimitExceeded, "url",
                    fmt::format("the download has more than {} bytes", limits.max_bytes), {.file = name});
    }
    if (transfer.silent) {
        throw Error(ErrorCode::NetworkFailure, "url",
                    fmt::format("the server sends nothing for {} s", limits.stall_timeout_s), {.file = name});
    }
    if (result != CURLE_OK && !transfer.policy.refused().empty()) {
        throw Error(
            ErrorCode::NetworkFailure, "url",
            fmt::format("a public name or a redirect leads to the private address {}", transfer.policy.refused()),
            {.file = name}, "give that address itself, or set YOLO_ALLOW_PRIVATE_URLS=1");
    }
    if (result != CURLE_OK) fail(transfer.curl, result, reason, name, limits);
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Headers header_list(const std::vector<std::string>& lines) {
    Headers list(nullptr, &curl_slist_free_all);
    for (const std::string& line : lines) {
        curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) throw Error(ErrorCode::NetworkFailure, "url", "no memory for headers");
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

void perform(CURL* curl, const Transfer& transfer) {
    char reason[CURL_ERROR_SIZE] = "";
    set(curl, CURLOPT_ERRORBUFFER, static_cast<char*>(reason));
    const CURLcode result = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    judge(result, transfer, reason);
}

class CurlSession final : public HttpSession {
public:
    CurlSession(const std::string& url, bool allow_private) : host_(host_of(url)), policy_(host_, allow_private) {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        curl_.reset(curl_easy_init());
        if (started != CURLE_OK || !curl_)
            throw Error(ErrorCode::NetworkFailure, "url", "cannot start the HTTP client");
        trust_proxies(policy_);
    }

    std::string get(const HttpRequest& request, const HttpSink& sink) override {
        CURL* const curl = curl_.get();
        const bool own_host = host_of(request.url) == host_;
        Transfer transfer{.curl = curl, .policy = policy_, .request = request, .sink = sink, .followed = !own_host};
        curl_easy_reset(curl);  // connections stay
        configure(curl, transfer);
        const Headers headers = header_list(own_host ? request.headers : std::vector<std::string>());
        if (headers) set(curl, CURLOPT_HTTPHEADER, headers.get());
        perform(curl, transfer);
        const char* answered = nullptr;
        curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &answered);
        return answered != nullptr ? answered : request.url;
    }

    HttpAnswer exchange(const HttpRequest& request, const std::optional<std::string_view>& body) override {
        CURL* const curl = curl_.get();
        HttpAnswer answer;
        const HttpSink sink = [&](std::span<const std::byte> piece, std::uint64_t) {
            answer.body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        };
        Transfer transfer{.curl = curl, .policy = policy_, .request = request, .sink = sink};
        curl_easy_reset(curl);
        configure(curl, transfer);
        set(curl, CURLOPT_FAILONERROR, 0L);
        set(curl, CURLOPT_FOLLOWLOCATION, 0L);
        set(curl, CURLOPT_HEADERFUNCTION, &receive_header);
        set(curl, CURLOPT_HEADERDATA, static_cast<void*>(&answer));
        std::vector<std::string> lines = request.headers;
        if (body) {
            // Waiting for 100 Continue would cost a second where a server does not know it.
            lines.emplace_back("Expect:");
            set(curl, CURLOPT_POST, 1L);
            set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            set(curl, CURLOPT_POSTFIELDS, body->data());
        }
        const Headers headers = header_list(lines);
        if (headers) set(curl, CURLOPT_HTTPHEADER, headers.get());
        perform(curl, transfer);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
        return answer;
    }

    std::string resolve(const std::string& base, const std::string& reference) const override {
        const Address address(curl_url(), &curl_url_cleanup);
        if (!address || curl_url_set(address.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
            curl_url_set(address.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK) {
            throw Error(ErrorCode::NetworkFailure, "url",
                        fmt::format("'{}' is no address", yolovino::base::printable(url_for_display(reference))),
                        {.file = url_for_display(base)});
        }
        char* text = nullptr;
        if (curl_url_get(address.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return {};
        const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
        return text;
    }

private:
    std::string host_;
    AddressPolicy policy_;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_{nullptr, &curl_easy_cleanup};
};

}  // namespace

}  // namespace yolovino::data

extern "C" __attribute__((visibility("default"))) yolovino::data::HttpSession* yolovino_http_session(
    const std::string& url, bool allow_private) {
    return new yolovino::data::CurlSession(url, allow_private);
}
