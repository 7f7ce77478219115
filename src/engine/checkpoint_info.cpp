#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "engine/class_names.hpp"
#include "engine/model_info.hpp"
#include "nets/network.hpp"

namespace yolovino::engine {

namespace {

using checkpoint::Checkpoint;
using checkpoint::Dict;
using checkpoint::Module;
using checkpoint::Value;

constexpr std::int64_t kFlopsSide = 640;  // Ultralytics states GFLOPs at 640 x 640

/// Sums over modules; each object counts once, as in PyTorch's modules().
struct Counts {
    std::uint64_t parameters = 0;
    std::uint64_t norm_channels = 0;
    int modules = 0;
    int leaves = 0;
    int norms = 0;
};

void count_modules(const Module& root, Counts& counts) {
    std::set<const Module*> seen;
    std::vector<const Module*> pending = {&root};
    while (!pending.empty()) {
        const Module& module = *pending.back();
        pending.pop_back();
        if (!seen.insert(&module).second) continue;
        ++counts.modules;
        counts.leaves += module.children.empty() ? 1 : 0;
        for (const auto& [name, tensor] : module.parameters) counts.parameters += tensor ? tensor->element_count() : 0;
        if (module.class_name == "BatchNorm2d") {
            ++counts.norms;
            const checkpoint::TensorRef* weight = module.parameter("weight");
            counts.norm_channels += weight == nullptr ? 0 : weight->element_count();
        }
        for (const auto& [name, child] : module.children) pending.push_back(child.get());
    }
}

/// Empty for what cannot be read as text: the name of a type would stand in exports.
std::string text_of(const Value* value) {
    return value == nullptr || value->is_none() || value->unreadable() != nullptr ? std::string() : value->to_text();
}

std::string stem_of(const std::string& path) {
    const std::size_t slash = path.find_last_of("/\\");
    const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
    return file.substr(0, file.rfind('.'));
}

/// `YOLOv8n` from the name of the YAML file that the network was built from, or from the checkpoint's own name.
std::string pretty_name(const Checkpoint& checkpoint) {
    const Value* yaml = checkpoint.model().attribute("yaml");
    const Value* file = yaml == nullptr ? nullptr : yaml->find("yaml_file");
    if (file == nullptr || file->as_string() == nullptr) file = checkpoint.model().attribute("yaml_file");
    const bool named = file != nullptr && file->as_string() != nullptr && !file->as_string()->empty();
    std::string name = stem_of(named ? *file->as_string() : checkpoint.path().filename().string());
    if (const std::size_t at = name.find("yolo"); at != std::string::npos) name.replace(at, 4, "YOLO");
    return name;
}

const Value* train_args(const Checkpoint& checkpoint) {
    const Value* args = checkpoint.metadata("train_args");
    return args != nullptr && !args->is_none() ? args : checkpoint.model().attribute("args");
}

std::int64_t side_of(const Value& value) {
    if (const std::string* text = value.as_string()) return class_id(Value{*text}).value_or(0);
    const double side = value.as_number().value_or(0);
    return side >= 1 && side <= 1e6 ? static_cast<std::int64_t>(side) : 0;
}

/// Without arguments of the training it is 640, whatever the model itself remembers, as in Ultralytics.
ImageSize train_size(const Checkpoint& checkpoint) {
    const Value* args = checkpoint.metadata("train_args");
    const Value* imgsz = args == nullptr ? nullptr : args->find("imgsz");
    std::int64_t side = 0;
    if (imgsz != nullptr && imgsz->as_list() != nullptr) {
        for (const Value& item : *imgsz->as_list()) side = std::max(side, side_of(item));
    } else if (imgsz != nullptr) {
        side = side_of(*imgsz);
    }
    const int bounded = static_cast<int>(std::clamp<std::int64_t>(side == 0 ? 640 : side, 32, 8192));
    return {bounded, bounded};
}

std::uint64_t parameters_of(const Module& module) {
    Counts counts;
    count_modules(module, counts);
    return counts.parameters;
}

std::int64_t side_of(const Module* module, std::size_t axis) {
    const checkpoint::TensorRef* weight = module == nullptr ? nullptr : module->parameter("weight");
    return weight == nullptr || weight->shape.size() <= axis ? 0 : weight->shape[axis];
}

const Module* conv_of(const Module* block) {
    if (block == nullptr) return nullptr;
    return block->child("conv") != nullptr ? block->child("conv") : block;
}

/// The arguments that built a layer, as Ultralytics lists them, recovered from what was built.
std::string layer_arguments(const Module& layer) {
    const auto in = [](const Module* block) { return side_of(conv_of(block), 1); };
    const auto out = [](const Module* block) { return side_of(conv_of(block), 0); };
    if (layer.class_name == "Conv") {
        const Value* stride = conv_of(&layer)->attribute("stride");
        const std::string step = stride != nullptr && stride->as_list() != nullptr && !stride->as_list()->empty()
                                     ? stride->as_list()->front().to_text()
                                     : text_of(stride);
        return fmt::format("[{}, {}, {}, {}]", in(&layer), out(&layer), side_of(conv_of(&layer), 2), step);
    }
    const Module* first = layer.child("cv1");
    const Module* last = layer.child("cv2");
    if (layer.class_name == "C2f" || layer.class_name == "C2") {
        const Module* blocks = layer.child("m");
        const std::size_t count = blocks == nullptr ? 0 : blocks->children.size();
        const Value* add = count == 0 ? nullptr : blocks->children.front().second->attribute("add");
        return fmt::format("[{}, {}, {}, {}]", in(first), out(last), count,
                           add != nullptr && add->as_bool().value_or(false) ? "True" : "False");
    }
    if (layer.class_name == "SPPF") {
        const Module* pool = layer.child("m");
        return fmt::format("[{}, {}, {}]", in(first), out(last),
                           pool == nullptr ? "" : text_of(pool->attribute("kernel_size")));
    }
    if (layer.class_name == "Concat") return fmt::format("[{}]", text_of(layer.attribute("d")));
    if (layer.class_name == "Upsample")
        return fmt::format("[None, {}, '{}']", text_of(layer.attribute("scale_factor")),
                           text_of(layer.attribute("mode")));
    if (layer.class_name == "Detect" && last != nullptr) {
        std::vector<std::int64_t> channels;
        for (const auto& [name, branch] : last->children)
            channels.push_back(branch->children.empty() ? 0 : in(branch->children.front().second.get()));
        return fmt::format("[{}, [{}]]", text_of(layer.attribute("nc")), fmt::join(channels, ", "));
    }
    return "[]";
}

std::vector<LayerInfo> layer_table(const Module& model) {
    std::vector<LayerInfo> table;
    const Module* layers = model.child("model");
    if (layers == nullptr) return table;
    for (const auto& [name, layer] : layers->children) {
        table.push_back({.index = static_cast<int>(table.size()),
                         .from = text_of(layer->attribute("f")),
                         .repeats = 1,
                         .parameters = parameters_of(*layer),
                         .module = layer->class_path(),
                         .arguments = layer_arguments(*layer)});
    }
    return table;
}

}  // namespace

ModelInfo describe_checkpoint(const Checkpoint& checkpoint) {
    const nets::HeadInfo head = nets::read_head(checkpoint);
    ModelInfo info;
    info.path = checkpoint.path();
    info.format = "pytorch";
    info.name = pretty_name(checkpoint);
    info.head = head.class_name;
    info.names = names_of(checkpoint, head.classes);
    fit_names(info, static_cast<int>(head.classes));
    for (const std::int64_t stride : head.strides) info.strides.push_back(static_cast<int>(stride));
    info.imgsz = train_size(checkpoint);
    info.version = text_of(checkpoint.metadata("version"));
    info.license = text_of(checkpoint.metadata("license"));
    info.date = text_of(checkpoint.metadata("date"));
    if (const Value* args = train_args(checkpoint)) {
        if (const Dict* dict = std::get_if<Dict>(&args->data)) {
            for (const auto& [key, value] : *dict) info.train_args.emplace_back(key.to_text(), value.to_text());
        }
        const std::string data = text_of(args->find("data"));
        info.description = fmt::format("Ultralytics {} model {}", info.name, data.empty() ? "" : "trained on " + data);
    }
    Counts counts;
    count_modules(checkpoint.model(), counts);
    info.parameters = counts.parameters;
    info.fused_parameters = counts.parameters - counts.norm_channels;
    info.layers = counts.leaves;
    info.fused_layers = counts.leaves - counts.norms;
    info.modules = counts.modules;
    const nets::Cost cost = nets::build_shapes(checkpoint, {1, kFlopsSide, kFlopsSide}).cost;
    // Ultralytics' counter charges a batch norm with four multiply-accumulates an element.
    info.gflops = 2e-9 * static_cast<double>(cost.conv_macs + 4 * cost.norm_elements);
    info.fused_gflops = 2e-9 * static_cast<double>(cost.conv_macs);
    info.layer_table = layer_table(checkpoint.model());
    return info;
}

}  // namespace yolovino::engine
