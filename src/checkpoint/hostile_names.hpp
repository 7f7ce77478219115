#pragma once

#include <cstdint>
#include <string_view>

namespace yolovino::checkpoint {

/// What a name in a pickle can do to whoever loads it in Python.
enum class Harm : std::uint8_t { None, Calls, System, Connects, Loads, Reaches };

/// Whether a pickle that names `module.name` attacks whoever loads it in Python: the name runs commands or code, opens
/// files or connections, or loads another pickle, and no network needs it. Part of what `harm_of` judges.
bool is_hostile(std::string_view module, std::string_view name) noexcept;

/// Whether the dots of a name lead to one that is hostile, as `hub.os.system` does. Python follows them from protocol 4
/// on. A class within classes has few parts, and none of Python's own.
bool leads_to_hostile(std::string_view name) noexcept;

/// What `module.name` can do, also where an honest file may hold it.
Harm harm_of(std::string_view module, std::string_view name) noexcept;

/// Whether every name of the module can do harm.
bool is_harmful_module(std::string_view module) noexcept;

/// Whether any name of the module can do harm; quick, for text that is probably no name at all.
bool may_be_harmful(std::string_view module);

}  // namespace yolovino::checkpoint
