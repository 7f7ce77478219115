#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.hpp"

namespace yolovino::base {

/// SHA-256 of a whole file, 64 lower-case hexadecimal digits. @throws Error IoFailure
std::string sha256(const RandomAccessFile& file);
/// Of a part of it. @throws Error CorruptFile beyond the end, IoFailure
std::string sha256(const RandomAccessFile& file, std::uint64_t offset_bytes, std::uint64_t count);
/// The same of a text.
std::string sha256(std::string_view text);

/// The same of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void add(std::span<const std::byte> bytes);
    /// A text behind its length, so that `ab`, `c` and `a`, `bc` differ.
    void add_field(std::string_view text);
    /// To be called once, at the end. @throws Error RuntimeFailure
    std::string hexadecimal();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace yolovino::base
