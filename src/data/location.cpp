#include "data/location.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace yolovino::data {

namespace {

constexpr std::string_view kSchemeEnd = "://";

std::string scheme(const std::string& location) {
    const std::size_t end = location.find(kSchemeEnd);
    return base::to_lower(std::string_view(location).substr(0, end == std::string::npos ? 0 : end));
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// What is no escape stays as it is, as in Python.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
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

std::string url_file_name(const std::string& url) {
    // An escaped slash or question mark parts the name like a plain one, as in Ultralytics.
    std::string name = unescaped(url_path(url));
    name = name.substr(0, name.find('?'));
    name.erase(0, name.rfind('/') + 1);  // npos + 1 is 0
    std::string out;
    for (std::string_view rest = name; !rest.empty();) {
        const base::Utf8Character character = base::first_character(rest);
        const bool control = character.code < 0x20 || (character.code >= 0x7F && character.code < 0xA0);
        if (character.bytes == 0) {
            out += "\xEF\xBF\xBD";
        } else if (control) {
            out += '_';
        } else {
            out += rest.substr(0, character.bytes);
        }
        rest.remove_prefix(std::max<std::size_t>(character.bytes, 1));
    }
    if (out.starts_with('.')) out.front() = '_';
    return out;
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
