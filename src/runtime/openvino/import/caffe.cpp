#include "runtime/openvino/import/caffe.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <openvino/op/ops.hpp>
#include <unordered_map>

#include "runtime/openvino/import/layer_frame.hpp"

namespace yolovino::runtime {

namespace {

using namespace ov::op;  // NOLINT(google-build-using-namespace): the names are versions
using namespace layers;  // NOLINT(google-build-using-namespace): the operations
using imports::Array;
using nlohmann::json;
using Outputs = std::vector<Output>;

class Caffe : private LayerFrame<Output> {
public:
    explicit Caffe(const imports::LayerList& list)
        : LayerFrame(list, "give the network as it is deployed, or convert it to ONNX", ".caffemodel") {}

    std::shared_ptr<ov::Model> run() {
        for (const imports::Layer& layer : list_.layers) add(layer);
        std::vector<std::pair<Output, std::string>> outputs;
        for (const std::string& name : list_.outputs) outputs.emplace_back(output(name), name);
        return finish(outputs, "caffe");
    }

private:
    using Build = Outputs (Caffe::*)();

    static const std::unordered_map<std::string, Build>& builders() {
        static const std::unordered_map<std::string, Build> all = {
            {"Input", &Caffe::input},
            {"Convolution", &Caffe::conv},
            {"Deconvolution", &Caffe::deconv},
            {"InnerProduct", &Caffe::inner_product},
            {"BatchNorm", &Caffe::batch_norm},
            {"Scale", &Caffe::scale},
            {"Bias", &Caffe::bias},
            {"ReLU", &Caffe::relu},
            {"PReLU", &Caffe::prelu},
            {"ELU", &Caffe::elu},
            {"Sigmoid", &Caffe::sigmoid},
            {"TanH", &Caffe::tanh},
            {"Swish", &Caffe::swish},
            {"Clip", &Caffe::clip},
            {"Power", &Caffe::power},
            {"Pooling", &Caffe::pooling},
            {"Concat", &Caffe::concat},
            {"Eltwise", &Caffe::eltwise},
            {"Slice", &Caffe::slice},
            {"Split", &Caffe::split},
            {"Softmax", &Caffe::softmax},
            {"Reshape", &Caffe::reshape},
            {"Permute", &Caffe::permute},
            {"Flatten", &Caffe::flatten},
            {"Upsample", &Caffe::upsample},
            {"Dropout", &Caffe::same},
        };
        return all;
    }

    void add(const imports::Layer& layer) {
        const Build build = enter(layer, builders());
        const std::size_t wanted = layer.type == "Input" ? 0 : 1;
        if (layer.inputs.size() < wanted || layer.outputs.empty())
            fail(ErrorCode::CorruptFile,
                 fmt::format("has {} inputs and {} outputs", layer.inputs.size(), layer.outputs.size()));
        const Outputs made = guarded([&] { return (this->*build)(); });
        if (made.size() < layer_->outputs.size())
            fail(ErrorCode::CorruptFile,
                 fmt::format("gives {} outputs, {} are named", made.size(), layer_->outputs.size()));
        const bool passes = std::ranges::find(inputs_, made.front()) != inputs_.end();
        if (!passes) layers::name_layer(made.front(), layer_->name);
        for (std::size_t i = 0; i < layer_->outputs.size(); ++i) values_[layer_->outputs[i]] = made[i];
    }

    const json& section(const char* name) const {
        static const json none = json::object();
        const auto found = layer_->config->find(name);
        return found == layer_->config->end() ? none : *found;
    }

    /// The weights at a place, which must have that many values.
    const std::vector<float>& weight(std::size_t place, std::int64_t count) const {
        const std::vector<float>& values = array(place).values;
        if (static_cast<std::int64_t>(values.size()) != count) {
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("has a weight of {} values in the .caffemodel, wanted {}", values.size(), count));
        }
        return values;
    }

