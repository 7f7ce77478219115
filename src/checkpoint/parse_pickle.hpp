#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/pickle.hpp"
#include "checkpoint/pickle_machine.hpp"

namespace yolovino::checkpoint {

/// @param bytes   the whole stream; views of its text stay valid as long as the result
/// @param file    for messages
/// @param offset  place of the stream in the file, for messages
/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile
Pickle parse_pickle(std::vector<std::byte> bytes, const std::string& file, std::uint64_t offset,
                    const PickleTrace& trace = {});

/// As the object of a legacy file: there a persistent id ('module', class, …) stands for the class.
Pickle parse_legacy_pickle(std::vector<std::byte> bytes, const std::string& file, std::uint64_t offset);

}  // namespace yolovino::checkpoint
