#pragma once

#include <optional>

#include "serve/message.hpp"

namespace yolovino::serve {

/// The page for people and its parts: `/`, `/page.css`, and `/page.js`; nothing for other paths. Compressed where the
/// client takes it, 304 where it has it already. Thread-safe.
std::optional<Response> page(const Request& request);

}  // namespace yolovino::serve
