#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

/// Scores of attention grow with the square of the cells: beyond 8 GiB no machine that this is meant for runs them.
constexpr std::uint64_t kMaxScores = std::uint64_t{1} << 31;

}  // namespace

Value Builder::matrix_product(std::string name, op::MatMul product, Value a, Value b) {
    const graph::Shape& left = shape(a);
    const std::int64_t inner = left.at(left.size() - (product.transpose_a ? 2 : 1));
    const Value out = add(std::move(name), product, {a, b});
    network_.cost.macs += graph::element_count(shape(out)) * graph::element_count({inner});
    return out;
}

/// Each cell becomes the mean of the values of all cells, weighted by how its query fits their keys: scores
/// [N, …, cells, cells].
/// @param queries [N, …, depth, cells], values likewise
Value Builder::attend(const std::string& path, Value queries, Value keys, Value values, float scale) {
    // The queries are scaled before the product, as Ultralytics does, not the scores.
    const Value scaled = add(path + ".scale", op::Scale{scale}, {queries});
    const Value scores = matrix_product(path + ".scores", {.transpose_a = true}, scaled, keys);
    if (graph::element_count(shape(scores)) > kMaxScores)
        fail(path, fmt::format("attention over {} has too many scores", graph::to_text(shape(scores))));
    const int last = static_cast<int>(shape(scores).size()) - 1;
    const Value weights = add(path + ".softmax", op::Softmax{.axis = last}, {scores});
    return matrix_product(path + ".mean", {.transpose_b = true}, values, weights);
}

/// The end of both kinds of attention: adds the position encoding of the values, both as feature maps.
Value Builder::attention_output(const Module& module, const std::string& path, Value mean, Value values) {
    const Value position = layer(child(module, "pe", path), path + ".pe", {values});
    const Value sum = add(path + ".sum", op::Add{}, {mean, position});
    return layer(child(module, "proj", path), path + ".proj", {sum});
}

Value Builder::attention(const Module& module, const std::string& path, Value input) {
    const Attributes attributes(module, path, checkpoint_.path().string());
    const std::int64_t heads = attributes.integer("num_heads");
    const std::int64_t key_depth = attributes.integer("key_dim");
    const std::int64_t depth = attributes.integer("head_dim");
    const Value all = layer(child(module, "qkv", path), path + ".qkv", {input});
    expect_heads(path, heads, 2 * key_depth + depth, shape(all).at(1), {key_depth, depth});
    const Value by_head = add(path + ".heads", op::Reshape{{0, heads, 2 * key_depth + depth, -1}}, {all});
    const Value parts = add(path + ".split", op::Split{.axis = 2, .sizes = {key_depth, key_depth, depth}}, {by_head});
    const Value values = {parts.node, 2};
    const Value mean =
        attend(path, {parts.node, 0}, {parts.node, 1}, values, static_cast<float>(attributes.number("scale")));
    const op::ReshapeLike to_map{heads * depth};
    return attention_output(module, path, add(path + ".mean_map", to_map, {mean, all}),
                            add(path + ".value_map", to_map, {values, all}));
}

