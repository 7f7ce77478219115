#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/audit.hpp"

#include "base/file.hpp"

namespace yolovino::scan {

/// An entry with what is needed to read it.
struct Entry {
    AuditedEntry shown;
    std::uint64_t data_offset = 0;
    std::uint64_t stored_bytes = 0;  ///< cut to what the file holds
    std::uint32_t crc = 0;
    std::uint32_t flags = 0;
    bool is_pickle = false;  ///< whatever its name: Python unpickles it
};

/// What a file holds of a ZIP archive, however broken: what the directory names, and what only local headers name.
struct Archive {
    std::vector<Entry> entries;
    std::vector<AuditAnomaly> anomalies;
    /// Offset and length of what no entry covers, ascending.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> rest;
};

/// What an anomaly means for the verdict.
enum class Gravity : std::uint8_t { Note, Hides, Dangerous };

AuditAnomaly anomaly(Gravity gravity, std::string entry, std::optional<std::uint64_t> offset, std::string text);

/// Adds it, or where there are `max_count` puts it in the place of the last, if that is less grave.
void add_anomaly(std::vector<AuditAnomaly>& anomalies, std::size_t max_count, AuditAnomaly one);

/// @throws Error IoFailure
Archive find_archive(const base::RandomAccessFile& file);

}  // namespace yolovino::scan
