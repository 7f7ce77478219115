#pragma once

#include <cstddef>
#include <vector>

#include "scan/stream.hpp"

namespace yolovino::scan {

/// The tensors that the value of a stream holds, in the order of the stream, at most `max_tensors`.
std::vector<AuditedTensor> tensors_of(const Stream& stream, std::size_t max_tensors = 20'000);

}  // namespace yolovino::scan
