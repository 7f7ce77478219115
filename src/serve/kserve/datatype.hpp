#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace yolovino::serve {

/// Element types of the Open Inference Protocol.
enum class Datatype { Bool, Uint8, Uint16, Uint32, Uint64, Int8, Int16, Int32, Int64, Fp16, Fp32, Fp64, Bytes };

/// `FP32`, as requests and answers name it.
std::string_view name_of(Datatype datatype) noexcept;
/// Names are case-sensitive. Nothing if there is no such type.
std::optional<Datatype> find_datatype(std::string_view name) noexcept;
/// Bytes of one element; 0 for BYTES, whose elements differ.
std::size_t element_bytes(Datatype datatype) noexcept;

/// Product of a shape. Nothing where a dimension is negative or the product does not fit.
std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape) noexcept;

}  // namespace yolovino::serve
