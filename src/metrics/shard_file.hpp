#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::metrics {

/// Numbers one behind the other, little-endian.
class ShardWriter {
public:
    template <typename T>
    void put(T value) {
        static_assert(std::is_arithmetic_v<T>);
        char bytes[sizeof(T)];
        std::memcpy(bytes, &value, sizeof(T));
        out.append(bytes, sizeof(T));
    }
    void count(std::size_t value) { put(static_cast<std::uint64_t>(value)); }

    std::string out;
};

/// Reads them again and trusts none. @throws Error CorruptFile, as each of its functions
class ShardReader {
public:
    ShardReader(std::span<const std::byte> bytes, std::string file) : reader_(bytes), file_(std::move(file)) {}

    template <typename T>
    T get() {
        const auto value = reader_.read<T>();
        if (!value) fail("the file ends too early");
        return *value;
    }

    /// A number of elements that each take at least `bytes`: more than the rest of the file cannot be there.
    std::size_t count(std::size_t bytes) {
        const auto value = get<std::uint64_t>();
        if (value > reader_.remaining() / bytes) fail("the file declares more records than it holds");
        return static_cast<std::size_t>(value);
    }

    std::string_view text(std::size_t size) {
        const auto taken = reader_.take(size);
        if (!taken) fail("the file ends too early");
        return base::as_text(*taken);
    }

    bool at_end() const { return reader_.remaining() == 0; }

    [[noreturn]] void fail(std::string_view what) const {
        throw Error(ErrorCode::CorruptFile, "metrics", what, {.file = file_, .offset_bytes = reader_.offset()},
                    "give files that 'yolo val shard=i/n' wrote");
    }

private:
    base::ByteReader reader_;
    std::string file_;
};

}  // namespace yolovino::metrics
