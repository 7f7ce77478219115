#include "checkpoint/values.hpp"

#include <fmt/format.h>
#include <type_traits>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino::checkpoint {

namespace {

template <typename T>
const T* find_named(const std::vector<std::pair<std::string, T>>& list, std::string_view name) noexcept {
    for (const auto& [key, value] : list) {
        if (key == name) return &value;
    }
    return nullptr;
}

const TensorRef* find_tensor(const std::vector<std::pair<std::string, std::optional<TensorRef>>>& list,
                             std::string_view name) noexcept {
    const auto* found = find_named(list, name);
    return found != nullptr && found->has_value() ? &**found : nullptr;
}

void append_repr(std::string& out, const Value& value);

void append_list(std::string& out, const List& list, bool tuple) {
    out += tuple ? '(' : '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out += ", ";
        append_repr(out, list[i]);
    }
    if (tuple && list.size() == 1) out += ',';
    out += tuple ? ')' : ']';
}

void append_dict(std::string& out, const Dict& dict) {
    out += '{';
    for (std::size_t i = 0; i < dict.size(); ++i) {
        if (i > 0) out += ", ";
        append_repr(out, dict[i].key);
        out += ": ";
        append_repr(out, dict[i].value);
    }
    out += '}';
}

/// As Python's repr() prints bytes.
std::string bytes_repr(std::string_view data) {
    const char quote =
        data.find('\'') != std::string_view::npos && data.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out = {'b', quote};
    for (const char c : data) {
        const auto code = static_cast<unsigned char>(c);
        if (c == quote || c == '\\') {
            out += {'\\', c};
        } else if (c == '\t' || c == '\n' || c == '\r') {
            out += {'\\', c == '\t' ? 't' : c == '\n' ? 'n' : 'r'};
        } else if (code < 0x20 || code >= 0x7F) {
            out += fmt::format("\\x{:02x}", code);
        } else {
            out += c;
        }
    }
    return out + quote;
}

void append_repr(std::string& out, const Value& value) {
    const auto append = [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>)
            out += "None";
        else if constexpr (std::is_same_v<T, bool>)
            out += held ? "True" : "False";
        else if constexpr (std::is_same_v<T, std::int64_t>)
            out += fmt::format("{}", held);
        else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::string>)
            out += base::python_repr(held);
        else if constexpr (std::is_same_v<T, Bytes>)
            out += bytes_repr(held.data);
        else if constexpr (std::is_same_v<T, List>)
            append_list(out, held, value.tuple);
        else if constexpr (std::is_same_v<T, Dict>)
            append_dict(out, held);
        else if constexpr (std::is_same_v<T, Opaque>)
            out += fmt::format("<{}>", base::printable(held.class_path));
        else
            out += fmt::format("tensor({} x {})", to_string(held.dtype), fmt::join(held.shape, "x"));
    };
    std::visit(append, value.data);
}

}  // namespace

std::string_view to_string(DType dtype) noexcept {
    switch (dtype) {
        case DType::F16:
            return "float16";
        case DType::BF16:
            return "bfloat16";
        case DType::F32:
            return "float32";
        case DType::F64:
            return "float64";
        case DType::I8:
            return "int8";
        case DType::U8:
            return "uint8";
        case DType::I16:
            return "int16";
        case DType::I32:
            return "int32";
        case DType::I64:
            return "int64";
        case DType::Bool:
            return "bool";
    }
    return "unknown";
}

std::uint64_t TensorRef::element_count() const noexcept {
    std::uint64_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
    return count;
}

const Value* Value::find(std::string_view key) const noexcept {
    const auto* dict = std::get_if<Dict>(&data);
    if (dict == nullptr) return nullptr;
    for (const auto& [name, value] : *dict) {
        const std::string* text = name.as_string();
        if (text != nullptr && *text == key) return &value;
    }
    return nullptr;
}

std::optional<std::int64_t> Value::as_int() const noexcept {
    const auto* held = std::get_if<std::int64_t>(&data);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

std::optional<double> Value::as_number() const noexcept {
    if (const auto* real = std::get_if<double>(&data)) return *real;
    const auto integer = as_int();
    return integer ? std::optional(static_cast<double>(*integer)) : std::nullopt;
}

std::optional<bool> Value::as_bool() const noexcept {
    const auto* held = std::get_if<bool>(&data);
    return held == nullptr ? std::nullopt : std::optional(*held);
}

const std::string* Value::as_string() const noexcept {
    return std::get_if<std::string>(&data);
}
const List* Value::as_list() const noexcept {
    return std::get_if<List>(&data);
}
const TensorRef* Value::as_tensor() const noexcept {
    return std::get_if<TensorRef>(&data);
}

const Value* Value::unreadable() const noexcept {
    if (std::holds_alternative<Opaque>(data) || as_tensor() != nullptr) return this;
    if (const List* list = as_list()) {
        for (const Value& item : *list) {
            if (const Value* found = item.unreadable()) return found;
        }
    }
    if (const auto* dict = std::get_if<Dict>(&data)) {
        for (const auto& [key, value] : *dict) {
            if (const Value* found = key.unreadable()) return found;
            if (const Value* found = value.unreadable()) return found;
        }
    }
    return nullptr;
}

std::string Value::to_text() const {
    if (const std::string* text = as_string()) return *text;
    std::string out;
    append_repr(out, *this);
    return out;
}

const Module* Module::child(std::string_view name) const noexcept {
    const auto* found = find_named(children, name);
    return found == nullptr ? nullptr : found->get();
}

const TensorRef* Module::parameter(std::string_view name) const noexcept {
    return find_tensor(parameters, name);
}
const TensorRef* Module::buffer(std::string_view name) const noexcept {
    return find_tensor(buffers, name);
}
const Value* Module::attribute(std::string_view name) const noexcept {
    return find_named(attributes, name);
}

}  // namespace yolovino::checkpoint
