#include "checkpoint/module_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unordered_set>

#include "base/fail.hpp"

namespace yolovino::checkpoint {

using Kind = Pickle::Kind;
using Index = Pickle::Index;

namespace {

constexpr std::size_t kMaxDepth = 64;  // official files need 28
constexpr std::uint64_t kMaxModules = 10'000;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxPathBytes = 4'096;
constexpr std::uint64_t kMemberBytes = 512;  // of a tensor, a child, or an attribute, with its place in growing lists
// As f32, a file without shared storages takes at most four times its size; some sharing does no harm.
constexpr std::uint64_t kTensorBytesPerByte = 4;
constexpr std::uint64_t kFreeTensorBytes = 16ULL << 20;

std::string joined(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

}  // namespace

ModuleTree::ModuleTree(const Pickle& pickle, TensorReader& tensors, ValueBuilder& values, std::string file,
                       std::uint64_t file_bytes)
    : pickle_(pickle),
      tensors_(tensors),
      values_(values),
      file_(std::move(file)),
      tensor_bytes_(kFreeTensorBytes + kTensorBytesPerByte * file_bytes) {}

void ModuleTree::fail(ErrorCode code, std::string_view message, const std::string& path) const {
    throw Error(code, "checkpoint", message, {.file = file_, .module_path = base::printable(path)});
}

std::shared_ptr<const Module> ModuleTree::build(Index node) {
    return visit(node, "", 0).module;
}

const ModuleTree::Built& ModuleTree::visit(Index node, const std::string& path, std::size_t depth) {
    const auto [place, fresh] = built_.try_emplace(node);
    // References to elements of an unordered_map survive insertions.
    Built& built = place->second;
    if (!fresh) {
        if (built.module == nullptr) fail(ErrorCode::CorruptFile, "module contains itself", path);
        return built;
    }
    if (depth > kMaxDepth)
        fail(ErrorCode::LimitExceeded, fmt::format("modules are nested deeper than {} levels", kMaxDepth), path);
    if (path.size() > kMaxPathBytes)
        fail(ErrorCode::LimitExceeded, fmt::format("path of a module is longer than {} bytes", kMaxPathBytes), "");
    if (built_.size() > kMaxModules)
        fail(ErrorCode::LimitExceeded, fmt::format("network has more than {} modules", kMaxModules), path);
    if (!is_module(pickle_, node)) {
        const std::string found = pickle_.class_path(node);
        fail(ErrorCode::UnsupportedModel,
             fmt::format("expected a network module, found {}",
                         found.empty() ? "a plain value" : base::printable(found)),
             path);
    }
    const Pickle::Global names = pickle_.callable(node);
    if (names.module.empty())
        fail(ErrorCode::UnsupportedModel, "class of the module is made up when the file is loaded", path);

    values_.pay(2 * sizeof(Module) + 2 * path.size(), path);
    auto module = std::make_shared<Module>();
    module->class_module = names.module;
    module->class_name = names.name;
    module->path = path;
    const Index state = pickle_.object(node).state;
    built.paths = 1;
    read_children(member(state, "_modules", path), *module, built, depth);
    module->parameters = read_tensors(state, "_parameters", path);
    module->buffers = read_tensors(state, "_buffers", path);
    read_attributes(state, *module);
    built.module = std::move(module);
    return built;
}

void ModuleTree::read_children(Index mapping, Module& module, Built& built, std::size_t depth) {
    for (auto& [name, node] : named(mapping, "_modules", module.path)) {
        const std::string path = joined(module.path, name);
        // torch keeps the place of a module that was set to None.
        if (pickle_.is_none(node)) continue;
        const Built& child = visit(node, path, depth + 1);
        built.paths += child.paths;
        built.height = std::max(built.height, child.height + 1);
        // Readers walk by path, so modules that are shared on every level would multiply.
        if (built.paths > kMaxModules)
            fail(ErrorCode::LimitExceeded, fmt::format("network has more than {} modules by path", kMaxModules), path);
        if (built.height > kMaxDepth)
            fail(ErrorCode::LimitExceeded, fmt::format("modules are nested deeper than {} levels", kMaxDepth), path);
        module.children.emplace_back(std::move(name), child.module);
    }
}

ModuleTree::Tensors ModuleTree::read_tensors(Index state, std::string_view key, const std::string& path) {
    Tensors tensors;
    for (auto& [name, node] : named(member(state, key, path), key, path)) {
        const std::string full = joined(path, name);
        if (pickle_.is_none(node)) {
            tensors.emplace_back(std::move(name), std::nullopt);
        } else if (tensors_.is_tensor(node)) {
            TensorRef tensor = tensors_.read(node, full);
            const std::uint64_t bytes = tensor.element_count() * sizeof(float);
            if (bytes > tensor_bytes_)
                fail(ErrorCode::LimitExceeded,
                     fmt::format("with '{}' the tensors take many times the file's size", base::printable(name)), path);
            tensor_bytes_ -= bytes;
            tensors.emplace_back(std::move(name), std::move(tensor));
        } else {
            fail(ErrorCode::CorruptFile, fmt::format("'{}' of {} is not a tensor", base::printable(name), key), path);
        }
    }
    return tensors;
}

void ModuleTree::read_attributes(Index state, Module& module) {
    const auto pairs = pickle_.pairs(state);
    std::unordered_map<std::string_view, std::size_t> places;
    values_.pay(pairs.size() / 2 * kMemberBytes, module.path);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pickle_.kind(pairs[i]) != Kind::String)
            fail(ErrorCode::CorruptFile, "attribute without a name", module.path);
        const std::string_view name = pickle_.text(pairs[i]);
        if (name == "_modules" || name == "_parameters" || name == "_buffers") continue;
        if (name.size() > kMaxNameBytes)
            fail(ErrorCode::LimitExceeded, fmt::format("attribute has a name of {} bytes", name.size()), module.path);
        Value value = values_.build(pairs[i + 1], joined(module.path, name));
        const auto [place, fresh] = places.try_emplace(name, module.attributes.size());
        if (fresh) {
            module.attributes.emplace_back(name, std::move(value));
        } else {
            module.attributes[place->second].second = std::move(value);
        }
    }
}

