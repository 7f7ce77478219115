#include "checkpoint/tensor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::checkpoint {

using base::checked_add;
using base::checked_mul;

namespace {

constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxKeyDigits = 20;
constexpr std::uint64_t kMaxTensorBytes = 4ULL << 30;

using Kind = Pickle::Kind;

struct NamedType {
    std::string_view storage;  ///< of GLOBAL torch.<storage>Storage
    std::string_view name;     ///< of GLOBAL torch.<name>
    DType dtype;
};
constexpr std::array kTypes{
    NamedType{"Half", "float16", DType::F16},  NamedType{"BFloat16", "bfloat16", DType::BF16},
    NamedType{"Float", "float32", DType::F32}, NamedType{"Double", "float64", DType::F64},
    NamedType{"Char", "int8", DType::I8},      NamedType{"Byte", "uint8", DType::U8},
    NamedType{"Short", "int16", DType::I16},   NamedType{"Int", "int32", DType::I32},
    NamedType{"Long", "int64", DType::I64},    NamedType{"Bool", "bool", DType::Bool},
};

bool is_storage_key(std::string_view key) {
    return !key.empty() && key.size() <= kMaxKeyDigits && key.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Number of elements, and index behind the last one that a view touches, counted from its offset.
struct Reach {
    std::uint64_t count = 1;
    std::uint64_t span = 0;
};

std::optional<Reach> reach_of(const TensorRef& tensor) {
    if (tensor.shape.size() != tensor.strides.size() || tensor.shape.size() > kMaxRank || tensor.offset < 0)
        return std::nullopt;
    Reach reach;
    std::uint64_t last = 0;
    bool empty = false;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        if (tensor.shape[i] < 0 || tensor.strides[i] < 0) return std::nullopt;
        const auto size = static_cast<std::uint64_t>(tensor.shape[i]);
        if (size == 0) {
            empty = true;
            continue;
        }
        const auto count = checked_mul(reach.count, size);
        const auto step = checked_mul(size - 1, static_cast<std::uint64_t>(tensor.strides[i]));
        const auto sum = step ? checked_add(last, *step) : std::nullopt;
        if (!count || !sum) return std::nullopt;
        reach.count = *count;
        last = *sum;
    }
    if (empty) return Reach{0, 0};
    const auto span = checked_add(last, 1);
    if (!span) return std::nullopt;
    reach.span = *span;
    return reach;
}

bool is_contiguous(const TensorRef& tensor) {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
        expected *= tensor.shape[i];
    }
    return true;
}

template <typename T>
void convert_plain(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, from + i * sizeof(T), sizeof(T));
        to[i] = static_cast<float>(value);
    }
}

void convert_bf16(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t half;
        std::memcpy(&half, from + i * sizeof half, sizeof half);
        to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
    }
}

void convert_f64(const std::byte* from, float* to, std::size_t count) {
    // The conversion of a finite double beyond the range of float is undefined in C++; it shall become infinite.
    constexpr double kLargest = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < count; ++i) {
        double value;
        std::memcpy(&value, from + i * sizeof value, sizeof value);
        const bool too_large = value > kLargest || value < -kLargest;
        to[i] = too_large
                    ? std::copysign(std::numeric_limits<float>::infinity(), static_cast<float>(value > 0 ? 1 : -1))
                    : static_cast<float>(value);
    }
}

void convert(DType dtype, const std::byte* from, float* to, std::size_t count) {
    switch (dtype) {
        // Buffers come from the allocator and views begin at a multiple of the element, so halves are aligned.
        case DType::F16:
            convert_f16(reinterpret_cast<const std::uint16_t*>(from), to, count);
            return;
        case DType::BF16:
            convert_bf16(from, to, count);
            return;
        case DType::F32:
            convert_plain<float>(from, to, count);
            return;
        case DType::F64:
            convert_f64(from, to, count);
            return;
        case DType::I8:
            convert_plain<std::int8_t>(from, to, count);
            return;
        case DType::U8:
        case DType::Bool:
            convert_plain<std::uint8_t>(from, to, count);
            return;
        case DType::I16:
            convert_plain<std::int16_t>(from, to, count);
            return;
        case DType::I32:
            convert_plain<std::int32_t>(from, to, count);
            return;
        case DType::I64:
            convert_plain<std::int64_t>(from, to, count);
            return;
    }
}

bool all_finite(std::span<const float> values) {
    std::uint32_t largest = 0;
    for (const float value : values) largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFF);
    return largest < 0x7F800000;
}

