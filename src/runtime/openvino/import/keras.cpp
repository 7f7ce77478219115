#include "runtime/openvino/import/keras.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <openvino/op/ops.hpp>
#include <unordered_map>

#include "imports/keras.hpp"
#include "runtime/openvino/import/keras_value.hpp"
#include "runtime/openvino/import/layer_frame.hpp"

namespace yolovino::runtime {

namespace {

using namespace ov::op;  // NOLINT(google-build-using-namespace): the names are versions
using namespace layers;  // NOLINT(google-build-using-namespace): the operations
using imports::Array;
using nlohmann::json;

constexpr std::string_view kNotReadHint = "export the model to ONNX or a SavedModel";

class Keras : private LayerFrame<KerasValue> {
public:
    explicit Keras(const imports::LayerList& list) : LayerFrame(list, kNotReadHint, "file") {}

    std::shared_ptr<ov::Model> run() {
        for (const imports::Layer& layer : list_.layers) add(layer);
        std::vector<std::pair<Output, std::string>> outputs;
        for (const std::string& name : list_.outputs) outputs.emplace_back(native(output(name)), "output");
        return finish(outputs, "keras");
    }

private:
    using Build = KerasValue (Keras::*)();

    static const std::unordered_map<std::string, Build>& builders() {
        static const std::unordered_map<std::string, Build> all = {
            {"InputLayer", &Keras::input},
            {"Conv2D", &Keras::conv},
            {"DepthwiseConv2D", &Keras::depthwise},
            {"SeparableConv2D", &Keras::separable},
            {"Conv2DTranspose", &Keras::deconv},
            {"Dense", &Keras::dense},
            {"BatchNormalization", &Keras::batch_norm},
            {"Activation", &Keras::activation},
            {"ReLU", &Keras::relu},
            {"LeakyReLU", &Keras::leaky_relu},
            {"Softmax", &Keras::softmax},
            {"Rescaling", &Keras::rescaling},
            {"Add", &Keras::join<v1::Add>},
            {"Subtract", &Keras::join<v1::Subtract>},
            {"Multiply", &Keras::join<v1::Multiply>},
            {"Maximum", &Keras::join<v1::Maximum>},
            {"Concatenate", &Keras::concatenate},
            {"MaxPooling2D", &Keras::max_pooling},
            {"AveragePooling2D", &Keras::average_pooling},
            {"GlobalAveragePooling2D", &Keras::global_average},
            {"GlobalMaxPooling2D", &Keras::global_max},
            {"UpSampling2D", &Keras::upsampling},
            {"ZeroPadding2D", &Keras::zero_padding},
            {"Cropping2D", &Keras::cropping},
            {"Reshape", &Keras::reshape},
            {"Permute", &Keras::permute},
            {"Flatten", &Keras::flatten},
            {"Dropout", &Keras::same},
            {"SpatialDropout2D", &Keras::same},
            {"ops.Add", &Keras::operate<v1::Add>},
            {"ops.Subtract", &Keras::operate<v1::Subtract>},
            {"ops.Multiply", &Keras::operate<v1::Multiply>},
            {"ops.Divide", &Keras::operate<v1::Divide>},
            {"ops.TrueDivide", &Keras::operate<v1::Divide>},
            {"ops.GetItem", &Keras::get_item},
        };
        return all;
    }

    void add(const imports::Layer& layer) {
        const Build build = enter(layer, builders());
        if (inputs_.empty() && layer.type != "InputLayer") fail(ErrorCode::CorruptFile, "has no inputs");
        const KerasValue made = guarded([&] {
            if (option("data_format") == "channels_first") unsupported("has the channels first");
            return (this->*build)();
        });
        const bool passes = std::ranges::find(inputs_, made.out, &KerasValue::out) != inputs_.end();
        if (!passes) layers::name_layer(made.out, layer.name);
        values_.insert_or_assign(layer.outputs.front(), made);
    }

