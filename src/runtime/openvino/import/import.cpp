#include "runtime/openvino/import/import.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <openvino/pass/constant_folding.hpp>
#include <openvino/pass/manager.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "openvino/core.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/import/codes.hpp"
#include "runtime/openvino/import/frontends.hpp"
#include "runtime/openvino/import/trial.hpp"
#include "runtime/openvino/session/device.hpp"
#include "runtime/openvino/session/network.hpp"

namespace yolovino::runtime {

namespace fs = std::filesystem;
using openvino::reason_in;

namespace {

// Dimensions of the input that a row is a share of; the place behind them stands for no dimension.
constexpr std::int64_t kHeight = 2;
constexpr std::int64_t kWidth = 3;
constexpr std::int64_t kNone = 4;

std::string text_of(const ov::Output<const ov::Node>& port) {
    return fmt::format("{} {}", port.get_element_type().to_string(), port.get_partial_shape().to_string());
}

bool is_float(const ov::element::Type& type) {
    return type == ov::element::f32 || type == ov::element::f16;
}

std::shared_ptr<ov::op::v0::Constant> order(const std::vector<std::int64_t>& axes) {
    return ov::op::v0::Constant::create(ov::element::i64, {axes.size()}, axes);
}

/// Brings one network into the form of ImportedNetwork.
class Importer {
public:
    Importer(const fs::path& file, Framework framework, ImportShape requested, tensors::OutputLayout wanted)
        : file_(file.string()), framework_(framework), requested_(requested), wanted_(std::move(wanted)) {
        out_.model = read_framework(file, framework);
    }

    ImportedNetwork run() {
        expect_io_counts();
        try {
            order_outputs();
            normalize_quantized_io();
            check_io_ranks();
            nhwc_to_nchw();
            convert_io_to_f32();
            apply_input_shape();
            adapt_outputs();
            ov::pass::Manager passes;
            passes.register_pass<ov::pass::ConstantFolding>();
            passes.run_passes(out_.model);
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            fail(ErrorCode::RuntimeFailure, fmt::format("cannot prepare the network: {}", reason_in(e.what())));
        }
        const ov::PartialShape shape = out_.model->input().get_partial_shape();
        const auto dim = [&](std::ptrdiff_t i) {
            return shape[i].is_static() ? static_cast<int>(shape[i].get_length()) : 0;
        };
        out_.shape = {dim(0), {dim(2), dim(3)}};
        return std::move(out_);
    }

private:
    [[noreturn]] void fail(ErrorCode code, const std::string& message, std::string_view hint = {}) const {
        refuse_import(file_, code, message, hint);
    }

    /// One image in, as many tensors out as the task takes.
    void expect_io_counts() {
        const auto& model = std::as_const(*out_.model);
        if (model.inputs().size() != 1 || model.outputs().size() != wanted_.outputs()) {
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the network has {} inputs and {} outputs, wanted {}", model.inputs().size(),
                             model.outputs().size(), wanted_.maps ? "1 and 2" : "one of each"));
        }
        out_.input = text_of(model.input());
    }

    /// Maps have four dimensions and rows three, whichever comes first.
    void order_outputs() {
        if (!wanted_.maps) return;
        const auto rank = [&](std::size_t i) { return out_.model->output(i).get_partial_shape().rank(); };
        if (rank(0).is_dynamic() || rank(0) != 4) return;
        if (rank(1).is_static() && rank(1) != 3) return;
        const std::shared_ptr<ov::op::v0::Result> maps = out_.model->get_results().front();
        out_.model->remove_result(maps);
        out_.model->add_results({maps});
        out_.reordered = true;
    }

