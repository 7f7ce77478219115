#include "writers/torchscript/zip_writer.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <system_error>
#include <utility>
#include <zlib.h>

#include "base/fail.hpp"

namespace yolovino::writers::torchscript {

namespace {

constexpr std::uint64_t kAlignmentBytes = 64;
constexpr std::uint64_t kLocalHeaderBytes = 30;
constexpr std::uint64_t kPaddingHeaderBytes = 4;
constexpr std::uint16_t kUtf8Names = 0x0800;
constexpr std::uint16_t kVersionNeeded = 10;

template <typename T>
std::string little(T value) {
    std::string out(sizeof(T), '\0');
    std::memcpy(out.data(), &value, sizeof(T));
    return out;
}

/// The part that local header and directory have in common, from the version to the length of the name.
std::string description(std::uint32_t crc, std::uint32_t size, std::size_t name_bytes) {
    constexpr std::uint16_t kStored = 0;
    constexpr std::uint32_t kNoDate = 0;
    return little(kVersionNeeded) + little(kUtf8Names) + little(kStored) + little(kNoDate) + little(crc) +
           little(size) + little(size) + little(static_cast<std::uint16_t>(name_bytes));
}

}  // namespace

ZipWriter::ZipWriter(const std::filesystem::path& path, std::string folder)
    : path_(path), folder_(std::move(folder)), out_(path, std::ios::binary | std::ios::trunc) {
    check();
}

void ZipWriter::add(std::string_view name, base::Bytes content) {
    const std::string full = fmt::format("{}/{}", folder_, name);
    const std::uint64_t unpadded = offset_ + kLocalHeaderBytes + full.size() + kPaddingHeaderBytes;
    const std::uint64_t padding = (kAlignmentBytes - unpadded % kAlignmentBytes) % kAlignmentBytes;
    const bool fits = unpadded + padding + content.size() + directory_.size() <
                          std::numeric_limits<std::uint32_t>::max() - (std::uint64_t{1} << 20U) &&
                      full.size() <= std::numeric_limits<std::uint16_t>::max() &&
                      count_ < std::numeric_limits<std::uint16_t>::max();
    if (!fits) {
        throw Error(ErrorCode::LimitExceeded, "torchscript", "the archive grows beyond 4 GiB or 65535 entries",
                    {.file = path_.string()});
    }
    const auto crc = static_cast<std::uint32_t>(
        ::crc32_z(0, reinterpret_cast<const unsigned char*>(content.data()), content.size()));
    const std::string about = description(crc, static_cast<std::uint32_t>(content.size()), full.size());
    directory_ += "PK\x01\x02" + little(kVersionNeeded) + about + std::string(12, '\0') +
                  little(static_cast<std::uint32_t>(offset_)) + full;
    ++count_;
    write("PK\x03\x04" + about + little(static_cast<std::uint16_t>(kPaddingHeaderBytes + padding)) + full + "FB" +
          little(static_cast<std::uint16_t>(padding)) + std::string(padding, 'Z'));
    write(base::as_text(content));
}

void ZipWriter::finish() {
    const auto start = static_cast<std::uint32_t>(offset_);
    const auto size = static_cast<std::uint32_t>(directory_.size());
    write(directory_ + "PK\x05\x06" + std::string(4, '\0') + little(count_) + little(count_) + little(size) +
          little(start) + std::string(2, '\0'));
    out_.close();
    check();
}

void ZipWriter::write(std::string_view bytes) {
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    check();
    offset_ += bytes.size();
}

void ZipWriter::check() {
    if (out_) return;
    throw Error(ErrorCode::IoFailure, "torchscript", "cannot write: " + std::generic_category().message(errno),
                {.file = path_.string()});
}

}  // namespace yolovino::writers::torchscript