    const json& config() const { return *layer_->config; }
    /// A value of the config in its place, since a file can make it as large as it likes; null if it is absent.
    const json& option(const char* name) const {
        static const json none;
        const auto found = config().find(name);
        return found == config().end() ? none : *found;
    }
    const json& argument(std::size_t place) const {
        if (!layer_->arguments) fail(ErrorCode::CorruptFile, "has no arguments");
        return layer_->arguments->at(place);
    }
    /// The input as a feature map [N, C, H, W].
    const Output& map() const {
        if (!in().planes) fail(ErrorCode::ShapeMismatch, fmt::format("gets {}, wanted a feature map", in().text()));
        return in().out;
    }

    /// A number, or a list that begins with one.
    std::int64_t axis_of(std::int64_t usual) const {
        const json& axis = option("axis");
        if (axis.is_array()) return axis.at(0).get<std::int64_t>();
        return config().contains("axis") ? axis.get<std::int64_t>() : usual;
    }

    const Array& weight(std::size_t place, const std::vector<std::int64_t>& shape) const {
        const Array& values = array(place);
        if (values.shape != shape)
            fail(ErrorCode::ShapeMismatch, fmt::format("has a weight of [{}] in the file, wanted [{}]",
                                                       fmt::join(values.shape, ", "), fmt::join(shape, ", ")));
        return values;
    }

    std::array<std::int64_t, 2> pair(const char* name, std::int64_t usual) const {
        const json& value = option(name);
        if (value.is_null()) return {usual, usual};
        if (!value.is_array()) return {value.get<std::int64_t>(), value.get<std::int64_t>()};
        return {value.at(0).get<std::int64_t>(), value.at(1).get<std::int64_t>()};
    }

    Window window_of(const char* kernel) const {
        constexpr std::int64_t kMaxDim = 1 << 16;
        Window window;
        window.kernel = pair(kernel, 0);
        // A pooling without strides moves by its own size.
        const bool pools = config().contains("pool_size");
        window.stride = pair("strides", 1);
        if (pools && option("strides").is_null()) window.stride = window.kernel;
        window.dilation = pair("dilation_rate", 1);
        const auto padding = config().value("padding", std::string("valid"));
        window.same = padding == "same";
        if (!window.same && padding != "valid")
            unsupported(fmt::format("has the padding '{}'", base::printable(padding)));
        for (const auto& dims : {window.kernel, window.stride, window.dilation}) {
            for (const std::int64_t dim : dims) {
                if (dim < 1 || dim > kMaxDim) fail(ErrorCode::CorruptFile, fmt::format("has a dimension of {}", dim));
            }
        }
        return window;
    }

    KerasValue input() {
        const char* name = config().contains("batch_shape") ? "batch_shape" : "batch_input_shape";
        ov::PartialShape shape;
        for (const json& dim : config().at(name)) {
            const auto value = dim.is_null() ? std::int64_t{-1} : dim.get<std::int64_t>();
            if (value < -1 || value == 0) fail(ErrorCode::CorruptFile, fmt::format("has a dimension of {}", value));
            shape.push_back(value);
        }
        // Keras leaves the batch dynamic in most models; whoever imports says which one is wanted.
        if (shape.size() == 4 && shape[1].is_static() && shape[2].is_static() && shape[0].is_dynamic()) shape[0] = 1;
        const auto parameter = std::make_shared<v0::Parameter>(ov::element::f32, shape);
        parameter->output(0).set_names({layer_->name});
        parameter->set_friendly_name(layer_->name);
        parameters_.push_back(parameter);
        if (shape.size() != 4) return {parameter, false};
        return {transposed(parameter, {0, 3, 1, 2}), true};
    }

    KerasValue same() { return in(); }

    /// [kh, kw, a, b] → [b, a, kh, kw]
    static std::vector<float> turned(const Array& from) {
        const auto dim = [&](std::size_t i) { return static_cast<std::size_t>(from.shape[i]); };
        const std::size_t each = dim(0) * dim(1);
        std::vector<float> to(from.values.size());
        for (std::size_t at = 0; at < each; ++at) {
            for (std::size_t a = 0; a < dim(2); ++a) {
                for (std::size_t b = 0; b < dim(3); ++b)
                    to[(b * dim(2) + a) * each + at] = from.values[(at * dim(2) + a) * dim(3) + b];
            }
        }
        return to;
    }

