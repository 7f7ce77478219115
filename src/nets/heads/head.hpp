#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "graph/graph.hpp"
#include "nets/types.hpp"

namespace yolovino::nets {

class Builder;

/// What a head gives: a value of the graph, which becomes `output0`, `output1`, …, and the names of its dimensions.
struct HeadOutput {
    graph::Value value;
    std::vector<std::string> axes;
};

/// A last layer that networks end with; a row of the table.
struct Head {
    std::string_view class_name;
    /// Reads and checks the attributes. @throws Error UnsupportedModel, CorruptFile
    HeadInfo (*read)(const checkpoint::Checkpoint& checkpoint, const checkpoint::Module& module,
                     const std::string& path);
    /// @param inputs the feature maps
    std::vector<HeadOutput> (*build)(Builder& builder, const checkpoint::Module& module, const std::string& path,
                                     const std::vector<graph::Value>& inputs);
    /// See head_arguments().
    std::optional<std::string> (*arguments)(const checkpoint::Module& module);
};

/// Null if there is none of this class.
const Head* find_head(std::span<const Head> table, std::string_view class_name);

/// The classes of a table, one after the other.
std::string head_names(std::span<const Head> table, std::string_view separator);

}  // namespace yolovino::nets
