#include "checkpoint/value_builder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/fail.hpp"
#include "checkpoint/numpy_value.hpp"

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

bool is_builtin(std::string_view module) {
    return module == "__builtin__" || module == "builtins";
}

/// Whether it is `numpy.core.multiarray`, or where that has moved in NumPy 2.
bool is_numpy(std::string_view module, std::string_view part) {
    for (const std::string_view package : {"numpy.core.", "numpy._core."}) {
        if (module.starts_with(package) && module.substr(package.size()) == part) return true;
    }
    return false;
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
        case Kind::Bytes:
            return {Bytes{copy_text(node)}};
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
    if (kind == Kind::Set) value.set = true;
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
        // Outside of the network a tensor of another kind does no harm; a broken one means a broken file.
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
        if (!arguments.empty() && !collection) return std::nullopt;
        Value value = arguments.empty() ? Value{List{}} : convert_list(pickle_.items(arguments[0]), false, depth);
        value.set = true;
        return value;
    }
    if (names.module == "torch" && names.name == "Size") {
        return collection ? std::optional(convert_list(pickle_.items(arguments[0]), true, depth)) : std::nullopt;
    }
    if (auto bytes = bytes_of(node)) return Value{Bytes{std::move(*bytes)}};
    if (auto scalar = numpy_scalar(node, depth)) return scalar;
    if (auto array = numpy_array(node, depth)) return array;
    if (auto path = path_text(node)) return path;
    if (auto date = date_text(node)) return date;
    return device_text(node);
}

/// The bytes of a node: as such from protocol 3 on, before that as text that is encoded when the file is loaded.
std::optional<std::string> ValueBuilder::bytes_of(Index node) {
    if (pickle_.kind(node) == Kind::Bytes) return copy_text(node);
    if (!pickle_.is_object(node)) return std::nullopt;
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

std::optional<NumpyType> ValueBuilder::numpy_type(Index node) const {
    if (!pickle_.is_object(node)) return std::nullopt;
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    std::string_view code;
    if (names.module == "numpy.dtypes") {
        code = numpy_code(names.name);
    } else if (names.module == "numpy" && names.name == "dtype" && !arguments.empty() &&
               pickle_.kind(arguments[0]) == Kind::String) {
        code = pickle_.text(arguments[0]);
    }
    bool big_endian = false;
    const Index state = pickle_.object(node).state;
    if (state != Pickle::kNothing && pickle_.kind(state) == Kind::Tuple && pickle_.items(state).size() > 1) {
        const Index order = pickle_.items(state)[1];
        big_endian = pickle_.kind(order) == Kind::String && pickle_.text(order) == ">";
    }
    return parse_numpy_type(code, big_endian);
}

std::optional<Value> ValueBuilder::numpy_scalar(Index node, std::size_t depth) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if (!is_numpy(names.module, "multiarray") || names.name != "scalar" || arguments.size() != 2) return std::nullopt;
    const std::optional<NumpyType> type = numpy_type(arguments[0]);
    if (!type) return std::nullopt;
    if (type->kind == 'O') return convert(arguments[1], depth + 1);
    const auto bytes = bytes_of(arguments[1]);
    return bytes && bytes->size() == type->size_bytes ? numpy_element(*type, *bytes) : std::nullopt;
}

/// An array of at most one dimension: of protocol 5 `_frombuffer(bytes, type, shape, order)`, before that
/// `_reconstruct(ndarray, …)` with a state of (version, shape, type, order, bytes or a list of objects).
std::optional<Value> ValueBuilder::numpy_array(Index node, std::size_t depth) {
    const Pickle::Global names = pickle_.callable(node);
    const auto arguments = pickle_.arguments(node);
    if (is_numpy(names.module, "numeric") && names.name == "_frombuffer" && arguments.size() == 4)
        return numpy_elements({arguments[0], arguments[1], arguments[2]}, depth);
    if (!is_numpy(names.module, "multiarray") || names.name != "_reconstruct" || arguments.empty() ||
        pickle_.class_path(arguments[0]) != "numpy.ndarray") {
        return std::nullopt;
    }
    const Index state = pickle_.object(node).state;
    if (state == Pickle::kNothing || pickle_.kind(state) != Kind::Tuple || pickle_.items(state).size() != 5)
        return std::nullopt;
    const auto parts = pickle_.items(state);
    return numpy_elements({parts[4], parts[2], parts[1]}, depth);
}

std::optional<Value> ValueBuilder::numpy_elements(const NumpyArray& array, std::size_t depth) {
    const std::optional<NumpyType> type = numpy_type(array.type);
    if (!type || pickle_.kind(array.shape) != Kind::Tuple) return std::nullopt;
    const auto shape = pickle_.items(array.shape);
    if (shape.size() > 1 || (shape.size() == 1 && pickle_.kind(shape[0]) != Kind::Int)) return std::nullopt;
    const std::int64_t count = shape.empty() ? 1 : pickle_.integer(shape[0]);
    List list;
    if (type->kind == 'O') {
        if (pickle_.kind(array.data) != Kind::Sequence) return std::nullopt;
        for (const Index item : pickle_.items(array.data)) list.push_back(convert(item, depth + 1));
    } else {
        const auto bytes = bytes_of(array.data);
        if (!bytes || type->size_bytes == 0 || bytes->size() % type->size_bytes != 0) return std::nullopt;
        for (std::size_t at = 0; at < bytes->size(); at += type->size_bytes) {
            const std::string_view piece = std::string_view(*bytes).substr(at, type->size_bytes);
            pay(sizeof(Value) + piece.size(), name_);
            auto element = numpy_element(*type, piece);
            if (!element) return std::nullopt;
            list.push_back(std::move(*element));
        }
    }
    if (static_cast<std::int64_t>(list.size()) != count) return std::nullopt;
    return shape.empty() ? std::move(list.front()) : Value{std::move(list)};
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
    if (names.module != "datetime" || names.name != "datetime" || arguments.empty()) return std::nullopt;
    const auto bytes = bytes_of(arguments[0]);
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
