#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.hpp"
#include "quantize/codes.hpp"

namespace yolovino::writers::onnx {

struct LoweringOptions {
    int opset;                               ///< which operators there are
    bool half = false;                       ///< compute in f16 between a Cast at either end
    const quantize::Codes* codes = nullptr;  ///< null: no 8-bit codes
};

/// Adds the graph to `out`, its nodes in topological order: nodes and tensors are named by checkpoint path, constants
/// `<path>.weight` and `<path>.bias`; what ONNX needs several operators for gets names below the path.
/// @throws Error RuntimeFailure for a graph without weights or without one input and an output
void lower(const graph::Graph& graph, const LoweringOptions& options, ::onnx::GraphProto& out);

}  // namespace yolovino::writers::onnx
