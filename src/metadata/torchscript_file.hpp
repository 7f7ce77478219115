#pragma once

#include <filesystem>
#include <optional>

#include "metadata/value.hpp"

namespace yolovino::metadata {

/// The metadata of a TorchScript archive (`extra/config.txt`), or nothing if it has none. Needs no LibTorch.
/// @throws Error NotFound, UnsupportedFile for another kind of file, CorruptFile, LimitExceeded
std::optional<Value> read_torchscript(const std::filesystem::path& path);

}  // namespace yolovino::metadata
