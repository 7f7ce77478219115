#include "openvino/quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <openvino/op/ops.hpp>

#include "base/fail.hpp"
#include "openvino/placement.hpp"
#include "openvino/translate.hpp"
#include "quantize/weights.hpp"

namespace yolovino::openvino {

namespace {

template <typename Node>
std::shared_ptr<Node> named(std::shared_ptr<Node> node, const std::string& name) {
    node->set_friendly_name(name);
    return node;
}

std::shared_ptr<ov::Node> scalar(float value, const std::string& name) {
    return named(ov::op::v0::Constant::create(ov::element::f32, {}, {value}), name);
}

quantize::QuantizedWeights codes_of(const ov::op::v0::Constant& weights, const std::string& layer) {
    return quantize::quantize_weights(weights.cast_vector<float>(), weights.get_shape().at(0), layer);
}

QuantizedConvolution row_of(const ov::Node& convolution, const quantize::QuantizedWeights& weights) {
    const auto [low, high] = std::ranges::minmax(weights.scales);
    return {.name = layer_name(convolution.get_friendly_name()),
            .node = convolution.get_friendly_name(),
            .channels = static_cast<int>(weights.scales.size()),
            .scale_low = low,
            .scale_high = high,
            .noise = weights.noise};
}

QuantizedActivation row_of(const QuantizationPoint& point, const quantize::ActivationStatistics& statistics,
                           const quantize::Grid& grid) {
    return {.name = point.name,
            .group = static_cast<int>(point.group),
            .scale = grid.scale,
            .zero_point = grid.zero_point,
            .low = static_cast<float>(grid.low()),
            .high = static_cast<float>(grid.high()),
            .seen_low = statistics.low,
            .seen_high = statistics.high,
            .clipped = quantize::clipped_share(statistics, grid),
            .noise = quantize::noise(statistics, grid)};
}

/// Ranges of a placement.
struct Ranges {
    std::vector<const quantize::ActivationStatistics*> statistics;  ///< of each point
    std::map<std::size_t, quantize::Grid> grids;                    ///< of each group
};

Ranges ranges_of(const Placement& placement, std::span<const quantize::ActivationStatistics> statistics) {
    std::map<std::string, const quantize::ActivationStatistics*> by_name;
    for (const auto& each : statistics) by_name[each.name] = &each;
    Ranges out;
    std::map<std::size_t, std::vector<const quantize::ActivationStatistics*>> groups;
    std::set<std::size_t> before_swish;
    for (const QuantizationPoint& point : placement.points) {
        out.statistics.push_back(by_name.at(point.name));
        groups[point.group].push_back(out.statistics.back());
        if (point.before_swish) before_swish.insert(point.group);
    }
    for (const auto& [group, members] : groups) {
        const bool alone = members.size() == 1 && before_swish.contains(group);
        out.grids[group] = alone ? quantize::fit_before_silu(*members.front()) : quantize::fit(members);
    }
    return out;
}

/// The noises of weights and input are independent, so their squares add.
void estimate_noise(const Placement& placement, std::span<const QuantizedActivation> activations,
                    std::vector<QuantizedConvolution>& convolutions) {
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
        double input = 0;
        for (const std::size_t point : placement.inputs.at(i)) input = std::max(input, activations[point].noise);
        convolutions[i].output_noise = std::hypot(input, convolutions[i].noise);
    }
}

/// Sets 8-bit weights; those of convolutions that share them are folded once.
class WeightFolder {
public:
    /// i8 codes → f32 → times the scales, which every device folds into the convolution.
    QuantizedConvolution fold(ov::Node& convolution) {
        const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(constant_weights(convolution));
        Folded& folded = folded_[constant.get()];
        if (!folded.node) folded = make(*constant, layer_name(convolution.get_friendly_name()));
        convolution.input(1).replace_source_output(folded.node);
        return row_of(convolution, folded.weights);
    }

private:
    struct Folded {
        std::shared_ptr<ov::op::v0::Constant> source;  ///< keeps the key alive
        quantize::QuantizedWeights weights;
        std::shared_ptr<ov::Node> node;
    };

    static Folded make(const ov::op::v0::Constant& constant, const std::string& layer) {
        const std::string& name = constant.get_friendly_name();
        const ov::Shape& shape = constant.get_shape();
        Folded out{std::make_shared<ov::op::v0::Constant>(constant), codes_of(constant, layer), {}};
        const auto codes = named(ov::op::v0::Constant::create(ov::element::i8, shape, out.weights.codes), name);
        const auto floats = named(std::make_shared<ov::op::v0::Convert>(codes, ov::element::f32), name + "/f32");
        ov::Shape per_channel(shape.size(), 1);
        per_channel[0] = shape[0];
        const auto scales =
            named(ov::op::v0::Constant::create(ov::element::f32, per_channel, out.weights.scales), name + "/scale");
        out.node = named(std::make_shared<ov::op::v1::Multiply>(floats, scales), name + "/scaled");
        return out;
    }