    /// `pad: 1`, or a value per side, or `pad_h` and `pad_w`.
    std::array<std::int64_t, 2> pair(const json& from, const char* name, const char* stem, std::int64_t usual) const {
        const std::string rows = fmt::format("{}_h", stem);
        const std::string columns = fmt::format("{}_w", stem);
        if (from.contains(rows) || from.contains(columns)) return {from.value(rows, usual), from.value(columns, usual)};
        if (!from.contains(name)) return {usual, usual};
        const json& value = from.at(name);
        if (!value.is_array()) return {value.get<std::int64_t>(), value.get<std::int64_t>()};
        if (value.size() > 2) unsupported(fmt::format("has {} dimensions in {}", value.size(), name));
        return {value.front().get<std::int64_t>(), value.back().get<std::int64_t>()};
    }

    Window window_of(const json& from) const {
        constexpr std::int64_t kMaxDim = 1 << 16;
        Window window;
        window.kernel = pair(from, "kernel_size", "kernel", 0);
        window.stride = pair(from, "stride", "stride", 1);
        window.begin = window.end = pair(from, "pad", "pad", 0);
        window.dilation = pair(from, "dilation", "dilation", 1);
        const auto within = [&](const std::array<std::int64_t, 2>& dims, std::int64_t least) {
            return std::ranges::all_of(dims, [&](std::int64_t dim) { return dim >= least && dim <= kMaxDim; });
        };
        if (!within(window.kernel, 1) || !within(window.stride, 1) || !within(window.dilation, 1) ||
            !within(window.begin, 0))
            fail(ErrorCode::CorruptFile, "has a kernel, stride, padding, or dilation out of range");
        return window;
    }

    int axis_in(const json& from, const char* old_name = nullptr) const {
        const int usual = old_name == nullptr ? 1 : from.value(old_name, 1);
        const int axis = from.value("axis", usual);
        const auto rank = static_cast<int>(in().get_partial_shape().size());
        if (axis < -rank || axis >= rank) fail(ErrorCode::ShapeMismatch, fmt::format("has axis {} of {}", axis, rank));
        return axis < 0 ? axis + rank : axis;
    }

    Outputs input() {
        const json& shapes = section("input_param");
        if (!shapes.contains("shape") || shapes.at("shape").empty()) fail(ErrorCode::CorruptFile, "has no shape");
        ov::PartialShape shape;
        for (const json& dim : shapes.at("shape").front().at("dim")) {
            const auto value = dim.get<std::int64_t>();
            if (value < 1) fail(ErrorCode::CorruptFile, fmt::format("has a dimension of {}", value));
            shape.push_back(value);
        }
        const auto parameter = std::make_shared<v0::Parameter>(ov::element::f32, shape);
        parameter->output(0).set_names({layer_->outputs.front()});
        parameters_.push_back(parameter);
        return {parameter};
    }

    Outputs same() { return {in()}; }
    Outputs split() { return Outputs(layer_->outputs.size(), in()); }

    struct Convolving {
        Window window;
        std::int64_t out = 0;
        std::int64_t groups = 1;
        std::int64_t in = 0;
        std::int64_t each = 0;  ///< values of one kernel
    };

    Convolving convolving() const {
        const json& from = section("convolution_param");
        if (from.value("axis", 1) != 1) unsupported("convolves along another axis than 1");
        Convolving all{.window = window_of(from),
                       .out = from.value("num_output", std::int64_t{0}),
                       .groups = from.value("group", std::int64_t{1}),
                       .in = channels_of(in())};
        all.each = all.window.kernel[0] * all.window.kernel[1];
        if (all.out < 1 || all.groups < 1 || all.out % all.groups != 0 || all.in % all.groups != 0)
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("makes {} channels of {} in {} groups", all.out, all.in, all.groups));
        return all;
    }

    Output with_bias(const Output& made, const char* name, std::int64_t out) const {
        return section(name).value("bias_term", true) ? biased(made, weight(1, out)) : made;
    }

    Outputs conv() {
        const Convolving all = convolving();
        const auto& kernel = weight(0, all.out * (all.in / all.groups) * all.each);
        return {with_bias(convolution(in(), kernel, all.out, all.groups, all.window), "convolution_param", all.out)};
    }

