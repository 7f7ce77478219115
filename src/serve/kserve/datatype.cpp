#include "serve/kserve/datatype.hpp"

#include <array>
#include <limits>

namespace yolovino::serve {

namespace {

struct Row {
    std::string_view name;
    std::size_t bytes;
};

/// In the order of the enumeration.
constexpr std::array<Row, 13> kRows = {{{"BOOL", 1},
                                        {"UINT8", 1},
                                        {"UINT16", 2},
                                        {"UINT32", 4},
                                        {"UINT64", 8},
                                        {"INT8", 1},
                                        {"INT16", 2},
                                        {"INT32", 4},
                                        {"INT64", 8},
                                        {"FP16", 2},
                                        {"FP32", 4},
                                        {"FP64", 8},
                                        {"BYTES", 0}}};

}  // namespace

std::string_view name_of(Datatype datatype) noexcept {
    return kRows[static_cast<std::size_t>(datatype)].name;
}

std::optional<Datatype> find_datatype(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].name == name) return static_cast<Datatype>(i);
    }
    return {};
}

std::size_t element_bytes(Datatype datatype) noexcept {
    return kRows[static_cast<std::size_t>(datatype)].bytes;
}

std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape) noexcept {
    std::uint64_t count = 1;
    bool empty = false;
    for (const std::int64_t dimension : shape) {
        if (dimension < 0) return {};
        const auto size = static_cast<std::uint64_t>(dimension);
        empty = empty || size == 0;
        if (size != 0 && count > std::numeric_limits<std::uint64_t>::max() / size) return {};
        if (size != 0) count *= size;
    }
    return empty ? 0 : count;
}

}  // namespace yolovino::serve