    std::map<const ov::Node*, Folded> folded_;
};

void set_grid(QuantizationPoint& point, const quantize::Grid& grid) {
    const std::string name = point.name + "/quantized";
    const auto first = scalar(static_cast<float>(grid.low()), name + ".low");
    const auto last = scalar(static_cast<float>(grid.high()), name + ".high");
    const auto node = named(
        std::make_shared<ov::op::v0::FakeQuantize>(point.value, first, last, first, last, quantize::kLevels), name);
    for (ov::Input<ov::Node>& reader : point.readers) reader.replace_source_output(node);
}

QuantizedModel build(const std::shared_ptr<const ov::Model>& model,
                     std::span<const quantize::ActivationStatistics> statistics,
                     const std::set<std::string>& float_layers) {
    QuantizedModel out;
    out.model = model->clone();
    Placement placement = place_quantization(*out.model, float_layers);
    const Ranges ranges = ranges_of(placement, statistics);
    WeightFolder weights;
    for (const auto& convolution : placement.convolutions) out.convolutions.push_back(weights.fold(*convolution));
    for (std::size_t i = 0; i < placement.points.size(); ++i) {
        QuantizationPoint& point = placement.points[i];
        const quantize::Grid& grid = ranges.grids.at(point.group);
        out.activations.push_back(row_of(point, *ranges.statistics[i], grid));
        set_grid(point, grid);
    }
    estimate_noise(placement, out.activations, out.convolutions);
    out.model->validate_nodes_and_infer_types();
    return out;
}

/// The name that the graph has for a convolution of the lowered model.
std::string graph_name(const ov::Node& convolution) {
    std::string name = convolution.get_friendly_name();
    constexpr std::string_view kWithoutBias = ".without_bias";
    if (name.ends_with(kWithoutBias)) name.erase(name.size() - kWithoutBias.size());
    return name;
}

CodePlan plan(const std::shared_ptr<const ov::Model>& model, std::span<const quantize::ActivationStatistics> statistics,
              const std::set<std::string>& float_layers) {
    CodePlan out;
    const Placement placement = place_quantization(*model, float_layers, quantize::Reach::Steps);
    const Ranges ranges = ranges_of(placement, statistics);
    for (std::size_t i = 0; i < placement.points.size(); ++i) {
        const QuantizationPoint& point = placement.points[i];
        const quantize::Grid& grid = ranges.grids.at(point.group);
        out.activations.push_back(row_of(point, *ranges.statistics[i], grid));
        out.codes.results[point.name] = grid;
        for (const ov::Input<ov::Node>& reader : point.readers)
            out.codes.readers.insert(reader.get_node()->get_friendly_name());
    }
    for (const QuantizationCarrier& carrier : placement.carriers) {
        out.codes.results[carrier.name] = ranges.grids.at(carrier.group);
        out.codes.readers.insert(carrier.name);
    }
    std::set<std::string> planned;
    for (const auto& convolution : placement.convolutions) {
        const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(constant_weights(*convolution));
        const std::string name = graph_name(*convolution);
        auto weights = codes_of(*constant, layer_name(name));
        out.convolutions.push_back(row_of(*convolution, weights));
        out.convolutions.back().node = name;
        planned.insert(out.convolutions.back().name);
        out.codes.readers.insert(name);
        out.codes.weights.emplace(name, std::move(weights));
    }
    estimate_noise(placement, out.activations, out.convolutions);
    for (const auto& convolution : place_quantization(*model, {}).convolutions) {
        const std::string layer = layer_name(convolution->get_friendly_name());
        if (!planned.contains(layer)) out.float_layers.push_back(layer);
    }
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
    return translate(ErrorCode::RuntimeFailure, "quantize", "cannot quantize the network",
                     [&] { return build(model, statistics, float_layers); });
}

CodePlan plan_codes(const std::shared_ptr<const ov::Model>& model,
                    std::span<const quantize::ActivationStatistics> statistics,
                    const std::set<std::string>& float_layers) {
    return translate(ErrorCode::RuntimeFailure, "quantize", "cannot quantize the network",
                     [&] { return plan(model, statistics, float_layers); });
}

std::vector<std::string> quantizable_layers(const std::shared_ptr<const ov::Model>& model) {
    return translate(ErrorCode::RuntimeFailure, "quantize", "cannot read the network", [&] {
        std::vector<std::string> names;
        for (const auto& node : model->get_ordered_ops()) {
            if (is_quantized(*node)) {
                throw Error(ErrorCode::InvalidArgument, "quantize",
                            fmt::format("the network is quantized already: it holds {} '{}'", node->get_type_name(),
                                        base::printable(node->get_friendly_name())),
                            {}, "give the float model");
            }
        }
        for (const auto& convolution : place_quantization(*model, {}).convolutions)
            names.push_back(layer_name(convolution->get_friendly_name()));
        if (names.empty())
            throw Error(ErrorCode::UnsupportedModel, "quantize", "the network has no convolution to quantize");
        return names;
    });
}

std::set<std::string> match_layers(std::span<const std::string> layers, std::span<const std::string> patterns) {
    std::set<std::string> out;
    for (const std::string& pattern : patterns) {
        const std::string name = layer_name(pattern);
        bool found = false;
        for (const std::string& layer : layers) {
            if (layer != name && !layer.starts_with(name + ".") && !layer.starts_with(name + "/")) continue;
            out.insert(layer);
            found = true;
        }
        if (!found) {
            throw Error(ErrorCode::InvalidArgument, "quantize",
                        fmt::format("float_layers names '{}', the network has {}", base::printable(pattern, 64),
                                    base::printable(fmt::format("{}", fmt::join(layers, ", ")), 2048)));
        }
    }
    return out;
}

}  // namespace yolovino::openvino
