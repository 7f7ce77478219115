#pragma once

#include <memory>
#include <optional>

#include "yolovino/quantization.hpp"

#include "runtime/openvino/calibrate/calibration.hpp"
#include "tasks/task.hpp"

namespace ov {
class Model;
}

namespace yolovino::engine {

/// What the task finds with two networks.
struct ObjectComparison {
    const tasks::Task& task;
    const tasks::NetworkForm& form;
    const runtime::CalibrationInput& input;
    const runtime::Calibration& calibration;  ///< its sample is compared, or the first part of a large one
};

/// Nothing for a task that finds only boxes: the damage of anchors says all of them.
/// @throws Error RuntimeFailure, ShapeMismatch
std::optional<ObjectDamage> compare_objects(const std::shared_ptr<const ov::Model>& float_model,
                                            const std::shared_ptr<const ov::Model>& int8_model,
                                            const ObjectComparison& comparison);

}  // namespace yolovino::engine
