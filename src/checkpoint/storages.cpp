#include "checkpoint/storages.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::checkpoint {

std::optional<Storages::Place> ZipStorages::find(std::string_view key) const {
    const container::ZipEntry* entry = zip_.find(fmt::format("data/{}", key));
    return entry == nullptr ? std::nullopt : std::optional(Place{entry->size_bytes, entry->data_offset});
}

std::vector<std::byte> ZipStorages::read(std::string_view key, std::uint64_t offset_bytes, std::uint64_t count) const {
    const container::ZipEntry& entry = *zip_.find(fmt::format("data/{}", key));
    const bool whole = offset_bytes == 0 && count == entry.size_bytes;
    if (!whole && entry.is_packed()) return read_unpacked(entry, offset_bytes, count);
    bool verified = false;
    {
        const std::lock_guard lock(mutex_);
        verified = verified_.contains(key);
    }
    std::vector<std::byte> bytes;
    if (entry.is_packed() || (whole && !verified)) {
        bytes = zip_.read(entry, entry.size_bytes);
    } else {
        // Many views may share one storage: it is verified once, and each reads only its part.
        if (!verified) zip_.verify(entry);
        bytes = zip_.read_part(entry, offset_bytes, count);
    }
    const std::lock_guard lock(mutex_);
    verified_.emplace(key);
    return bytes;
}

/// Unpacking a shared storage for each of its views would take as long as they are many.
std::vector<std::byte> ZipStorages::read_unpacked(const container::ZipEntry& entry, std::uint64_t offset_bytes,
                                                  std::uint64_t count) const {
    const std::lock_guard lock(mutex_);
    auto found = unpacked_.find(entry.name);
    if (found == unpacked_.end()) found = unpacked_.emplace(entry.name, zip_.read(entry, entry.size_bytes)).first;
    const auto first = found->second.begin() + static_cast<std::ptrdiff_t>(offset_bytes);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

std::optional<Storages::Place> PlainStorages::find(std::string_view key) const {
    const auto found = places_.find(key);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::byte> PlainStorages::read(std::string_view key, std::uint64_t offset_bytes,
                                           std::uint64_t count) const {
    const Place place = places_.find(key)->second;
    return file_.read(place.offset_bytes + offset_bytes, count);
}

}  // namespace yolovino::checkpoint
