#include <algorithm>
#include <iterator>
#include <vector>

#include "fuzz/input.hpp"

/// Runs a fuzz target once over each file given, and over the files of each folder given. `--if-there` before a path
/// makes it optional.
int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    bool optional = false;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--if-there") {
            optional = true;
            continue;
        }
        const std::size_t before = files.size();
        if (fs::is_directory(argument)) {
            for (const auto& entry : fs::directory_iterator(argument)) {
                if (entry.is_regular_file()) files.push_back(entry.path());
            }
        } else if (fs::is_regular_file(argument)) {
            files.emplace_back(argument);
        }
        if (files.size() == before && !optional) {
            std::fprintf(stderr, "%s holds no input\n", argument.c_str());
            return 1;
        }
        optional = false;
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
        std::fprintf(stderr, "%s\n", file.c_str());
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::printf("%zu inputs replayed\n", files.size());
    return files.empty() ? 1 : 0;
}
