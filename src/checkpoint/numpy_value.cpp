#include "checkpoint/numpy_value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "checkpoint/tensor.hpp"

namespace yolovino::checkpoint {

namespace {

constexpr std::size_t kCharacterBytes = 4;  // UCS-4

float half_to_float(std::uint16_t half) {
    float value = 0;
    convert_f16(&half, &value, 1);
    return value;
}

std::optional<Value> text_of(std::string_view bytes, bool big_endian) {
    std::string text;
    std::size_t characters = bytes.size() / kCharacterBytes;
    const auto code_at = [&](std::size_t i) {
        std::uint32_t code = 0;
        for (std::size_t k = 0; k < kCharacterBytes; ++k) {
            const std::size_t at = i * kCharacterBytes + (big_endian ? k : kCharacterBytes - 1 - k);
            code = code << 8 | static_cast<unsigned char>(bytes[at]);
        }
        return code;
    };
    while (characters > 0 && code_at(characters - 1) == 0) --characters;
    for (std::size_t i = 0; i < characters; ++i) {
        const std::uint32_t code = code_at(i);
        if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return std::nullopt;
        base::append_utf8(text, code);
    }
    return Value{std::move(text)};
}

std::optional<Value> number_of(const NumpyType& type, std::string bytes) {
    if (type.big_endian) std::ranges::reverse(bytes);
    base::ByteReader reader(base::as_bytes(bytes));
    const auto integer = [&]<typename T>(T) -> std::optional<Value> {
        const T value = reader.read<T>().value_or(T{});
        if (!std::in_range<std::int64_t>(value)) return Value{Opaque{"int"}};
        return Value{static_cast<std::int64_t>(value)};
    };
    const bool is_signed = type.kind == 'i';
    switch (type.kind) {
        case 'b':
            return Value{bytes.front() != 0};
        case 'f':
            if (type.size_bytes == 8) return Value{reader.read<double>().value_or(0)};
            if (type.size_bytes == 4) return Value{static_cast<double>(reader.read<float>().value_or(0))};
            return Value{static_cast<double>(half_to_float(reader.read<std::uint16_t>().value_or(0)))};
        default:
            break;
    }
    if (type.size_bytes == 1) return is_signed ? integer(std::int8_t{}) : integer(std::uint8_t{});
    if (type.size_bytes == 2) return is_signed ? integer(std::int16_t{}) : integer(std::uint16_t{});
    if (type.size_bytes == 4) return is_signed ? integer(std::int32_t{}) : integer(std::uint32_t{});
    return is_signed ? integer(std::int64_t{}) : integer(std::uint64_t{});
}

}  // namespace

std::optional<NumpyType> parse_numpy_type(std::string_view code, bool big_endian) {
    if (code.size() < 2) return std::nullopt;
    const char kind = code.front();
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), size);
    if (error != std::errc{} || end != code.data() + code.size()) return std::nullopt;
    const auto is_one_of = [&](std::initializer_list<std::size_t> sizes) {
        return std::ranges::find(sizes, size) != sizes.end();
    };
    const bool known = kind == 'b'                  ? size == 1
                       : kind == 'f'                ? is_one_of({2, 4, 8})
                       : kind == 'i' || kind == 'u' ? is_one_of({1, 2, 4, 8})
                       : kind == 'U' || kind == 'S' ? size <= std::numeric_limits<std::int32_t>::max()
                                                    : kind == 'O';
    if (!known) return std::nullopt;
    return NumpyType{kind, kind == 'U' ? size * kCharacterBytes : size, big_endian};
}

std::string_view numpy_code(std::string_view class_name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kClasses{{{"Float16DType", "f2"},
                                                                                      {"Float32DType", "f4"},
                                                                                      {"Float64DType", "f8"},
                                                                                      {"Int8DType", "i1"},
                                                                                      {"Int16DType", "i2"},
                                                                                      {"Int32DType", "i4"},
                                                                                      {"Int64DType", "i8"},
                                                                                      {"UInt8DType", "u1"},
                                                                                      {"UInt16DType", "u2"},
                                                                                      {"UInt32DType", "u4"},
                                                                                      {"UInt64DType", "u8"},
                                                                                      {"BoolDType", "b1"},
                                                                                      {"ObjectDType", "O8"}}};
    for (const auto& [name, code] : kClasses) {
        if (name == class_name) return code;
    }
    return {};
}

std::optional<Value> numpy_element(const NumpyType& type, std::string_view bytes) {
    if (type.kind == 'O' || bytes.size() != type.size_bytes) return std::nullopt;
    if (type.kind == 'U') return text_of(bytes, type.big_endian);
    if (type.kind == 'S') {
        const std::size_t last = bytes.find_last_not_of('\0');
        return Value{Bytes{std::string(bytes.substr(0, last == std::string_view::npos ? 0 : last + 1))}};
    }
    return number_of(type, std::string(bytes));
}

}  // namespace yolovino::checkpoint
