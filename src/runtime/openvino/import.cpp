#include "runtime/import.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <openvino/pass/constant_folding.hpp>
#include <openvino/pass/manager.hpp>
#include <span>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "runtime/openvino/codes.hpp"
#include "runtime/openvino/device.hpp"
#include "runtime/openvino/frontends.hpp"
#include "runtime/signature.hpp"
#include "writers/openvino/reason.hpp"

namespace yolovino::runtime {

namespace fs = std::filesystem;
using writers::openvino::reason_in;

namespace {

constexpr const char* kArea = "import";
constexpr const char* kHint = "a YOLOv8 detection network, exported without nms, is wanted";
constexpr std::size_t kBoxRows = 4;

std::string text_of(const ov::Output<const ov::Node>& port) {
    return fmt::format("{} {}", port.get_element_type().to_string(), port.get_partial_shape().to_string());
}

bool is_float(const ov::element::Type& type) {
    return type == ov::element::f32 || type == ov::element::f16;
}

std::shared_ptr<ov::op::v0::Constant> order(const std::vector<std::int64_t>& axes) {
    return ov::op::v0::Constant::create(ov::element::i64, {axes.size()}, axes);
}

/// What the network gave when it was tried: one picture of one grey.
struct Trial {
    ov::Shape output;
    std::vector<float> values;
    ImageSize size;
};

/// Brings one network into the form of ImportedNetwork.
class Importer {
public:
    Importer(const fs::path& file, Framework framework, ImportShape wish)
        : file_(file.string()), framework_(framework), wish_(wish) {
        out_.model = read_framework(file, framework);
    }

    ImportedNetwork run() {
        expect_one();
        try {
            take_codes();
            expect_plain();
            take_planes();
            take_floats();
            give_shape();
            const Trial trial = try_once();
            turn_output(trial);
            scale_boxes(trial);
            ov::pass::Manager passes;
            passes.register_pass<ov::pass::ConstantFolding>();
            passes.run_passes(out_.model);
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            fail(ErrorCode::RuntimeFailure, fmt::format("cannot prepare the network: {}", reason_in(e.what())));
        }
        const ov::PartialShape shape = out_.model->input().get_partial_shape();
        const auto side = [&](std::ptrdiff_t i) {
            return shape[i].is_static() ? static_cast<int>(shape[i].get_length()) : 0;
        };
        out_.shape = {side(0), {side(2), side(3)}};
        return std::move(out_);
    }

private:
    [[noreturn]] void fail(ErrorCode code, const std::string& message, std::string_view hint = kHint) const {
        throw Error(code, kArea, message, {.file = file_}, hint);
    }

    /// One picture in, one tensor out.
    void expect_one() {
        const auto& model = std::as_const(*out_.model);
        if (model.inputs().size() != 1 || model.outputs().size() != 1) {
            fail(ErrorCode::ShapeMismatch, fmt::format("the network has {} inputs and {} outputs, wanted one of each",
                                                       model.inputs().size(), model.outputs().size()));
        }
        out_.input = text_of(model.input());
    }

    /// A network in 8 bits keeps them inside, and takes and gives floats.
    void take_codes() {
        const bool whole_numbers = out_.model->get_parameters().front()->get_element_type().is_integral_number();
        out_.quantized = codes::any(*out_.model);
        if (!whole_numbers && !out_.quantized) return;
        if (framework_ != Framework::TfLite) {
            fail(ErrorCode::UnsupportedModel,
                 whole_numbers ? fmt::format("the input is {}, wanted f32", out_.input) : "the network is in 8 bits",
                 "give the model in floats; 8 bits come from int8=True and pictures");
        }
        if (!codes::take_floats(*out_.model) || !codes::give_floats(*out_.model)) {
            fail(ErrorCode::UnsupportedModel,
                 fmt::format("the input is {} and the output {}, and OpenVINO's reader does not tell their scale",
                             out_.input, text_of(std::as_const(*out_.model).output())),
                 "convert it with float input and output, or give the model in floats");
        }
        // Boxes in pixels and scores on one grid: hardly any score is left.
        constexpr double kMaxStep = 0.2;
        if (const double step = codes::output_step(*out_.model); step > kMaxStep) {
            fail(ErrorCode::UnsupportedModel,
                 fmt::format("the output is in 8 bits with steps of {:.2g}, which leaves nothing of the class scores",
                             step),
                 "boxes and scores share one scale: give a model whose boxes are shares of the input, as Ultralytics "
                 "writes it, or one in floats");
        }
    }

