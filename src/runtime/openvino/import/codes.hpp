#pragma once

#include <openvino/core/model.hpp>

/// Networks that are in 8 bits already, as OpenVINO's reader for TensorFlow Lite gives them: FakeQuantize stands for
/// the file's scale and zero point.
namespace yolovino::runtime::codes {

/// Whether anything inside the network is quantized.
bool any(const ov::Model& model);

/// Whole numbers at the input become the floats that they stand for: what is given is put on the same grid inside.
/// Nothing is done to a float input. @return false if the network does not declare its scale
bool take_floats(ov::Model& model);

/// The same at the outputs.
bool give_floats(ov::Model& model);

/// By how much neighbouring values of the first output differ; 0 if it is not on a grid.
double step_of_rows(const ov::Model& model);

}  // namespace yolovino::runtime::codes
