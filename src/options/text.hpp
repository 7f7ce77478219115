#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yolovino::options {

std::string_view trim(std::string_view text);

/// The words of `a, b` or `[a, b]`, trimmed; at least one, which may be empty as any other may.
std::vector<std::string_view> split_list(std::string_view text);
std::string lower(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Text from a file or the command line as base::printable() has it, but whole.
std::string safe(std::string_view text);

}  // namespace yolovino::options