/// Attention within areas: the rows of cells, one after the other, in `area` equal parts.
Value Builder::area_attention(const Module& module, const std::string& path, Value input) {
    const Attributes attributes(module, path, checkpoint_.path().string());
    const std::int64_t heads = attributes.integer("num_heads");
    const std::int64_t depth = attributes.integer("head_dim");
    const std::int64_t areas = attributes.integer("area", 1);
    const Value all = layer(child(module, "qkv", path), path + ".qkv", {input});
    expect_heads(path, heads, 3 * depth, shape(all).at(1), {depth, areas});
    const std::int64_t cells = shape(all)[2] == graph::kDynamic || shape(all)[3] == graph::kDynamic
                                   ? graph::kDynamic
                                   : shape(all)[2] * shape(all)[3];
    if (cells != graph::kDynamic && cells % areas != 0)
        fail(path, fmt::format("{} x {} cells do not divide into {} areas, wanted another imgsz", shape(all)[2],
                               shape(all)[3], areas));
    // Of several areas [N, heads, areas, 3 * depth, cells of an area], so that they lie beside the heads.
    const std::vector<std::int64_t> beside = {0, 1, 3, 2, 4};
    const Value by_head = areas > 1 ? add(path + ".areas", op::Transpose{beside},
                                          {add(path + ".heads", op::Reshape{{0, heads, 3 * depth, areas, -1}}, {all})})
                                    : add(path + ".heads", op::Reshape{{0, heads, 3 * depth, -1}}, {all});
    const op::Split split{.axis = areas > 1 ? 3 : 2, .sizes = {depth, depth, depth}};
    const Value parts = add(path + ".split", split, {by_head});
    const float scale = 1 / std::sqrt(static_cast<float>(depth));
    const Value mean = attend(path, {parts.node, 0}, {parts.node, 1}, {parts.node, 2}, scale);
    const auto to_map = [&](const char* name, Value value) {
        if (areas > 1) value = add(fmt::format("{}.{}_areas", path, name), op::Transpose{beside}, {value});
        return add(fmt::format("{}.{}_map", path, name), op::ReshapeLike{heads * depth}, {value, all});
    };
    const Value mean_map = to_map("mean", mean);
    return attention_output(module, path, mean_map, to_map("value", {parts.node, 2}));
}

void Builder::expect_heads(const std::string& path, std::int64_t heads, std::int64_t depth, std::int64_t channels,
                           const graph::Pair& positive) const {
    constexpr std::int64_t kMax = 1 << 20;  // so that no product below wraps
    const bool in_range = heads >= 1 && heads <= kMax && depth <= 3 * kMax && positive[0] >= 1 && positive[1] >= 1 &&
                          positive[0] <= kMax && positive[1] <= kMax;
    if (!in_range || heads * depth != channels)
        fail(path, fmt::format("attention of {} heads of {} channels got {} channels", heads, depth, channels));
}

Value Builder::psa_block(const Module& module, const std::string& path, Value input) {
    const bool shortcut = Attributes(module, path, checkpoint_.path().string()).boolean("add", true);
    for (const char* part : {"attn", "ffn"}) {
        const std::string name = fmt::format("{}.{}", path, part);
        const Value out = layer(child(module, part, path), name, {input});
        input = shortcut ? add(name + ".add", op::Add{}, {input, out}) : out;
    }
    return input;
}

Value Builder::area_block(const Module& module, const std::string& path, Value input) {
    for (const char* part : {"attn", "mlp"}) {
        const std::string name = fmt::format("{}.{}", path, part);
        const Value out = layer(child(module, part, path), name, {input});
        input = add(name + ".add", op::Add{}, {input, out});
    }
    return input;
}

Value Builder::c2psa(const Module& module, const std::string& path, Value input) {
    const Value both = split_half(path, layer(child(module, "cv1", path), path + ".cv1", {input}));
    // PSA of YOLOv10 is its only block itself.
    const Module* blocks = module.child("m");
    const Value deep =
        blocks != nullptr ? layer(*blocks, path + ".m", {{both.node, 1}}) : psa_block(module, path, {both.node, 1});
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, {{both.node, 0}, deep});
    return layer(child(module, "cv2", path), path + ".cv2", {joined});
}

Value Builder::a2c2f(const Module& module, const std::string& path, Value input) {
    Values parts = {layer(child(module, "cv1", path), path + ".cv1", {input})};
    for (const auto& [name, block] : child(module, "m", path).children)
        parts.push_back(layer(*block, fmt::format("{}.m.{}", path, name), {parts.back()}));
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, parts);
    const Value out = layer(child(module, "cv2", path), path + ".cv2", {joined});
    const checkpoint::TensorRef* gamma = module.parameter("gamma");
    if (gamma == nullptr) return out;
    if (gamma->shape.size() != 1 || gamma->shape[0] != shape(out).at(1))
        corrupt(path,
                fmt::format("gamma has shape {}, wanted {} values", graph::to_text(gamma->shape), shape(out).at(1)));
    const Value scaled = add(path + ".gamma", op::ChannelScale{weights(*gamma, path + ".gamma")}, {out});
    return add(path, op::Add{}, {input, scaled});
}

}  // namespace yolovino::nets
