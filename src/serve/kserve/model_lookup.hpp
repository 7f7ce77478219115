#pragma once

#include <memory>
#include <string>
#include <vector>

#include "serve/generation.hpp"
#include "serve/kserve/served_model.hpp"

namespace yolovino::serve {

/// The model of a name: that of a generation, or with kBoxesSuffix its other one. A generation whose own name ends so
/// wins. Nothing if there is none.
std::unique_ptr<ServedModel> find_served_model(const Generations& generations, const std::string& name);
/// Both of each generation, in the order of the generations.
std::vector<std::unique_ptr<ServedModel>> all_served_models(const Generations& generations);

}  // namespace yolovino::serve
