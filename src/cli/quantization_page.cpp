#include "cli/quantization_page.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

using Json = nlohmann::ordered_json;

/// The layer that computes a node; layers that only convert to another type carry their nodes' names, too.
const LayerPrecision* layer_of(const std::string& node, const std::vector<LayerPrecision>& layers,
                               const std::string& kind) {
    const auto found = std::ranges::find_if(layers, [&](const LayerPrecision& layer) {
        return layer.kind == kind && std::ranges::find(layer.covers, node) != layer.covers.end();
    });
    return found == layers.end() ? nullptr : &*found;
}

std::string precision_of(const std::string& node, const std::vector<LayerPrecision>& layers, const std::string& kind) {
    if (layers.empty()) return {};
    const LayerPrecision* layer = layer_of(node, layers, kind);
    return layer == nullptr ? "?" : safe(layer->precision);
}

/// How many layers of each kind run in each type: `Convolution: 63 u8, 1 bf16`.
std::string kinds_line(const std::vector<LayerPrecision>& layers) {
    std::map<std::string, std::map<std::string, int>> counts;
    for (const LayerPrecision& layer : layers) {
        if (layer.kind != "Input" && layer.kind != "Output") ++counts[layer.kind][layer.precision];
    }
    std::string text;
    for (const auto& [kind, precisions] : counts) {
        std::vector<std::string> parts;
        for (const auto& [precision, count] : precisions) parts.push_back(fmt::format("{} {}", count, safe(precision)));
        text += fmt::format("  {:<16}{}\n", safe(kind), join(parts, ", "));
    }
    return text;
}

/// As in quantization.json.
Json json_of(const ObjectDamage& objects) {
    Json out = {{"images", objects.images},
                {"matched", objects.matched},
                {"only_float", objects.only_float},
                {"only_int8", objects.only_int8}};
    const auto add = [&](const char* key, const std::optional<double>& value) {
        if (value) out[key] = *value;
    };
    add("mask_iou", objects.mask_iou);
    add("keypoint_px", objects.keypoint_px);
    add("angle_deg", objects.angle_deg);
    add("probability", objects.probability);
    return out;
}

std::string object_lines(const ObjectDamage& objects) {
    if (objects.probability) {
        return fmt::format("  classes        {} of {} images keep the most likely\n", objects.matched, objects.images) +
               fmt::format("  probabilities  {:.4f}\n", *objects.probability);
    }
    std::string text = fmt::format("  objects        {} in both, {} in float only, {} in 8 bits only, on {} images\n",
                                   objects.matched, objects.only_float, objects.only_int8, objects.images);
    if (objects.mask_iou) text += fmt::format("  masks          IoU {:.4f}\n", *objects.mask_iou);
    if (objects.keypoint_px) text += fmt::format("  keypoints      {:.3f} px\n", *objects.keypoint_px);
    if (objects.angle_deg) text += fmt::format("  angles         {:.3f} degrees\n", *objects.angle_deg);
    return text;
}

std::string summary(const QuantizationInfo& info) {
    std::string text = fmt::format("quantization by {}, method {}\n", safe(info.tool), safe(info.method));
    const QuantizationDamage& damage = info.damage;
    if (damage.anchors > 0) {
        const std::string boxes = damage.box_px > 0 ? fmt::format("boxes {:.3f} px, ", damage.box_px) : std::string();
        text += fmt::format("  damage         {}scores {:.4f} on {} images\n", boxes, damage.score, damage.images);
    } else {
        text += "  damage         unknown: the float model found nothing\n";
    }
    if (damage.objects) text += object_lines(*damage.objects);
    text += fmt::format("  calibration    {} images of {}, {} unreadable, sha256 {}\n", info.images.size(),
                        safe(info.data), info.unreadable, safe(info.images_sha256));
    std::vector<std::string> kept;
    for (const std::string& layer : info.float_layers) kept.push_back(safe(layer));
    text += fmt::format("  left in float  {}\n", kept.empty() ? "none" : join(kept, ", "));
    return text;
}

}  // namespace

