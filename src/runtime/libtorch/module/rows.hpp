#pragma once

#include <ATen/core/Tensor.h>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::runtime::torch_module {

/// The result of a TopRows or SuppressedRows node. @param inputs of the node
at::Tensor select_rows(const graph::Graph& graph, const graph::Node& node, const std::vector<at::Tensor>& inputs);

/// Which boxes no better one overlaps more than `iou`, by descending score.
/// @param boxes [n, 4], two corners each. @param scores [n]. @return indices, i64
at::Tensor greedy_suppression(const at::Tensor& boxes, const at::Tensor& scores, double iou);

/// Ultralytics' archives with suppression in them call torchvision::nms: makes that operator known unless it is.
void provide_torchvision_nms();

}  // namespace yolovino::runtime::torch_module
