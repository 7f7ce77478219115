#pragma once

#include <string>
#include <vector>

namespace yolovino::data {

/// What a `.streams` file names, between spaces or line ends: camera indices, URLs, and absolute paths of files that
/// exist.
/// @throws Error NotFound for a line that is nothing of these and for an empty list, LimitExceeded, IoFailure
std::vector<std::string> read_stream_list(const std::string& file);

}  // namespace yolovino::data