/// Converts a strided view into row-major order, element by element: a copy of all as f32 would double the memory.
std::vector<float> gather(const TensorRef& tensor, const std::byte* from, std::size_t count) {
    std::vector<float> out(count);
    const auto size = static_cast<std::size_t>(element_bytes(tensor.dtype));
    std::vector<std::int64_t> position(tensor.shape.size());
    std::int64_t at = 0;
    for (float& value : out) {
        convert(tensor.dtype, from + static_cast<std::size_t>(at) * size, &value, 1);
        for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
            at += tensor.strides[axis];
            if (++position[axis] < tensor.shape[axis]) break;
            at -= tensor.strides[axis] * tensor.shape[axis];
            position[axis] = 0;
        }
    }
    return out;
}

}  // namespace

std::uint64_t element_bytes(DType dtype) noexcept {
    switch (dtype) {
        case DType::I8:
        case DType::U8:
        case DType::Bool:
            return 1;
        case DType::F16:
        case DType::BF16:
        case DType::I16:
            return 2;
        case DType::F32:
        case DType::I32:
            return 4;
        case DType::F64:
        case DType::I64:
            return 8;
    }
    return 8;
}

void convert_f16(const std::uint16_t* from, float* to, std::size_t count) noexcept {
    // Both forms are computed and one is selected: no branch, and no float subnormal that a thread's settings could
    // flush.
    constexpr std::uint32_t kSmallestNormal = 0x38800000;  // 2^-14
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t magnitude = from[i] & 0x7FFFU;
        const std::uint32_t sign = (from[i] & 0x8000U) << 16;
        const std::uint32_t infinite = magnitude >= 0x7C00 ? 0x38000000U : 0U;
        const std::uint32_t normal = (magnitude << 13) + 0x38000000U + infinite;
        const float subnormal =
            std::bit_cast<float>((magnitude << 13) | kSmallestNormal) - std::bit_cast<float>(kSmallestNormal);
        const std::uint32_t bits = magnitude < 0x0400 ? std::bit_cast<std::uint32_t>(subnormal) : normal;
        to[i] = std::bit_cast<float>(bits | sign);
    }
}

std::uint64_t StorageId::element_bytes() const noexcept {
    return checkpoint::element_bytes(dtype);
}

std::optional<StorageId> storage_id(const Pickle& pickle, Pickle::Index node) {
    if (pickle.kind(node) != Kind::PersistentId || pickle.kind(pickle.persistent_id(node)) != Kind::Tuple)
        return std::nullopt;
    const auto id = pickle.items(pickle.persistent_id(node));
    // Before PyTorch 0.4, a sixth part could name a view of another storage.
    const bool whole = id.size() == 5 || (id.size() == 6 && pickle.is_none(id[5]));
    if (!whole || pickle.kind(id[0]) != Kind::String || pickle.text(id[0]) != "storage" ||
        pickle.kind(id[1]) != Kind::Global || pickle.kind(id[2]) != Kind::String ||
        pickle.kind(id[3]) != Kind::String || pickle.kind(id[4]) != Kind::Int || pickle.integer(id[4]) < 0 ||
        !is_storage_key(pickle.text(id[2]))) {
        return std::nullopt;
    }
    const auto [module, class_name] = pickle.global(id[1]);
    const bool untyped = class_name == "UntypedStorage" || class_name == "_UntypedStorage";
    const auto* type = std::ranges::find_if(kTypes, [&, type_name = class_name](const NamedType& t) {
        return type_name == fmt::format("{}Storage", t.storage);
    });
    if ((module != "torch" && module != "torch.storage") || (!untyped && type == kTypes.end())) return std::nullopt;
    return StorageId{.key = pickle.text(id[2]),
                     .dtype = untyped ? DType::U8 : type->dtype,
                     .untyped = untyped,
                     .count = static_cast<std::uint64_t>(pickle.integer(id[4]))};
}

TensorReader::TensorReader(const Pickle& pickle, const Storages& storages, std::string file)
    : pickle_(pickle), storages_(storages), file_(std::move(file)) {}

void TensorReader::corrupt(std::string_view name, std::string_view why) const {
    throw Error(ErrorCode::CorruptFile, "checkpoint", fmt::format("tensor '{}' {}", base::printable(name), why),
                {.file = file_});
}

void TensorReader::unsupported(std::string_view name, std::string_view why) const {
    throw Error(ErrorCode::UnsupportedModel, "checkpoint", fmt::format("tensor '{}' {}", base::printable(name), why),
                {.file = file_});
}

bool TensorReader::is_tensor(Pickle::Index node) const {
    const Pickle::Global names = pickle_.callable(node);
    if (names.module == "torch._utils") return names.name.starts_with("_rebuild_");
    if (names.module == "torch._tensor") return names.name == "_rebuild_from_type_v2";
    return names.module == "torch.nn.parameter" && names.name == "Parameter";
}