    void expect_plain() {
        const auto& model = std::as_const(*out_.model);
        const ov::PartialShape& shape = model.input().get_partial_shape();
        if (!is_float(model.input().get_element_type()) || shape.rank().is_dynamic() || shape.size() != 4)
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the input is {}, wanted f32 [N, 3, H, W] or [N, H, W, 3]", out_.input));
        const ov::PartialShape& output = model.output().get_partial_shape();
        if (!is_float(model.output().get_element_type()) || (output.rank().is_static() && output.size() != 3)) {
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the output is {}, wanted f32 [N, 4 + classes, anchors]", text_of(model.output())));
        }
    }

    /// An input [N, H, W, 3] becomes [N, 3, H, W].
    void take_planes() {
        const ov::PartialShape shape = out_.model->input().get_partial_shape();
        if (shape[1] == 3) return;
        if (shape[3] != 3)
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the input is {}, wanted f32 [N, 3, H, W] or [N, H, W, 3]", out_.input));
        out_.nhwc = true;
        const std::shared_ptr<ov::op::v0::Parameter> old = out_.model->get_parameters().front();
        const auto fresh = std::make_shared<ov::op::v0::Parameter>(
            old->get_element_type(), ov::PartialShape{shape[0], shape[3], shape[1], shape[2]});
        fresh->set_friendly_name(old->get_friendly_name());
        fresh->output(0).set_names(old->output(0).get_names());
        old->output(0).set_names({});
        const auto turned = std::make_shared<ov::op::v1::Transpose>(fresh, order({0, 2, 3, 1}));
        turned->set_friendly_name(old->get_friendly_name() + "/nhwc");
        // Readers begin with the transposition back; the two cancel.
        for (const ov::Input<ov::Node>& user : old->output(0).get_target_inputs()) {
            if (turns_back(*user.get_node())) {
                user.get_node()->output(0).replace(fresh->output(0));
            } else {
                user.replace_source_output(turned->output(0));
            }
        }
        out_.model->add_parameters({fresh});
        out_.model->remove_parameter(old);
        out_.model->validate_nodes_and_infer_types();
    }

    static bool turns_back(const ov::Node& node) {
        if (!ov::is_type<ov::op::v1::Transpose>(&node)) return false;
        const auto axes = ov::as_type_ptr<ov::op::v0::Constant>(node.get_input_node_shared_ptr(1));
        return axes != nullptr && axes->cast_vector<std::int64_t>() == std::vector<std::int64_t>{0, 3, 1, 2};
    }

    /// 16-bit floats are converted at both ends.
    void take_floats() {
        ov::preprocess::PrePostProcessor steps(out_.model);
        if (out_.model->input().get_element_type() != ov::element::f32)
            steps.input().tensor().set_element_type(ov::element::f32);
        if (out_.model->output().get_element_type() != ov::element::f32)
            steps.output().tensor().set_element_type(ov::element::f32);
        out_.model = steps.build();
    }

    void give_shape() {
        if (wish_.keep) return;
        const ov::PartialShape had = out_.model->input().get_partial_shape();
        const InputShape& fixed = wish_.fixed;
        const ov::PartialShape wanted = wish_.dynamic
                                            ? ov::PartialShape{-1, 3, -1, -1}
                                            : ov::PartialShape{fixed.batch, 3, fixed.size.height, fixed.size.width};
        if (had == wanted) return;
        if (had.is_static()) expect_changeable(had.to_shape(), wanted);
        if (!reshaped(*out_.model, wanted)) refuse_shape(had, wanted);
    }

    [[noreturn]] void refuse_shape(const ov::PartialShape& had, const ov::PartialShape& wanted) const {
        const std::string batch = had[0].is_static() ? had[0].to_string() : "1";
        fail(ErrorCode::ShapeMismatch,
             fmt::format("the network is made for the input {} and cannot be given {}", had.to_string(),
                         wanted.to_string()),
             fmt::format("leave imgsz and dynamic out{}, or export the checkpoint",
                         batch == "1" ? "" : ", give batch=" + batch));
    }

