#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "base/file.hpp"

namespace yolovino::checkpoint {

/// Refuses, by its own name, everything that does not begin as a ZIP archive. @throws Error UnsupportedFile,
/// CorruptFile
void refuse_other_file(const base::RandomAccessFile& file);

/// Refuses ZIP archives that are not checkpoints: TorchScript, torch.package, torch.export, and archives without
/// data.pkl.
/// @throws Error UnsupportedFile
void refuse_other_archive(const std::filesystem::path& path, std::string_view root,
                          std::span<const std::string_view> names);

}  // namespace yolovino::checkpoint
