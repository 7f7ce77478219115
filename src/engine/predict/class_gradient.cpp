#include "engine/predict/class_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <variant>

#include "base/fail.hpp"

namespace yolovino::engine {

namespace op = graph::op;

namespace {

using graph::Node;
using vision::Region;

constexpr std::int64_t kMostKernel = 1024;         // of one dimension
constexpr std::uint64_t kMostValues = 1ULL << 26;  // that a score may depend on, of one layer

bool is_plain(const op::Conv2d& conv) {
    const graph::Shape& shape = conv.weight.shape;
    const std::int64_t largest = std::max({shape[2], shape[3], conv.pad[0], conv.pad[1]});
    return largest <= kMostKernel && conv.stride == graph::Pair{1, 1} && conv.dilation == graph::Pair{1, 1} &&
           conv.weight.data != nullptr;
}

bool has_known_slope(const op::Activation& activation) {
    using Kind = op::ActivationKind;
    return activation.kind == Kind::Silu || activation.kind == Kind::Relu || activation.kind == Kind::LeakyRelu;
}

float apply(const op::Activation& activation, float x) {
    if (activation.kind == op::ActivationKind::Silu) return x / (1 + std::exp(-x));
    return x > 0 ? x : activation.slope * x;
}

float slope_at(const op::Activation& activation, float x) {
    if (activation.kind != op::ActivationKind::Silu) return x > 0 ? 1 : activation.slope;
    const float s = 1 / (1 + std::exp(-x));
    return s * (1 + x * (1 - s));
}

int dim(std::int64_t value) {
    return static_cast<int>(value);
}

/// What a convolution sees of its input for a part of its output.
Region seen(const op::Conv2d& conv, const Region& out) {
    return {out.top - dim(conv.pad[0]), out.left - dim(conv.pad[1]), out.height + dim(conv.weight.shape[2]) - 1,
            out.width + dim(conv.weight.shape[3]) - 1};
}

/// Convolutions see zeros beyond the maps, of layers between, too.
void clear_outside(Patch& patch, ImageSize map) {
    const Region& r = patch.region;
    for (std::size_t c = 0; c < patch.channels; ++c) {
        for (int y = r.top; y < r.top + r.height; ++y) {
            float* row = patch.row(c, y);
            for (int x = 0; x < r.width; ++x) {
                if (y < 0 || y >= map.height || r.left + x < 0 || r.left + x >= map.width) row[x] = 0;
            }
        }
    }
}

/// Calls `visit(weight, out row, in row)` for each row of the kernel of each pair of channels at each row of the
/// output; `weight` has as many values as the kernel is wide, `in row` begins where the first of them lies for the
/// first column.
template <typename Out, typename In, typename Visit>
void for_kernel_rows(const op::Conv2d& conv, Out& out, In& in, const Visit& visit) {
    const graph::Shape& shape = conv.weight.shape;
    const auto out_channels = static_cast<std::size_t>(shape[0]);
    const auto in_channels = static_cast<std::size_t>(shape[1]);
    const std::size_t per_group = out_channels / static_cast<std::size_t>(conv.groups);
    const Region& r = out.region;
    const float* weight = conv.weight.data->data();
    for (std::size_t co = 0; co < out_channels; ++co) {
        for (std::size_t ci = 0; ci < in_channels; ++ci) {
            const std::size_t source = co / per_group * in_channels + ci;
            for (int ky = 0; ky < dim(shape[2]); ++ky, weight += shape[3]) {
                for (int y = r.top; y < r.top + r.height; ++y)
                    visit(weight, out.row(co, y), in.row(source, y - dim(conv.pad[0]) + ky));
            }
        }
    }
}

Patch forward(const op::Conv2d& conv, const Patch& in, const Region& region) {
    Patch out(region, static_cast<std::size_t>(conv.weight.shape[0]));
    for (std::size_t c = 0; conv.bias.data && c < out.channels; ++c) {
        const std::size_t cells = out.values.size() / out.channels;
        std::fill_n(out.values.begin() + static_cast<std::ptrdiff_t>(c * cells), cells, (*conv.bias.data)[c]);
    }
    for_kernel_rows(conv, out, in, [&](const float* weight, float* to, const float* from) {
        for (int x = 0; x < region.width; ++x) {
            for (int kx = 0; kx < dim(conv.weight.shape[3]); ++kx) to[x] += weight[kx] * from[x + kx];
        }
    });
    return out;
}

Patch backward(const op::Conv2d& conv, const Patch& out, const Patch& in) {
    Patch gradient(in.region, in.channels);
    for_kernel_rows(conv, out, gradient, [&](const float* weight, const float* from, float* to) {
        for (int x = 0; x < out.region.width; ++x) {
            for (int kx = 0; kx < dim(conv.weight.shape[3]); ++kx) to[x + kx] += weight[kx] * from[x];
        }
    });
    return gradient;
}

Patch mean_of(const Patch& in) {
    Patch out({0, 0, 1, 1}, in.channels);
    const std::size_t cells = in.values.size() / in.channels;
    for (std::size_t c = 0; c < in.channels; ++c) {
        float sum = 0;
        for (std::size_t i = 0; i < cells; ++i) sum += in.values[c * cells + i];
        out.values[c] = sum / static_cast<float>(cells);
    }
    return out;
}

Patch mean_backward(const Patch& out, const Patch& in) {
    Patch gradient(in.region, in.channels);
    const std::size_t cells = in.values.size() / in.channels;
    for (std::size_t i = 0; i < gradient.values.size(); ++i)
        gradient.values[i] = out.values[i / cells] / static_cast<float>(cells);
    return gradient;
}

}  // namespace

ClassGradient::ClassGradient(const graph::Graph& graph, const nets::ClassBranch& branch) {
    for (const graph::NodeId id : branch.nodes) {
        const Node& node = graph.nodes().at(id);
        const auto* conv = std::get_if<op::Conv2d>(&node.operation);
        const auto* activation = std::get_if<op::Activation>(&node.operation);
        if ((conv != nullptr && !is_plain(*conv)) || (activation != nullptr && !has_known_slope(*activation))) {
            throw Error(ErrorCode::UnsupportedModel, "predict",
                        "visualize=True takes the gradient of SiLU, ReLU, and convolutions with a stride of 1 only",
                        {.module_path = node.name});
        }
        nodes_.push_back(&node);
    }
    channels_ = static_cast<std::size_t>(graph.shape(branch.features).at(1));
}

/// The part of the features that the cell sees. @param features [channels, map.height, map.width]
Patch ClassGradient::crop(std::span<const float> features, ImageSize map, const Region& region) const {
    Patch patch(region, channels_);
    const int left = std::max(region.left, 0);
    const int count = std::min(region.left + region.width, map.width) - left;
    for (std::size_t c = 0; c < channels_; ++c) {
        for (int y = std::max(region.top, 0); y < std::min(region.top + region.height, map.height); ++y) {
            const std::size_t line = (c * static_cast<std::size_t>(map.height) + static_cast<std::size_t>(y)) *
                                     static_cast<std::size_t>(map.width);
            const auto from = features.subspan(line + static_cast<std::size_t>(left), static_cast<std::size_t>(count));
            std::ranges::copy(from, patch.row(c, y) + (left - region.left));
        }
    }
    return patch;
}

/// What each layer gives around the cell, beginning with the features.
std::vector<Patch> ClassGradient::forward_all(std::span<const float> features, ImageSize map, int y, int x) const {
    std::vector<Region> regions(nodes_.size() + 1, Region{y, x, 1, 1});
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        const auto* conv = std::get_if<op::Conv2d>(&nodes_[i]->operation);
        const bool is_mean = std::holds_alternative<op::GlobalMean>(nodes_[i]->operation);
        regions[i] = conv != nullptr ? seen(*conv, regions[i + 1])
                     : is_mean       ? Region{0, 0, map.height, map.width}
                                     : regions[i + 1];
    }
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const auto side = [](int length) { return static_cast<std::uint64_t>(length); };
        const std::uint64_t channels =
            i == 0 ? channels_ : static_cast<std::uint64_t>(nodes_[i - 1]->outputs.front()[1]);
        if (channels * side(regions[i].height) * side(regions[i].width) > kMostValues)
            throw Error(ErrorCode::LimitExceeded, "predict", "visualize=True: a score depends on too many features");
    }
    std::vector<Patch> values;
    values.reserve(regions.size());
    values.push_back(crop(features, map, regions.front()));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (const auto* conv = std::get_if<op::Conv2d>(&nodes_[i]->operation)) {
            values.push_back(forward(*conv, values.back(), regions[i + 1]));
        } else if (std::holds_alternative<op::GlobalMean>(nodes_[i]->operation)) {
            values.push_back(mean_of(values.back()));
            map = {1, 1};
        } else {
            Patch out = values.back();
            for (float& value : out.values) value = apply(std::get<op::Activation>(nodes_[i]->operation), value);
            values.push_back(std::move(out));
        }
        clear_outside(values.back(), map);
    }
    return values;
}

Patch ClassGradient::of(std::span<const float> features, ImageSize map, std::size_t cls, int y, int x) const {
    const std::vector<Patch> values = forward_all(features, map, y, x);
    Patch gradient(values.back().region, values.back().channels);
    gradient.values.at(cls) = 1;
    // Behind a mean over the map there is one cell.
    bool single = std::ranges::any_of(
        nodes_, [](const Node* each) { return std::holds_alternative<op::GlobalMean>(each->operation); });
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        const Patch& in = values[i];
        if (const auto* conv = std::get_if<op::Conv2d>(&nodes_[i]->operation)) {
            gradient = backward(*conv, gradient, in);
        } else if (std::holds_alternative<op::GlobalMean>(nodes_[i]->operation)) {
            gradient = mean_backward(gradient, in);
            single = false;
        } else {
            const auto& activation = std::get<op::Activation>(nodes_[i]->operation);
            for (std::size_t k = 0; k < in.values.size(); ++k) gradient.values[k] *= slope_at(activation, in.values[k]);
        }
        clear_outside(gradient, single ? ImageSize{1, 1} : map);
    }
    return gradient;
}

}  // namespace yolovino::engine
