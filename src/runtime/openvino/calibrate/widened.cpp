#include "runtime/openvino/calibrate/widened.hpp"

#include <algorithm>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/model.hpp>
#include <openvino/op/ops.hpp>
#include <vector>

#include "base/fail.hpp"
#include "openvino/translate.hpp"

namespace yolovino::runtime {

namespace {

constexpr ov::element::Type_t kHalf = ov::element::f16;

/// Weights that are stored in 16 bits and converted to f32 at once do not count.
bool computes_in_half(const ov::Model& model) {
    return std::ranges::any_of(model.get_ops(), [](const std::shared_ptr<ov::Node>& node) {
        if (ov::is_type<ov::op::v0::Constant>(node)) return false;
        const auto outputs = std::as_const(*node).outputs();
        return std::ranges::any_of(
            outputs, [](const ov::Output<const ov::Node>& output) { return output.get_element_type() == kHalf; });
    });
}

/// Those that say their type themselves; all others take it from their inputs.
void widen(const std::shared_ptr<ov::Node>& node) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
        if (constant->get_element_type() != kHalf) return;
        const auto wide =
            ov::op::v0::Constant::create(ov::element::f32, constant->get_shape(), constant->cast_vector<float>());
        wide->set_friendly_name(constant->get_friendly_name());
        ov::replace_node(constant, wide);
    } else if (const auto conversion = ov::as_type_ptr<ov::op::v0::Convert>(node)) {
        if (conversion->get_destination_type() == kHalf) conversion->set_destination_type(ov::element::f32);
    } else if (const auto range = ov::as_type_ptr<ov::op::v4::Range>(node)) {
        if (range->get_output_type() == kHalf) range->set_output_type(ov::element::f32);
    } else if (const auto parameter = ov::as_type_ptr<ov::op::v0::Parameter>(node)) {
        if (parameter->get_element_type() == kHalf) parameter->set_element_type(ov::element::f32);
    }
}

/// From f32 to f32.
void drop_idle(const std::shared_ptr<ov::Node>& node) {
    const auto conversion = ov::as_type_ptr<ov::op::v0::Convert>(node);
    if (!conversion || conversion->get_input_element_type(0) != conversion->get_destination_type()) return;
    ov::Output<ov::Node> from = conversion->input_value(0);
    const ov::Output<ov::Node> gone = conversion->output(0);
    for (ov::Input<ov::Node> reader : gone.get_target_inputs()) reader.replace_source_output(from);
    from.get_tensor().add_names(gone.get_names());
}

}  // namespace

std::shared_ptr<const ov::Model> widened(std::shared_ptr<const ov::Model> model) {
    return openvino::translate(ErrorCode::RuntimeFailure, "calibration", "cannot widen the 16-bit floats",
                               [&]() -> std::shared_ptr<const ov::Model> {
                                   if (!computes_in_half(*model)) return model;
                                   const std::shared_ptr<ov::Model> copy = model->clone();
                                   for (const auto& node : copy->get_ordered_ops()) widen(node);
                                   copy->validate_nodes_and_infer_types();
                                   for (const auto& node : copy->get_ordered_ops()) drop_idle(node);
                                   copy->validate_nodes_and_infer_types();
                                   return copy;
                               });
}

}  // namespace yolovino::runtime
