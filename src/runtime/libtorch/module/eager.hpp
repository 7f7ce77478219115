#pragma once

#include <memory>

#include "graph/graph.hpp"
#include "runtime/libtorch/module/network.hpp"

namespace yolovino::runtime::torch_module {

/// Executes a graph operator by operator. @throws Error RuntimeFailure
Forward open_graph(std::shared_ptr<const graph::Graph> graph);

}  // namespace yolovino::runtime::torch_module
