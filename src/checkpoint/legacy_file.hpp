#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/file.hpp"
#include "checkpoint/pickle.hpp"
#include "checkpoint/storages.hpp"

namespace yolovino::checkpoint {

/// A file as torch.save wrote it before PyTorch 1.6, and does with _use_new_zipfile_serialization=False: five pickles
/// one behind the other, then the storages. It has no checksums.
struct LegacyFile {
    Pickle pickle;  ///< of the object that was saved
    std::map<std::string, Storages::Place, std::less<>> places;
};

/// Whether the file begins with the number that marks such files.
bool is_legacy(const base::RandomAccessFile& file);

/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile, IoFailure
LegacyFile read_legacy(const base::RandomAccessFile& file, std::uint64_t max_pickle_bytes);

}  // namespace yolovino::checkpoint
