#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "yolovino/error.hpp"

#include "checkpoint/pickle.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/value_builder.hpp"
#include "checkpoint/values.hpp"

namespace yolovino::checkpoint {

/// Builds the modules of a network. What the file shares stays one object.
class ModuleTree {
public:
    /// @param file_bytes size of the file, which bounds the size of the tensors
    ModuleTree(const Pickle& pickle, TensorReader& tensors, ValueBuilder& values, std::string file,
               std::uint64_t file_bytes);

    /// @throws Error CorruptFile, LimitExceeded, UnsupportedModel
    std::shared_ptr<const Module> build(Pickle::Index node);

private:
    struct Built {
        std::shared_ptr<const Module> module;  ///< null while it is being built
        std::uint64_t paths = 0;               ///< ways to reach this module and those below it
        std::uint64_t height = 0;
    };
    using Tensors = std::vector<std::pair<std::string, std::optional<TensorRef>>>;

    const Built& visit(Pickle::Index node, const std::string& path, std::size_t depth);
    void read_children(Pickle::Index mapping, Module& module, Built& built, std::size_t depth);
    Tensors read_tensors(Pickle::Index state, std::string_view key, const std::string& path);
    void read_attributes(Pickle::Index state, Module& module);
    Pickle::Index member(Pickle::Index state, std::string_view key, const std::string& path) const;
    std::vector<std::pair<std::string, Pickle::Index>> named(Pickle::Index mapping, std::string_view what,
                                                             const std::string& path);
    [[noreturn]] void fail(ErrorCode code, std::string_view message, const std::string& path) const;

    const Pickle& pickle_;
    TensorReader& tensors_;
    ValueBuilder& values_;
    std::string file_;
    std::unordered_map<Pickle::Index, Built> built_;
    std::uint64_t tensor_bytes_;  ///< left for tensors, as f32
};

}  // namespace yolovino::checkpoint