    Output with_bias(const Output& made, std::size_t place, std::int64_t out) const {
        return config().value("use_bias", true) ? biased(made, weight(place, {out}).values) : made;
    }
    KerasValue activated(const Output& made, bool planes = true) const {
        if (!config().contains("activation")) return {made, planes};
        return {activate({made, planes}, config().at("activation")), planes};
    }

    KerasValue conv() {
        const Window window = window_of("kernel_size");
        const auto out = config().at("filters").get<std::int64_t>();
        const auto groups = config().value("groups", std::int64_t{1});
        const std::int64_t channels = channels_of(map());
        if (out < 1 || groups < 1 || channels % groups != 0 || out % groups != 0)
            fail(ErrorCode::ShapeMismatch, fmt::format("makes {} channels of {} in {} groups", out, channels, groups));
        const Array& kernel = weight(0, {window.kernel[0], window.kernel[1], channels / groups, out});
        return activated(with_bias(convolution(map(), turned(kernel), out, groups, window), 1, out));
    }

    /// The depthwise half of a layer: each channel gives `depth_multiplier` channels.
    Output depthwise_of(const Window& window, std::int64_t& out) const {
        const std::int64_t channels = channels_of(map());
        const auto multiplier = config().value("depth_multiplier", std::int64_t{1});
        if (multiplier < 1) fail(ErrorCode::CorruptFile, fmt::format("has depth_multiplier {}", multiplier));
        out = channels * multiplier;
        const Array& kernel = weight(0, {window.kernel[0], window.kernel[1], channels, multiplier});
        // [kh, kw, channels × multiplier, 1] in the same order.
        Array flat = kernel;
        flat.shape = {kernel.shape[0], kernel.shape[1], 1, out};
        return convolution(map(), turned(flat), out, channels, window);
    }

    KerasValue depthwise() {
        std::int64_t out = 0;
        const Output made = depthwise_of(window_of("kernel_size"), out);
        return activated(with_bias(made, 1, out));
    }

    KerasValue separable() {
        std::int64_t between = 0;
        const Output made = depthwise_of(window_of("kernel_size"), between);
        const auto out = config().at("filters").get<std::int64_t>();
        const Array& kernel = weight(1, {1, 1, between, out});
        return activated(with_bias(convolution(made, turned(kernel), out, 1, {}), 2, out));
    }

    KerasValue deconv() {
        if (!option("output_padding").is_null()) unsupported("has output_padding");
        const Window window = window_of("kernel_size");
        for (std::size_t i = 0; i < 2; ++i) {
            // TensorFlow's "valid" gives at least one stride per cell.
            if (window.kernel[i] < window.stride[i] && !window.same) unsupported("has gaps between its windows");
            if (window.dilation[i] != 1) unsupported("is dilated");
        }
        const auto out = config().at("filters").get<std::int64_t>();
        const std::int64_t channels = channels_of(map());
        const Array& kernel = weight(0, {window.kernel[0], window.kernel[1], out, channels});
        return activated(with_bias(deconvolution(map(), turned(kernel), out, 1, window), 1, out));
    }

    KerasValue dense() {
        const Output from = native(in());
        const auto units = config().at("units").get<std::int64_t>();
        const ov::Dimension last = from.get_partial_shape()[from.get_partial_shape().size() - 1];
        if (last.is_dynamic()) unsupported("needs a fixed shape");
        const Array& kernel = weight(0, {last.get_length(), units});
        const ov::Shape shape = {static_cast<std::size_t>(last.get_length()), static_cast<std::size_t>(units)};
        Output made = std::make_shared<v0::MatMul>(from, floats(kernel.values, shape), false, false);
        if (config().value("use_bias", true))
            made = std::make_shared<v1::Add>(made, floats(weight(1, {units}).values, {shape[1]}));
        const KerasValue value = from_native(made);
        return activated(value.out, value.planes);
    }

