#include "serve/http/head.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "options/text.hpp"
#include "serve/predict/query.hpp"

namespace yolovino::serve {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::ptrdiff_t count_of(const Headers& headers, std::string_view name) {
    return std::ranges::count(headers, name, [](const auto& each) { return std::string_view(each.first); });
}

bool is_number(std::string_view text) {
    constexpr std::size_t kMostDigits = 15;
    return !text.empty() && text.size() <= kMostDigits &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Refusal> check_length(const Headers& headers) {
    const auto lengths = count_of(headers, "content-length");
    const auto codings = count_of(headers, "transfer-encoding");
    if (lengths > 0 && codings > 0)
        return Refusal{400, "the request has Content-Length and Transfer-Encoding; give one of them"};
    if (lengths > 1) return Refusal{400, "the request has several Content-Length"};
    if (lengths == 1 && !is_number(header_of(headers, "content-length")))
        return Refusal{400, "Content-Length is not a number"};
    if (codings > 1) return Refusal{400, "the request has several Transfer-Encoding"};
    if (codings == 1 && options::lower(header_of(headers, "transfer-encoding")) != "chunked")
        return Refusal{501, "Transfer-Encoding is not known, wanted chunked"};
    return std::nullopt;
}

std::optional<Refusal> check_host(const Head& head) {
    const auto hosts = count_of(head.headers, "host");
    if (hosts > 1) return Refusal{400, "the request has several Host"};
    if (hosts == 0 && head.version >= 11) return Refusal{400, "the request has no Host"};
    return std::nullopt;
}

}  // namespace

std::string_view header_of(const Headers& headers, std::string_view name) {
    const auto found = std::ranges::find(headers, name, [](const auto& each) { return std::string_view(each.first); });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Refusal> check_head(const Head& head) {
    if (head.version != 10 && head.version != 11)
        return Refusal{505, "the version of HTTP is not known, wanted 1.0 or 1.1"};
    if (head.version == 10 && count_of(head.headers, "transfer-encoding") > 0)
        return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (auto refusal = check_length(head.headers)) return refusal;
    if (auto refusal = check_host(head)) return refusal;
    const std::string_view expect = header_of(head.headers, "expect");
    if (!expect.empty() && options::lower(expect) != "100-continue")
        return Refusal{417, "Expect is not known, wanted 100-continue"};
    const std::string coding = options::lower(header_of(head.headers, "content-encoding"));
    if (count_of(head.headers, "content-encoding") > 1 ||
        (!coding.empty() && coding != "identity" && coding != "gzip" && coding != "deflate"))
        return Refusal{415, "Content-Encoding is not known, wanted gzip or deflate"};
    return std::nullopt;
}

bool take_target(const Head& head, Request& request) {
    constexpr std::string_view kScheme = "http://";
    constexpr std::string_view kSecureScheme = "https://";
    std::string_view target = head.target;
    const std::string start = options::lower(target.substr(0, kSecureScheme.size()));
    if (start.starts_with(kScheme) || start == kSecureScheme) {
        target.remove_prefix(start == kSecureScheme ? kSecureScheme.size() : kScheme.size());
        const std::size_t slash = std::min(target.find('/'), target.size());
        if (options::lower(target.substr(0, slash)) != options::lower(header_of(head.headers, "host"))) return false;
        target = slash == target.size() ? std::string_view("/") : target.substr(slash);
    }
    std::optional<Target> parsed = parse_target(target);
    if (!parsed) return false;
    request.method = head.method;
    request.path = std::move(parsed->path);
    request.query = std::move(parsed->query);
    request.headers = head.headers;
    return true;
}

bool is_same_origin(const Request& request) {
    const std::string origin = options::lower(header_of(request.headers, "origin"));
    if (origin.empty()) return true;
    const std::size_t scheme = origin.find("://");
    return scheme != std::string::npos &&
           origin.substr(scheme + 3) == options::lower(header_of(request.headers, "host"));
}

bool lists_word(std::string_view list, std::string_view word) {
    for (std::string_view item : options::split_list(list)) {
        item = options::trim(item.substr(0, item.find(';')));
        if (options::lower(item) == word) return true;
    }
    return false;
}

}  // namespace yolovino::serve