    Outputs deconv() {
        const Convolving all = convolving();
        const auto& kernel = weight(0, all.in * (all.out / all.groups) * all.each);
        return {with_bias(deconvolution(in(), kernel, all.out, all.groups, all.window), "convolution_param", all.out)};
    }

    Outputs inner_product() {
        const json& from = section("inner_product_param");
        const int axis = axis_in(from);
        const auto out = from.value("num_output", std::int64_t{0});
        if (out < 1) fail(ErrorCode::CorruptFile, fmt::format("has num_output {}", out));
        std::int64_t each = 1;
        const ov::PartialShape& shape = in().get_partial_shape();
        for (std::size_t i = static_cast<std::size_t>(axis); i < shape.size(); ++i) {
            if (shape[i].is_dynamic()) unsupported("needs a fixed shape");
            each *= shape[i].get_length();
        }
        std::vector<std::int64_t> rows(static_cast<std::size_t>(axis), 0);
        rows.push_back(each);
        const auto flat = std::make_shared<v1::Reshape>(in(), integers(rows), true);
        const bool turned = from.value("transpose", false);
        const auto dims = [](std::int64_t a, std::int64_t b) {
            return ov::Shape{static_cast<std::size_t>(a), static_cast<std::size_t>(b)};
        };
        const Output matrix = floats(weight(0, out * each), turned ? dims(each, out) : dims(out, each));
        Output made = std::make_shared<v0::MatMul>(flat, matrix, false, !turned);
        if (from.value("bias_term", true))
            made = std::make_shared<v1::Add>(made, floats(weight(1, out), {static_cast<std::size_t>(out)}));
        return {made};
    }

    Outputs batch_norm() {
        const std::int64_t channels = channels_of(in());
        const std::vector<float>& mean = weight(0, channels);
        const std::vector<float>& variance = weight(1, channels);
        // Caffe keeps sums, and how much was summed up.
        const double count = weight(2, 1).front();
        const double by = count == 0 ? 0 : 1 / count;
        const double eps = section("batch_norm_param").value("eps", 1e-5);
        std::vector<float> factor;
        std::vector<float> shift;
        for (std::size_t i = 0; i < mean.size(); ++i) {
            const double each = 1 / std::sqrt(variance[i] * by + eps);
            factor.push_back(static_cast<float>(each));
            shift.push_back(static_cast<float>(-mean[i] * by * each));
        }
        return {scaled(in(), factor, shift)};
    }

    /// The shape of weights placed at `axis` of the input, with dimensions of 1 around.
    ov::Shape aligned(const Array& array, int axis) const {
        ov::Shape shape(in().get_partial_shape().size(), 1);
        // One value for all is a weight without dimensions.
        if (array.values.size() == 1) return shape;
        if (array.shape.size() + static_cast<std::size_t>(axis) > shape.size())
            fail(ErrorCode::ShapeMismatch, "has a weight with more dimensions than its input");
        for (std::size_t i = 0; i < array.shape.size(); ++i)
            shape[i + static_cast<std::size_t>(axis)] = static_cast<std::size_t>(array.shape[i]);
        return shape;
    }

    /// A second input, aligned at an axis of the first.
    Output aligned_input(int axis) const {
        const std::size_t rank = in().get_partial_shape().size();
        const std::size_t behind =
            rank - std::min(rank, static_cast<std::size_t>(axis) + inputs_[1].get_partial_shape().size());
        if (behind == 0) return inputs_[1];
        std::vector<std::int64_t> axes;
        for (std::size_t i = 0; i < behind; ++i) axes.push_back(-1 - static_cast<std::int64_t>(i));
        return std::make_shared<v0::Unsqueeze>(inputs_[1], integers(axes));
    }