    /// A network in 8 bits keeps them inside, and takes and gives floats.
    void normalize_quantized_io() {
        const bool whole_numbers = out_.model->get_parameters().front()->get_element_type().is_integral_number();
        out_.quantized = codes::any(*out_.model);
        if (!whole_numbers && !out_.quantized) return;
        if (framework_ != Framework::TfLite) {
            fail(ErrorCode::UnsupportedModel,
                 whole_numbers ? fmt::format("the input is {}, wanted f32", out_.input) : "the network is in 8 bits",
                 "give the model in floats; 8 bits come from int8=True and images");
        }
        if (!codes::take_floats(*out_.model) || !codes::give_floats(*out_.model)) {
            fail(ErrorCode::UnsupportedModel,
                 fmt::format("the input is {} and the output {}, and OpenVINO's reader does not report their scale",
                             out_.input, text_of(std::as_const(*out_.model).output(0))),
                 "convert it with float input and output, or give the model in floats");
        }
        // Boxes in pixels and scores on one grid: hardly any score is left.
        constexpr double kMaxStep = 0.2;
        if (const double step = codes::step_of_rows(*out_.model); step > kMaxStep) {
            fail(ErrorCode::UnsupportedModel,
                 fmt::format("the output is in 8 bits with steps of {:.2g}, which leaves nothing of the class scores",
                             step),
                 "boxes and scores share one scale: give a model whose boxes are shares of the input, as Ultralytics "
                 "writes it, or one in floats");
        }
    }

    void check_io_ranks() {
        const auto& model = std::as_const(*out_.model);
        const ov::PartialShape& shape = model.input().get_partial_shape();
        if (!is_float(model.input().get_element_type()) || shape.rank().is_dynamic() || shape.size() != 4)
            fail(ErrorCode::ShapeMismatch,
                 fmt::format("the input is {}, wanted f32 [N, 3, H, W] or [N, H, W, 3]", out_.input));
        const std::int64_t ranks[] = {wanted_.has_boxes() ? 3 : 2, 4};
        for (std::size_t i = 0; i < wanted_.outputs(); ++i) {
            const auto port = model.output(i);
            const ov::Rank rank = port.get_partial_shape().rank();
            if (is_float(port.get_element_type()) && rank.compatible(ranks[i])) continue;
            fail(ErrorCode::ShapeMismatch,
                 i == 0 ? fmt::format("the output is {}, wanted f32 {}", text_of(port), wanted_.rows.text)
                        : fmt::format("the second output is {}, wanted f32 [N, maps, height, width]", text_of(port)));
        }
    }

    /// An input [N, H, W, 3] becomes [N, 3, H, W].
    void nhwc_to_nchw() {
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
    void convert_io_to_f32() {
        ov::preprocess::PrePostProcessor steps(out_.model);
        if (out_.model->input().get_element_type() != ov::element::f32)
            steps.input().tensor().set_element_type(ov::element::f32);
        for (std::size_t i = 0; i < wanted_.outputs(); ++i) {
            if (out_.model->output(i).get_element_type() != ov::element::f32)
                steps.output(i).tensor().set_element_type(ov::element::f32);
        }
        out_.model = steps.build();
    }

    void apply_input_shape() {
        if (requested_.keep) return;
        const ov::PartialShape had = out_.model->input().get_partial_shape();
        const InputShape& fixed = requested_.fixed;
        const ov::PartialShape wanted = requested_.dynamic
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

    /// Anchors that are constants of the network do not follow its shape, and nothing shows where as many come out
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
        const ov::PartialShape declared = out_.model->input().get_partial_shape();
        const auto dim = [&](std::ptrdiff_t i, int usual) {
            return declared[i].is_static() ? static_cast<int>(declared[i].get_length()) : usual;
        };
        Trial trial{.outputs = {},
                    .size = {dim(2, requested_.usual.height), dim(3, requested_.usual.width)},
                    .nhwc = out_.nhwc,
                    .quantized = out_.quantized};
        const ov::PartialShape shape{dim(0, 1), 3, trial.size.height, trial.size.width};
        const std::shared_ptr<ov::Model> copy = out_.model->clone();
        if (declared != shape && !reshaped(*copy, shape)) refuse_shape(declared, shape);
        ov::CompiledModel compiled =
            openvino::core().compile_model(copy, "CPU", ov::hint::inference_precision(ov::element::f32),
                                           ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY));
        ov::InferRequest request = compiled.create_infer_request();
        ov::Tensor input = request.get_input_tensor();
        constexpr float kGrey = 114.0F / 255.0F;
        std::fill_n(input.data<float>(), input.get_size(), kGrey);
        request.infer();
        for (std::size_t i = 0; i < wanted_.outputs(); ++i) {
            const ov::Tensor output = request.get_output_tensor(i);
            const ov::Shape& shape_out = output.get_shape();
            const std::size_t images = shape_out.empty() ? 1 : std::max<std::size_t>(1, shape_out[0]);
            const float* values = output.data<const float>();
            trial.outputs.push_back({shape_out, {values, values + output.get_size() / images}});
        }
        return trial;
    }

