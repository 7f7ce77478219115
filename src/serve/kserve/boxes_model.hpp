#pragma once

#include <memory>

#include "serve/kserve/served_model.hpp"

namespace yolovino::serve {

/// Encoded images to what was found: input `image` BYTES `[n]`. Outputs: `results` BYTES `[n]`, a JSON line of each
/// image; of all images together, in their order, `image_index` and `classes` INT32 `[d]`, `scores` FP32 `[d]`,
/// `boxes` FP32 `[d, 4]` (or `obb` `[d, 5]`), and `keypoints` `[d, k, 2 or 3]`; of models that classify `probs` FP32
/// `[n, classes]` instead.
std::unique_ptr<ServedModel> boxes_model(std::shared_ptr<const Generation> generation);

}  // namespace yolovino::serve
