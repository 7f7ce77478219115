#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/values.hpp"

namespace yolovino::checkpoint {

/// The type of NumPy's elements, as far as it stands for plain values.
struct NumpyType {
    char kind = 0;  ///< f, i, u, b; U for text of four bytes a character, S for bytes, O for objects
    std::size_t size_bytes = 0;
    bool big_endian = false;
};

/// `f8`, `i4`, `b1`, `U12`, `S3`, `O8`; nothing for types that are not plain, as dates and records.
std::optional<NumpyType> parse_numpy_type(std::string_view code, bool big_endian);

/// The code of a class of `numpy.dtypes`, or nothing.
std::string_view numpy_code(std::string_view class_name);

/// One element, not of objects, from as many bytes as its type has. Text ends before its trailing zeros, as in NumPy.
std::optional<Value> numpy_element(const NumpyType& type, std::string_view bytes);

}  // namespace yolovino::checkpoint
