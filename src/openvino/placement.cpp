#include "openvino/placement.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <openvino/op/ops.hpp>
#include <set>
#include <utility>

namespace yolovino::openvino {

namespace {

using Output = ov::Output<ov::Node>;
using Key = std::pair<const ov::Node*, std::size_t>;

template <typename Operation>
bool is(const ov::Node& node) {
    return ov::is_type<Operation>(&node);
}

bool is_concat(const ov::Node& node) {
    return is<ov::op::v0::Concat>(node);
}

/// Operations that move codes without computing with them.
bool is_carrier(const ov::Node& node) {
    if (const auto* resize = ov::as_type<const ov::op::util::InterpolateBase>(&node))
        return resize->get_attrs().mode == ov::op::util::InterpolateBase::InterpolateMode::NEAREST;
    return is_concat(node) || is<ov::op::util::MaxPoolBase>(node) || is<ov::op::v1::Split>(node) ||
           is<ov::op::v1::VariadicSplit>(node) || is<ov::op::v1::Reshape>(node) || is<ov::op::v1::Transpose>(node);
}

std::size_t data_inputs(const ov::Node& carrier) {
    return is_concat(carrier) ? carrier.get_input_size() : 1;
}

/// The outputs of other operations that a value comes from through carriers.
std::vector<Output> sources(const Output& value) {
    std::vector<Output> found;
    std::vector<Output> open = {value};
    std::set<Key> seen;
    while (!open.empty()) {
        const Output at = open.back();
        open.pop_back();
        const ov::Node& node = *at.get_node();
        if (!seen.insert({&node, at.get_index()}).second) continue;
        if (!is_carrier(node)) {
            found.push_back(at);
            continue;
        }
        for (std::size_t i = data_inputs(node); i-- > 0;) open.push_back(node.input_value(i));
    }
    return found;
}

/// Whether a value is what attention gives: no codes are there before it, so that a skip of them would save nothing.
bool is_product(const Output& value) {
    return std::ranges::any_of(sources(value),
                               [](const Output& source) { return is<ov::op::v0::MatMul>(*source.get_node()); });
}

bool is_quantizable(const ov::Node& node) {
    if (!is<ov::op::v1::Convolution>(node) || constant_weights(node) == nullptr) return false;
    return std::ranges::none_of(sources(node.input_value(0)), [](const Output& source) {
        const ov::Node& producer = *source.get_node();
        return is<ov::op::v1::Softmax>(producer) || is<ov::op::v8::Softmax>(producer) ||
               is<ov::op::v0::Sigmoid>(producer);
    });
}

/// Whether someone computes with the result: the last convolutions of a head are only moved about in float.
bool is_worked_on(ov::Node& convolution) {
    return std::ranges::any_of(result_of(convolution).get_target_inputs(), [](const ov::Input<ov::Node>& reader) {
        return !is_carrier(*reader.get_node()) && !is<ov::op::v0::Result>(*reader.get_node());
    });
}

std::string point_name(const Output& value) {
    const std::string& name = value.get_node()->get_friendly_name();
    return value.get_index() == 0 ? name : fmt::format("{}.{}", name, value.get_index());
}

class Placer {
public:
    Placer(const ov::Model& model, const std::set<std::string>& float_layers, quantize::Reach reach)
        : nodes_(model.get_ordered_ops()), reach_(reach) {
        for (const auto& node : nodes_) {
            if (!is_quantizable(*node) || float_layers.contains(layer_name(node->get_friendly_name()))) continue;
            if (reach_ == quantize::Reach::Inputs || is_worked_on(*node)) out_.convolutions.push_back(node);
        }
    }

    Placement run() {
        for (const auto& convolution : out_.convolutions) open_.push_back(convolution->input(0));
        while (!open_.empty()) {
            const ov::Input<ov::Node> reader = open_.back();
            open_.pop_back();
            if (seen_.insert({reader.get_node(), reader.get_index()}).second) climb(reader);
        }
        if (reach_ == quantize::Reach::Steps) add_results();
        collect();
        unite();
        return std::move(out_);
    }

private:
    void climb(const ov::Input<ov::Node>& reader) {
        const Output value = reader.get_source_output();
        ov::Node& producer = *value.get_node();
        if (is_carrier(producer)) {
            carriers_.insert(&producer);
            for (std::size_t i = 0; i < data_inputs(producer); ++i) open_.push_back(producer.input(i));
            return;
        }
        readers_[{&producer, value.get_index()}].push_back(reader);
        if (is<ov::op::v1::Add>(producer)) climb_skip(producer);
    }

    /// The branch of a residual Add stays in float: with OpenVINO cutting it too costs accuracy and gains no speed.
    void climb_skip(ov::Node& add) {
        for (const std::size_t i : {0U, 1U}) {
            if (is<ov::op::v0::Constant>(*add.get_input_node_ptr(i))) return;
        }
        for (const std::size_t i : {0U, 1U}) {
            const Output input = add.input_value(i);
            const bool skip = is_carrier(*input.get_node()) ? !is_product(input) : input.get_target_inputs().size() > 1;
            if (reach_ == quantize::Reach::Steps || skip) open_.push_back(add.input(i));
        }
    }

