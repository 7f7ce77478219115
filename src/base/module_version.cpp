// Part of every module, by yolovino_module() of CMake; see base/module_version.hpp.
#include "yolovino/version.hpp"

extern "C" __attribute__((visibility("default"))) const char* yolovino_module_version() {
    return YOLOVINO_VERSION_STRING;
}
