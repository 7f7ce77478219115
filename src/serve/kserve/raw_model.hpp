#pragma once

#include <memory>

#include "serve/kserve/served_model.hpp"

namespace yolovino::serve {

/// The network as it is: `images` `[n, 3, height, width]`, RGB, 0 to 1, to all its outputs. Takes FP32, FP16, and UINT8
/// (0 to 255, divided by 255), gives FP32.
std::unique_ptr<ServedModel> raw_model(std::shared_ptr<const Generation> generation);

/// Whether the network takes any batch and any size that its strides divide.
bool is_dynamic(const Generation& generation);

}  // namespace yolovino::serve