Pickle::Index TensorReader::unwrap_parameter(Pickle::Index node, std::string_view name) const {
    // A parameter within a parameter does not occur; two levels allow a typed tensor within one.
    for (int level = 0; level < 3 && is_tensor(node); ++level) {
        const Pickle::Global names = pickle_.callable(node);
        const auto arguments = pickle_.arguments(node);
        if (names.name == "_rebuild_parameter" || names.name == "_rebuild_parameter_with_state" ||
            names.name == "Parameter") {
            if (arguments.empty() || arguments.size() > 4)
                corrupt(name, "is a parameter with the wrong number of arguments");
            node = arguments[0];
        } else if (names.name == "_rebuild_from_type_v2") {
            unsupported(name, "is of a subclass of torch.Tensor");
        } else {
            return node;
        }
    }
    corrupt(name, "is a parameter without a tensor");
}

TensorRef TensorReader::read(Pickle::Index node, std::string_view name) {
    const Pickle::Index tensor_node = unwrap_parameter(node, name);
    const std::string_view call = pickle_.callable(tensor_node).name;
    const auto arguments = pickle_.arguments(tensor_node);
    const bool v1 = call == "_rebuild_tensor";
    const bool v2 = call == "_rebuild_tensor_v2";
    const bool v3 = call == "_rebuild_tensor_v3";
    if (!v1 && !v2 && !v3)
        unsupported(name, fmt::format("is rebuilt by {}, only plain dense tensors are read", base::printable(call)));
    const std::size_t least = v1 ? 4 : v2 ? 6 : 7;
    if (arguments.size() < least || arguments.size() > least + (v1 ? 0 : 1)) {
        corrupt(name, fmt::format("is rebuilt from {} arguments", arguments.size()));
    }
    auto [key, storage] = read_storage(arguments[0], name);
    TensorRef tensor{.dtype = storage.dtype,
                     .shape = read_sizes(arguments[2], name, "size"),
                     .strides = read_sizes(arguments[3], name, "stride"),
                     .storage_key = std::move(key)};
    if (v3) {
        const std::string type = pickle_.class_path(arguments[6]);
        const auto* found =
            std::ranges::find_if(kTypes, [&](const NamedType& t) { return type == fmt::format("torch.{}", t.name); });
        if (found == kTypes.end()) unsupported(name, fmt::format("has elements of type '{}'", base::printable(type)));
        tensor.dtype = found->dtype;
    } else if (storage.untyped) {
        corrupt(name, "views an untyped storage without saying its type");
    }
    if (pickle_.kind(arguments[1]) != Kind::Int || pickle_.integer(arguments[1]) < 0)
        corrupt(name, "has no valid offset");
    tensor.offset = pickle_.integer(arguments[1]);
    const std::uint64_t bytes = storage.count * (storage.untyped ? 1 : element_bytes(storage.dtype));
    check_view(tensor, bytes / element_bytes(tensor.dtype), name);
    return tensor;
}

std::pair<std::string, TensorReader::Storage> TensorReader::read_storage(Pickle::Index node, std::string_view name) {
    const std::optional<StorageId> id = storage_id(pickle_, node);
    if (!id) refuse_storage(node, name);
    std::string key(id->key);
    const Storage storage{.dtype = id->dtype, .untyped = id->untyped, .count = id->count};
    const auto [known, fresh] = known_.try_emplace(key, storage);
    if (!fresh && (known->second.dtype != storage.dtype || known->second.untyped != storage.untyped ||
                   known->second.count != storage.count)) {
        corrupt(name, fmt::format("views storage '{}' under another type or length than before", key));
    }
    if (fresh) {
        const std::optional<Storages::Place> place = storages_.find(key);
        if (!place) corrupt(name, fmt::format("views storage '{}', which the file does not hold", key));
        const auto wanted = checked_mul(storage.count, id->element_bytes());
        if (!wanted || *wanted != place->size_bytes) {
            throw Error(
                ErrorCode::CorruptFile, "checkpoint",
                fmt::format("storage '{}' holds {} bytes, its reference by tensor '{}' says {} elements of {} bytes",
                            key, place->size_bytes, base::printable(name), storage.count, id->element_bytes()),
                {.file = file_, .offset_bytes = place->offset_bytes});
        }
    }
    return {std::move(key), storage};
}

/// Says why a reference to a storage cannot be read.
void TensorReader::refuse_storage(Pickle::Index node, std::string_view name) const {
    if (pickle_.kind(node) != Kind::PersistentId || pickle_.kind(pickle_.persistent_id(node)) != Kind::Tuple)
        corrupt(name, "does not view a storage of the file");
    const auto id = pickle_.items(pickle_.persistent_id(node));
    if (id.size() < 5 || id.size() > 6 || pickle_.kind(id[0]) != Kind::String || pickle_.text(id[0]) != "storage" ||
        pickle_.kind(id[1]) != Kind::Global || pickle_.kind(id[2]) != Kind::String ||
        pickle_.kind(id[3]) != Kind::String || pickle_.kind(id[4]) != Kind::Int || pickle_.integer(id[4]) < 0) {
        corrupt(name, "views a storage with a malformed reference");
    }
    if (!is_storage_key(pickle_.text(id[2]))) {
        corrupt(name,
                fmt::format("views storage '{}', which is not a number", base::printable(pickle_.text(id[2]), 40)));
    }
    if (id.size() == 6 && !pickle_.is_none(id[5]))
        unsupported(name, "views a part of a storage, as before PyTorch 0.4");
    unsupported(name, fmt::format("views a storage of type '{}'", base::printable(pickle_.class_path(id[1]))));
}

