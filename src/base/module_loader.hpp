#pragma once

#include <filesystem>
#include <string_view>

namespace yolovino::base {

/// Loads an optional part of the library (a shared object `yolovino-<name>.so` in module_folder()) at first use and
/// returns the address of `symbol` in it. The module stays loaded. Thread-safe.
/// @throws Error MissingComponent with the path that was tried and the loader's reason, or both versions where the
/// module is not of the library's own
void* load_module_symbol(std::string_view name, const char* symbol);

/// `yolovino/` beside the library; empty if the library cannot find itself.
std::filesystem::path module_folder();

}  // namespace yolovino::base
