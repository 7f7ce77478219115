#include "writers/openvino/quantizer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <openvino/op/ops.hpp>

#include "base/fail.hpp"
#include "quantize/weights.hpp"
#include "writers/openvino/placement.hpp"

namespace yolovino::writers::openvino {

namespace {

template <typename Node>
std::shared_ptr<Node> named(std::shared_ptr<Node> node, const std::string& name) {
    node->set_friendly_name(name);
    return node;
}

std::shared_ptr<ov::Node> scalar(float value, const std::string& name) {
    return named(ov::op::v0::Constant::create(ov::element::f32, {}, {value}), name);
}

/// i8 codes → f32 → times the scales, which every device folds into the convolution.
QuantizedConvolution quantize_weights_of(ov::Node& convolution) {
    const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(constant_weights(convolution));
    const ov::Shape& shape = constant->get_shape();
    const std::string name = constant->get_friendly_name();
    const std::string layer = layer_name(convolution.get_friendly_name());
    const quantize::QuantizedWeights weights =
        quantize::quantize_weights(constant->cast_vector<float>(), shape.at(0), layer);
    const auto codes = named(ov::op::v0::Constant::create(ov::element::i8, shape, weights.codes), name);
    const auto floats = named(std::make_shared<ov::op::v0::Convert>(codes, ov::element::f32), name + "/f32");
    ov::Shape per_channel(shape.size(), 1);
    per_channel[0] = shape[0];
    const auto scales =
        named(ov::op::v0::Constant::create(ov::element::f32, per_channel, weights.scales), name + "/scale");
    const auto scaled = named(std::make_shared<ov::op::v1::Multiply>(floats, scales), name + "/scaled");
    convolution.input(1).replace_source_output(scaled);
    const auto [low, high] = std::ranges::minmax(weights.scales);
    return {.name = layer,
            .node = convolution.get_friendly_name(),
            .channels = static_cast<int>(shape[0]),
            .scale_low = low,
            .scale_high = high,
            .noise = weights.noise,
            .damage_without = {}};
}

QuantizedActivation quantize_point(QuantizationPoint& point, const quantize::ActivationStatistics& statistics,
                                   const quantize::Grid& grid) {
    const std::string name = point.name + "/quantized";
    const auto low = static_cast<float>(grid.low());
    const auto high = static_cast<float>(grid.high());
    const auto first = scalar(low, name + ".low");
    const auto last = scalar(high, name + ".high");
    const auto cut = named(
        std::make_shared<ov::op::v0::FakeQuantize>(point.value, first, last, first, last, quantize::kLevels), name);
    for (ov::Input<ov::Node>& reader : point.readers) reader.replace_source_output(cut);
    return {.name = point.name,
            .group = static_cast<int>(point.group),
            .scale = grid.scale,
            .zero_point = grid.zero_point,
            .low = low,
            .high = high,
            .seen_low = statistics.low,
            .seen_high = statistics.high,
            .clipped = quantize::clipped_share(statistics, grid),
            .noise = quantize::noise(statistics, grid)};
}

QuantizedModel build(const std::shared_ptr<const ov::Model>& model,
                     std::span<const quantize::ActivationStatistics> statistics,
                     const std::set<std::string>& float_layers) {
    QuantizedModel out;
    out.model = model->clone();
    Placement placement = place_quantization(*out.model, float_layers);
    std::map<std::string, const quantize::ActivationStatistics*> by_name;
    for (const auto& each : statistics) by_name[each.name] = &each;
    std::map<std::size_t, std::vector<const quantize::ActivationStatistics*>> groups;
    for (const QuantizationPoint& point : placement.points) groups[point.group].push_back(by_name.at(point.name));
    std::map<std::size_t, quantize::Grid> grids;
    for (const auto& [group, members] : groups) grids[group] = quantize::fit(members);
    for (const auto& convolution : placement.convolutions)
        out.convolutions.push_back(quantize_weights_of(*convolution));
    for (QuantizationPoint& point : placement.points)
        out.activations.push_back(quantize_point(point, *by_name.at(point.name), grids.at(point.group)));
    out.carriers = std::move(placement.carriers);
    out.model->validate_nodes_and_infer_types();
    return out;
}

bool is_quantized(const ov::Node& node) {
    if (ov::is_type<ov::op::v0::FakeQuantize>(&node)) return true;
    if (!ov::is_type<ov::op::v0::Convert>(&node)) return false;
    const auto from = node.get_input_element_type(0);
    return ov::is_type<ov::op::v0::Constant>(node.get_input_node_ptr(0)) &&
           (from == ov::element::i8 || from == ov::element::u8 || from == ov::element::i4 || from == ov::element::u4);
}

}  // namespace

QuantizedModel quantize_model(const std::shared_ptr<const ov::Model>& model,
                              std::span<const quantize::ActivationStatistics> statistics,
                              const std::set<std::string>& float_layers) {
    return base::translate(ErrorCode::RuntimeFailure, "quantize", "cannot quantise the network",
                           [&] { return build(model, statistics, float_layers); });
}

std::vector<std::string> quantizable_layers(const std::shared_ptr<const ov::Model>& model) {
    return base::translate(ErrorCode::RuntimeFailure, "quantize", "cannot read the network", [&] {
        std::vector<std::string> names;
        for (const auto& node : model->get_ordered_ops()) {
            if (is_quantized(*node)) {
                throw Error(ErrorCode::InvalidArgument, "quantize",
                            fmt::format("the network is quantised already: it holds {} '{}'", node->get_type_name(),
                                        base::printable(node->get_friendly_name())),
                            {}, "give the float model");
            }
        }
        for (const auto& convolution : place_quantization(*model, {}).convolutions)
            names.push_back(layer_name(convolution->get_friendly_name()));
        if (names.empty())
            throw Error(ErrorCode::UnsupportedModel, "quantize", "the network has no convolution to quantise");
        return names;
    });
}

std::set<std::string> match_layers(std::span<const std::string> layers, std::span<const std::string> wishes) {
    std::set<std::string> out;
    for (const std::string& wish : wishes) {
        const std::string name = layer_name(wish);
        bool found = false;
        for (const std::string& layer : layers) {
            if (layer != name && !layer.starts_with(name + ".")) continue;
            out.insert(layer);
            found = true;
        }
        if (!found) {
            throw Error(ErrorCode::InvalidArgument, "quantize",
                        fmt::format("float_layers names '{}', the network has {}", base::printable(wish, 64),
                                    base::printable(fmt::format("{}", fmt::join(layers, ", ")), 2048)));
        }
    }
    return out;
}

}  // namespace yolovino::writers::openvino
