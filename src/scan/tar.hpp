#pragma once

#include <optional>
#include <vector>

#include "yolovino/audit.hpp"

#include "base/file.hpp"
#include "scan/archive.hpp"

namespace yolovino::scan {

/// The members of a tar archive. torch.load still reads one with the members `storages`, `tensors`, and `pickle`.
struct Tar {
    std::vector<Entry> entries;
    std::vector<AuditAnomaly> anomalies;
};

/// Nothing if the file does not begin with the header of a member. @throws Error IoFailure
std::optional<Tar> find_tar(const base::RandomAccessFile& file);

}  // namespace yolovino::scan
