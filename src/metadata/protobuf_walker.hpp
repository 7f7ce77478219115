#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fail.hpp"
#include "base/file.hpp"

/// The wire format of protobuf, which needs no library to be stepped over.
namespace yolovino::metadata::protobuf {

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// One field of a protobuf message: a number, or the place of its bytes.
struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of a varint
    bool has_bytes = false;
    Range bytes;
};

/// Steps over the fields of messages in a file, whatever its size.
class Walker {
public:
    /// @param area, kind for messages: `onnx`, `ONNX model`
    Walker(const base::RandomAccessFile& file, std::string_view area, std::string_view kind)
        : file_(file), area_(area), kind_(kind) {}

    Range whole() const { return {0, file_.size_bytes()}; }

    template <typename Visit>
    void each(Range message, const Visit& visit) {
        std::uint64_t at = message.begin;
        while (at < message.end) visit(next(at, message.end));
    }

    std::string text(const Field& field) {
        if (!field.has_bytes) corrupt("a text field is a number", field.bytes.begin);
        const std::uint64_t count = field.bytes.end - field.bytes.begin;
        if (count > kMaxTextBytes) limit(fmt::format("a text of {} bytes", count));
        std::string out(static_cast<std::size_t>(count), '\0');
        file_.read(field.bytes.begin, std::as_writable_bytes(std::span(out)));
        return out;
    }

    [[noreturn]] void corrupt(std::string_view why, std::uint64_t offset) const {
        throw Error(ErrorCode::CorruptFile, area_, fmt::format("not a complete {}: {}", kind_, why),
                    {.file = file_.path().string(), .offset_bytes = offset});
    }
    [[noreturn]] void limit(std::string_view what) const {
        throw Error(ErrorCode::LimitExceeded, area_, fmt::format("the file holds {}, more than is read", what),
                    {.file = file_.path().string()});
    }

private:
    static constexpr std::uint64_t kMaxFields = 1'000'000;
    static constexpr std::uint64_t kMaxTextBytes = 16ULL << 20;
    static constexpr std::uint64_t kWindowBytes = 4096;

    Field next(std::uint64_t& at, std::uint64_t end) {
        if (++fields_ > kMaxFields) limit(fmt::format("over {} fields", kMaxFields));
        const std::uint64_t start = at;
        const std::uint64_t key = varint(at, end);
        Field field;
        field.number = key >> 3U;
        if (field.number == 0) corrupt("field number 0", start);
        std::uint64_t count = 0;
        switch (key & 7U) {
            case 0:
                field.value = varint(at, end);
                return field;
            case 1:
                count = 8;
                break;
            case 2:
                count = varint(at, end);
                break;
            case 5:
                count = 4;
                break;
            default:
                corrupt(fmt::format("wire type {}", key & 7U), start);
        }
        if (count > end - at) corrupt(fmt::format("a field of {} bytes reaches beyond the end", count), start);
        field.has_bytes = true;
        field.bytes = {at, at + count};
        at += count;
        return field;
    }

    std::uint64_t varint(std::uint64_t& at, std::uint64_t end) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at >= end) corrupt("the file is truncated", at);
            const auto byte = static_cast<std::uint64_t>(byte_at(at++));
            value |= (byte & 0x7FU) << shift;
            if (byte < 0x80U) return value;
        }
        corrupt("a number of more than 64 bits", at);
    }

    std::byte byte_at(std::uint64_t offset) {
        if (offset < window_begin_ || offset >= window_begin_ + window_.size()) {
            window_ = file_.read(offset, std::min(kWindowBytes, file_.size_bytes() - offset));
            window_begin_ = offset;
        }
        return window_[static_cast<std::size_t>(offset - window_begin_)];
    }

    const base::RandomAccessFile& file_;
    std::string_view area_;
    std::string_view kind_;
    std::vector<std::byte> window_;
    std::uint64_t window_begin_ = 0;
    std::uint64_t fields_ = 0;
};

}  // namespace yolovino::metadata::protobuf
