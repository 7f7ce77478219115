#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.hpp"

namespace yolovino::writers::onnx {

/// Adds the graph to `out`, its nodes in topological order: nodes and tensors are named by checkpoint path, constants
/// `<path>.weight` and `<path>.bias`; what ONNX needs several operators for gets names below the path.
/// @param opset which operators there are
/// @param half  compute in f16 between a Cast at either end
/// @throws Error RuntimeFailure for a graph without weights or without one input and one output
void lower(const graph::Graph& graph, int opset, bool half, ::onnx::GraphProto& out);

}  // namespace yolovino::writers::onnx
