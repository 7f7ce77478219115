#include "runtime/openvino/import/codes.hpp"

#include <algorithm>
#include <memory>
#include <openvino/op/ops.hpp>
#include <vector>

namespace yolovino::runtime::codes {

namespace {

using ov::op::v0::FakeQuantize;

// Inputs of FakeQuantize.
constexpr std::size_t kInputLow = 1;
constexpr std::size_t kOutputLow = 3;

/// From whole numbers to floats, or back.
bool converts(const ov::Node& node) {
    return ov::is_type<ov::op::v0::Convert>(&node);
}

/// Takes a node out; its names go to what it was made from.
void bypass(const ov::Node& node) {
    const ov::Output<const ov::Node> gone = node.output(0);
    const ov::Output<ov::Node> from = node.input_value(0);
    for (ov::Input<ov::Node> reader : gone.get_target_inputs()) reader.replace_source_output(from);
    from.get_tensor().add_names(gone.get_names());
}

/// What gives an output, in front of what only moves values.
std::shared_ptr<ov::Node> giver(const ov::op::v0::Result& result) {
    std::shared_ptr<ov::Node> node = result.get_input_node_shared_ptr(0);
    while (ov::is_type<ov::op::v1::Transpose>(node) || ov::is_type<ov::op::v1::Reshape>(node))
        node = node->get_input_node_shared_ptr(0);
    return node;
}

/// Lets the grid begin or end in the range that the other side of it has.
void set_range(FakeQuantize& grid, std::size_t to, std::size_t from) {
    for (std::size_t i = 0; i < 2; ++i) grid.input(to + i).replace_source_output(grid.input_value(from + i));
}

/// Input → turn → Convert → FakeQuantize: finds the last two behind `from`. False if anything else reads it.
bool find_grids(const ov::Output<ov::Node>& from, std::vector<std::shared_ptr<ov::Node>>& conversions,
                std::vector<std::shared_ptr<FakeQuantize>>& grids) {
    const auto readers = from.get_target_inputs();
    return !readers.empty() && std::ranges::all_of(readers, [&](const ov::Input<ov::Node>& reader) {
        const std::shared_ptr<ov::Node> node = reader.get_node()->shared_from_this();
        if (ov::is_type<ov::op::v1::Transpose>(node) && reader.get_index() == 0)
            return find_grids(node->output(0), conversions, grids);
        if (converts(*node)) {
            conversions.push_back(node);
            return find_grids(node->output(0), conversions, grids);
        }
        const auto grid = ov::as_type_ptr<FakeQuantize>(node);
        if (grid == nullptr || reader.get_index() != 0) return false;
        grids.push_back(grid);
        return true;
    });
}

double single(const ov::Output<ov::Node>& value) {
    const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(value.get_node_shared_ptr());
    if (constant == nullptr || ov::shape_size(constant->get_shape()) != 1) return 0;
    return constant->cast_vector<double>().front();
}

}  // namespace

bool any(const ov::Model& model) {
    return std::ranges::any_of(model.get_ops(),
                               [](const std::shared_ptr<ov::Node>& node) { return ov::is_type<FakeQuantize>(node); });
}

bool take_floats(ov::Model& model) {
    const std::shared_ptr<ov::op::v0::Parameter> input = model.get_parameters().front();
    if (!input->get_element_type().is_integral_number()) return true;
    std::vector<std::shared_ptr<ov::Node>> conversions;
    std::vector<std::shared_ptr<FakeQuantize>> grids;
    if (!find_grids(input->output(0), conversions, grids)) return false;
    input->set_element_type(ov::element::f32);
    for (const auto& conversion : conversions) bypass(*conversion);
    for (const auto& grid : grids) set_range(*grid, kInputLow, kOutputLow);
    model.validate_nodes_and_infer_types();
    return true;
}

bool give_floats(ov::Model& model) {
    for (const std::shared_ptr<ov::op::v0::Result>& result : model.get_results()) {
        if (!result->get_element_type().is_integral_number()) continue;
        const std::shared_ptr<ov::Node> conversion = giver(*result);
        if (!converts(*conversion)) return false;
        const auto grid = ov::as_type_ptr<FakeQuantize>(conversion->get_input_node_shared_ptr(0));
        if (grid == nullptr || grid->output(0).get_target_inputs().size() != 1) return false;
        set_range(*grid, kOutputLow, kInputLow);
        bypass(*conversion);
        model.validate_nodes_and_infer_types();
    }
    return true;
}

double step_of_rows(const ov::Model& model) {
    const auto grid = ov::as_type_ptr<FakeQuantize>(giver(*model.get_results().front()));
    if (grid == nullptr || grid->get_levels() < 2) return 0;
    return (single(grid->input_value(kOutputLow + 1)) - single(grid->input_value(kOutputLow))) /
           static_cast<double>(grid->get_levels() - 1);
}

}  // namespace yolovino::runtime::codes
