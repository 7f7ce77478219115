#pragma once

#include <span>
#include <string>
#include <string_view>

namespace yolovino::cli {

/// The table of Ultralytics' arguments, one row each: what it does in each mode here, and why it does nothing.
/// @param keys of its default.yaml, in the order of the rows
std::string arguments_table(std::span<const std::string> keys);

/// A page with the table between the lines `<!-- arguments -->` and `<!-- end of arguments -->`. Empty if it lacks
/// them.
std::string with_arguments_table(std::string_view page, std::span<const std::string> keys);

}  // namespace yolovino::cli
