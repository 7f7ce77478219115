#include "runtime/openvino/import/layer_ops.hpp"

#include <fmt/format.h>
#include <openvino/op/ops.hpp>
#include <set>

#include "base/fail.hpp"

namespace yolovino::runtime::layers {

using namespace ov::op;  // NOLINT(google-build-using-namespace): the names are versions

namespace {

ov::Strides strides(const std::array<std::int64_t, 2>& pair) {
    return {static_cast<std::size_t>(pair[0]), static_cast<std::size_t>(pair[1])};
}
ov::Shape sizes(const std::array<std::int64_t, 2>& pair) {
    return {static_cast<std::size_t>(pair[0]), static_cast<std::size_t>(pair[1])};
}
ov::CoordinateDiff difference(const std::array<std::int64_t, 2>& pair) {
    return {pair[0], pair[1]};
}
PadType pad_of(const Window& window) {
    return window.same ? PadType::SAME_UPPER : PadType::EXPLICIT;
}
RoundingType rounding(bool ceil_mode) {
    return ceil_mode ? RoundingType::CEIL_TORCH : RoundingType::FLOOR;
}

ov::Shape per_channel(std::size_t channels) {
    return {1, channels, 1, 1};
}

/// A convolution whose weights are a constant of the network, or nothing.
std::shared_ptr<v0::Constant> weights_of(const std::shared_ptr<ov::Node>& node) {
    if (!ov::is_type<v1::Convolution>(node) && !ov::is_type<v1::GroupConvolution>(node)) return nullptr;
    return ov::as_type_ptr<v0::Constant>(node->get_input_node_shared_ptr(1));
}

/// The constant that is added to each channel of a convolution, or nothing.
std::shared_ptr<v0::Constant> bias_of(const std::shared_ptr<ov::Node>& node, std::size_t channels) {
    if (!ov::is_type<v1::Add>(node) || !weights_of(node->get_input_node_shared_ptr(0))) return nullptr;
    const auto bias = ov::as_type_ptr<v0::Constant>(node->get_input_node_shared_ptr(1));
    return bias != nullptr && bias->get_shape() == per_channel(channels) ? bias : nullptr;
}

}  // namespace

void refuse(const imports::LayerList& list, const imports::Layer& layer, ErrorCode code, std::string_view message,
            std::string_view hint) {
    throw Error(code, "import", fmt::format("{} layer {}", base::printable(layer.type, 64), message),
                {.file = list.file, .module_path = base::printable(layer.name, 128)}, hint);
}

void name_layer(const Output& made, const std::string& layer) {
    // OpenVINO's own names are those that nobody gave.
    const auto has_name = [](const ov::Node& node) { return node.get_friendly_name() != node.get_name(); };
    std::vector<ov::Node*> open = {made.get_node()};
    std::size_t convolutions = 0;
    while (!open.empty()) {
        ov::Node& node = *open.back();
        open.pop_back();
        if (has_name(node) || ov::is_type<v0::Constant>(&node)) continue;
        const bool convolves = ov::is_type<v1::Convolution>(&node) || ov::is_type<v1::GroupConvolution>(&node);
        if (&node == made.get_node()) {
            node.set_friendly_name(layer);
        } else if (convolves && convolutions++ == 0) {
            // As OpenVINO itself calls a convolution whose bias has the name.
            node.set_friendly_name(layer + ".without_bias");
        } else {
            node.set_friendly_name(fmt::format("{}/{}", layer, node.get_name()));
        }
        for (const ov::Output<ov::Node>& input : node.input_values()) open.push_back(input.get_node());
    }
}

void make_names_unique(const ov::Model& model) {
    std::set<std::string> seen;
    for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
        if (!seen.insert(node->get_friendly_name()).second)
            node->set_friendly_name(fmt::format("{}/{}", node->get_friendly_name(), node->get_name()));
    }
}

std::shared_ptr<v0::Constant> integers(const std::vector<std::int64_t>& values) {
    return v0::Constant::create(ov::element::i64, {values.size()}, values);
}
std::shared_ptr<v0::Constant> integer(std::int64_t value) {
    return v0::Constant::create(ov::element::i64, {}, {value});
}
Output floats(const std::vector<float>& values, const ov::Shape& shape) {
    return v0::Constant::create(ov::element::f32, shape, values);
}
Output number(float value) {
    return floats({value}, {});
}

std::int64_t channels_of(const Output& map) {
    const ov::PartialShape& shape = map.get_partial_shape();
    if (shape.rank().is_dynamic() || shape.size() != 4 || shape[1].is_dynamic())
        throw std::runtime_error(fmt::format("gets {}, wanted a feature map", shape.to_string()));
    return shape[1].get_length();
}

Output convolution(const Output& map, const std::vector<float>& weight, std::int64_t out, std::int64_t groups,
                   const Window& window) {
    const auto in = static_cast<std::size_t>(channels_of(map));
    const auto parts = static_cast<std::size_t>(groups);
    const auto all = static_cast<std::size_t>(out);
    const ov::Shape kernel = sizes(window.kernel);
    if (groups == 1) {
        return std::make_shared<v1::Convolution>(map, floats(weight, {all, in, kernel[0], kernel[1]}),
                                                 strides(window.stride), difference(window.begin),
                                                 difference(window.end), strides(window.dilation), pad_of(window));
    }
    return std::make_shared<v1::GroupConvolution>(
        map, floats(weight, {parts, all / parts, in / parts, kernel[0], kernel[1]}), strides(window.stride),
        difference(window.begin), difference(window.end), strides(window.dilation), pad_of(window));
}

