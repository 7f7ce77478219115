#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yolovino::tracking {

/// The YAML of a tracker that is built in, by the name of its file; nothing if there is none of this name.
std::optional<std::string_view> preset(std::string_view file);

/// `tracktrack.yaml, bytetrack.yaml, botsort.yaml`
std::string preset_names();

}  // namespace yolovino::tracking