Index ModuleTree::member(Index state, std::string_view key, const std::string& path) const {
    const auto pairs = pickle_.pairs(state);
    Index found = Pickle::kNothing;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pickle_.kind(pairs[i]) != Kind::String || pickle_.text(pairs[i]) != key) continue;
        if (found != Pickle::kNothing)
            fail(ErrorCode::CorruptFile, fmt::format("module has two members '{}'", key), path);
        found = pairs[i + 1];
    }
    if (found == Pickle::kNothing) fail(ErrorCode::CorruptFile, fmt::format("module has no member '{}'", key), path);
    return found;
}

std::vector<std::pair<std::string, Index>> ModuleTree::named(Index mapping, std::string_view what,
                                                             const std::string& path) {
    if (!pickle_.is_mapping(mapping)) fail(ErrorCode::CorruptFile, fmt::format("{} is not a dict", what), path);
    std::vector<std::pair<std::string, Index>> out;
    std::unordered_set<std::string_view> seen;
    const auto pairs = pickle_.pairs(mapping);
    // Modules may share one dict, so its length counts once for each of them.
    values_.pay(pairs.size() / 2 * kMemberBytes, path);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pickle_.kind(pairs[i]) != Kind::String)
            fail(ErrorCode::CorruptFile, fmt::format("{} has a key that is not a name", what), path);
        const std::string_view name = pickle_.text(pairs[i]);
        if (name.size() > kMaxNameBytes)
            fail(ErrorCode::LimitExceeded, fmt::format("{} has a name of {} bytes", what, name.size()), path);
        if (!seen.insert(name).second)
            fail(ErrorCode::CorruptFile, fmt::format("{} has '{}' twice", what, base::printable(name)), path);
        out.emplace_back(name, pairs[i + 1]);
    }
    return out;
}

}  // namespace yolovino::checkpoint
