#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// What each room may include besides itself and the public headers.
const std::map<std::string, std::set<std::string>> kMayUse = {
    {"base", {}},
    {"documents", {"base"}},
    {"checkpoint", {"base"}},
    {"scan", {"base", "checkpoint"}},
    {"imports", {"base", "documents", "checkpoint"}},
    {"metadata", {"base", "documents", "checkpoint"}},
    {"graph", {"base"}},
    {"quantize", {"base", "documents"}},
    {"nets", {"base", "graph", "checkpoint"}},
    {"writers", {"base", "graph", "quantize"}},
    {"runtime", {"base", "graph", "imports", "quantize", "writers"}},
    {"vision", {"base"}},
    {"plots", {"base", "vision"}},
    {"tasks", {"base", "vision"}},
    {"data", {"base", "documents", "vision"}},
    {"metrics", {"base"}},
    {"engine",
     {"base", "checkpoint", "metadata", "graph", "quantize", "nets", "writers", "runtime", "vision", "plots", "tasks",
      "data", "metrics"}},
    // Of base, child_process alone: of the rest, the command would have a second copy, as it has of documents, which
    // has no state.
    {"cli", {"base", "documents"}},
};

std::vector<fs::path> sources() {
    std::vector<fs::path> files;
    for (const char* root : {YOLOVINO_SOURCE_DIR "/src", YOLOVINO_SOURCE_DIR "/include"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            const auto suffix = entry.path().extension();
            if (suffix == ".hpp" || suffix == ".cpp") files.push_back(entry.path());
        }
    }
    return files;
}

std::vector<std::string> lines(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> all;
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
}

std::string room_of(const fs::path& file) {
    const fs::path relative = file.lexically_relative(YOLOVINO_SOURCE_DIR);
    const auto first = relative.begin();
    return *first == "include" ? "include" : std::next(first)->string();
}

TEST(Hygiene, RoomsIncludeOnlyWhatTheyMayUse) {
    const std::regex include(R"(^#include "([a-z0-9_]+)/)");
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        const std::string room = room_of(file);
        for (const std::string& line : lines(file)) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            ++seen;
            const std::string used = match[1];
            if (used == "yolovino" || used == room) continue;
            ASSERT_TRUE(kMayUse.contains(room)) << file;
            EXPECT_TRUE(kMayUse.at(room).contains(used)) << file << " includes " << used;
        }
    }
    EXPECT_GT(seen, 200U) << "the test did not look";
}

TEST(Hygiene, TextFromOutsideIsReadInOneRoom) {
    // Of the rest, one splits an argument, one a list of devices, and one reads files of the system.
    const std::set<std::string> splits = {"src/data/source.cpp", "src/runtime/openvino/precisions.cpp",
                                          "src/cli/checks.cpp"};
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        const std::string name = file.lexically_relative(YOLOVINO_SOURCE_DIR).string();
        const std::string room = room_of(file);
        for (const std::string& line : lines(file)) {
            if (line.find("YAML::") != std::string::npos) {
                ++seen;
                EXPECT_TRUE(room == "documents" || room == "writers") << file << ": " << line;
            }
            if (line.find("std::getline") != std::string::npos) {
                ++seen;
                EXPECT_TRUE(splits.contains(name)) << file << ": use documents::Lines";
            }
            if (room == "documents") {
                EXPECT_EQ(line.find("base/log.hpp"), std::string::npos)
                    << file << ": the command has a copy of this room";
            }
        }
    }
    EXPECT_GT(seen, 10U) << "the test did not look";
}

TEST(Hygiene, OpenVinoStaysInItsRooms) {
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        for (const std::string& line : lines(file)) {
            if (line.find("#include <openvino/") == std::string::npos) continue;
            ++seen;
            EXPECT_EQ(file.parent_path().filename(), "openvino") << file;
        }
    }
    EXPECT_GT(seen, 3U) << "the test did not look";
}

TEST(Hygiene, LibTorchStaysInItsModule) {
    const std::regex include(R"(#include <(torch|ATen|c10)/)");
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        for (const std::string& line : lines(file)) {
            if (!std::regex_search(line, include)) continue;
            ++seen;
            EXPECT_NE(file.string().find("src/runtime/libtorch/module/"), std::string::npos) << file;
        }
    }
    EXPECT_GT(seen, 3U) << "the test did not look";
}

TEST(Hygiene, OnnxStaysInItsModule) {
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        for (const std::string& line : lines(file)) {
            if (line.find("#include <onnx/") == std::string::npos) continue;
            ++seen;
            EXPECT_EQ(file.parent_path().filename(), "module") << file;
        }
    }
    EXPECT_GT(seen, 1U) << "the test did not look";
    std::ifstream stream(YOLOVINO_BINARY_DIR "/libyolovino.so", std::ios::binary);
    const std::string library{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    EXPECT_NE(library.find("libopenvino.so"), std::string::npos) << "the test did not look";
    EXPECT_EQ(library.find("libonnx.so"), std::string::npos) << "linked, it costs every start 20 ms";
}

TEST(Hygiene, PublicHeadersNameNoThirdParty) {
    for (const fs::path& file : sources()) {
        if (room_of(file) != "include") continue;
        for (const std::string& line : lines(file)) {
            for (const char* word : {"opencv", "cv::", "ov::", "fmt::", "nlohmann", "YAML::"}) {
                EXPECT_EQ(line.find(word), std::string::npos) << file << ": " << line;
            }
        }
    }
}

TEST(Hygiene, TheLibraryNeverPrints) {
    const std::regex prints(R"((std::cout|std::cerr(?!\.rdbuf)|\bprintf\(|fmt::print|std::exit\(|std::abort\())");
    for (const fs::path& file : sources()) {
        if (room_of(file) == "cli") continue;
        for (const std::string& line : lines(file))
            EXPECT_FALSE(std::regex_search(line, prints)) << file << ": " << line;
    }
}

TEST(Hygiene, FilesStayReadable) {
    constexpr std::size_t kMaxLines = 600;
    for (const fs::path& file : sources()) EXPECT_LE(lines(file).size(), kMaxLines) << file;
}

}  // namespace
}  // namespace yolovino
