#pragma once

#include <memory>

namespace ov {
class Model;
}
namespace yolovino::base {
class Sha256;
}

namespace yolovino::runtime {

/// Adds all that a device makes of a network: operations, attributes, edges, shapes, and every byte of the constants.
/// @return false if some of it is of a kind that is not known here, so that the hash does not stand for the network
bool add_model(base::Sha256& hash, const std::shared_ptr<const ov::Model>& model);

}  // namespace yolovino::runtime
