#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "documents/origin.hpp"

namespace yolovino::documents {

struct YamlLimits {
    std::size_t depth = 64;        ///< of lists and mappings in each other, aliases followed
    std::size_t values = 300'000;  ///< those of an alias count again
};

/// A document as it is written: tags not yet applied, aliases as references to the same node.
struct YamlNodes {
    enum class Kind { Scalar, List, Map };
    struct Node {
        Kind kind = Kind::Scalar;
        bool bare = false;                  ///< a scalar without quotes, whose form gives it a type
        std::size_t line = 0;               ///< from 1
        std::string tag;                    ///< empty unless it is given
        std::string text;                   ///< of a scalar
        std::vector<std::size_t> children;  ///< of a mapping, keys and values in turn
    };
    std::vector<Node> nodes;
    std::size_t root = 0;
    bool empty = true;
};

/// Reads the only document of a text through yaml-cpp, and mends where that differs from PyYAML.
/// @param text UTF-8 of the characters that YAML allows, with LF as the line end
/// @throws Error CorruptFile, LimitExceeded
YamlNodes compose_yaml(const std::string& text, const Origin& origin, const YamlLimits& limits);

}  // namespace yolovino::documents
