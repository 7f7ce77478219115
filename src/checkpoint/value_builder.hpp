#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/numpy_value.hpp"
#include "checkpoint/pickle.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/values.hpp"
#include "container/memory_budget.hpp"

namespace yolovino::checkpoint {

/// Whether the node is an instance of a torch module: an object whose state has `_modules`.
bool is_module(const Pickle& pickle, Pickle::Index node);

/// Turns nodes into plain values. Objects that are no plain values become Opaque and are not looked into.
class ValueBuilder {
public:
    ValueBuilder(const Pickle& pickle, TensorReader& tensors, std::string file);

    /// @param name what to call the value in messages. @throws Error CorruptFile, LimitExceeded
    Value build(Pickle::Index node, std::string_view name);

    /// Pays for bytes that others allocate for what the pickle holds. @throws Error LimitExceeded
    void pay(std::uint64_t bytes, std::string_view name);

private:
    Value convert(Pickle::Index node, std::size_t depth);
    Value convert_list(std::span<const Pickle::Index> items, bool tuple, std::size_t depth);
    Value convert_dict(std::span<const Pickle::Index> pairs, std::size_t depth);
    Value convert_object(Pickle::Index node, std::size_t depth);
    std::optional<Value> convert_known(Pickle::Index node, std::size_t depth);
    std::optional<Value> convert_tensor(Pickle::Index node);
    std::optional<std::string> bytes_of(Pickle::Index node);
    struct NumpyArray {
        Pickle::Index data;
        Pickle::Index type;
        Pickle::Index shape;
    };
    std::optional<NumpyType> numpy_type(Pickle::Index node) const;
    std::optional<Value> numpy_scalar(Pickle::Index node, std::size_t depth);
    std::optional<Value> numpy_array(Pickle::Index node, std::size_t depth);
    std::optional<Value> numpy_elements(const NumpyArray& array, std::size_t depth);
    std::optional<Value> path_text(Pickle::Index node);
    std::optional<Value> date_text(Pickle::Index node);
    std::optional<Value> device_text(Pickle::Index node);
    bool is_known_module(Pickle::Index node);
    std::string copy_text(Pickle::Index node);

    const Pickle& pickle_;
    TensorReader& tensors_;
    std::string file_;
    std::string_view name_;
    container::MemoryBudget budget_;
    std::vector<bool> open_;
    std::vector<std::optional<bool>> modules_;
};

}  // namespace yolovino::checkpoint
