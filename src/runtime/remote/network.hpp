#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/remote/messages.hpp"
#include "runtime/remote/place.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime {

/// What the server says of the model. @throws Error NotFound, NetworkFailure, LimitExceeded
RemoteDescription describe_remote_model(const RemotePlace& place);
/// The metadata of its configuration, a literal of Python; nothing if the server has none.
std::optional<std::string> remote_metadata(const RemotePlace& place);

/// A network that a server runs: each inference is a request with binary tensors. Large batches are sent in parts;
/// while the server is busy (503), a request is repeated.
/// @throws Error NotFound, NetworkFailure, ShapeMismatch
std::unique_ptr<LoadedNetwork> load_remote(const RemotePlace& place, const tensors::SignatureCheck& wanted);

}  // namespace yolovino::runtime
