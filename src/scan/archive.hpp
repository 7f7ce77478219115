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

/// An entry of an archive, with what is needed to read it.
struct Entry {
    AuditedEntry audited;
    std::uint64_t data_offset = 0;
    std::uint64_t stored_bytes = 0;  ///< truncated to what the file holds
    std::uint32_t crc = 0;
    std::uint32_t flags = 0;
    bool is_pickle = false;  ///< Python unpickles it, whatever its name
};

/// The entries of a ZIP archive, which may be broken: those that the directory names, and those that only have local
/// headers.
struct Archive {
    std::vector<Entry> entries;
    std::vector<AuditAnomaly> anomalies;
    /// Offset and length of the parts of the file that no entry covers, ascending.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
};

/// How an anomaly affects the verdict.
enum class Severity : std::uint8_t { Note, HidesContent, Dangerous };

AuditAnomaly anomaly(Severity severity, std::string entry, std::optional<std::uint64_t> offset, std::string text);

/// Adds an anomaly. If there are `max_count`, it replaces the last one if that is less severe.
void add_anomaly(std::vector<AuditAnomaly>& anomalies, std::size_t max_count, AuditAnomaly one);

/// @throws Error IoFailure
Archive find_archive(const base::RandomAccessFile& file);

}  // namespace yolovino::scan