    void adapt_outputs() {
        const Trial trial = try_once();
        out_.output = trial.text();
        const OutputForm form = form_of(trial, wanted_, file_);
        out_.classes = form.classes;
        out_.anchors_first = form.anchors_first;
        out_.maps_last = form.maps_last;
        out_.relative_boxes = form.relative_boxes;
        out_.relative_points = form.relative_points;
        const auto transposition = [](const std::vector<std::int64_t>& axes) {
            return [axes](const ov::Output<ov::Node>& from) {
                return std::make_shared<ov::op::v1::Transpose>(from, order(axes));
            };
        };
        if (form.anchors_first) append(0, transposition({0, 2, 1}));
        if (form.maps_last) append(1, transposition({0, 3, 1, 2}));
        if (form.relative_boxes || form.relative_points) append_pixels(dimensions_of_rows(form));
    }

    /// For each row of the first output the dimension of the input that it is a share of.
    std::vector<std::int64_t> dimensions_of_rows(const OutputForm& form) const {
        std::vector<std::int64_t> dims(form.rows, kNone);
        const std::size_t box_rows = form.relative_boxes ? wanted_.rows.box_rows : 0;
        for (std::size_t row = 0; row < box_rows; ++row) dims[row] = row % 2 == 0 ? kWidth : kHeight;
        const std::size_t points = wanted_.rows.box_rows + static_cast<std::size_t>(form.classes);
        for (std::size_t row = points; form.relative_points && row < form.rows; ++row) {
            const std::size_t number = (row - points) % wanted_.point_numbers;
            if (number < 2) dims[row] = number == 0 ? kWidth : kHeight;
        }
        return dims;
    }

    /// Multiplies each row of the first output by its dimension of the input.
    void append_pixels(const std::vector<std::int64_t>& dims) {
        append(0, [&](const ov::Output<ov::Node>& from) {
            using namespace ov::op;
            const auto shape = std::make_shared<v3::ShapeOf>(out_.model->input(), ov::element::i64);
            const auto floats = std::make_shared<v0::Convert>(shape, ov::element::f32);
            const auto one = v0::Constant::create(ov::element::f32, {1}, {1.0F});
            const auto with_one = std::make_shared<v0::Concat>(ov::OutputVector{floats, one}, 0);
            const auto axis = v0::Constant::create(ov::element::i64, {}, {0});
            const auto factors = std::make_shared<v8::Gather>(with_one, order(dims), axis);
            // [rows] → [1, rows, 1]
            return std::make_shared<v1::Multiply>(from, std::make_shared<v0::Unsqueeze>(factors, order({0, 2})));
        });
    }

    /// Puts a node behind an output, which keeps its names.
    template <typename Make>
    void append(std::size_t output, const Make& make) {
        const std::shared_ptr<ov::op::v0::Result> result = out_.model->get_results().at(output);
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
    ImportShape requested_;
    tensors::OutputLayout wanted_;
    ImportedNetwork out_;
};

}  // namespace

ImportedNetwork import_network(const fs::path& file, Framework framework, const ImportShape& shape,
                               const tensors::OutputLayout& outputs) {
    return Importer(file, framework, shape, outputs).run();
}

std::unique_ptr<LoadedNetwork> load_import(const fs::path& file, Framework framework, ImageSize usual,
                                           const tensors::OutputLayout& outputs, const tensors::SignatureCheck& check) {
    ImportShape shape;
    shape.usual = usual;
    return load_openvino(import_network(file, framework, shape, outputs).model, file.string(), check);
}

}  // namespace yolovino::runtime
