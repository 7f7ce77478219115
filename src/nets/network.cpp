#include "nets/network.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/builder.hpp"
#include "nets/heads/branches.hpp"
#include "nets/heads/table.hpp"

namespace yolovino::nets {

Network build_network(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const HeadForm& form) {
    return Builder(checkpoint, true, head_table(), form).build(input);
}

Network build_features(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const FeatureLayers& wanted) {
    return Builder(checkpoint, true, head_table()).build_features(input, wanted);
}

Network build_shapes(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const HeadForm& form) {
    return Builder(checkpoint, false, head_table(), form).build(input);
}

std::vector<const Module*> unused_parts(const checkpoint::Checkpoint& checkpoint, const HeadForm& form) {
    const Module* layers = checkpoint.model().child("model");
    if (layers == nullptr || layers->children.empty()) return {};
    return unused_parts_of_head(*layers->children.back().second, form);
}

HeadInfo read_head(const checkpoint::Checkpoint& checkpoint) {
    const Module* layers = checkpoint.model().child("model");
    if (layers == nullptr || layers->children.empty()) {
        throw Error(ErrorCode::CorruptFile, "nets", "the model has no layers", {.file = checkpoint.path().string()});
    }
    const auto& [name, module] = layers->children.back();
    const std::string path = "model." + name;
    const auto fail = [&](const std::string& message, std::string_view hint) {
        throw Error(ErrorCode::UnsupportedModel, "nets", message,
                    {.file = checkpoint.path().string(), .module_path = path}, hint);
    };
    if (module->class_module.starts_with("models.")) {
        fail(fmt::format("the head is {} of a repository of its own (YOLOv5, YOLOv7), wanted one of YOLOv8",
                         module->class_path()),
             "train a YOLOv8 model with Ultralytics on the same data");
    }
    const Head* head = find_head(head_table(), module->class_name);
    if (head == nullptr) {
        fail(fmt::format("the head is {}, wanted {}", module->class_path(), head_names(head_table(), " or ")), {});
    }
    return head->read(checkpoint, *module, path);
}

std::optional<std::string> head_arguments(const Module& layer) {
    const Head* head = find_head(head_table(), layer.class_name);
    return head == nullptr ? std::nullopt : head->arguments(layer);
}

}  // namespace yolovino::nets
