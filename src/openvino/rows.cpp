#include "openvino/rows.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <openvino/op/ops.hpp>
#include <utility>
#include <variant>

#include "graph/rows.hpp"

namespace yolovino::openvino {

namespace {

/// The operations of graph/rows.hpp; an index is i32.
class Ops {
public:
    using Tensor = ov::Output<ov::Node>;

    Tensor number(float value) { return ov::op::v0::Constant::create(ov::element::f32, {}, {value}); }
    Tensor ranks(std::int64_t count) {
        std::vector<float> values(static_cast<std::size_t>(count));
        std::iota(values.begin(), values.end(), 0.0F);
        return ov::op::v0::Constant::create(ov::element::f32, {1, 1, values.size()}, values);
    }
    Tensor add(const Tensor& a, const Tensor& b) { return make<ov::op::v1::Add>(a, b); }
    Tensor sub(const Tensor& a, const Tensor& b) { return make<ov::op::v1::Subtract>(a, b); }
    Tensor mul(const Tensor& a, const Tensor& b) { return make<ov::op::v1::Multiply>(a, b); }
    Tensor div(const Tensor& a, const Tensor& b) { return make<ov::op::v1::Divide>(a, b); }
    Tensor maximum(const Tensor& a, float least) { return make<ov::op::v1::Maximum>(a, number(least)); }
    Tensor minimum(const Tensor& a, float most) { return make<ov::op::v1::Minimum>(a, number(most)); }
    Tensor sine(const Tensor& a) { return make<ov::op::v0::Sin>(a); }
    Tensor cosine(const Tensor& a) { return make<ov::op::v0::Cos>(a); }
    Tensor exponential(const Tensor& a) { return make<ov::op::v0::Exp>(a); }
    Tensor logarithm(const Tensor& a) { return make<ov::op::v0::Log>(a); }
    Tensor square_root(const Tensor& a) { return make<ov::op::v0::Sqrt>(a); }

    Tensor transposed(const Tensor& a) { return make<ov::op::v1::Transpose>(a, integers({0, 2, 1})); }
    Tensor joined(const std::vector<Tensor>& parts, std::int64_t axis) { return make<ov::op::v0::Concat>(parts, axis); }
    Tensor slice(const Tensor& a, std::int64_t begin, std::int64_t end) {
        return make<ov::op::v8::Slice>(a, integers({begin}), integers({end}), integers({1}), integers({2}));
    }
    Tensor padded(const Tensor& a, std::int64_t count) {
        return make<ov::op::v1::Pad>(a, integers({0, 0, 0}), integers({0, 0, count}), number(0),
                                     ov::op::PadMode::CONSTANT);
    }
    Tensor column(const Tensor& a) { return make<ov::op::v0::Unsqueeze>(a, integer(2)); }
    Tensor row(const Tensor& a) { return make<ov::op::v0::Unsqueeze>(a, integer(1)); }
    Tensor flat(const Tensor& a) { return make<ov::op::v1::Reshape>(a, integers({0, -1}), true); }

    Tensor above(const Tensor& a, float limit) { return as_float(make<ov::op::v1::Greater>(a, number(limit))); }
    Tensor sum(const Tensor& a) { return make<ov::op::v1::ReduceSum>(a, integers({1}), false); }
    Tensor highest_score(const Tensor& a) { return make<ov::op::v1::ReduceMax>(a, integers({1}), false); }
    std::pair<Tensor, Tensor> highest(const Tensor& a) {
        const auto [value, index] = largest(a, 1);
        return {make<ov::op::v0::Squeeze>(value, integer(1)), make<ov::op::v0::Squeeze>(index, integer(1))};
    }
    std::pair<Tensor, Tensor> top(const Tensor& a, std::int64_t count) { return largest(a, count); }
    /// Element by element: Gather with a batch dimension crashes in the CPU plugin of OpenVINO 2026.4.
    Tensor gather(const Tensor& a, const Tensor& index, std::int64_t width) {
        const Tensor all =
            make<ov::op::v3::Broadcast>(column(index), integers({1, 1, width}), ov::op::BroadcastType::BIDIRECTIONAL);
        return make<ov::op::v6::GatherElements>(a, all, 1);
    }
    Tensor gather_index(const Tensor& index, const Tensor& at) {
        return make<ov::op::v6::GatherElements>(index, at, 1);
    }
    Tensor remainder(const Tensor& index, std::int64_t by) { return make<ov::op::v1::Mod>(index, short_integer(by)); }
    /// The CPU divides integers as floats and rounds: so that nothing is left to round, the remainder goes first.
    Tensor quotient(const Tensor& index, std::int64_t by) {
        return make<ov::op::v1::Divide>(sub(index, remainder(index, by)), short_integer(by));
    }
    Tensor as_float(const Tensor& a) { return make<ov::op::v0::Convert>(a, ov::element::f32); }

