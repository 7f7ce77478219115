#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.hpp"
#include "writers/onnx/module/nodes.hpp"

namespace yolovino::writers::onnx {

/// A TopRows or SuppressedRows node.
struct RowsNode {
    const graph::Graph& graph;
    const graph::Node& node;
    const Names& inputs;  ///< in f32
    int opset;
};

/// Emits its operators, in f32; the result has the name of the node.
void lower_rows(const RowsNode& rows, Nodes& nodes, ::onnx::GraphProto& out);

}  // namespace yolovino::writers::onnx
