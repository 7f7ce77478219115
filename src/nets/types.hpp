#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "yolovino/types.hpp"

#include "graph/graph.hpp"

namespace yolovino::nets {

struct InputShape {
    std::int64_t batch = 1;
    std::int64_t height = 640;
    std::int64_t width = 640;

    static InputShape dynamic() { return {graph::kDynamic, graph::kDynamic, graph::kDynamic}; }
};

/// What is asked of the head of a network whose results are boxes.
struct HeadForm {
    enum class Branch {
        OneToMany,  ///< boxes that need suppression afterwards
        OneToOne,   ///< at most one box for each object; the other branch where the head lacks this one
    };
    enum class Rows {
        Raw,        ///< a column of every anchor
        Top,        ///< the best boxes as finished rows
        Suppressed  ///< finished rows after suppression in the network
    };
    Branch branch = Branch::OneToMany;
    Rows rows = Rows::Raw;
    std::int64_t most = 300;  ///< finished rows, at most
    float conf = 0.25F;       ///< of suppression, as the next two
    float iou = 0.7F;
    bool agnostic = false;
    bool all_parts = false;  ///< both branches are computed, as before training ends: for what that costs

    bool finished() const { return rows != Rows::Raw; }
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
    friend auto operator<=>(const HeadForm&, const HeadForm&) = default;
};

/// What the network costs, counted while it is built.
struct Cost {
    /// Multiply-accumulates of convolutions, linear layers, averages, and matrix products.
    std::uint64_t macs = 0;
    std::uint64_t merged_macs = 0;    ///< of branches that are merged into others, before they are
    std::uint64_t norm_elements = 0;  ///< elements that batch norms see before they are folded

    /// Ultralytics' counts of the network as it is saved and as it is run. A batch norm is charged with four
    /// multiply-accumulates an element.
    double gflops() const { return 2e-9 * static_cast<double>(macs + merged_macs + 4 * norm_elements); }
    double fused_gflops() const { return 2e-9 * static_cast<double>(macs); }
};

/// A network as a graph: input `images` [N, 3, H, W] f32 RGB 0 to 1, outputs `output0`, `output1`, … as its head gives
/// them.
struct Network {
    graph::Graph graph;
    Cost cost;
};

/// Layers whose results are the outputs of a network.
struct FeatureLayers {
    std::vector<std::size_t> layers;  ///< below the head
    bool means = false;               ///< the mean of each map instead of the map
};

/// What the head says of itself.
struct HeadInfo {
    std::string class_name;
    std::int64_t classes = 0;
    std::int64_t reg_max = 0;  ///< 0: it gives no boxes
    std::vector<std::int64_t> strides;
    std::int64_t masks = 0;    ///< prototypes of masks
    KeypointShape keypoints;   ///< of each object
    bool one_to_many = false;  ///< whether it has this branch, as the next
    bool one_to_one = false;
};
inline constexpr std::int64_t kMaxClasses = 65536;

}  // namespace yolovino::nets