std::vector<std::int64_t> TensorReader::read_sizes(Pickle::Index node, std::string_view name,
                                                   std::string_view what) const {
    if (pickle_.is_object(node) && pickle_.class_path(node) == "torch.Size" && pickle_.arguments(node).size() == 1) {
        node = pickle_.arguments(node)[0];
    }
    if (pickle_.kind(node) != Kind::Tuple && pickle_.kind(node) != Kind::Sequence)
        corrupt(name, fmt::format("has no tuple as its {}", what));
    const auto items = pickle_.items(node);
    if (items.size() > kMaxRank)
        corrupt(name, fmt::format("has {} dimensions, at most {} are read", items.size(), kMaxRank));
    std::vector<std::int64_t> sizes;
    for (const Pickle::Index item : items) {
        if (pickle_.kind(item) != Kind::Int || pickle_.integer(item) < 0)
            corrupt(name, fmt::format("has a {} that is not a count", what));
        sizes.push_back(pickle_.integer(item));
    }
    return sizes;
}

void TensorReader::check_view(const TensorRef& tensor, std::uint64_t storage_count, std::string_view name) const {
    if (tensor.shape.size() != tensor.strides.size()) corrupt(name, "has not as many strides as dimensions");
    const auto reach = reach_of(tensor);
    const auto end = reach ? checked_add(reach->span, static_cast<std::uint64_t>(tensor.offset)) : std::nullopt;
    if (!end || (reach->count > 0 && *end > storage_count)) {
        corrupt(name, fmt::format("reaches beyond its storage '{}' of {} elements", tensor.storage_key, storage_count));
    }
    // Strides of zero could unfold a few bytes into terabytes.
    if (reach->count > storage_count) {
        corrupt(name, fmt::format("has {} elements, its storage '{}' only {}", reach->count, tensor.storage_key,
                                  storage_count));
    }
}

void TensorData::corrupt(const TensorRef& tensor, std::string_view name, std::string_view why) const {
    throw Error(ErrorCode::CorruptFile, "checkpoint",
                fmt::format("tensor '{}' in storage '{}' {}", base::printable(name),
                            base::printable(tensor.storage_key, 40), why),
                {.file = file_});
}

TensorData::Extent TensorData::check(const TensorRef& tensor, std::uint64_t storage_bytes,
                                     std::string_view name) const {
    const auto reach = reach_of(tensor);
    const std::uint64_t available = storage_bytes / element_bytes(tensor.dtype);
    const auto end = reach ? checked_add(reach->span, static_cast<std::uint64_t>(tensor.offset)) : std::nullopt;
    if (!end || (reach->count > 0 && *end > available) || reach->count > available)
        corrupt(tensor, name, "reaches beyond the storage");
    if (std::max(reach->count, reach->span) > kMaxTensorBytes / sizeof(float)) {
        throw Error(ErrorCode::LimitExceeded, "checkpoint",
                    fmt::format("tensor '{}' has {} elements, too many to read", base::printable(name), reach->count),
                    {.file = file_});
    }
    return {reach->count, reach->span};
}

std::vector<float> TensorData::read_f32(const TensorRef& tensor, std::string_view name) const {
    const std::optional<Storages::Place> place =
        is_storage_key(tensor.storage_key) ? storages_.find(tensor.storage_key) : std::nullopt;
    if (!place) corrupt(tensor, name, "is not in the file");
    const Extent extent = check(tensor, place->size_bytes, name);
    if (extent.count == 0) return {};
    const std::uint64_t size = element_bytes(tensor.dtype);
    const std::vector<std::byte> bytes =
        storages_.read(tensor.storage_key, static_cast<std::uint64_t>(tensor.offset) * size, extent.span * size);
    std::vector<float> values;
    if (is_contiguous(tensor)) {
        values.resize(static_cast<std::size_t>(extent.span));
        convert(tensor.dtype, bytes.data(), values.data(), values.size());
    } else {
        values = gather(tensor, bytes.data(), static_cast<std::size_t>(extent.count));
    }
    if (!all_finite(values)) corrupt(tensor, name, "holds values that are not finite");
    return values;
}

}  // namespace yolovino::checkpoint