    KerasValue batch_norm() {
        const auto along = axis_of(-1);
        const std::size_t rank = in().out.get_partial_shape().size();
        if (along != -1 && along != static_cast<std::int64_t>(rank) - 1) unsupported("is not along the channels");
        const ov::Dimension last = in().out.get_partial_shape()[in().planes ? 1 : rank - 1];
        if (last.is_dynamic()) unsupported("needs a fixed number of channels");
        const std::int64_t channels = last.get_length();
        const bool scales = config().value("scale", true);
        const bool centers = config().value("center", true);
        const std::size_t place = (scales ? 1U : 0U) + (centers ? 1U : 0U);
        const std::vector<float>& mean = weight(place, {channels}).values;
        const std::vector<float>& variance = weight(place + 1, {channels}).values;
        // Only now is the number of channels more than a word of the file.
        const std::vector<float> ones(mean.size(), 1);
        const std::vector<float> zeros(mean.size(), 0);
        const std::vector<float>& gamma = scales ? weight(0, {channels}).values : ones;
        const std::vector<float>& beta = centers ? weight(place - 1, {channels}).values : zeros;
        const double eps = config().value("epsilon", 1e-3);
        std::vector<float> factor;
        std::vector<float> shift;
        for (std::size_t i = 0; i < gamma.size(); ++i) {
            const double each = gamma[i] / std::sqrt(variance[i] + eps);
            factor.push_back(static_cast<float>(each));
            shift.push_back(static_cast<float>(beta[i] - mean[i] * each));
        }
        if (in().planes) return {scaled(in().out, factor, shift), true};
        const auto product = std::make_shared<v1::Multiply>(in().out, floats(factor, {factor.size()}));
        return {std::make_shared<v1::Add>(product, floats(shift, {shift.size()})), false};
    }

    Output activate(const KerasValue& value, const json& kind) const {
        const Output& from = value.out;
        // Keras 3 writes an activation with options as an object.
        if (!kind.is_string()) unsupported("has an activation of its own");
        const auto name = kind.get<std::string>();
        if (name == "linear") return from;
        if (name == "relu") return std::make_shared<v0::Relu>(from);
        if (name == "relu6") return std::make_shared<v0::Clamp>(from, 0.0, 6.0);
        if (name == "sigmoid") return std::make_shared<v0::Sigmoid>(from);
        if (name == "tanh") return std::make_shared<v0::Tanh>(from);
        if (name == "silu" || name == "swish") return std::make_shared<v4::Swish>(from);
        if (name == "hard_silu" || name == "hard_swish") return std::make_shared<v4::HSwish>(from);
        if (name == "mish") return std::make_shared<v4::Mish>(from);
        if (name == "gelu") return std::make_shared<v7::Gelu>(from);
        if (name == "elu") return std::make_shared<v0::Elu>(from, 1.0);
        if (name == "softplus") return std::make_shared<v4::SoftPlus>(from);
        if (name == "exponential") return std::make_shared<v0::Exp>(from);
        if (name == "softmax") return std::make_shared<v8::Softmax>(from, value.axis(-1));
        fail(ErrorCode::UnsupportedModel,
             fmt::format("has the activation '{}', which is not read", base::printable(name)), kNotReadHint);
    }

    KerasValue activation() { return {activate(in(), config().at("activation")), in().planes}; }

    KerasValue relu() {
        if (config().value("threshold", 0.0) != 0) unsupported("has a threshold");
        const json& slope = option("negative_slope");
        Output made = leaky(in().out, slope.is_null() ? 0.0F : slope.get<float>());
        const json& limit = option("max_value");
        if (!limit.is_null()) made = std::make_shared<v1::Minimum>(made, number(limit.get<float>()));
        return {made, in().planes};
    }