    Tensor longest_side(const Tensor& images) {
        const ov::PartialShape& shape = images.get_partial_shape();
        if (shape[2].is_static() && shape[3].is_static())
            return number(static_cast<float>(std::max(shape[2].get_length(), shape[3].get_length())));
        const Tensor all = make<ov::op::v3::ShapeOf>(images, ov::element::i64);
        const Tensor sides = make<ov::op::v8::Gather>(all, integers({2, 3}), integer(0));
        return as_float(make<ov::op::v1::ReduceMax>(sides, integer(0), false));
    }

    Tensor unsuppressed(const Tensor& corners, const Tensor& scores, const graph::op::SuppressedRows& wanted) {
        // All of one class: the planes keep them apart.
        const auto nms = std::make_shared<ov::op::v9::NonMaxSuppression>(
            corners, row(scores), integer(wanted.most), number(wanted.iou), number(wanted.conf),
            ov::op::v9::NonMaxSuppression::BoxEncodingType::CORNER, false, ov::element::i32);
        // [found, 3]: image, class, box
        const Tensor places = make<ov::op::v8::Gather>(nms->output(0), integers({0, 2}), integer(1));
        const Tensor found =
            make<ov::op::v8::Gather>(make<ov::op::v3::ShapeOf>(places, ov::element::i64), integers({0}), integer(0));
        const Tensor ones = make<ov::op::v3::Broadcast>(number(1), found);
        const Tensor none = make<ov::op::v3::Broadcast>(number(0), make<ov::op::v3::ShapeOf>(scores, ov::element::i64));
        return make<ov::op::v3::ScatterNDUpdate>(none, places, ones);
    }

private:
    template <typename Node, typename... Args>
    static Tensor make(Args&&... args) {
        return std::make_shared<Node>(std::forward<Args>(args)...)->output(0);
    }
    static Tensor integers(const std::vector<std::int64_t>& values) {
        return ov::op::v0::Constant::create(ov::element::i64, {values.size()}, values);
    }
    static Tensor integer(std::int64_t value) { return ov::op::v0::Constant::create(ov::element::i64, {}, {value}); }
    static Tensor short_integer(std::int64_t value) {
        return ov::op::v0::Constant::create(ov::element::i32, {}, {value});
    }
    /// Along the second dimension.
    static std::pair<Tensor, Tensor> largest(const Tensor& a, std::int64_t count) {
        const auto top = std::make_shared<ov::op::v11::TopK>(a, integer(count), 1, ov::op::TopKMode::MAX,
                                                             ov::op::TopKSortType::SORT_VALUES, ov::element::i32);
        return {top->output(0), top->output(1)};
    }
};

}  // namespace

ov::Output<ov::Node> lower_rows(const graph::Graph& graph, const graph::Node& node,
                                const std::vector<ov::Output<ov::Node>>& inputs) {
    Ops ops;
    graph::RowSelection<Ops> selection(
        ops, graph::row_sources<Ops::Tensor>(graph, node, [&](std::size_t i) { return inputs.at(i); }));
    if (const auto* top = std::get_if<graph::op::TopRows>(&node.operation)) return selection.run(*top);
    return selection.run(std::get<graph::op::SuppressedRows>(node.operation));
}

}  // namespace yolovino::openvino
