#include "cli/model_page.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "cli/quantization_page.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

std::string table(const ModelInfo& info) {
    if (info.layer_table.empty()) return {};
    std::string text =
        fmt::format("{:>3}{:>20}{:>3}{:>10}  {:<45}{:<30}\n", "", "from", "n", "params", "module", "arguments");
    for (const LayerInfo& layer : info.layer_table) {
        text += fmt::format("{:>3}{:>20}{:>3}{:>10}  {:<45}{:<30}\n", layer.index, safe(layer.from), layer.repeats,
                            layer.parameters, safe(layer.module), safe(layer.arguments));
    }
    return text;
}

std::string summary(const ModelInfo& info) {
    if (info.layers == 0) return {};
    const auto count = [](int number) { return grouped(static_cast<unsigned long long>(number)); };
    std::string text = fmt::format("{} summary: {} layers, {} parameters, {} gradients", safe(info.name),
                                   count(info.layers), grouped(info.parameters), grouped(info.gradients));
    if (info.gflops > 0) text += fmt::format(", {:.1f} GFLOPs", info.gflops);
    text += '\n';
    if (info.modules > 0) text += fmt::format("{} modules by the count of 8.0 to 8.3\n", count(info.modules));
    return text;
}

void line(std::string& text, std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<15}{}\n", key, safe(value));
}

}  // namespace

std::string model_page(const ModelInfo& info, bool layer_table) {
    std::string text = (layer_table ? table(info) : std::string()) + summary(info);
    line(text, "path", info.path.string());
    line(text, "format", info.format);
    line(text, "description", info.description);
    line(text, "task", info.task);
    line(text, "head", info.head);
    line(text, "version", info.version);
    line(text, "license", info.license);
    line(text, "date", info.date);
    line(text, "strides", fmt::format("[{}]", fmt::join(info.strides, ", ")));
    line(text, "imgsz", fmt::format("[{}, {}]", info.imgsz.height, info.imgsz.width));
    line(text, "batch", std::to_string(info.batch));
    line(text, "channels", std::to_string(info.channels));
    if (info.kpt_shape.count > 0)
        line(text, "kpt_shape", fmt::format("[{}, {}]", info.kpt_shape.count, info.kpt_shape.dims));
    line(text, "dynamic", info.dynamic ? "True" : "False");
    line(text, "half", info.half ? "True" : "False");
    if (info.int8) line(text, "int8", "True");
    line(text, "source sha256", info.source_sha256);
    text += fmt::format("names ({})\n", info.names.size());
    for (std::size_t id = 0; id < info.names.size(); ++id) text += fmt::format("  {}: {}\n", id, safe(info.names[id]));
    if (!info.train_args.empty()) text += "training args\n";
    for (const auto& [key, value] : info.train_args) text += fmt::format("  {}={}\n", safe(key), safe(value));
    return text;
}

std::string model_json(const ModelInfo& info, const std::optional<QuantizationInfo>& quantization,
                       const std::vector<LayerPrecision>& layers) {
    nlohmann::ordered_json out;
    out["path"] = info.path.string();
    out["format"] = info.format;
    out["description"] = info.description;
    out["name"] = info.name;
    out["task"] = info.task;
    out["head"] = info.head;
    out["version"] = info.version;
    out["license"] = info.license;
    out["date"] = info.date;
    out["layers"] = info.layers;
    out["modules"] = info.modules;
    out["parameters"] = info.parameters;
    out["gradients"] = info.gradients;
    out["gflops"] = info.gflops;
    out["strides"] = info.strides;
    out["imgsz"] = {info.imgsz.height, info.imgsz.width};
    out["batch"] = info.batch;
    out["channels"] = info.channels;
    if (info.kpt_shape.count > 0) out["kpt_shape"] = {info.kpt_shape.count, info.kpt_shape.dims};
    if (!info.kpt_names.empty()) out["kpt_names"] = info.kpt_names;
    out["dynamic"] = info.dynamic;
    out["half"] = info.half;
    out["int8"] = info.int8;
    out["source_sha256"] = info.source_sha256;
    out["names"] = info.names;
    out["train_args"] = nlohmann::ordered_json::object();
    for (const auto& [key, value] : info.train_args) out["train_args"][key] = value;
    out["layer_table"] = nlohmann::ordered_json::array();
    for (const LayerInfo& layer : info.layer_table) {
        out["layer_table"].push_back({{"index", layer.index},
                                      {"from", layer.from},
                                      {"n", layer.repeats},
                                      {"params", layer.parameters},
                                      {"module", layer.module},
                                      {"arguments", layer.arguments}});
    }
    if (quantization) out["quantization"] = quantization_json(*quantization);
    for (const LayerPrecision& layer : layers) out["layers_on_device"].push_back(layer_json(layer));
    constexpr int kIndent = 2;
    // ASCII only: a terminal must not obey what the file contains.
    return out.dump(kIndent, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace yolovino::cli