Output deconvolution(const Output& map, const std::vector<float>& weight, std::int64_t out, std::int64_t groups,
                     const Window& window) {
    const auto in = static_cast<std::size_t>(channels_of(map));
    const auto parts = static_cast<std::size_t>(groups);
    const auto all = static_cast<std::size_t>(out);
    const ov::Shape kernel = sizes(window.kernel);
    ov::CoordinateDiff begin = difference(window.begin);
    ov::CoordinateDiff end = difference(window.end);
    ov::CoordinateDiff more = {0, 0};
    for (std::size_t i = 0; i < 2; ++i) {
        // Without padding TensorFlow gives max(kernel, stride) where the last window stands; with it, what the
        // convolution of the result would be padded by.
        const std::int64_t spare = window.dilation[i] * (window.kernel[i] - 1) + 1 - window.stride[i];
        if (!window.same) continue;
        begin[i] = std::max<std::int64_t>(spare, 0) / 2;
        end[i] = std::max<std::int64_t>(spare, 0) - begin[i];
        more[i] = std::max<std::int64_t>(-spare, 0);
    }
    if (groups == 1) {
        return std::make_shared<v1::ConvolutionBackpropData>(map, floats(weight, {in, all, kernel[0], kernel[1]}),
                                                             strides(window.stride), begin, end,
                                                             strides(window.dilation), PadType::EXPLICIT, more);
    }
    return std::make_shared<v1::GroupConvolutionBackpropData>(
        map, floats(weight, {parts, in / parts, all / parts, kernel[0], kernel[1]}), strides(window.stride), begin, end,
        strides(window.dilation), PadType::EXPLICIT, more);
}

Output biased(const Output& map, const std::vector<float>& bias) {
    return std::make_shared<v1::Add>(map, floats(bias, per_channel(bias.size())));
}

Output scaled(const Output& map, const std::vector<float>& factor, const std::vector<float>& shift) {
    const std::shared_ptr<ov::Node> node = map.get_node_shared_ptr();
    const std::shared_ptr<v0::Constant> bias = bias_of(node, factor.size());
    const std::shared_ptr<ov::Node> conv = bias == nullptr ? node : node->get_input_node_shared_ptr(0);
    const std::shared_ptr<v0::Constant> weights = weights_of(conv);
    if (weights == nullptr) {
        const auto product = std::make_shared<v1::Multiply>(map, floats(factor, per_channel(factor.size())));
        return biased(product, shift);
    }
    std::vector<float> values = weights->cast_vector<float>();
    const std::size_t each = values.size() / factor.size();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factor[i / each];
    std::vector<float> moved = shift;
    if (bias != nullptr) {
        const std::vector<float> had = bias->cast_vector<float>();
        for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += had[i] * factor[i];
    }
    // The old one may have other users; without them it vanishes.
    const std::shared_ptr<ov::Node> fresh =
        conv->clone_with_new_inputs({conv->input_value(0), floats(values, weights->get_shape())});
    fresh->set_friendly_name(conv->get_friendly_name());
    return biased(fresh, moved);
}

Output max_pool(const Output& map, const Window& window, bool ceil_mode) {
    return std::make_shared<v14::MaxPool>(map, strides(window.stride), strides(window.dilation), sizes(window.begin),
                                          sizes(window.end), sizes(window.kernel), rounding(ceil_mode), pad_of(window),
                                          ov::element::i64, 2)
        ->output(0);
}

Output average_pool(const Output& map, const Window& window, bool ceil_mode, bool count_padding) {
    return std::make_shared<v14::AvgPool>(map, strides(window.stride), sizes(window.begin), sizes(window.end),
                                          sizes(window.kernel), !count_padding, rounding(ceil_mode), pad_of(window));
}

Output global_pool(const Output& map, bool average) {
    if (average) return std::make_shared<v1::ReduceMean>(map, integers({2, 3}), true);
    return std::make_shared<v1::ReduceMax>(map, integers({2, 3}), true);
}

Output upsample_nearest(const Output& map, float rows, float columns) {
    util::InterpolateBase::InterpolateAttrs attributes;
    attributes.mode = util::InterpolateBase::InterpolateMode::NEAREST;
    attributes.shape_calculation_mode = util::InterpolateBase::ShapeCalcMode::SCALES;
    attributes.coordinate_transformation_mode = util::InterpolateBase::CoordinateTransformMode::ASYMMETRIC;
    attributes.nearest_mode = util::InterpolateBase::NearestMode::FLOOR;
    return std::make_shared<v11::Interpolate>(map, floats({rows, columns}, {2}),
                                              v0::Constant::create(ov::element::i32, {2}, {2, 3}), attributes);
}

Output leaky(const Output& value, float slope) {
    if (slope == 0) return std::make_shared<v0::Relu>(value);
    return std::make_shared<v0::PRelu>(value, floats({slope}, {1}));
}

Output transposed(const Output& value, const std::vector<std::int64_t>& order) {
    return std::make_shared<v1::Transpose>(value, integers(order));
}

}  // namespace yolovino::runtime::layers
