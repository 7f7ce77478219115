#include <cstdlib>
#include <curl/curl.h>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

#include "base/fail.hpp"
#include "data/address_policy.hpp"
#include "data/download.hpp"
#include "data/location.hpp"

namespace {

using yolovino::Error;
using yolovino::ErrorCode;
using yolovino::data::DownloadLimits;
using yolovino::data::DownloadSink;

/// What the write callback needs; exceptions must not pass through curl's C frames.
struct Transfer {
    const DownloadLimits& limits;
    const DownloadSink& sink;
    std::uint64_t received_bytes = 0;
    bool too_large = false;
    std::exception_ptr problem = nullptr;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* user) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    transfer.received_bytes += bytes;
    if (transfer.received_bytes > transfer.limits.max_bytes) {
        transfer.too_large = true;
        return 0;
    }
    try {
        transfer.sink(std::as_bytes(std::span(data, bytes)));
    } catch (...) {
        transfer.problem = std::current_exception();
        return 0;
    }
    return bytes;
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

/// A proxy of the environment stands in the user's own network more often than not.
void trust_proxies(yolovino::data::AddressPolicy& policy) {
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

/// What the socket callback needs.
struct Gate {
    CURL* curl = nullptr;
    yolovino::data::AddressPolicy policy;
};

/// The address is known here for certain: no second look-up can answer with another one.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) noexcept {
    auto& gate = *static_cast<Gate*>(user);
    long redirects = 0;
    curl_easy_getinfo(gate.curl, CURLINFO_REDIRECT_COUNT, &redirects);
    if (!gate.policy.allows(address->addr, redirects)) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void configure(CURL* curl, const std::string& url, Transfer& transfer) {
    const DownloadLimits& limits = transfer.limits;
    set(curl, CURLOPT_URL, url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    set(curl, CURLOPT_FOLLOWLOCATION, 1L);
    set(curl, CURLOPT_MAXREDIRS, limits.max_redirects);
    set(curl, CURLOPT_CONNECTTIMEOUT, limits.connect_timeout_s);
    set(curl, CURLOPT_TIMEOUT, limits.total_timeout_s);
    set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(curl, CURLOPT_LOW_SPEED_TIME, limits.stall_timeout_s);
    set(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_bytes));
    set(curl, CURLOPT_FAILONERROR, 1L);
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_USERAGENT, "yolovino");
    set(curl, CURLOPT_WRITEFUNCTION, &receive);
    set(curl, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
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

}  // namespace

extern "C" __attribute__((visibility("default"))) void yolovino_download(const std::string& url,
                                                                         const DownloadLimits& limits,
                                                                         const DownloadSink& sink) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
    if (started != CURLE_OK || !curl) throw Error(ErrorCode::NetworkFailure, "url", "cannot start the HTTP client");
    Transfer transfer{.limits = limits, .sink = sink};
    const std::string name = yolovino::data::url_for_display(url);
    char reason[CURL_ERROR_SIZE] = "";
    Gate gate{curl.get(), {host_of(url), limits.allow_private}};
    trust_proxies(gate.policy);
    set(curl.get(), CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(curl.get(), CURLOPT_OPENSOCKETDATA, static_cast<void*>(&gate));
    configure(curl.get(), url, transfer);
    set(curl.get(), CURLOPT_ERRORBUFFER, static_cast<char*>(reason));
    const CURLcode result = curl_easy_perform(curl.get());
    if (transfer.problem) std::rethrow_exception(transfer.problem);
    if (transfer.too_large || result == CURLE_FILESIZE_EXCEEDED) {
        throw Error(ErrorCode::LimitExceeded, "url",
                    fmt::format("the download has more than {} bytes", limits.max_bytes), {.file = name});
    }
    if (result != CURLE_OK && !gate.policy.refused().empty()) {
        throw Error(ErrorCode::NetworkFailure, "url",
                    fmt::format("a public name or a redirect leads to the private address {}", gate.policy.refused()),
                    {.file = name}, "give that address itself, or set YOLO_ALLOW_PRIVATE_URLS=1");
    }
    if (result != CURLE_OK) fail(curl.get(), result, reason, name, limits);
}
