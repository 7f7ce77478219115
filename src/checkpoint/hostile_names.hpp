#pragma once

#include <string_view>

namespace yolovino::checkpoint {

/// Whether a pickle that names `module.name` attacks whoever loads it in Python: the name runs commands or code, opens
/// files or connections, or loads another pickle, and no network needs it.
bool is_hostile(std::string_view module, std::string_view name) noexcept;

}  // namespace yolovino::checkpoint
