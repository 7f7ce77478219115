#pragma once

#include "options/settings.hpp"

namespace yolovino::serve {

/// Asks the server at the host and port of the settings, over TLS if there is a certificate, whether it is ready.
/// @throws Error NetworkFailure with the reason if it is not
void probe(const options::ServeArgs& args);

}  // namespace yolovino::serve