std::string quantization_page(const QuantizationInfo& info, const std::vector<LayerPrecision>& layers) {
    std::string text = summary(info);
    text += fmt::format("{:<28}{:>9}{:>12}{:>12}{:>9}  {}\n", "convolution", "channels", "least scale", "largest",
                        "noise %", layers.empty() ? "" : "runs in");
    for (const QuantizedConvolution& each : info.convolutions) {
        text +=
            fmt::format("{:<28}{:>9}{:>12.5g}{:>12.5g}{:>9.3f}  {}\n", safe(each.name), each.channels, each.scale_low,
                        each.scale_high, 100 * each.noise, precision_of(each.node, layers, "Convolution"));
    }
    text += fmt::format("{:<28}{:>6}{:>10}{:>5}{:>10}{:>10}{:>11}{:>9}\n", "activation", "group", "scale", "zero",
                        "low", "high", "clipped %", "noise %");
    for (const QuantizedActivation& each : info.activations) {
        text +=
            fmt::format("{:<28}{:>6}{:>10.5f}{:>5}{:>10.4f}{:>10.4f}{:>11.4f}{:>9.3f}\n", safe(each.name), each.group,
                        each.scale, each.zero_point, each.low, each.high, 100 * each.clipped, 100 * each.noise);
    }
    if (!layers.empty()) text += "layers on the device\n" + kinds_line(layers);
    return text;
}

bool have_devices(const std::vector<LayerPrecision>& layers) {
    return std::ranges::any_of(layers, [](const LayerPrecision& layer) { return !layer.device.empty(); });
}

std::string layers_page(const std::vector<LayerPrecision>& layers) {
    if (!have_devices(layers)) return "layers on the device\n" + kinds_line(layers);
    // A space between them, since a name may be longer than its column.
    constexpr auto kColumns = "{:<47} {:<19} {:<9} {}\n";
    std::map<std::string, int> counts;
    std::string text = fmt::format(kColumns, "layer", "kind", "precision", "device");
    for (const LayerPrecision& layer : layers) {
        text += fmt::format(kColumns, safe(layer.name), safe(layer.kind), safe(layer.precision), safe(layer.device));
        ++counts[layer.device];
    }
    for (const auto& [device, count] : counts) text += fmt::format("{} layers on {}\n", count, safe(device));
    return text;
}

Json quantization_json(const QuantizationInfo& info) {
    Json out;
    out["tool"] = info.tool;
    out["method"] = info.method;
    out["data"] = info.data;
    out["images"] = info.images.size();
    out["unreadable"] = info.unreadable;
    out["images_sha256"] = info.images_sha256;
    out["box_px"] = info.damage.anchors > 0 ? Json(info.damage.box_px) : Json();
    out["score"] = info.damage.anchors > 0 ? Json(info.damage.score) : Json();
    if (info.damage.objects) out["objects"] = json_of(*info.damage.objects);
    out["float_layers"] = info.float_layers;
    for (const QuantizedConvolution& each : info.convolutions) {
        out["convolutions"].push_back({{"name", each.name},
                                       {"channels", each.channels},
                                       {"scale", {each.scale_low, each.scale_high}},
                                       {"noise", each.noise}});
    }
    for (const QuantizedActivation& each : info.activations) {
        out["activations"].push_back({{"name", each.name},
                                      {"group", each.group},
                                      {"scale", each.scale},
                                      {"zero_point", each.zero_point},
                                      {"range", {each.low, each.high}},
                                      {"clipped", each.clipped},
                                      {"noise", each.noise}});
    }
    return out;
}

Json layer_json(const LayerPrecision& layer) {
    Json out = {{"name", layer.name},
                {"kind", layer.kind},
                {"precision", layer.precision},
                {"primitive", layer.primitive},
                {"covers", layer.covers}};
    if (!layer.device.empty()) out["device"] = layer.device;
    return out;
}

}  // namespace yolovino::cli
