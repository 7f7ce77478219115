#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace yolovino::test {

/// The bytes of a file; none if it cannot be opened.
inline std::string content(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace yolovino::test
