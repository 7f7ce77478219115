#pragma once

#include <vector>

#include "scan/stream.hpp"

namespace yolovino::scan {

/// The tensors that the value of a stream leads to, in its order.
std::vector<AuditedTensor> tensors_of(const Stream& stream);

}  // namespace yolovino::scan
