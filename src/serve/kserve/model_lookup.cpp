#include "serve/kserve/model_lookup.hpp"

#include "serve/kserve/boxes_model.hpp"
#include "serve/kserve/raw_model.hpp"

namespace yolovino::serve {

std::unique_ptr<ServedModel> find_served_model(const Generations& generations, const std::string& name) {
    if (name.empty()) return nullptr;
    if (auto generation = generations.find(name)) return raw_model(std::move(generation));
    if (!name.ends_with(kBoxesSuffix) || name.size() == kBoxesSuffix.size()) return nullptr;
    auto generation = generations.find(name.substr(0, name.size() - kBoxesSuffix.size()));
    return generation ? boxes_model(std::move(generation)) : nullptr;
}

std::vector<std::unique_ptr<ServedModel>> all_served_models(const Generations& generations) {
    std::vector<std::unique_ptr<ServedModel>> models;
    for (const auto& generation : generations.all()) {
        models.push_back(raw_model(generation));
        models.push_back(boxes_model(generation));
    }
    return models;
}

}  // namespace yolovino::serve
