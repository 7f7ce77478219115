#include "checkpoint/value_builder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::checkpoint {

using Kind = Pickle::Kind;
using Index = Pickle::Index;

namespace {

constexpr std::size_t kMaxDepth = 64;       // official files need 28
constexpr std::uint64_t kPlaceBytes = 112;  // of a key among the places of a dict

/// The bytes that Python wrote as text of the code points 0 to 255.
std::optional<std::string> latin1_bytes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            out += text[i];
        } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size() &&
                   (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80) {
            ++i;
            out += static_cast<char>((lead & 0x03) << 6 | (static_cast<unsigned char>(text[i]) & 0x3F));
        } else {
            return std::nullopt;
        }
    }
    return out;
}

float half_to_float(std::uint16_t half) {
    float value = 0;
    convert_f16(&half, &value, 1);
    return value;
}

/// A number from its bytes, `code` as numpy writes it: f8, i4, u1, b1.
std::optional<Value> number_of(std::string_view code, std::string bytes, bool big_endian) {
    if (big_endian) std::ranges::reverse(bytes);
    base::ByteReader reader(base::as_bytes(bytes));
    const auto read = [&]<typename T>(T) -> std::optional<T> {
        return bytes.size() == sizeof(T) ? reader.read<T>() : std::nullopt;
    };
    const auto integer = [&]<typename T>(T kind) -> std::optional<Value> {
        const auto value = read(kind);
        return value ? std::optional(Value{static_cast<std::int64_t>(*value)}) : std::nullopt;
    };
    const auto real = [](auto value) -> std::optional<Value> {
        return value ? std::optional(Value{static_cast<double>(*value)}) : std::nullopt;
    };
    if (code == "f8") return real(read(double{}));
    if (code == "f4") return real(read(float{}));
    if (code == "f2") {
        const auto half = read(std::uint16_t{});
        return half ? std::optional(Value{static_cast<double>(half_to_float(*half))}) : std::nullopt;
    }
    if (code == "b1") return bytes.size() == 1 ? std::optional(Value{bytes[0] != 0}) : std::nullopt;
    if (code == "i1") return integer(std::int8_t{});
    if (code == "i2") return integer(std::int16_t{});
    if (code == "i4") return integer(std::int32_t{});
    if (code == "i8") return integer(std::int64_t{});
    if (code == "u1") return integer(std::uint8_t{});
    if (code == "u2") return integer(std::uint16_t{});
    if (code == "u4") return integer(std::uint32_t{});
    return std::nullopt;
}

std::string_view numpy_code(std::string_view class_name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kClasses{{{"Float16DType", "f2"},
                                                                                      {"Float32DType", "f4"},
                                                                                      {"Float64DType", "f8"},
                                                                                      {"Int8DType", "i1"},
                                                                                      {"Int16DType", "i2"},
                                                                                      {"Int32DType", "i4"},
                                                                                      {"Int64DType", "i8"},
                                                                                      {"UInt8DType", "u1"},
                                                                                      {"UInt16DType", "u2"},
                                                                                      {"UInt32DType", "u4"},
                                                                                      {"BoolDType", "b1"}}};
    for (const auto& [name, code] : kClasses) {
        if (name == class_name) return code;
    }
    return {};
}

bool is_builtin(std::string_view module) {
    return module == "__builtin__" || module == "builtins";
}

bool is_namespace(const Pickle::Global& names) {
    return names.name == "IterableSimpleNamespace" || (names.module == "types" && names.name == "SimpleNamespace") ||
           (names.module == "argparse" && names.name == "Namespace");
}

}  // namespace

bool is_module(const Pickle& pickle, Index node) {
    if (!pickle.is_object(node)) return false;
    const Index state = pickle.object(node).state;
    return state != Pickle::kNothing && pickle.kind(state) == Kind::Mapping &&
           pickle.find(state, "_modules") != Pickle::kNothing;
}

ValueBuilder::ValueBuilder(const Pickle& pickle, TensorReader& tensors, std::string file)
    : pickle_(pickle),
      tensors_(tensors),
      file_(std::move(file)),
      budget_(pickle.size_bytes()),
      open_(pickle.node_count()),
      modules_(pickle.node_count()) {}

Value ValueBuilder::build(Index node, std::string_view name) {
    name_ = name;
    return convert(node, 0);
}

void ValueBuilder::pay(std::uint64_t bytes, std::string_view name) {
    // What the file shares is unfolded here, so a few bytes could stand for billions of values.
    if (budget_.pay(bytes)) return;
    throw Error(ErrorCode::LimitExceeded, "checkpoint",
                fmt::format("values of the file take more than {} bytes of memory, reached in '{}'", budget_.all(),
                            base::printable(name)),
                {.file = file_});
}

