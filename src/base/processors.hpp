#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace yolovino::base {

/// The share of the processors that the control groups of this process grant it, as `docker run --cpus=1.5` or a
/// Kubernetes limit sets it: 1.5 means one and a half processors' time. Both versions of control groups are read, and
/// of nested groups the smallest share counts. Nothing if there is no limit, or none that can be seen.
/// @param root of the file system, another one in tests
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// As many threads as the quota keeps busy, at least 1, if these are fewer than the processors that this process may
/// run on; nothing if the quota limits nothing.
std::optional<std::size_t> quota_threads();

/// How many threads can run at the same time: the processors that this process may run on, which `taskset` and cpusets
/// reduce, or fewer if the quota grants less. At least 1.
std::size_t processor_count();

}  // namespace yolovino::base
