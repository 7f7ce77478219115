#pragma once

#include <filesystem>
#include <string_view>

namespace yolovino::base {

/// Loads an optional part of the library (a shared object `yolovino-<name>.so` beside or below the library's own
/// folder, in `yolovino/`) at first use and returns the address of `symbol` in it. The module stays loaded.
/// Thread-safe.
/// @throws Error MissingComponent with the path that was tried and the loader's reason
void* load_module_symbol(std::string_view name, const char* symbol);

/// Where the modules stand; empty if the library cannot find itself.
std::filesystem::path module_folder();

}  // namespace yolovino::base
