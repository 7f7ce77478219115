#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace yolovino::test {

/// The keys of Ultralytics' default.yaml, in its order; empty if the list cannot be read.
inline std::vector<std::string> ultralytics_keys() {
    std::ifstream file(YOLOVINO_SOURCE_DIR "/tests/data/arguments/ultralytics-8.4.190.txt");
    std::vector<std::string> keys;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with('#')) keys.push_back(line.substr(0, line.find(':')));
    }
    return keys;
}

}  // namespace yolovino::test
