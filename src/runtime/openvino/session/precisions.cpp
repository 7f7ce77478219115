#include "runtime/openvino/session/precisions.hpp"

#include <openvino/core/model.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/core.hpp>
#include <sstream>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "openvino/core.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/session/device.hpp"

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
        base::debug("the device does not report how it runs the layers: {}", e.what());
    }
    return out;
}

void add_devices(std::vector<LayerPrecision>& layers, const std::shared_ptr<const ov::Model>& model,
                 const std::string& device) {
    const ov::SupportedOpsMap placed =
        openvino::translate(ErrorCode::RuntimeFailure, "openvino", "cannot ask where the layers run",
                            [&] { return openvino::core().query_model(model, device); });
    for (LayerPrecision& layer : layers) {
        std::vector<std::string> nodes = layer.covers;
        nodes.push_back(layer.name);
        for (const std::string& node : nodes) {
            const auto found = placed.find(node);
            if (found == placed.end()) continue;
            layer.device = found->second;
            break;
        }
    }
    // Layers that a device put in itself, such as conversions between layouts, run where the layer before them runs.
    std::string last = placed.empty() ? std::string() : placed.begin()->second;
    for (LayerPrecision& layer : layers) {
        if (layer.device.empty()) layer.device = last;
        last = layer.device;
    }
}

}  // namespace yolovino::runtime
