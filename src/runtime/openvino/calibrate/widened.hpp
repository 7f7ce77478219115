#pragma once

#include <memory>

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// A network that computes in 16-bit floats, as one that computes in f32; any other as it is. @throws Error
/// RuntimeFailure
std::shared_ptr<const ov::Model> widened(std::shared_ptr<const ov::Model> model);

}  // namespace yolovino::runtime
