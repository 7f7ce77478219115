#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "base/file.hpp"

namespace yolovino::container {

/// How a file of an older or rarer form becomes one that is read. Python runs what the file says; whoever follows this
/// must trust it.
inline constexpr std::string_view kSaveAgain =
    "if you trust it, save it again in Python: import torch; torch.save(torch.load(FILE, map_location='cpu', "
    "weights_only=False), FILE)";

/// What a file is by its first bytes, for messages: `PNG image`, `text file`, `ZIP archive`, `ONNX model`,
/// `file of an unknown kind`. @throws Error IoFailure
std::string_view what_is(const base::RandomAccessFile& file);

/// Refuses, by its own name, everything that does not begin as a ZIP archive. @throws Error UnsupportedFile,
/// CorruptFile
void refuse_other_file(const base::RandomAccessFile& file);

/// Refuses ZIP archives that are not checkpoints: TorchScript, torch.package, torch.export, and archives without
/// data.pkl.
/// @throws Error UnsupportedFile
void refuse_other_archive(const std::filesystem::path& path, std::string_view root,
                          std::span<const std::string_view> names);

/// Refuses archives that do not hold what TorchScript needs. @throws Error UnsupportedFile
void refuse_unless_torchscript(const std::filesystem::path& path, std::string_view root,
                               std::span<const std::string_view> names);

}  // namespace yolovino::container