    KerasValue leaky_relu() {
        // Keras 2 calls it alpha.
        const char* name = config().contains("alpha") ? "alpha" : "negative_slope";
        return {leaky(in().out, config().at(name).get<float>()), in().planes};
    }

    KerasValue softmax() {
        if (option("axis").is_array() && option("axis").size() != 1) unsupported("is over several axes");
        return {std::make_shared<v8::Softmax>(in().out, in().axis(axis_of(-1))), in().planes};
    }

    KerasValue rescaling() {
        const auto each = [&](const char* name) {
            const json& value = config().at(name);
            std::vector<float> values;
            if (value.is_array())
                values = value.get<std::vector<float>>();
            else
                values = {value.get<float>()};
            return in().planes ? floats(values, {1, values.size(), 1, 1}) : floats(values, {values.size()});
        };
        const auto product = std::make_shared<v1::Multiply>(in().out, each("scale"));
        return {std::make_shared<v1::Add>(product, each("offset")), in().planes};
    }

    template <typename Operation>
    KerasValue join() {
        KerasValue made = in();
        for (std::size_t i = 1; i < inputs_.size(); ++i) made = combined<Operation>(made, inputs_[i]);
        return made;
    }

    template <typename Operation>
    static KerasValue combined(const KerasValue& a, const KerasValue& b) {
        if (a.planes == b.planes) return {std::make_shared<Operation>(a.out, b.out), a.planes};
        // A number or a row of channels beside a feature map: broadcast as Keras sees them.
        return from_native(std::make_shared<Operation>(native(a), native(b)));
    }

    /// The arguments of a bare operation: tensors, numbers, arrays.
    KerasValue operand(const json& value, std::size_t& next) const {
        if (imports::is_keras_tensor(value)) return inputs_.at(next++);
        if (value.is_number()) return {number(value.get<float>()), false};
        const bool array = value.is_object() && value.contains("config") && value.at("config").contains("value");
        if (!array) unsupported("has an argument that is neither a tensor nor numbers");
        std::vector<float> values;
        ov::Shape shape;
        const std::string kind = value.value("class_name", std::string());
        if (kind != "__numpy__" && kind != "__tensor__")
            unsupported("has an argument that is neither a tensor nor numbers");
        flatten_numbers(value.at("config").at("value"), 0, shape, values);
        std::size_t count = 1;
        for (const std::size_t dim : shape) count *= dim;
        if (count != values.size()) fail(ErrorCode::CorruptFile, "has an array of uneven rows");
        return from_native(floats(values, shape));
    }

    static void flatten_numbers(const json& value, std::size_t depth, ov::Shape& shape, std::vector<float>& values) {
        constexpr std::size_t kMaxDepth = 8;
        if (!value.is_array() || depth == kMaxDepth) {
            values.push_back(value.get<float>());
            return;
        }
        if (shape.size() == depth) shape.push_back(value.size());
        for (const json& each : value) flatten_numbers(each, depth + 1, shape, values);
    }

    template <typename Operation>
    KerasValue operate() {
        std::size_t next = 0;
        const KerasValue first = operand(argument(0), next);
        return combined<Operation>(first, operand(argument(1), next));
    }

    /// `x[..., 2:]`: slices with whole steps.
    KerasValue get_item() {
        const Output from = native(in());
        const json& key = argument(1);
        const json keys = key.is_array() ? key : json::array({key});
        const auto is = [](const json& value, const char* kind) {
            return value.is_object() && value.contains("class_name") && value.at("class_name") == kind;
        };
        const auto rank = static_cast<std::int64_t>(from.get_partial_shape().size());
        std::vector<std::int64_t> begin;
        std::vector<std::int64_t> end;
        std::vector<std::int64_t> axes;
        std::int64_t axis = 0;
        for (const json& each : keys) {
            if (is(each, "__ellipsis__")) {
                axis = rank - (static_cast<std::int64_t>(keys.size()) - axis - 1);
                continue;
            }
            if (!is(each, "__slice__")) unsupported("is indexed by something other than slices");
            const json& slice = each.at("config");
            if (!slice.at("step").is_null() && slice.at("step").get<int>() != 1) unsupported("is sliced with a step");
            constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
            begin.push_back(slice.at("start").is_null() ? 0 : slice.at("start").get<std::int64_t>());
            end.push_back(slice.at("stop").is_null() ? kAll : slice.at("stop").get<std::int64_t>());
            axes.push_back(axis++);
        }
        const std::vector<std::int64_t> steps(axes.size(), 1);
        return from_native(
            std::make_shared<v8::Slice>(from, integers(begin), integers(end), integers(steps), integers(axes)));
    }