    Outputs scale() {
        const json& from = section("scale_param");
        const int axis = axis_in(from);
        const bool shifts = from.value("bias_term", false);
        if (inputs_.size() > 1) {
            Output made = std::make_shared<v1::Multiply>(in(), aligned_input(axis));
            if (shifts) made = std::make_shared<v1::Add>(made, floats(array(0).values, aligned(array(0), axis)));
            return {made};
        }
        const Array& factor = array(0);
        const ov::PartialShape& shape = in().get_partial_shape();
        const bool channels =
            axis == 1 && shape.size() == 4 && static_cast<std::int64_t>(factor.values.size()) == channels_of(in());
        if (channels) {
            const auto count = static_cast<std::int64_t>(factor.values.size());
            return {
                scaled(in(), factor.values, shifts ? weight(1, count) : std::vector<float>(factor.values.size(), 0))};
        }
        Output made = std::make_shared<v1::Multiply>(in(), floats(factor.values, aligned(factor, axis)));
        if (shifts) made = std::make_shared<v1::Add>(made, floats(array(1).values, aligned(array(1), axis)));
        return {kept(made)};
    }

    Outputs bias() {
        const int axis = axis_in(section("bias_param"));
        if (inputs_.size() > 1) return {std::make_shared<v1::Add>(in(), aligned_input(axis))};
        return {kept(std::make_shared<v1::Add>(in(), floats(array(0).values, aligned(array(0), axis))))};
    }

