#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yolovino::cli {

std::string_view trim(std::string_view text);

/// The words of `a, b` or `[a, b]`, trimmed; at least one, which may be empty as any other may.
std::vector<std::string_view> split_list(std::string_view text);
std::string lower(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Text from a file or the command line as base::printable() has it, but whole.
std::string safe(std::string_view text);

/// `3157200` as `3,157,200`.
std::string grouped(unsigned long long number);

/// Ratio of Ratcliff and Obershelp, 0 to 1, with the choices of Python's difflib where several matches are longest.
double similarity(std::string_view a, std::string_view b);

/// The at most three candidates with a ratio of at least 0.6, best first.
std::vector<std::string> close_matches(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace yolovino::cli
