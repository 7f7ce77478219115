#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tasks/decode_args.hpp"
#include "tasks/detect/decode.hpp"
#include "tensors/outputs.hpp"
#include "tensors/signature.hpp"

/// Outputs whose boxes the network has chosen itself, [N, boxes, 6 + more]: four numbers of the box in model pixels,
/// its score, its class, and what the task adds. Nothing is suppressed afterwards.
namespace yolovino::tasks {

inline constexpr std::size_t kFinishedColumns = 6;

/// Whether an output is of this form: the file says so, or has no other numbers than these six, as in Ultralytics. Of
/// tasks that add numbers only the file can say it.
bool are_finished(const graph::Shape& shape, const NetworkForm& form, bool adds_numbers = false);

/// The same of the first output that a file declares; false if it does not say.
bool declares_finished(const tensors::Signature& signature, const NetworkForm& form, bool adds_numbers = false);

/// Rows of an image whose score is above `conf`, of the wanted classes, in the network's own order; at most `max_det`.
/// @throws Error ShapeMismatch if a class is none
std::vector<std::size_t> finished_rows(const tensors::OutputTensor& tensor, std::size_t image, const DecodeArgs& args);

/// One of them. @throws nothing
std::span<const float> finished_row(const tensors::OutputTensor& tensor, std::size_t image, std::size_t row);

/// The same as detections with two corners each; `anchor` is the row.
std::vector<ModelDetection> finished_detections(const tensors::OutputTensor& tensor, std::size_t image,
                                                const DecodeArgs& args);

/// Finished ones, or those after suppression of `[N, 4 + classes, anchors]`.
std::vector<ModelDetection> detections_of(const tensors::OutputTensor& tensor, std::size_t image,
                                          const DecodeArgs& args);

}  // namespace yolovino::tasks
