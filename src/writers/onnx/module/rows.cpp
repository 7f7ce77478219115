#include "writers/onnx/module/rows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <variant>

#include "graph/rows.hpp"

namespace yolovino::writers::onnx {

namespace {

using ::onnx::TensorProto;

constexpr int kOpsetOfSumInputs = 13;  // ReduceSum takes its axes as an input

/// The operators of graph/rows.hpp; an index is i64.
class Ops {
public:
    using Tensor = std::string;

    Ops(const RowsNode& rows, Nodes& nodes) : rows_(rows), nodes_(nodes) {}

    Tensor number(float value) {
        return nodes_.constant(fmt::format("number.f32.{}", value), std::vector<float>{value}, Integers{});
    }
    Tensor ranks(std::int64_t count) {
        std::vector<float> values(static_cast<std::size_t>(count));
        std::iota(values.begin(), values.end(), 0.0F);
        return nodes_.constant(fmt::format("ranks.{}", count), values, Integers{1, 1, count});
    }
    Tensor add(const Tensor& a, const Tensor& b) { return plain("Add", {a, b}); }
    Tensor sub(const Tensor& a, const Tensor& b) { return plain("Sub", {a, b}); }
    Tensor mul(const Tensor& a, const Tensor& b) { return plain("Mul", {a, b}); }
    Tensor div(const Tensor& a, const Tensor& b) { return plain("Div", {a, b}); }
    Tensor maximum(const Tensor& a, float least) { return plain("Max", {a, number(least)}); }
    Tensor minimum(const Tensor& a, float most) { return plain("Min", {a, number(most)}); }
    Tensor sine(const Tensor& a) { return plain("Sin", {a}); }
    Tensor cosine(const Tensor& a) { return plain("Cos", {a}); }
    Tensor exponential(const Tensor& a) { return plain("Exp", {a}); }
    Tensor logarithm(const Tensor& a) { return plain("Log", {a}); }
    Tensor square_root(const Tensor& a) { return plain("Sqrt", {a}); }

    Tensor transposed(const Tensor& a) {
        Tensor out = next("Transpose");
        nodes_.emit("Transpose", out, {a}).set("perm", Integers{0, 2, 1});
        return out;
    }
    Tensor joined(const std::vector<Tensor>& parts, std::int64_t axis) {
        Tensor out = next("Concat");
        nodes_.emit("Concat", out, parts).set("axis", axis);
        return out;
    }
    Tensor slice(const Tensor& a, std::int64_t begin, std::int64_t end) {
        return plain("Slice", {a, integers({begin}), integers({end}), integers({2})});
    }
    Tensor padded(const Tensor& a, std::int64_t count) { return plain("Pad", {a, integers({0, 0, 0, 0, 0, count})}); }
    Tensor column(const Tensor& a) { return plain("Reshape", {a, integers({0, 0, 1})}); }
    Tensor row(const Tensor& a) { return plain("Reshape", {a, integers({0, 1, -1})}); }
    Tensor flat(const Tensor& a) { return plain("Reshape", {a, integers({0, -1})}); }

    Tensor above(const Tensor& a, float limit) { return as_float(plain("Greater", {a, number(limit)})); }
    Tensor sum(const Tensor& a) {
        Tensor out = next("ReduceSum");
        if (rows_.opset >= kOpsetOfSumInputs) {
            nodes_.emit("ReduceSum", out, {a, integers({1})}).set("keepdims", std::int64_t{0});
        } else {
            nodes_.emit("ReduceSum", out, {a}).set("axes", Integers{1}).set("keepdims", std::int64_t{0});
        }
        return out;
    }
    Tensor highest_score(const Tensor& a) { return highest(a).first; }
    std::pair<Tensor, Tensor> highest(const Tensor& a) {
        const Tensor index = next("ArgMax");
        nodes_.emit("ArgMax", index, {a}).set("axis", std::int64_t{1}).set("keepdims", std::int64_t{1});
        return {flat(elements(a, index)), flat(index)};
    }
    std::pair<Tensor, Tensor> top(const Tensor& a, std::int64_t count) {
        const Tensor values = next("TopK");
        const Tensor index = values + ".index";
        Attributes(nodes_.add("TopK", values, {a, integers({count})}, {values, index})).set("axis", std::int64_t{1});
        return {values, index};
    }
    Tensor gather(const Tensor& a, const Tensor& index, std::int64_t width) {
        return elements(a, plain("Expand", {column(index), integers({1, 1, width})}));
    }
    Tensor gather_index(const Tensor& index, const Tensor& at) { return elements(index, at); }
    Tensor remainder(const Tensor& index, std::int64_t by) { return plain("Mod", {index, integer(by)}); }
    Tensor quotient(const Tensor& index, std::int64_t by) { return plain("Div", {index, integer(by)}); }
    Tensor as_float(const Tensor& a) {
        Tensor out = next("Cast");
        nodes_.emit("Cast", out, {a}).set("to", std::int64_t{TensorProto::FLOAT});
        return out;
    }

