#pragma once

#include <filesystem>
#include <memory>

#include "runtime/import.hpp"

namespace yolovino::runtime {

/// Reads a file with the reader for that framework, and with no other.
/// @throws Error NotFound, UnsupportedFile, CorruptFile, UnsupportedModel that names the operation, MissingComponent
std::shared_ptr<ov::Model> read_framework(const std::filesystem::path& file, Framework framework);

}  // namespace yolovino::runtime
