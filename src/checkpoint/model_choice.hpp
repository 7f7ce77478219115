#pragma once

#include <string>

#include "checkpoint/pickle.hpp"
#include "checkpoint/tensor.hpp"

namespace yolovino::checkpoint {

/// The node of the network among the entries of a checkpoint: of `ema` if it has one, otherwise of `model`; of a model
/// that was saved without entries, itself. What it is wrapped in (DataParallel, a YOLO object) is taken off.
/// @throws Error UnsupportedFile
Pickle::Index choose_model(const Pickle& pickle, const TensorReader& tensors, const std::string& file);

}  // namespace yolovino::checkpoint
