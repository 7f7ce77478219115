#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file.hpp"

namespace yolovino::container {

/// One record of the central directory.
struct ZipEntry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t stored_bytes = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t header_offset = 0;
    std::uint64_t data_offset = 0;  ///< known after the local header has been checked

    bool is_packed() const noexcept { return method != 0; }
};

/// The container of a checkpoint. What torch.save writes is accepted, and the same packed again; everything ambiguous
/// is refused.
class ZipReader {
public:
    /// What the archive must be. TorchScript archives compress their code, and tools that pack a checkpoint again
    /// compress all of it. An appended one follows other bytes and needs no folder.
    enum class Kind { Checkpoint, TorchScript, Appended };

    /// `file` must outlive the reader. @throws Error CorruptFile, UnsupportedFile, LimitExceeded, IoFailure
    explicit ZipReader(const base::RandomAccessFile& file, Kind kind = Kind::Checkpoint);

    /// The folder that holds all entries, without a slash.
    const std::string& root() const noexcept { return root_; }
    const std::vector<ZipEntry>& entries() const noexcept { return entries_; }
    /// The entry `<root>/<path>`, or null; in an appended archive the entry `<path>`.
    const ZipEntry* find(std::string_view path) const;

    /// The whole entry, its CRC verified. @throws Error CorruptFile, LimitExceeded above `max_bytes`
    std::vector<std::byte> read(const ZipEntry& entry, std::uint64_t max_bytes) const;
    /// Part of an uncompressed entry; its CRC is not verified.
    std::vector<std::byte> read_part(const ZipEntry& entry, std::uint64_t offset_bytes, std::uint64_t count) const;
    /// Reads the uncompressed entry in pieces and verifies its CRC.
    void verify(const ZipEntry& entry) const;

private:
    struct Directory {
        std::uint64_t offset = 0;
        std::uint64_t size_bytes = 0;
        std::uint64_t count = 0;
    };

    Directory find_directory() const;
    void agree_with_zip64(Directory& directory, std::uint64_t end_record_offset) const;
    void read_directory(const Directory& directory);
    void check_name(const std::string& name, std::uint64_t offset) const;
    void check_names();
    void check_local_headers(std::uint64_t directory_offset);
    void check_unpacked_size() const;
    std::uint64_t check_local_header(ZipEntry& entry, std::uint64_t directory_offset) const;
    std::uint64_t descriptor_bytes(const ZipEntry& entry, std::uint64_t directory_offset) const;
    [[noreturn]] void corrupt(std::string_view message, std::uint64_t offset) const;
    [[noreturn]] void bad_crc(const ZipEntry& entry) const;

    const base::RandomAccessFile& file_;
    Kind kind_;
    std::string root_;
    std::vector<ZipEntry> entries_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace yolovino::container