    /// Anchors that stand in the network as constants do not follow its shape, and nothing tells where as many come out
    /// of another shape. So a size is tried that cannot be confused.
    void expect_changeable(const ov::Shape& had, const ov::PartialShape& wanted) const {
        const auto dimension = [&](std::size_t i) { return static_cast<std::int64_t>(had[i]); };
        const bool same_size = wanted[2].is_static() && wanted[2] == dimension(2) && wanted[3] == dimension(3);
        if (same_size) return;
        constexpr int kStep = 64;
        const std::shared_ptr<ov::Model> copy = out_.model->clone();
        if (!reshaped(*copy, ov::PartialShape{dimension(0), 3, dimension(2) + kStep, dimension(3) + kStep}))
            refuse_shape(had, wanted);
    }

    static bool reshaped(ov::Model& model, const ov::PartialShape& shape) {
        try {
            model.reshape(shape);
            return true;
        } catch (const std::exception& e) {
            base::debug("the shape {} is refused: {}", shape.to_string(), reason_in(e.what()));
            return false;
        }
    }

    Trial try_once() const {
        const ov::PartialShape open = out_.model->input().get_partial_shape();
        const auto side = [&](std::ptrdiff_t i, int usual) {
            return open[i].is_static() ? static_cast<int>(open[i].get_length()) : usual;
        };
        Trial trial{.output = {}, .values = {}, .size = {side(2, wish_.usual.height), side(3, wish_.usual.width)}};
        const ov::PartialShape shape{side(0, 1), 3, trial.size.height, trial.size.width};
        const std::shared_ptr<ov::Model> copy = out_.model->clone();
        if (open != shape && !reshaped(*copy, shape)) refuse_shape(open, shape);
        ov::CompiledModel compiled =
            openvino_core().compile_model(copy, "CPU", ov::hint::inference_precision(ov::element::f32),
                                          ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY));
        ov::InferRequest request = compiled.create_infer_request();
        ov::Tensor input = request.get_input_tensor();
        constexpr float kGrey = 114.0F / 255.0F;
        std::fill_n(input.data<float>(), input.get_size(), kGrey);
        request.infer();
        const ov::Tensor output = request.get_output_tensor();
        trial.output = output.get_shape();
        const std::size_t one =
            output.get_size() / std::max<std::size_t>(1, trial.output.empty() ? 1 : trial.output[0]);
        trial.values.assign(output.data<const float>(), output.data<const float>() + one);
        return trial;
    }

    /// Cells of the heads that YOLOv8 has: P3 to P5, with P2, with P6.
    static std::vector<std::size_t> anchors_of(ImageSize size) {
        const std::array<std::vector<int>, 3> heads = {{{8, 16, 32}, {4, 8, 16, 32}, {8, 16, 32, 64}}};
        std::vector<std::size_t> counts;
        for (const std::vector<int>& strides : heads) {
            std::size_t count = 0;
            for (const int stride : strides) {
                const auto cells = [&](int side) { return static_cast<std::size_t>((side + stride - 1) / stride); };
                count += cells(size.height) * cells(size.width);
            }
            counts.push_back(count);
        }
        return counts;
    }

    void turn_output(const Trial& trial) {
        out_.output = fmt::format("[{}]", fmt::join(trial.output, ", "));
        if (trial.output.size() != 3)
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the output is {}, wanted [N, 4 + classes, anchors]", out_.output));
        const std::vector<std::size_t> counts = anchors_of(trial.size);
        const auto is_count = [&](std::size_t side) { return std::ranges::find(counts, side) != counts.end(); };
        const bool last = is_count(trial.output[2]) && trial.output[1] > kBoxRows;
        const bool first = is_count(trial.output[1]) && trial.output[2] > kBoxRows;
        // As many rows as anchors: then the scores tell, since boxes are not all within 0 to 1.
        out_.anchors_first = first && !(last && scores_hold(trial, false));
        if (!last && !first) {
            fail(ErrorCode::ShapeMismatch,
                 fmt::format(
                     "the output is {} for the input [1, 3, {}, {}], wanted [N, 4 + classes, {}] or that transposed",
                     out_.output, trial.size.height, trial.size.width, fmt::join(counts, " or ")));
        }
        const std::size_t rows = trial.output[out_.anchors_first ? 2 : 1];
        out_.classes = static_cast<int>(rows - kBoxRows);
        if (!scores_hold(trial, out_.anchors_first))
            fail(ErrorCode::ShapeMismatch, "the class scores are not within 0 to 1");
        if (out_.anchors_first)
            append([](const ov::Output<ov::Node>& from) {
                return std::make_shared<ov::op::v1::Transpose>(from, order({0, 2, 1}));
            });
    }

