#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "documents/origin.hpp"
#include "documents/yaml_compose.hpp"
#include "documents/yaml_value.hpp"

namespace yolovino::documents {

/// What any YAML needs at most: 100,000 classes with long names.
inline constexpr std::uint64_t kMaxYamlBytes = 4U << 20U;

/// The only document of a text, read as Ultralytics reads a file with PyYAML: bytes that are not UTF-8 and control
/// characters are left out, of equal keys the last one counts, `<<` merges mappings. Before a tree is made, its size is
/// known. Functions may walk over it recursively.
/// @param warnings gets a line for each duplicate key. This room logs nothing: the command has a copy of it,
/// and would have one of the log, too.
/// @throws Error CorruptFile, also for a value that contains itself, and for tags that stand for neither text, number,
/// truth value, list, nor mapping; LimitExceeded
Yaml parse_yaml(std::string_view text, const Origin& origin, std::vector<std::string>& warnings,
                const YamlLimits& limits = {});

}  // namespace yolovino::documents
