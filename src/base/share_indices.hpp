#pragma once

#include <cstddef>
#include <functional>

namespace yolovino::base {

/// Does one index after the other.
using IndexWorker = std::function<void(std::size_t index)>;
/// Makes what one thread works with. @param worker its number, from 0
using MakeIndexWorker = std::function<IndexWorker(std::size_t worker)>;

/// Indices 0 to `count - 1` on several threads, the caller's among them, in no fixed order. Threads log where the
/// caller logs. Where the system gives fewer threads than `workers`, those do the work.
/// @throws whatever a worker threw first, which ends the work, once all threads have ended
void share_indices(std::size_t count, std::size_t workers, const MakeIndexWorker& make_worker);

}  // namespace yolovino::base
