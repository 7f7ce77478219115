#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <yaml-cpp/yaml.h>

#include "documents/origin.hpp"

namespace yolovino::documents {

struct YamlLimits {
    std::size_t depth = 64;        ///< of lists and mappings in each other, aliases followed
    std::size_t values = 300'000;  ///< those of an alias count again
};

/// What any YAML needs at most: 100,000 classes with long names.
inline constexpr std::uint64_t kMaxYamlBytes = 4U << 20U;

/// The first document of a text. Before a tree is made, its size is known.
/// @throws Error CorruptFile, also for a value that holds itself; LimitExceeded
YAML::Node parse_yaml(const std::string& text, const Origin& origin, const YamlLimits& limits = {});

}  // namespace yolovino::documents
