#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/file.hpp"
#include "container/zip_reader.hpp"
#include "support/npy.hpp"

namespace yolovino::test {

/// One array of NumPy's archive. Link yolovino_container.
template <typename Element>
NpyArray<Element> read_npz(const std::filesystem::path& file, const std::string& name) {
    const base::RandomAccessFile archive(file);
    const container::ZipReader reader(archive, container::ZipReader::Kind::Appended);
    const container::ZipEntry* entry = reader.find(name + ".npy");
    if (entry == nullptr) throw std::runtime_error(file.string() + " has no array " + name);
    return parse_npy<Element>(reader.read(*entry, kMaxArrayBytes), file.string() + ":" + name);
}

}  // namespace yolovino::test