bool ValueBuilder::is_known_module(Index node) {
    // An object may be referred to a million times, and each look takes as long as its state.
    if (!modules_[node]) modules_[node] = is_module(pickle_, node);
    return *modules_[node];
}

std::string ValueBuilder::copy_text(Index node) {
    const std::string_view text = pickle_.text(node);
    // One long text that is shared would otherwise be copied as often as it is named.
    pay(text.size(), name_);
    return std::string(text);
}

Value ValueBuilder::convert(Index node, std::size_t depth) {
    if (depth > kMaxDepth) {
        throw Error(ErrorCode::LimitExceeded, "checkpoint",
                    fmt::format("'{}' is nested deeper than {} levels", base::printable(name_), kMaxDepth),
                    {.file = file_});
    }
    pay(sizeof(Value), name_);
    switch (pickle_.kind(node)) {
        case Kind::None:
            return {};
        case Kind::Bool:
            return {pickle_.boolean(node)};
        case Kind::Int:
            return {pickle_.integer(node)};
        case Kind::Float:
            return {pickle_.real(node)};
        case Kind::String:
            return {copy_text(node)};
        case Kind::BigInt:
            return {Opaque{"int"}};
        case Kind::Global:
            return {Opaque{pickle_.class_path(node)}};
        case Kind::PersistentId:
            return {Opaque{"torch.storage"}};
        default:
            break;
    }
    if (open_[node]) return {Opaque{"reference cycle"}};
    open_[node] = true;
    const Kind kind = pickle_.kind(node);
    Value value = kind == Kind::Object    ? convert_object(node, depth)
                  : kind == Kind::Mapping ? convert_dict(pickle_.items(node), depth)
                                          : convert_list(pickle_.items(node), kind == Kind::Tuple, depth);
    open_[node] = false;
    return value;
}

Value ValueBuilder::convert_list(std::span<const Index> items, bool tuple, std::size_t depth) {
    List list;
    // Each element pays for itself before it is there; without growth nothing else is allocated.
    if (budget_.holds(items.size() * sizeof(Value))) list.reserve(items.size());
    for (const Index item : items) list.push_back(convert(item, depth + 1));
    return {.data = std::move(list), .tuple = tuple};
}

Value ValueBuilder::convert_dict(std::span<const Index> pairs, std::size_t depth) {
    Dict dict;
    const std::uint64_t places_bytes = pairs.size() / 2 * kPlaceBytes;
    pay(places_bytes, name_);
    if (budget_.holds(pairs.size() * sizeof(Value))) dict.reserve(pairs.size() / 2);
    // In Python the last of two equal keys wins and keeps the place of the first.
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        Value key = convert(pairs[i], depth + 1);
        Value value = convert(pairs[i + 1], depth + 1);
        std::string tag;
        if (const std::string* text = key.as_string()) tag = "s" + *text;
        if (const auto integer = key.as_int()) tag = fmt::format("i{}", *integer);
        const auto [place, fresh] =
            tag.empty() ? std::pair{places.end(), true} : places.try_emplace(std::move(tag), dict.size());
        if (fresh) {
            dict.push_back({std::move(key), std::move(value)});
        } else {
            dict[place->second].value = std::move(value);
        }
    }
    budget_.refund(places_bytes);
    return {std::move(dict)};
}

Value ValueBuilder::convert_object(Index node, std::size_t depth) {
    if (pickle_.is_mapping(node)) return convert_dict(pickle_.pairs(node), depth);
    if (tensors_.is_tensor(node)) {
        if (auto tensor = convert_tensor(node)) return std::move(*tensor);
    } else if (!is_known_module(node)) {
        if (auto known = convert_known(node, depth)) return std::move(*known);
    }
    const std::string path = pickle_.class_path(node);
    return {Opaque{path.empty() ? "object of an unnamed class" : path}};
}

std::optional<Value> ValueBuilder::convert_tensor(Index node) {
    try {
        return Value{tensors_.read(node, name_)};
    } catch (const Error& error) {
        // Outside of the network a tensor of another kind does no harm; a broken one tells of a broken file.
        if (error.code() == ErrorCode::UnsupportedModel) return std::nullopt;
        throw;
    }
}

