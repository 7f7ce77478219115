#include "runtime/openvino/precisions.hpp"

#include <openvino/core/model.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <sstream>

#include "base/log.hpp"

namespace yolovino::runtime {

namespace {

std::string text(const ov::RTMap& facts, const char* key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string() : found->second.as<std::string>();
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> out;
    std::istringstream stream(list);
    for (std::string item; std::getline(stream, item, ',');) {
        if (!item.empty()) out.push_back(item);
    }
    return out;
}

}  // namespace

std::vector<LayerPrecision> layers_of(const ov::CompiledModel& model) {
    std::vector<LayerPrecision> out;
    try {
        for (const auto& node : model.get_runtime_model()->get_ordered_ops()) {
            const ov::RTMap& facts = node->get_rt_info();
            LayerPrecision layer{.name = node->get_friendly_name(),
                                 .kind = text(facts, "layerType"),
                                 .precision = text(facts, "runtimePrecision"),
                                 .primitive = text(facts, "primitiveType"),
                                 .covers = split(text(facts, "originalLayersNames"))};
            if (layer.kind != "Const") out.push_back(std::move(layer));
        }
    } catch (const std::exception& e) {
        base::debug("the device does not tell how it runs the layers: {}", e.what());
    }
    return out;
}

}  // namespace yolovino::runtime