    /// A weight of the wrong size must not widen the input.
    Output kept(const Output& made) const {
        if (!made.get_partial_shape().compatible(in().get_partial_shape()))
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("has weights that do not fit its input {}", in().get_partial_shape().to_string()));
        return made;
    }

    Outputs relu() { return {leaky(in(), section("relu_param").value("negative_slope", 0.0F))}; }
    Outputs prelu() {
        const bool shared = section("prelu_param").value("channel_shared", false);
        const std::vector<float>& slope = weight(0, shared ? 1 : channels_of(in()));
        return {std::make_shared<v0::PRelu>(in(), floats(slope, {slope.size()}))};
    }
    Outputs elu() { return {std::make_shared<v0::Elu>(in(), section("elu_param").value("alpha", 1.0))}; }
    Outputs sigmoid() { return {std::make_shared<v0::Sigmoid>(in())}; }
    Outputs tanh() { return {std::make_shared<v0::Tanh>(in())}; }
    Outputs swish() {
        const float beta = section("swish_param").value("beta", 1.0F);
        if (beta == 1) return {std::make_shared<v4::Swish>(in())};
        return {std::make_shared<v4::Swish>(in(), number(beta))};
    }
    Outputs clip() {
        const json& from = section("clip_param");
        return {std::make_shared<v0::Clamp>(in(), from.at("min").get<double>(), from.at("max").get<double>())};
    }
    Outputs power() {
        const json& from = section("power_param");
        const auto power = from.value("power", 1.0F);
        const auto factor = from.value("scale", 1.0F);
        const auto shift = from.value("shift", 0.0F);
        Output made = in();
        if (factor != 1) made = std::make_shared<v1::Multiply>(made, number(factor));
        if (shift != 0) made = std::make_shared<v1::Add>(made, number(shift));
        if (power != 1) made = std::make_shared<v1::Power>(made, number(power));
        return {made};
    }

    Outputs pooling() {
        const json& from = section("pooling_param");
        const auto method = from.value("pool", std::string("MAX"));
        if (method != "MAX" && method != "AVE") unsupported(fmt::format("pools by {}", method));
        const bool average = method == "AVE";
        if (from.value("global_pooling", false)) {
            channels_of(in());
            return {global_pool(in(), average)};
        }
        const bool ceil_mode = from.value("round_mode", std::string("CEIL")) == "CEIL" && from.value("ceil_mode", true);
        const Window window = window_of(from);
        return {average ? average_pool(in(), window, ceil_mode, true) : max_pool(in(), window, ceil_mode)};
    }

    Outputs concat() { return {std::make_shared<v0::Concat>(inputs_, axis_in(section("concat_param"), "concat_dim"))}; }

    Outputs eltwise() {
        const json& from = section("eltwise_param");
        const auto operation = from.value("operation", std::string("SUM"));
        const json factors = from.value("coeff", json::array());
        if (!factors.empty() && (operation != "SUM" || factors.size() != inputs_.size()))
            fail(ErrorCode::CorruptFile, fmt::format("has {} factors for {} inputs", factors.size(), inputs_.size()));
        const auto operand = [&](std::size_t i) -> Output {
            const float factor = factors.empty() ? 1.0F : factors.at(i).get<float>();
            if (factor == 1) return inputs_[i];
            return std::make_shared<v1::Multiply>(inputs_[i], number(factor));
        };
        Output made = operand(0);
        for (std::size_t i = 1; i < inputs_.size(); ++i) {
            // Caffe's inputs have one shape.
            if (!inputs_[i].get_partial_shape().compatible(in().get_partial_shape()))
                fail(ErrorCode::ShapeMismatch, fmt::format("joins {} and {}", in().get_partial_shape().to_string(),
                                                           inputs_[i].get_partial_shape().to_string()));
            if (operation == "PROD") {
                made = std::make_shared<v1::Multiply>(made, operand(i));
            } else if (operation == "MAX") {
                made = std::make_shared<v1::Maximum>(made, operand(i));
            } else {
                made = std::make_shared<v1::Add>(made, operand(i));
            }
        }
        return {made};
    }

    Outputs slice() {
        const json& from = section("slice_param");
        const int axis = axis_in(from, "slice_dim");
        const json points = from.value("slice_point", json::array());
        if (points.empty()) return std::make_shared<v1::Split>(in(), integer(axis), layer_->outputs.size())->outputs();
        if (points.size() + 1 != layer_->outputs.size())
            fail(ErrorCode::CorruptFile,
                 fmt::format("has {} points for {} outputs", points.size(), layer_->outputs.size()));
        std::vector<std::int64_t> sizes;
        std::int64_t last = 0;
        for (const json& point : points) {
            sizes.push_back(point.get<std::int64_t>() - last);
            if (sizes.back() < 1) fail(ErrorCode::CorruptFile, "has points that do not rise");
            last = point.get<std::int64_t>();
        }
        sizes.push_back(-1);
        return std::make_shared<v1::VariadicSplit>(in(), integer(axis), integers(sizes))->outputs();
    }

    Outputs softmax() {
        return {std::make_shared<v8::Softmax>(in(), static_cast<std::int64_t>(axis_in(section("softmax_param"))))};
    }

    Outputs reshape() {
        const json& from = section("reshape_param");
        if (from.value("axis", 0) != 0 || from.value("num_axes", -1) != -1)
            unsupported("reshapes some of the axes only");
        std::vector<std::int64_t> dims;
        for (const json& dim : from.value("shape", json::object()).value("dim", json::array()))
            dims.push_back(dim.get<std::int64_t>());
        return {std::make_shared<v1::Reshape>(in(), integers(dims), true)};
    }

    Outputs permute() {
        std::vector<std::int64_t> order;
        for (const json& axis : section("permute_param").value("order", json::array()))
            order.push_back(axis.get<std::int64_t>());
        // Axes that are not named follow in their order.
        for (std::int64_t axis = 0; axis < static_cast<std::int64_t>(in().get_partial_shape().size()); ++axis) {
            if (std::ranges::find(order, axis) == order.end()) order.push_back(axis);
        }
        return {transposed(in(), order)};
    }

    Outputs flatten() {
        const json& from = section("flatten_param");
        const auto rank = static_cast<int>(in().get_partial_shape().size());
        const int end = from.value("end_axis", -1);
        if (end != -1 && end != rank - 1) unsupported("keeps axes behind those that it joins");
        std::vector<std::int64_t> dims(static_cast<std::size_t>(axis_in(from)), 0);
        dims.push_back(-1);
        return {std::make_shared<v1::Reshape>(in(), integers(dims), true)};
    }

    Outputs upsample() {
        const json& from = section("upsample_param");
        if (inputs_.size() != 1) unsupported("undoes a pooling");
        const float scale = from.value("scale", from.value("stride", 2.0F));
        channels_of(in());
        return {upsample_nearest(in(), from.value("scale_h", scale), from.value("scale_w", scale))};
    }
};

}  // namespace

std::shared_ptr<ov::Model> build_caffe(const imports::LayerList& list) {
    return Caffe(list).run();
}

}  // namespace yolovino::runtime