    /// Whether all values behind the four of the box are within 0 to 1.
    bool scores_hold(const Trial& trial, bool anchors_first) const {
        const float slack = out_.quantized ? 0.1F : 1e-3F;  // a grid need not hold 1
        const std::size_t columns = trial.output[2];
        for (std::size_t i = 0; i < trial.values.size(); ++i) {
            const std::size_t row = anchors_first ? i % columns : i / columns;
            const float value = trial.values[i];
            if (row >= kBoxRows && !(value >= -slack && value <= 1 + slack)) return false;
        }
        return true;
    }

    /// Centres of boxes are near their cells, so their mean is near the middle of the picture, whatever is on it.
    void scale_boxes(const Trial& trial) {
        const std::size_t rows = trial.output[out_.anchors_first ? 2 : 1];
        const std::size_t anchors = trial.output[out_.anchors_first ? 1 : 2];
        const auto mean = [&](std::size_t row) {
            double sum = 0;
            for (std::size_t anchor = 0; anchor < anchors; ++anchor)
                sum += trial.values[out_.anchors_first ? anchor * rows + row : row * anchors + anchor];
            return sum / static_cast<double>(anchors);
        };
        const double x = mean(0);
        const double y = mean(1);
        const auto near_half = [](double value, double side) { return value > 0.15 * side && value < 1.5 * side; };
        if (near_half(x, trial.size.width) && near_half(y, trial.size.height)) return;
        if (!near_half(x, 1) || !near_half(y, 1)) {
            fail(ErrorCode::ShapeMismatch,
                 fmt::format(
                     "the boxes are neither in pixels nor in shares of the input: their centres are at {:.3g}, {:.3g} "
                     "in the mean of all anchors",
                     x, y));
        }
        out_.relative = true;
        append([&](const ov::Output<ov::Node>& from) {
            using namespace ov::op;
            // [H, W] of the input → [1, rows, 1]: W, H, W, H, 1, …
            const auto sides = std::make_shared<v3::ShapeOf>(out_.model->input(), ov::element::i64);
            const auto axis = v0::Constant::create(ov::element::i64, {}, {0});
            const auto whwh = std::make_shared<v8::Gather>(sides, order({3, 2, 3, 2}), axis);
            const auto floats = std::make_shared<v0::Convert>(whwh, ov::element::f32);
            const auto ones = v0::Constant::create(ov::element::f32, {rows - kBoxRows}, {1.0F});
            const auto all = std::make_shared<v0::Concat>(ov::OutputVector{floats, ones}, 0);
            const auto factors = std::make_shared<v0::Unsqueeze>(all, order({0, 2}));
            return std::make_shared<v1::Multiply>(from, factors);
        });
    }

    /// Puts a node behind the network; the output keeps its names.
    template <typename Make>
    void append(const Make& make) {
        const std::shared_ptr<ov::op::v0::Result> result = out_.model->get_results().front();
        const ov::Output<ov::Node> from = result->input_value(0);
        const std::unordered_set<std::string> names = from.get_names();
        const std::shared_ptr<ov::Node> node = make(from);
        node->set_friendly_name(from.get_node()->get_friendly_name() + "/" + node->get_type_name());
        from.get_node()->output(from.get_index()).set_names({});
        node->output(0).set_names(names);
        result->input(0).replace_source_output(node->output(0));
        out_.model->validate_nodes_and_infer_types();
    }

    std::string file_;
    Framework framework_;
    ImportShape wish_;
    ImportedNetwork out_;
};

}  // namespace

ImportedNetwork import_network(const fs::path& file, Framework framework, const ImportShape& shape) {
    return Importer(file, framework, shape).run();
}

std::unique_ptr<LoadedNetwork> load_import(const fs::path& file, Framework framework, ImageSize usual) {
    ImportShape shape;
    shape.usual = usual;
    return load_openvino(import_network(file, framework, shape).model, file.string());
}

}  // namespace yolovino::runtime
