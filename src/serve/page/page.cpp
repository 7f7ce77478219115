#include "serve/page/page.hpp"

#include <array>
#include <string>
#include <string_view>

#include "base/sha256.hpp"
#include "serve/http/content_coding.hpp"
#include "serve/http/head.hpp"

namespace yolovino::serve {

namespace {

constexpr std::string_view kHtml =
#include "serve/page/index.html.inc"
    ;
constexpr std::string_view kCss =
#include "serve/page/page.css.inc"
    ;
constexpr std::string_view kJs =
#include "serve/page/page.js.inc"
    ;

/// The page draws images that it has itself (blob:) and asks this server alone.
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

struct Part {
    std::string_view path;
    std::string_view content_type;
    std::string_view text;
    std::string compressed;
    std::string tag;
};

Part make_part(std::string_view path, std::string_view content_type, std::string_view text) {
    constexpr std::size_t kTagDigits = 32;
    return {path, content_type, text, gzip(text), base::sha256(text).substr(0, kTagDigits)};
}

const std::array<Part, 3>& parts() {
    static const std::array<Part, 3> kParts = {make_part("/", "text/html; charset=utf-8", kHtml),
                                               make_part("/page.css", "text/css; charset=utf-8", kCss),
                                               make_part("/page.js", "text/javascript; charset=utf-8", kJs)};
    return kParts;
}

/// Each form of a text has a tag of its own.
std::string quoted_tag(const Part& part, bool compressed) {
    return '"' + part.tag + (compressed ? "-gzip\"" : "\"");
}

/// Whether a list such as `br, gzip;q=0.8` has gzip with another weight than 0.
bool takes_gzip(std::string_view accepted) {
    const std::size_t at = accepted.find("gzip");
    if (at == std::string_view::npos) return false;
    const std::string_view parameters = accepted.substr(at, accepted.find(',', at) - at);
    const std::size_t weight = parameters.find("q=");
    return weight == std::string_view::npos || parameters.find_first_of("123456789", weight) != std::string_view::npos;
}

}  // namespace

std::optional<Response> page(const Request& request) {
    for (const Part& part : parts()) {
        if (request.path != part.path) continue;
        const bool compressed = takes_gzip(header_of(request.headers, "accept-encoding"));
        const std::string tag = quoted_tag(part, compressed);
        Response response;
        response.headers = {{"ETag", tag},
                            {"Cache-Control", "no-cache"},
                            {"Vary", "Accept-Encoding"},
                            {"Content-Security-Policy", std::string(kPolicy)},
                            {"Referrer-Policy", "no-referrer"},
                            {"Permissions-Policy", "camera=(self), microphone=(), geolocation=()"}};
        if (header_of(request.headers, "if-none-match").find(tag) != std::string_view::npos) {
            response.status = 304;
            return response;
        }
        response.content_type = part.content_type;
        response.body = compressed ? part.compressed : std::string(part.text);
        if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
        return response;
    }
    return std::nullopt;
}

}  // namespace yolovino::serve
