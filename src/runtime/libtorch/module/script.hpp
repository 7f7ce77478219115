#pragma once

#include <filesystem>

#include "runtime/libtorch/module/network.hpp"

namespace yolovino::runtime::torch_module {

/// Runs a TorchScript archive. @throws Error CorruptFile
Forward open_script(const std::filesystem::path& file);

}  // namespace yolovino::runtime::torch_module
