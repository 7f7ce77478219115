#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace yolovino::checkpoint {

enum class DType { F16, BF16, F32, F64, I8, U8, I16, I32, I64, Bool };

std::string_view to_string(DType dtype) noexcept;

/// A tensor by reference: its elements stay in the file until they are asked for.
struct TensorRef {
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;  ///< in elements
    std::int64_t offset = 0;            ///< in elements
    std::string storage_key;

    std::uint64_t element_count() const noexcept;
};

/// A plain value of the file: metadata, module attributes, training arguments. Objects that are not understood become
/// Opaque.
struct Value;
using List = std::vector<Value>;
struct DictItem;
using Dict = std::vector<DictItem>;
struct Opaque {
    std::string class_path;
};
struct Bytes {
    std::string data;
};
struct Value {
    // list and tuple are both List; pathlib paths, numpy scalars and arrays of one dimension, torch.Size, and devices
    // are unwrapped to plain values.
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, List, Dict, TensorRef, Opaque> data;
    bool tuple = false;
    bool set = false;  ///< a List without an order

    const Value* find(std::string_view key) const noexcept;  ///< of a Dict; null if absent or not a Dict
    std::optional<std::int64_t> as_int() const noexcept;     ///< int only; bool is not int
    std::optional<double> as_number() const noexcept;        ///< int or float
    std::optional<bool> as_bool() const noexcept;
    const std::string* as_string() const noexcept;
    const List* as_list() const noexcept;
    const TensorRef* as_tensor() const noexcept;
    bool is_none() const noexcept { return std::holds_alternative<std::monostate>(data); }
    /// The part that Python's str() would not show as it does here: an Opaque or a tensor; null if there is none.
    const Value* unreadable() const noexcept;
    /// As Python's repr() would print it; strings without quotes at the top.
    std::string to_text() const;
};
struct DictItem {
    Value key;
    Value value;
};

/// One module of the network, `torch.nn.Module` in the file. Modules that the file shares are one object here.
struct Module {
    std::string class_module;  ///< `ultralytics.nn.modules.conv`
    std::string class_name;    ///< `Conv`
    std::string path;          ///< first path by which it was reached, `model.0.conv`
    std::vector<std::pair<std::string, std::shared_ptr<const Module>>> children;  ///< in the file's order
    std::vector<std::pair<std::string, std::optional<TensorRef>>> parameters;     ///< None stays nothing
    std::vector<std::pair<std::string, std::optional<TensorRef>>> buffers;
    std::vector<std::pair<std::string, Value>> attributes;  ///< everything else of its state

    const Module* child(std::string_view name) const noexcept;
    const TensorRef* parameter(std::string_view name) const noexcept;  ///< null if absent or None
    const TensorRef* buffer(std::string_view name) const noexcept;
    const Value* attribute(std::string_view name) const noexcept;
    std::string class_path() const { return class_module + "." + class_name; }
};

}  // namespace yolovino::checkpoint