    KerasValue concatenate() {
        const bool planes = in().planes;
        ov::OutputVector parts;
        for (const KerasValue& each : inputs_) {
            if (each.planes != planes)
                fail(ErrorCode::ShapeMismatch, fmt::format("joins {} and {}", in().text(), each.text()));
            parts.push_back(each.out);
        }
        return {std::make_shared<v0::Concat>(parts, in().axis(config().value("axis", std::int64_t{-1}))), planes};
    }

    KerasValue max_pooling() { return {max_pool(map(), window_of("pool_size"), false), true}; }
    KerasValue average_pooling() { return {average_pool(map(), window_of("pool_size"), false, false), true}; }
    KerasValue global_average() { return global(true); }
    KerasValue global_max() { return global(false); }
    KerasValue global(bool average) {
        const Output made = global_pool(map(), average);
        if (config().value("keepdims", false)) return {made, true};
        return {std::make_shared<v0::Squeeze>(made, integers({2, 3})), false};
    }

    KerasValue upsampling() {
        const auto kind = config().value("interpolation", std::string("nearest"));
        if (kind != "nearest") unsupported(fmt::format("interpolates by '{}', wanted nearest", base::printable(kind)));
        const auto size = pair("size", 2);
        return {upsample_nearest(map(), static_cast<float>(size[0]), static_cast<float>(size[1])), true};
    }

    /// [[top, bottom], [left, right]]
    std::array<std::int64_t, 4> edges(const char* name) const {
        const json& value = config().at(name);
        std::array<std::int64_t, 4> out{};
        for (std::size_t i = 0; i < 4; ++i) {
            const json& dims = value.is_array() ? value.at(i / 2) : value;
            out[i] = dims.is_array() ? dims.at(i % 2).get<std::int64_t>() : dims.get<std::int64_t>();
            if (out[i] < 0) fail(ErrorCode::CorruptFile, fmt::format("has an edge of {}", out[i]));
        }
        return out;
    }

    KerasValue zero_padding() {
        const auto [top, bottom, left, right] = edges("padding");
        return {std::make_shared<v1::Pad>(map(), integers({0, 0, top, left}), integers({0, 0, bottom, right}),
                                          number(0), PadMode::CONSTANT),
                true};
    }

    KerasValue cropping() {
        const auto [top, bottom, left, right] = edges("cropping");
        constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
        return {std::make_shared<v8::Slice>(map(), integers({top, left}),
                                            integers({bottom > 0 ? -bottom : kAll, right > 0 ? -right : kAll}),
                                            integers({1, 1}), integers({2, 3})),
                true};
    }

    KerasValue reshape() {
        std::vector<std::int64_t> dims = {0};
        for (const json& dim : config().at("target_shape"))
            dims.push_back(dim.is_null() ? -1 : dim.get<std::int64_t>());
        return from_native(std::make_shared<v1::Reshape>(native(in()), integers(dims), true));
    }

    KerasValue permute() {
        std::vector<std::int64_t> order = {0};
        for (const json& axis : config().at("dims")) order.push_back(axis.get<std::int64_t>());
        return from_native(transposed(native(in()), order));
    }

    KerasValue flatten() { return {std::make_shared<v1::Reshape>(native(in()), integers({0, -1}), true), false}; }
};

}  // namespace

std::shared_ptr<ov::Model> build_keras(const imports::LayerList& list) {
    return Keras(list).run();
}

}  // namespace yolovino::runtime
