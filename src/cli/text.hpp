#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options/text.hpp"

namespace yolovino::cli {

using options::join;
using options::lower;
using options::safe;
using options::split_list;
using options::trim;

/// `3157200` as `3,157,200`.
std::string grouped(unsigned long long number);

/// Ratio of Ratcliff and Obershelp, 0 to 1, with the choices of Python's difflib where several matches are longest.
double similarity(std::string_view a, std::string_view b);

/// The at most three candidates with a ratio of at least 0.6, best first.
std::vector<std::string> close_matches(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace yolovino::cli