std::optional<Value> ValueBuilder::convert_known(Index node, std::size_t depth) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    const Index state = pickle_.object(node).state;
    if (is_namespace(names)) {
        if (state == Pickle::kNothing) return Value{Dict{}};
        return pickle_.is_mapping(state) ? std::optional(convert_dict(pickle_.pairs(state), depth)) : std::nullopt;
    }
    const bool collection = arguments.size() == 1 &&
                            (pickle_.kind(arguments[0]) == Kind::Sequence || pickle_.kind(arguments[0]) == Kind::Tuple);
    if (is_builtin(names.module) && (names.name == "set" || names.name == "frozenset")) {
        if (arguments.empty()) return Value{List{}};
        return collection ? std::optional(convert_list(pickle_.items(arguments[0]), false, depth)) : std::nullopt;
    }
    if (names.module == "torch" && names.name == "Size") {
        return collection ? std::optional(convert_list(pickle_.items(arguments[0]), true, depth)) : std::nullopt;
    }
    if (auto bytes = encoded_bytes(node)) return Value{std::move(*bytes)};
    if (auto number = numpy_scalar(node)) return number;
    if (auto path = path_text(node)) return path;
    if (auto date = date_text(node)) return date;
    return device_text(node);
}

std::optional<std::string> ValueBuilder::encoded_bytes(Index node) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if (is_builtin(names.module) && names.name == "bytes" && arguments.empty()) return std::string();
    if (names.module != "_codecs" || names.name != "encode" || arguments.empty() || arguments.size() > 2 ||
        !std::ranges::all_of(arguments, [&](Index argument) { return pickle_.kind(argument) == Kind::String; })) {
        return std::nullopt;
    }
    const std::string_view codec = arguments.size() == 2 ? pickle_.text(arguments[1]) : "utf-8";
    std::string plain = copy_text(arguments[0]);
    return codec == "latin1" || codec == "latin-1" ? latin1_bytes(plain) : std::optional(std::move(plain));
}

std::optional<Value> ValueBuilder::numpy_scalar(Index node) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if ((names.module != "numpy.core.multiarray" && names.module != "numpy._core.multiarray") ||
        names.name != "scalar" || arguments.size() != 2 || !pickle_.is_object(arguments[0]) ||
        !pickle_.is_object(arguments[1])) {
        return std::nullopt;
    }
    const Pickle::Global type = pickle_.callable(arguments[0]);
    const auto type_arguments = pickle_.arguments(arguments[0]);
    std::string_view code;
    if (type.module == "numpy.dtypes") {
        code = numpy_code(type.name);
    } else if (type.module == "numpy" && type.name == "dtype" && !type_arguments.empty() &&
               pickle_.kind(type_arguments[0]) == Kind::String) {
        code = pickle_.text(type_arguments[0]);
    }
    bool big_endian = false;
    const Index state = pickle_.object(arguments[0]).state;
    if (state != Pickle::kNothing && pickle_.kind(state) == Kind::Tuple && pickle_.items(state).size() > 1) {
        const Index order = pickle_.items(state)[1];
        big_endian = pickle_.kind(order) == Kind::String && pickle_.text(order) == ">";
    }
    auto bytes = encoded_bytes(arguments[1]);
    return bytes ? number_of(code, std::move(*bytes), big_endian) : std::nullopt;
}

std::optional<Value> ValueBuilder::path_text(Index node) {
    const Pickle::Global names = pickle_.callable(node);
    if ((names.module != "pathlib" && names.module != "pathlib._local") || !(names.name.ends_with("Path")))
        return std::nullopt;
    const char separator = names.name.find("Windows") != std::string_view::npos ? '\\' : '/';
    std::string path;
    for (const Index part : pickle_.arguments(node)) {
        if (pickle_.kind(part) != Kind::String) return std::nullopt;
        if (!path.empty() && path.back() != separator) path += separator;
        path += copy_text(part);
    }
    return Value{path.empty() ? std::string(".") : path};
}

std::optional<Value> ValueBuilder::date_text(Index node) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if (names.module != "datetime" || names.name != "datetime" || arguments.empty() || !pickle_.is_object(arguments[0]))
        return std::nullopt;
    const auto bytes = encoded_bytes(arguments[0]);
    if (!bytes || bytes->size() != 10) return std::nullopt;
    const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>((*bytes)[i])); };
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at(0) << 8 | at(1), at(2), at(3), at(4), at(5), at(6));
    const unsigned microseconds = at(7) << 16 | at(8) << 8 | at(9);
    if (microseconds > 0) text += fmt::format(".{:06}", microseconds);
    return Value{std::move(text)};
}

std::optional<Value> ValueBuilder::device_text(Index node) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if (names.module != "torch" || names.name != "device" || arguments.empty() ||
        pickle_.kind(arguments[0]) != Kind::String)
        return std::nullopt;
    std::string text = copy_text(arguments[0]);
    if (arguments.size() == 2 && pickle_.kind(arguments[1]) == Kind::Int)
        text += fmt::format(":{}", pickle_.integer(arguments[1]));
    return Value{std::move(text)};
}

}  // namespace yolovino::checkpoint