    void add_results() {
        for (const auto& convolution : out_.convolutions) {
            const Output result = result_of(*convolution);
            const Key key = {result.get_node(), result.get_index()};
            if (readers_.contains(key)) continue;
            for (const ov::Input<ov::Node>& reader : result.get_target_inputs()) readers_[key].push_back(reader);
        }
    }

    void collect() {
        for (const auto& node : nodes_) {
            for (const Output& output : node->outputs()) {
                const auto found = readers_.find({node.get(), output.get_index()});
                if (found == readers_.end()) continue;
                index_[found->first] = out_.points.size();
                const bool before_swish = std::ranges::all_of(found->second, [](const ov::Input<ov::Node>& reader) {
                    return is<ov::op::v4::Swish>(*reader.get_node());
                });
                out_.points.push_back({point_name(output), output, found->second, out_.points.size(), before_swish});
            }
        }
    }

    /// A Concat has one scale: what flows into it shares a group, named by its first member.
    void unite() {
        std::vector<std::size_t> parent(out_.points.size());
        std::iota(parent.begin(), parent.end(), std::size_t{0});
        const auto root = [&](std::size_t i) {
            while (parent[i] != i) i = parent[i];
            return i;
        };
        for (const auto& node : nodes_) {
            if (!is_concat(*node)) continue;
            std::vector<std::size_t> members;
            for (const Output& source : sources(node->output(0))) {
                const auto found = index_.find({source.get_node(), source.get_index()});
                if (found != index_.end()) members.push_back(root(found->second));
            }
            if (members.empty()) continue;
            const std::size_t first = *std::ranges::min_element(members);
            for (const std::size_t member : members) parent[member] = first;
        }
        for (std::size_t i = 0; i < parent.size(); ++i) out_.points[i].group = root(i);
        for (const auto& convolution : out_.convolutions) {
            out_.inputs.emplace_back();
            for (const Output& source : sources(convolution->input_value(0)))
                out_.inputs.back().push_back(index_.at({source.get_node(), source.get_index()}));
        }
        for (const auto& node : nodes_) {
            if (!carriers_.contains(node.get())) continue;
            const Output source = sources(node->output(0)).front();
            const std::size_t point = index_.at({source.get_node(), source.get_index()});
            out_.carriers.push_back({node->get_friendly_name(), root(point)});
        }
    }

    ov::NodeVector nodes_;
    quantize::Reach reach_;
    Placement out_;
    std::vector<ov::Input<ov::Node>> open_;
    std::set<Key> seen_;
    std::set<const ov::Node*> carriers_;
    std::map<Key, std::vector<ov::Input<ov::Node>>> readers_;
    std::map<Key, std::size_t> index_;
};

}  // namespace

Output result_of(ov::Node& convolution) {
    Output result = convolution.output(0);
    const auto readers = result.get_target_inputs();
    if (readers.size() != 1) return result;
    ov::Node& next = *readers.begin()->get_node();
    const bool bias = is<ov::op::v1::Add>(next) && (is<ov::op::v0::Constant>(*next.get_input_node_ptr(0)) ||
                                                    is<ov::op::v0::Constant>(*next.get_input_node_ptr(1)));
    return bias ? next.output(0) : result;
}

std::shared_ptr<ov::Node> constant_weights(const ov::Node& convolution) {
    std::shared_ptr<ov::Node> weights = convolution.get_input_node_shared_ptr(1);
    if (is<ov::op::v0::Convert>(*weights)) weights = weights->get_input_node_shared_ptr(0);
    const bool floats = is<ov::op::v0::Constant>(*weights) && weights->get_output_element_type(0).is_real();
    return floats ? weights : nullptr;
}

std::string layer_name(const std::string& friendly_name) {
    // Names of ONNX, TensorFlow, and Caffe hold slashes of their own: only what OpenVINO adds is removed.
    std::string name = friendly_name.substr(0, friendly_name.find("/aten::"));
    const std::string_view last = std::string_view(name).substr(std::min(name.rfind('/'), name.size()));
    if (last == "/WithoutBiases" || last.starts_with("/Convolution_") || last.starts_with("/GroupConvolution_"))
        name.resize(name.size() - last.size());
    for (const std::string_view prefix : {"__module.", "model."}) {
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
    }
    for (const std::string_view suffix : {".without_bias", ".conv"}) {
        if (name.ends_with(suffix)) name.erase(name.size() - suffix.size());
    }
    return name;
}

Placement place_quantization(const ov::Model& model, const std::set<std::string>& float_layers, quantize::Reach reach) {
    return Placer(model, float_layers, reach).run();
}

}  // namespace yolovino::openvino
