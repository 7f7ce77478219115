#include <curl/curl.h>
#include <fmt/format.h>

#include <exception>
#include <memory>

#include "base/fail.hpp"
#include "data/download.hpp"

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

void configure(CURL* curl, const std::string& url, Transfer& transfer) {
    const DownloadLimits& limits = transfer.limits;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, limits.max_redirects);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, limits.connect_timeout_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, limits.total_timeout_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, limits.stall_timeout_s);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_bytes));
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "yolovino");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void yolovino_download(const std::string& url, const DownloadLimits& limits,
                                                                          const DownloadSink& sink) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
    if (started != CURLE_OK || !curl) throw Error(ErrorCode::NetworkFailure, "url", "cannot start the HTTP client");
    Transfer transfer{.limits = limits, .sink = sink};
    char reason[CURL_ERROR_SIZE] = "";
    configure(curl.get(), url, transfer);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
    const CURLcode result = curl_easy_perform(curl.get());
    if (transfer.problem) std::rethrow_exception(transfer.problem);
    if (transfer.too_large || result == CURLE_FILESIZE_EXCEEDED) {
        throw Error(ErrorCode::LimitExceeded, "url", fmt::format("more than {} bytes", limits.max_bytes), {.file = url});
    }
    if (result != CURLE_OK) {
        throw Error(ErrorCode::NetworkFailure, "url", reason[0] != '\0' ? reason : curl_easy_strerror(result), {.file = url});
    }
}
