#include "engine/model/checkpoint_info.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "engine/model/class_names.hpp"
#include "engine/model/layer_arguments.hpp"
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
    std::uint64_t merged_parameters = 0;  ///< of branches that are merged into others when a network is fused
    int merged = 0;                       ///< modules without children that go with them
};

/// The branch of a module that fusing merges into another one; null if there is none.
const Module* merged_branch(const Module& module) {
    if (module.class_name == "RepConv" && module.child("conv1") != nullptr) return module.child("conv2");
    return module.class_name == "RepVGGDW" ? module.child("conv1") : nullptr;
}

void count_merged(const Module& module, Counts& counts) {
    const Module* branch = merged_branch(module);
    const Module* conv = branch == nullptr ? nullptr : branch->child("conv");
    const checkpoint::TensorRef* weight = conv == nullptr ? nullptr : conv->parameter("weight");
    if (weight == nullptr || weight->shape.empty()) return;
    // Beside its batch norm and that of the input, which count as any other, the branch has a convolution and an
    // activation that does nothing, as has the branch that stays.
    counts.merged += 3;
    const auto channels = static_cast<std::uint64_t>(weight->shape[0]);
    counts.merged_parameters += weight->element_count() + channels * (module.child("bn") != nullptr ? 2 : 1);
}

/// @param skipped parts that do not count, nor what only they hold
void count_modules(const Module& root, const std::vector<const Module*>& skipped, Counts& counts) {
    std::set<const Module*> seen(skipped.begin(), skipped.end());
    std::vector<const Module*> pending = {&root};
    while (!pending.empty()) {
        const Module& module = *pending.back();
        pending.pop_back();
        if (!seen.insert(&module).second) continue;
        ++counts.modules;
        counts.leaves += module.children.empty() ? 1 : 0;
        for (const auto& [name, tensor] : module.parameters) counts.parameters += tensor ? tensor->element_count() : 0;
        count_merged(module, counts);
        if (module.class_name == "BatchNorm2d") {
            ++counts.norms;
            const checkpoint::TensorRef* weight = module.parameter("weight");
            counts.norm_channels += weight == nullptr ? 0 : weight->element_count();
        }
        for (const auto& [name, child] : module.children) pending.push_back(child.get());
    }
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
    count_modules(module, {}, counts);
    return counts.parameters;
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

ModelInfo describe_checkpoint(const Checkpoint& checkpoint, const nets::HeadForm& form) {
    const nets::HeadInfo head = nets::read_head(checkpoint);
    ModelInfo info;
    info.path = checkpoint.path();
    info.format = "pytorch";
    info.name = pretty_name(checkpoint);
    info.head = head.class_name;
    info.names = names_of(checkpoint, head.classes);
    fit_names(info, static_cast<int>(head.classes));
    info.kpt_shape = head.keypoints;
    if (head.keypoints.count > 0) info.kpt_names = keypoint_names_of(checkpoint, head.classes);
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
    count_modules(checkpoint.model(), {}, counts);
    info.parameters = counts.parameters;
    info.layers = counts.leaves;
    info.modules = counts.modules;
    const nets::InputShape input{1, kFlopsSide, kFlopsSide};
    info.gflops = nets::build_shapes(checkpoint, input, {.all_parts = true}).cost.gflops();
    count_fused(checkpoint, form, info);
    info.layer_table = layer_table(checkpoint.model());
    return info;
}

void count_fused(const Checkpoint& checkpoint, const nets::HeadForm& head, ModelInfo& info) {
    Counts counts;
    count_modules(checkpoint.model(), nets::unused_parts(checkpoint, head), counts);
    info.fused_parameters = counts.parameters - counts.norm_channels - counts.merged_parameters;
    info.fused_layers = counts.leaves - counts.norms - counts.merged;
    info.fused_gflops = nets::build_shapes(checkpoint, {1, kFlopsSide, kFlopsSide}, head).cost.fused_gflops();
}

}  // namespace yolovino::engine
