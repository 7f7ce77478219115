#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "container/zip_reader.hpp"

namespace yolovino::checkpoint {

/// Where the elements of tensors are.
class Storages {
public:
    struct Place {
        std::uint64_t size_bytes = 0;
        std::uint64_t offset_bytes = 0;  ///< in the file, for messages
    };

    Storages() = default;
    Storages(const Storages&) = delete;
    Storages& operator=(const Storages&) = delete;
    virtual ~Storages() = default;

    /// Nothing if the file holds no storage of this number.
    virtual std::optional<Place> find(std::string_view key) const = 0;
    /// Part of a storage that is there, checked against its CRC where it has one. Thread-safe.
    /// @throws Error CorruptFile, IoFailure
    virtual std::vector<std::byte> read(std::string_view key, std::uint64_t offset_bytes,
                                        std::uint64_t count) const = 0;
};

/// Entries `data/<key>` of an archive. Each is verified once.
class ZipStorages final : public Storages {
public:
    explicit ZipStorages(const container::ZipReader& zip) : zip_(zip) {}

    std::optional<Place> find(std::string_view key) const override;
    std::vector<std::byte> read(std::string_view key, std::uint64_t offset_bytes, std::uint64_t count) const override;

private:
    std::vector<std::byte> read_unpacked(const container::ZipEntry& entry, std::uint64_t offset_bytes,
                                         std::uint64_t count) const;

    const container::ZipReader& zip_;
    mutable std::mutex mutex_;
    mutable std::set<std::string, std::less<>> verified_;
    /// Compressed storages that several tensors share; the archive bounds their sum.
    mutable std::map<std::string, std::vector<std::byte>, std::less<>> unpacked_;
};

/// Pieces of a file without entries and checksums.
class PlainStorages final : public Storages {
public:
    PlainStorages(const base::RandomAccessFile& file, std::map<std::string, Place, std::less<>> places)
        : file_(file), places_(std::move(places)) {}

    std::optional<Place> find(std::string_view key) const override;
    std::vector<std::byte> read(std::string_view key, std::uint64_t offset_bytes, std::uint64_t count) const override;

private:
    const base::RandomAccessFile& file_;
    std::map<std::string, Place, std::less<>> places_;
};

}  // namespace yolovino::checkpoint
