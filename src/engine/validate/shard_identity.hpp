#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/val_args.hpp"

#include "engine/model/loaded_model.hpp"
#include "engine/validate/plan.hpp"

namespace yolovino::engine {

/// What all parts of one validation have in common: the model's bytes, the images and labels, the arguments that change
/// numbers, and the versions of the programs. Parts in which any of it differs do not belong together.
nlohmann::ordered_json shard_identity(const LoadedModel& model, const ValPlan& plan, const ClassNames& names,
                                      const ValArgs& args);

/// The same for people, by name.
std::vector<std::pair<std::string, std::string>> identity_facts(const nlohmann::ordered_json& run);

/// What differs, for a message: `conf: 0.001 and 0.25`. Empty if nothing does.
std::string identity_difference(const nlohmann::ordered_json& one, const nlohmann::ordered_json& other);

}  // namespace yolovino::engine
