#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace yolovino::writers::torchscript {

/// Writes a ZIP archive front to back as PyTorch lays it out: entries stored below one folder, each payload at a
/// multiple of 64 bytes, without dates.
class ZipWriter {
public:
    /// @param path   a new file, written as entries come
    /// @param folder name of the folder that all entries lie in
    /// @throws Error IoFailure
    ZipWriter(const std::filesystem::path& path, std::string folder);

    /// @throws Error IoFailure, LimitExceeded from 4 GiB on
    void add(std::string_view name, base::Bytes content);
    /// Writes the directory and closes the file. @throws Error IoFailure
    void finish();

private:
    void write(std::string_view bytes);
    void check();

    std::filesystem::path path_;
    std::string folder_;
    std::ofstream out_;
    std::uint64_t offset_ = 0;
    std::string directory_;
    std::uint16_t count_ = 0;
};

}  // namespace yolovino::writers::torchscript
