#include "engine/predict/class_gradient.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "yolovino/error.hpp"

#include "nets/class_branch.hpp"

namespace yolovino::engine {
namespace {

namespace op = graph::op;

constexpr ImageSize kMap{5, 4};

std::vector<float> numbers(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> unit(-1, 1);
    std::vector<float> values(count);
    for (float& value : values) value = unit(random);
    return values;
}

graph::Weights weights(graph::Shape shape, unsigned seed) {
    return {shape, std::make_shared<const std::vector<float>>(numbers(graph::element_count(shape), seed))};
}

/// Features of 4 channels, a grouped and a plain convolution with activations between, and scores of 3 classes.
struct Head {
    graph::Graph graph;
    graph::Value features;

    explicit Head(op::ActivationKind second = op::ActivationKind::LeakyRelu, graph::Pair step = {1, 1}) {
        const graph::Value images = graph.add("images", op::Input{{1, 3, kMap.height, kMap.width}}, {});
        features = graph.add("model.0", op::Conv2d{.weight = weights({4, 3, 1, 1}, 1), .bias = {}}, {images});
        const graph::Value grouped = graph.add(
            "model.1.cv3.0.0",
            op::Conv2d{.weight = weights({4, 2, 3, 3}, 2), .bias = weights({4}, 3), .pad = {1, 1}, .groups = 2},
            {features});
        const graph::Value silu = graph.add("model.1.cv3.0.0.act", op::Activation{}, {grouped});
        const graph::Value plain = graph.add(
            "model.1.cv3.0.1",
            op::Conv2d{.weight = weights({6, 4, 3, 3}, 4), .bias = weights({6}, 5), .stride = step, .pad = {1, 1}},
            {silu});
        const graph::Value bent =
            graph.add("model.1.cv3.0.1.act", op::Activation{.kind = second, .slope = 0.1F}, {plain});
        const graph::Value scores = graph.add(
            "model.1.cv3.0.2", op::Conv2d{.weight = weights({3, 6, 1, 1}, 6), .bias = weights({3}, 7)}, {bent});
        const graph::Value flat = graph.add("model.1.cv3.0.flat", op::Reshape{{0, 3, -1}}, {scores});
        const graph::Value joined = graph.add("model.1.cv3", op::Concat{.axis = 2}, {flat});
        graph.add("output0", op::Output{}, {joined});
    }
};

/// The logit by the plainest way, over the whole map.
double logit(const graph::Graph& graph, const nets::ClassBranch& branch, std::vector<double> map, std::size_t cls,
             int y, int x) {
    for (const graph::NodeId id : branch.nodes) {
        const graph::Node& node = graph.nodes()[id];
        if (const auto* activation = std::get_if<op::Activation>(&node.operation)) {
            for (double& v : map) {
                v = activation->kind == op::ActivationKind::Silu ? v / (1 + std::exp(-v))
                    : v > 0                                      ? v
                                                                 : static_cast<double>(activation->slope) * v;
            }
            continue;
        }
        const auto& conv = std::get<op::Conv2d>(node.operation);
        const auto side = [&](std::size_t axis) { return static_cast<int>(conv.weight.shape[axis]); };
        const int cells = kMap.height * kMap.width;
        const int per_group = side(0) / static_cast<int>(conv.groups);
        std::vector<double> out(static_cast<std::size_t>(side(0) * cells));
        std::size_t w = 0;
        for (int co = 0; co < side(0); ++co) {
            for (int i = 0; i < cells; ++i)
                out[static_cast<std::size_t>(co * cells + i)] = (*conv.bias.data)[static_cast<std::size_t>(co)];
            for (int ci = 0; ci < side(1); ++ci) {
                for (int ky = 0; ky < side(2); ++ky) {
                    for (int kx = 0; kx < side(3); ++kx, ++w) {
                        for (int i = 0; i < cells; ++i) {
                            const int sy = i / kMap.width + ky - static_cast<int>(conv.pad[0]);
                            const int sx = i % kMap.width + kx - static_cast<int>(conv.pad[1]);
                            if (sy < 0 || sy >= kMap.height || sx < 0 || sx >= kMap.width) continue;
                            const int source = (co / per_group * side(1) + ci) * cells + sy * kMap.width + sx;
                            out[static_cast<std::size_t>(co * cells + i)] +=
                                static_cast<double>((*conv.weight.data)[w]) * map[static_cast<std::size_t>(source)];
                        }
                    }
                }
            }
        }
        map = std::move(out);
    }
    const auto cells = static_cast<std::size_t>(kMap.height) * static_cast<std::size_t>(kMap.width);
    return map[cls * cells + static_cast<std::size_t>(y * kMap.width + x)];
}

TEST(ClassGradient, EqualsDifferencesOfTheLogitInEveryCellAlsoAtTheBorder) {
    const Head head;
    const std::vector<nets::ClassBranch> branches = nets::class_branches(head.graph);
    ASSERT_EQ(branches.size(), 1U);
    EXPECT_EQ(branches.front().features.node, head.features.node);
    EXPECT_EQ(branches.front().nodes.size(), 5U);
    const std::size_t cells = static_cast<std::size_t>(kMap.height) * static_cast<std::size_t>(kMap.width);
    const std::vector<float> features = numbers(4 * cells, 9);
    const std::vector<double> exact(features.begin(), features.end());
    const ClassGradient gradient(head.graph, branches.front());
    constexpr double kStep = 1e-5;
    for (const auto& [y, x] : {std::pair{0, 0}, {2, 1}, {4, 3}}) {
        const Patch patch = gradient.of(features, kMap, 1, y, x);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            std::vector<double> more = exact;
            more[i] += kStep;
            const double wanted = (logit(head.graph, branches.front(), more, 1, y, x) -
                                   logit(head.graph, branches.front(), exact, 1, y, x)) /
                                  kStep;
            const int row = static_cast<int>(i % cells) / kMap.width;
            const int column = static_cast<int>(i % cells) % kMap.width;
            const vision::Region& r = patch.region;
            const bool inside = row >= r.top && row < r.top + r.height && column >= r.left && column < r.left + r.width;
            const double got = inside ? patch.row(i / cells, row)[column - r.left] : 0;
            ASSERT_NEAR(got, wanted, 1e-3) << y << "," << x << " feature " << i;
        }
    }
}

TEST(ClassGradient, RefusesLayersWhoseGradientIsNotKnown) {
    for (const Head& head : {Head(op::ActivationKind::Mish), Head(op::ActivationKind::LeakyRelu, {2, 2})}) {
        try {
            const ClassGradient gradient(head.graph, nets::class_branches(head.graph).front());
            FAIL() << "was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::UnsupportedModel);
            EXPECT_TRUE(error.where().module_path.starts_with("model.1.cv3.0.1")) << error.what();
        }
    }
}

TEST(ClassBranches, AreRefusedWhereTheHeadHasNone) {
    graph::Graph graph;
    const graph::Value images = graph.add("images", op::Input{{1, 3, 8, 8}}, {});
    graph.add("output0", op::Output{}, {images});
    EXPECT_THROW(nets::class_branches(graph), Error);
}

}  // namespace
}  // namespace yolovino::engine
