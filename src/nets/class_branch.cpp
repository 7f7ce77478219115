#include "nets/class_branch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/fail.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

using graph::Graph;
using graph::Node;
using graph::Value;

[[noreturn]] void fail(const std::string& path, const std::string& message) {
    throw Error(ErrorCode::UnsupportedModel, "nets", message, {.module_path = path});
}

std::string_view head_of(std::string_view name) {
    return name.substr(0, name.rfind('.'));
}

/// From the logits back to what the head takes.
ClassBranch branch_to(const Graph& graph, Value logits, std::string_view head) {
    const std::string inside = std::string(head) + ".";
    ClassBranch branch{.features = logits, .logits = logits, .nodes = {}};
    while (graph.node(branch.features).name.starts_with(inside)) {
        const Node& node = graph.node(branch.features);
        const bool known = std::holds_alternative<op::Conv2d>(node.operation) ||
                           std::holds_alternative<op::Activation>(node.operation) ||
                           std::holds_alternative<op::GlobalMean>(node.operation);
        if (!known || node.inputs.size() != 1)
            fail(node.name, fmt::format("the scores of the classes are made with {}, wanted convolutions alone",
                                        graph::name_of(node.operation)));
        branch.nodes.push_back(branch.features.node);
        branch.features = node.inputs.front();
    }
    std::ranges::reverse(branch.nodes);
    return branch;
}

const Node* find_last(const Graph& graph, const auto& is_wanted) {
    const auto found = std::ranges::find_if(graph.nodes().rbegin(), graph.nodes().rend(), is_wanted);
    return found == graph.nodes().rend() ? nullptr : &*found;
}

}  // namespace

std::vector<ClassBranch> class_branches(const Graph& graph) {
    std::vector<ClassBranch> branches;
    const auto ends_with = [](std::string_view end) {
        return [=](const Node& each) { return each.name.ends_with(end); };
    };
    const auto is_joined = [&](const Node& each) {
        return std::holds_alternative<op::Concat>(each.operation) && each.name.ends_with("cv3");
    };
    if (const Node* joined = find_last(graph, is_joined)) {
        for (const Value flat : joined->inputs)
            branches.push_back(branch_to(graph, graph.node(flat).inputs.front(), head_of(joined->name)));
    } else if (const Node* whole = find_last(graph, ends_with(".logits"))) {
        branches.push_back(branch_to(graph, whole->inputs.front(), head_of(whole->name)));
    } else {
        fail("model", "the head has no scores of classes");
    }
    return branches;
}

Graph class_branch_outputs(const Graph& graph, const std::vector<ClassBranch>& branches) {
    Graph copy;
    for (const Node& node : graph.nodes()) {
        // They are the last ones, so that no id changes.
        if (!std::holds_alternative<op::Output>(node.operation)) copy.add(node.name, node.operation, node.inputs);
    }
    for (std::size_t i = 0; i < branches.size(); ++i) {
        copy.add(fmt::format("features{}", i), op::Output{}, {branches[i].features});
        copy.add(fmt::format("logits{}", i), op::Output{}, {branches[i].logits});
    }
    return copy;
}

}  // namespace yolovino::nets
