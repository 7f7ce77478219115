#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

#include "plots/plots.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"

namespace yolovino::plots::test {

using yolovino::test::TempFolder;

/// Names that a file from anywhere may hold: quotes, escapes, commands, formats, markup, control characters, broken
/// UTF-8. `mark` is a file that a command in a name would make.
inline ClassNames hostile_names(const std::filesystem::path& mark) {
    const std::string command = "touch " + mark.string();
    return {"it's 'quoted'",
            "`" + command + "`",
            "x'; system('" + command + "') #",
            "\"; ! " + command + "\n! " + command + "\n",
            "back\\slash\\n \\",
            "100%g %s %n",
            "EOD\nEOD",
            "@macro $d {a_b^c}",
            "<b>&amp;</b>",
            "\x1b[31m\xff\xfe \x07",
            "person é 人",
            std::string(5000, 'x'),
            std::string("nul\0nul", 7),
            ""};
}

inline ClassNames numbered_names(std::size_t count) {
    ClassNames names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("class " + std::to_string(i));
    return names;
}

inline std::uint32_t pixel(const Image& image, int y, int x) {
    const std::uint8_t* p = image.row(y) + std::ptrdiff_t{x} * 3;
    return std::uint32_t{p[2]} << 16U | std::uint32_t{p[1]} << 8U | p[0];
}

inline std::size_t count_color(const Image& image, std::uint32_t rgb) {
    std::size_t count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += pixel(image, y, x) == rgb ? 1U : 0U;
    return count;
}

inline std::size_t distinct_colors(const Image& image) {
    std::set<std::uint32_t> colors;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) colors.insert(pixel(image, y, x));
    return colors.size();
}

template <typename Body>
std::optional<Error> error_of(Body&& body) {
    try {
        body();
    } catch (const Error& e) {
        return e;
    }
    return std::nullopt;
}

/// Restores an environment variable at the end.
class Environment {
public:
    Environment(std::string name, const std::string& value) : name_(std::move(name)) {
        if (const char* before = std::getenv(name_.c_str())) before_ = before;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        if (before_) {
            ::setenv(name_.c_str(), before_->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }

private:
    std::string name_;
    std::optional<std::string> before_;
};

}  // namespace yolovino::plots::test
