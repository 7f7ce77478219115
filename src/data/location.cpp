#include "data/location.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace yolovino::data {

namespace {

constexpr std::string_view kSchemeEnd = "://";

std::string scheme(const std::string& location) {
    const std::size_t end = location.find(kSchemeEnd);
    std::string name = location.substr(0, end == std::string::npos ? 0 : end);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name;
}

/// Where the path of a URL begins, or its length.
std::size_t path_start(const std::string& url) {
    const std::size_t host = url.find(kSchemeEnd) + kSchemeEnd.size();
    return std::min(url.find_first_of("/?#", host), url.size());
}

}  // namespace

bool is_camera(const std::string& location) {
    return !location.empty() &&
           std::all_of(location.begin(), location.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_url(const std::string& location) {
    static constexpr std::array<std::string_view, 5> kSchemes = {"http", "https", "rtsp", "rtmp", "tcp"};
    return std::find(kSchemes.begin(), kSchemes.end(), scheme(location)) != kSchemes.end();
}

bool is_http(const std::string& location) {
    return scheme(location) == "http" || scheme(location) == "https";
}

std::string url_path(const std::string& url) {
    const std::size_t start = path_start(url);
    return url.substr(start, std::min(url.find_first_of("?#", start), url.size()) - start);
}

std::string url_for_display(const std::string& url) {
    if (!is_url(url)) return url;
    const std::size_t host = url.find(kSchemeEnd) + kSchemeEnd.size();
    const std::size_t end = path_start(url);
    std::string authority = url.substr(host, end - host);
    if (const std::size_t at = authority.rfind('@'); at != std::string::npos) {
        const std::size_t colon = authority.find(':');
        if (colon < at) authority.replace(colon + 1, at - colon - 1, "***");
    }
    return url.substr(0, host) + authority + url_path(url);
}

}  // namespace yolovino::data
