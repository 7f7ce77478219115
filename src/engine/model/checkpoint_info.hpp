#pragma once

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "nets/types.hpp"

namespace yolovino::engine {

/// Describes a checkpoint. @throws Error UnsupportedModel, CorruptFile, ShapeMismatch
/// @param head of the network that is built from it
ModelInfo describe_checkpoint(const checkpoint::Checkpoint& checkpoint, const nets::HeadForm& head = {});

/// Counts what is left after fusing with a head. @throws Error as above
void count_fused(const checkpoint::Checkpoint& checkpoint, const nets::HeadForm& head, ModelInfo& info);

}  // namespace yolovino::engine
