#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// The number that Python's int() makes of a key, as Ultralytics numbers its classes; nothing for what is no number.
std::optional<std::int64_t> class_id(const checkpoint::Value& key);

/// The class names of a checkpoint, as many as it has; without any, classes are named class0, class1, … by id.
/// @throws Error CorruptFile for ids that do not fit and for what cannot be read as text, LimitExceeded
ClassNames names_of(const checkpoint::Checkpoint& checkpoint, std::int64_t classes);

/// The names of the keypoints by class id, as many lists as classes; nothing unless the checkpoint has them as
/// Ultralytics writes them, `{class id: [names]}`. @throws Error CorruptFile, LimitExceeded as above
std::vector<std::vector<std::string>> keypoint_names_of(const checkpoint::Checkpoint& checkpoint, std::int64_t classes);

/// Makes the names as many as the classes, as Ultralytics runs models whose names do not fit: those without a class
/// are left out, and classes without one are named class0, class1, … by id. A warning says so.
/// @param classes what the network gives, 0 if unknown
void fit_names(ModelInfo& info, int classes);

}  // namespace yolovino::engine
