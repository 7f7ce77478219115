#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nets/builder.hpp"
#include "nets/heads/head.hpp"

/// What the heads share that give a box for each anchor.
namespace yolovino::nets {

/// Reads and checks what all of them have. @throws Error UnsupportedModel, CorruptFile
HeadInfo read_anchored(const checkpoint::Checkpoint& checkpoint, const checkpoint::Module& module,
                       const std::string& path);

/// Steps in pixels, each a power of two. @throws Error CorruptFile
std::vector<std::int64_t> read_strides(const checkpoint::Checkpoint& checkpoint, const checkpoint::TensorRef& tensor,
                                       const std::string& path);

/// A list of layers, one for each feature map, whose results lie side by side: [N, channels, anchors].
class Branch {
public:
    /// @param channels of each result
    /// @param meaning of the channels, for messages: `4 x 16 bins`
    /// @throws Error UnsupportedModel unless there is one layer for each map
    Branch(Builder& builder, const checkpoint::Module& head, std::string_view name, std::string path,
           std::int64_t channels, std::string meaning);

    std::size_t size() const;
    /// Applies the next layer. @throws Error UnsupportedModel if it gives another number of channels
    void add(graph::Value map);
    /// All results so far, before they are flattened: [N, channels, H, W].
    const std::vector<graph::Value>& maps() const { return maps_; }
    graph::Value join();

private:
    Builder& builder_;
    const checkpoint::Module& layers_;
    std::string path_;
    std::int64_t channels_;
    std::string meaning_;
    std::vector<graph::Value> maps_;
    std::vector<graph::Value> flat_;
};

/// A branch of its own over all feature maps, [N, channels, anchors]. @param name of the part without the prefix that
/// the branch in use has. @throws Error as Branch does
graph::Value build_branch(Builder& builder, const checkpoint::Module& head, std::string_view name,
                          const std::string& path, const std::vector<graph::Value>& inputs, std::int64_t channels,
                          std::string meaning);

/// The distances from the centres of the cells to the sides, in cells, and what decodes them.
struct Anchored {
    HeadInfo head;
    graph::Value near;     ///< left and top, [N, 2, anchors]
    graph::Value far;      ///< right and bottom
    graph::Value points;   ///< [1, 2, anchors]
    graph::Value strides;  ///< [1, 1, anchors]
    graph::Value logits;   ///< of the classes, [N, classes, anchors]
};
Anchored build_anchored(Builder& builder, const checkpoint::Module& module, const std::string& path,
                        const HeadInfo& head, const std::vector<graph::Value>& inputs);

/// [N, 4, anchors] in model pixels: cx, cy, w, h, or where the head gives finished rows both corners.
graph::Value decode_boxes(Builder& builder, const std::string& path, const Anchored& anchored);

/// [N, classes, anchors], 0 to 1.
graph::Value decode_scores(Builder& builder, const std::string& path, const Anchored& anchored);

/// What a head gives of each box.
struct BoxValues {
    graph::Value boxes;              ///< [N, 4, anchors]
    graph::Value scores;             ///< [N, classes, anchors]
    std::vector<graph::Value> more;  ///< what the task adds, [N, values, anchors]; nothing or one
    bool rotated = false;            ///< whether that is an angle
};
/// The first output of a head, in the form that is asked of it: [N, 4 + classes + more, anchors], or finished rows
/// [N, most, 6 + more] of box, score, class, and what the task adds.
HeadOutput box_output(Builder& builder, const std::string& path, const BoxValues& values);

/// Computes the branch that is not in use too, where all parts are asked for: `parts` are the names without the prefix.
void build_other_branch(Builder& builder, const checkpoint::Module& module, const std::string& path,
                        const std::vector<graph::Value>& inputs, const std::vector<std::string_view>& parts);

/// The arguments that all of them begin and end with, and what lies between: `[80, 32, 64, [64, 128, 256]]`. Nothing
/// if the file does not have them.
std::optional<std::string> anchored_arguments(const checkpoint::Module& module,
                                              const std::vector<std::string>& between = {});

/// An attribute as Ultralytics lists it; empty if there is none that can be read.
std::string attribute_text(const checkpoint::Module& module, std::string_view name);

}  // namespace yolovino::nets