    Tensor longest_side(const Tensor& images) {
        const graph::Shape& shape = rows_.graph.shape(rows_.node.inputs.at(2));
        if (shape[2] != graph::kDynamic && shape[3] != graph::kDynamic)
            return number(static_cast<float>(std::max(shape[2], shape[3])));
        const Tensor sides = gathered(plain("Shape", {images}), integers({2, 3}), 0);
        const Tensor longest = next("ReduceMax");
        nodes_.emit("ReduceMax", longest, {sides}).set("keepdims", std::int64_t{0});
        return as_float(longest);
    }

    Tensor unsuppressed(const Tensor& corners, const Tensor& scores, const graph::op::SuppressedRows& wanted) {
        // All of one class: the planes keep them apart.
        const Tensor found = plain("NonMaxSuppression", {corners, row(scores), integers({wanted.most}),
                                                         vector(wanted.iou), vector(wanted.conf)});
        // [found, 3]: image, class, box
        const Tensor places = gathered(found, integers({0, 2}), 1);
        const Tensor count = gathered(plain("Shape", {places}), integers({0}), 0);
        const Tensor ones = plain("Expand", {number(1), count});
        const Tensor none = plain("Expand", {number(0), plain("Shape", {scores})});
        return plain("ScatterND", {none, places, ones});
    }

private:
    Tensor next(const char* type) { return fmt::format("{}/{}_{}", rows_.node.name, type, ++count_); }
    Tensor plain(const char* type, const Names& inputs) { return nodes_.plain(type, next(type), inputs); }
    Tensor elements(const Tensor& a, const Tensor& index) {
        Tensor out = next("GatherElements");
        nodes_.emit("GatherElements", out, {a, index}).set("axis", std::int64_t{1});
        return out;
    }
    Tensor gathered(const Tensor& a, const Tensor& index, std::int64_t axis) {
        Tensor out = next("Gather");
        nodes_.emit("Gather", out, {a, index}).set("axis", axis);
        return out;
    }
    Tensor integers(const Integers& values) {
        return nodes_.constant(fmt::format("integers.{}", fmt::join(values, "_")), values,
                               Integers{static_cast<std::int64_t>(values.size())});
    }
    Tensor integer(std::int64_t value) {
        return nodes_.constant(fmt::format("integer.{}", value), Integers{value}, Integers{});
    }
    Tensor vector(float value) {
        return nodes_.constant(fmt::format("vector.f32.{}", value), std::vector<float>{value}, Integers{1});
    }

    const RowsNode& rows_;
    Nodes& nodes_;
    int count_ = 0;
};

}  // namespace

void lower_rows(const RowsNode& rows, Nodes& nodes, ::onnx::GraphProto& out) {
    Ops ops(rows, nodes);
    graph::RowSelection<Ops> selection(
        ops, graph::row_sources<std::string>(rows.graph, rows.node, [&](std::size_t i) { return rows.inputs.at(i); }));
    const auto* top = std::get_if<graph::op::TopRows>(&rows.node.operation);
    if (top != nullptr) {
        selection.run(*top);
    } else {
        selection.run(std::get<graph::op::SuppressedRows>(rows.node.operation));
    }
    // The last operator gives the rows.
    out.mutable_node(out.node_size() - 1)->set_output(0, rows.node.name);
}

}  // namespace yolovino::writers::onnx
