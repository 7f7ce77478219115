#pragma once

namespace yolovino::base {

/// What every module exports: the version of yolovino that it was built with. Objects with virtual functions pass
/// between library and modules, so the two fit together only within one version.
constexpr const char* kModuleVersionEntry = "yolovino_module_version";
using ModuleVersionFunction = const char* (*)();

}  // namespace yolovino::base
