#include "checkpoint/model_choice.hpp"

#include <fmt/format.h>
#include <string_view>

#include "yolovino/error.hpp"

#include "base/fail.hpp"
#include "checkpoint/value_builder.hpp"

namespace yolovino::checkpoint {

using Kind = Pickle::Kind;
using Index = Pickle::Index;

namespace {

constexpr int kMaxWrappers = 8;

[[noreturn]] void unsupported(const std::string& file, std::string_view message,
                              std::string_view hint = "give a YOLOv8 checkpoint (.pt) as saved by Ultralytics") {
    throw Error(ErrorCode::UnsupportedFile, "checkpoint", message, {.file = file}, hint);
}

/// Whether a dict maps names to tensors: the weights of a network without the network.
bool is_state_dict(const Pickle& pickle, const TensorReader& tensors, Index node) {
    if (!pickle.is_mapping(node)) return false;
    const auto pairs = pickle.pairs(node);
    std::size_t tensor_count = 0;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pickle.kind(pairs[i]) == Kind::String && tensors.is_tensor(pairs[i + 1])) ++tensor_count;
    }
    return tensor_count > 0 && tensor_count * 4 >= pairs.size();
}

constexpr std::string_view kStateDictMessage = "plain state dict: weights without the network that they belong to";
constexpr std::string_view kStateDictHint =
    "save the whole checkpoint with Ultralytics (model.save), not model.state_dict()";

/// The part of a module, or nothing.
Index part_of(const Pickle& pickle, Index module, std::string_view name) {
    const Index parts = pickle.find(pickle.object(module).state, "_modules");
    return pickle.is_mapping(parts) ? pickle.find(parts, name) : Pickle::kNothing;
}

/// What the object holds under the name of a network if it only wraps one: `module` of torch's DataParallel,
/// `model` of Ultralytics' YOLO, which is a module since 8.0.200 and was none before.
Index wrapped(const Pickle& pickle, Index node) {
    const auto [package, name] = pickle.callable(node);
    const Index state = pickle.is_object(node) ? pickle.object(node).state : Pickle::kNothing;
    if (state == Pickle::kNothing || !pickle.is_mapping(state)) return Pickle::kNothing;
    if (is_module(pickle, node) && package.starts_with("torch.")) {
        if (package.starts_with("torch.nn.parallel.")) return part_of(pickle, node, "module");
        return name == "OptimizedModule" ? part_of(pickle, node, "_orig_mod") : Pickle::kNothing;
    }
    if (!package.starts_with("ultralytics.") || package.starts_with("ultralytics.nn.")) return Pickle::kNothing;
    return is_module(pickle, node) ? part_of(pickle, node, "model") : pickle.find(state, "model");
}

/// The network within what was saved in its place.
Index unwrapped(const Pickle& pickle, Index node) {
    for (int level = 0; level < kMaxWrappers; ++level) {
        const Index inner = wrapped(pickle, node);
        if (inner == Pickle::kNothing || !pickle.is_object(inner)) break;
        node = inner;
    }
    return node;
}

std::string what_is(const Pickle& pickle, Index node) {
    const std::string path = pickle.class_path(node);
    return path.empty() ? "a plain value" : base::printable(path);
}

}  // namespace

Index choose_model(const Pickle& pickle, const TensorReader& tensors, const std::string& file) {
    const Index root = pickle.root();
    if (const Index network = unwrapped(pickle, root); is_module(pickle, network)) return network;
    if (!pickle.is_mapping(root))
        unsupported(file, fmt::format("file holds {}, not a checkpoint", what_is(pickle, root)));
    const auto present = [&](Index node) { return node != Pickle::kNothing && !pickle.is_none(node); };
    const Index ema = pickle.find(root, "ema");
    const std::string_view key = present(ema) ? "ema" : "model";
    const Index chosen = present(ema) ? ema : pickle.find(root, "model");
    if (present(chosen)) {
        if (const Index network = unwrapped(pickle, chosen); is_module(pickle, network)) return network;
        if (is_state_dict(pickle, tensors, chosen))
            unsupported(file, fmt::format("'{}' is a {}", key, kStateDictMessage), kStateDictHint);
        unsupported(file, fmt::format("'{}' holds {}, not a network", key, what_is(pickle, chosen)));
    }
    const Index weights = pickle.find(root, "state_dict");
    if (is_state_dict(pickle, tensors, root)) unsupported(file, kStateDictMessage, kStateDictHint);
    if (present(weights) && is_state_dict(pickle, tensors, weights))
        unsupported(file, kStateDictMessage, kStateDictHint);
    unsupported(file, "file has neither 'ema' nor 'model' with a network");
}

}  // namespace yolovino::checkpoint
