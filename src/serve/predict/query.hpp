#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yolovino::serve {

/// Text with `%20` and the like decoded; nothing if an escape is not complete or stands for a zero byte.
/// @param plus_is_space as in queries
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The pairs of `a=1&b=2`, decoded, in their order; a name without `=` has an empty value. Nothing if an escape is
/// wrong or there are more than 64.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

/// What a target asks for.
struct Target {
    std::string path;  ///< decoded, begins with `/`
    std::vector<std::pair<std::string, std::string>> query;
};

/// Splits `/v2/models/a%20b?x=1`. Nothing for what is not such a path: escapes of `/` and `\`, segments `.` and `..`,
/// bytes that are no text, other forms of targets.
std::optional<Target> parse_target(std::string_view text);

}  // namespace yolovino::serve
