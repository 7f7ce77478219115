#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "yolovino/types.hpp"

#include "graph/graph.hpp"
#include "nets/class_branch.hpp"
#include "vision/region.hpp"

namespace yolovino::engine {

/// Values of a part of feature maps, [channels, height, width]; the part may reach beyond the maps, where all is zero.
struct Patch {
    vision::Region region;
    std::size_t channels = 0;
    std::vector<float> values;

    Patch(vision::Region where, std::size_t count)
        : region(where),
          channels(count),
          values(count * static_cast<std::size_t>(where.height) * static_cast<std::size_t>(where.width)) {}
    float* row(std::size_t channel, int y) {
        const auto line = channel * static_cast<std::size_t>(region.height) + static_cast<std::size_t>(y - region.top);
        return values.data() + line * static_cast<std::size_t>(region.width);
    }
    const float* row(std::size_t channel, int y) const { return const_cast<Patch*>(this)->row(channel, y); }
};

/// How much the score of a class in one cell rises with each feature that it is made of: the gradient of the logit.
class ClassGradient {
public:
    /// @param graph which the nodes of `branch` belong to; it must outlive this
    /// @throws Error UnsupportedModel for layers whose gradient is not known here
    ClassGradient(const graph::Graph& graph, const nets::ClassBranch& branch);

    /// The gradient in the part of the map that the cell sees. @param features [C, map.height, map.width]
    Patch of(std::span<const float> features, ImageSize map, std::size_t cls, int y, int x) const;

private:
    Patch crop(std::span<const float> features, ImageSize map, const vision::Region& region) const;
    std::vector<Patch> forward_all(std::span<const float> features, ImageSize map, int y, int x) const;

    std::vector<const graph::Node*> nodes_;
    std::size_t channels_ = 0;
};

}  // namespace yolovino::engine
