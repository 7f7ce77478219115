#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

/// Raw pickle writers: each returns the bytes that leave one value on the stack, so fragments nest by concatenation.
namespace yolovino::test::forge {

template <typename T>
std::string little(T value) {
    std::string out(sizeof(T), '\0');
    std::memcpy(out.data(), &value, sizeof(T));
    return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += part;
    return out;
}

inline std::string none() {
    return "N";
}
inline std::string boolean(bool value) {
    return value ? "\x88" : "\x89";
}
inline std::string integer(std::int32_t value) {
    return "J" + little(value);
}
inline std::string long1(const std::string& bytes) {
    return "\x8a" + std::string(1, static_cast<char>(bytes.size())) + bytes;
}
inline std::string real(double value) {
    std::string bytes = little(value);
    std::ranges::reverse(bytes);
    return "G" + bytes;
}
inline std::string text(const std::string& value) {
    return "X" + little(static_cast<std::uint32_t>(value.size())) + value;
}
inline std::string global(const std::string& module, const std::string& name) {
    return "c" + module + "\n" + name + "\n";
}
inline std::string tuple(const std::vector<std::string>& items) {
    return "(" + joined(items) + "t";
}
inline std::string list(const std::vector<std::string>& items) {
    return "](" + joined(items) + "e";
}
inline std::string items(const Pairs& pairs) {
    std::string out = "(";
    for (const auto& [key, value] : pairs) out += key + value;
    return out + "u";
}
inline std::string dict(const Pairs& pairs) {
    return "}" + items(pairs);
}
/// A dict whose keys are text.
inline std::string named(Pairs pairs) {
    for (auto& [key, value] : pairs) key = text(key);
    return dict(pairs);
}
inline std::string reduce(const std::string& callable, const std::vector<std::string>& arguments) {
    return callable + tuple(arguments) + "R";
}
inline std::string new_object(const std::string& callable) {
    return callable + ")\x81";
}
inline std::string build(const std::string& object, const std::string& state) {
    return object + state + "b";
}
inline std::string persistent(const std::string& id) {
    return id + "Q";
}
inline std::string put(std::uint32_t slot) {
    return "r" + little(slot);
}
inline std::string get(std::uint32_t slot) {
    return "j" + little(slot);
}
inline std::string ordered_dict(Pairs pairs) {
    for (auto& [key, value] : pairs) key = text(key);
    return reduce(global("collections", "OrderedDict"), {}) + items(pairs);
}
inline std::string pickle(const std::string& value) {
    return "\x80\x02" + value + ".";
}

/// As protocol 4 writes it; 5 differs by BYTEARRAY8 only.
inline std::string pickle_of_protocol(int protocol, const std::string& value) {
    std::string out = {'\x80', static_cast<char>(protocol)};
    if (protocol >= 4) out += "\x95" + little(static_cast<std::uint64_t>(value.size() + 1));
    return out + value + ".";
}
inline std::string short_text(const std::string& value) {
    return "\x8c" + std::string(1, static_cast<char>(value.size())) + value;
}
inline std::string bytes(const std::string& value) {
    return "B" + little(static_cast<std::uint32_t>(value.size())) + value;
}
inline std::string short_bytes(const std::string& value) {
    return "C" + std::string(1, static_cast<char>(value.size())) + value;
}
inline std::string byte_array(const std::string& value) {
    return "\x96" + little(static_cast<std::uint64_t>(value.size())) + value;
}
inline std::string stack_global(const std::string& module, const std::string& name) {
    return short_text(module) + short_text(name) + "\x93";
}
inline std::string memoize() {
    return "\x94";
}

inline std::string counts(const std::vector<int>& values) {
    std::vector<std::string> parts;
    for (const int value : values) parts.push_back(integer(value));
    return tuple(parts);
}
inline std::string storage(const std::string& key, const std::string& type, int numel) {
    return persistent(tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(numel)}));
}
inline std::string tensor(const std::string& of_storage, const std::vector<int>& shape, const std::vector<int>& strides,
                          int offset = 0) {
    return reduce(global("torch._utils", "_rebuild_tensor_v2"),
                  {of_storage, integer(offset), counts(shape), counts(strides), boolean(false), ordered_dict({})});
}
inline std::string parameter(const std::string& of_tensor) {
    return reduce(global("torch._utils", "_rebuild_parameter"), {of_tensor, boolean(false), ordered_dict({})});
}

struct ModuleParts {
    Pairs children = {};
    Pairs parameters = {};
    Pairs buffers = {};
    Pairs attributes = {};
};
inline std::string module(const std::string& package, const std::string& name, const ModuleParts& parts = {}) {
    Pairs state{{"training", boolean(false)},
                {"_parameters", ordered_dict(parts.parameters)},
                {"_buffers", named(parts.buffers)},
                {"_modules", ordered_dict(parts.children)}};
    state.insert(state.end(), parts.attributes.begin(), parts.attributes.end());
    return build(new_object(global(package, name)), named(state));
}
inline std::string detection_model(const ModuleParts& parts = {}) {
    return module("ultralytics.nn.tasks", "DetectionModel", parts);
}

}  // namespace yolovino::test::forge
