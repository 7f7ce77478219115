#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// What each room may include besides itself and the public headers. Where a room has sub-rooms, each has a row.
const std::map<std::string, std::set<std::string>> kMayUse = {
    {"base", {}},
    {"documents", {"base"}},
    {"container", {"base"}},
    {"checkpoint", {"base", "container"}},
    {"scan", {"base", "container", "checkpoint"}},
    {"imports", {"base", "documents", "container"}},
    {"metadata", {"base", "documents", "container"}},
    {"graph", {"base"}},
    {"tensors", {"base", "graph"}},
    {"quantize", {"base", "documents"}},
    {"openvino", {"base", "graph", "quantize"}},
    {"nets", {"base", "graph", "checkpoint"}},
    {"writers", {"base", "graph", "quantize", "openvino"}},
    {"runtime", {"base", "graph", "tensors", "imports", "quantize", "openvino"}},
    {"runtime/remote", {"base", "documents", "graph", "tensors", "runtime"}},
    {"runtime/openvino/session", {"base", "graph", "tensors", "quantize", "openvino", "runtime"}},
    {"runtime/openvino/import",
     {"base", "graph", "tensors", "imports", "quantize", "openvino", "runtime", "runtime/openvino/session"}},
    {"runtime/openvino/calibrate",
     {"base", "graph", "tensors", "quantize", "openvino", "runtime", "runtime/openvino/session"}},
    {"vision", {"base"}},
    {"plots", {"base", "vision"}},
    {"tasks", {"base", "tensors", "vision", "plots", "data", "metrics", "tasks/detect"}},
    {"tasks/detect", {"base", "tensors", "vision", "plots", "data", "metrics", "tasks"}},
    {"tasks/classify", {"base", "tensors", "vision", "data", "metrics", "tasks"}},
    {"tasks/obb", {"base", "tensors", "vision", "data", "metrics", "tasks", "tasks/detect"}},
    {"tasks/pose", {"base", "tensors", "vision", "data", "metrics", "tasks", "tasks/detect"}},
    {"tasks/segment", {"base", "tensors", "vision", "plots", "data", "metrics", "tasks", "tasks/detect"}},
    {"tracking", {"base", "documents", "metrics"}},
    {"data", {"base", "documents", "metrics", "vision", "data/net"}},
    {"data/net", {"base", "documents", "vision", "data"}},
    {"metrics", {"base"}},
    {"options", {"base"}},
    {"engine/model",
     {"base", "options", "checkpoint", "metadata", "graph", "nets", "tensors", "tasks", "runtime",
      "runtime/openvino/session", "runtime/openvino/import", "runtime/remote", "vision", "data", "data/net"}},
    {"engine/predict",
     {"base", "options", "graph", "nets", "tensors", "runtime", "runtime/openvino/session", "vision", "tasks", "data",
      "engine/model"}},
    {"engine/track", {"base", "options", "tasks", "data", "tracking", "engine/model", "engine/predict"}},
    {"engine/validate",
     {"base", "options", "runtime", "vision", "plots", "tasks", "data", "metrics", "engine/model", "engine/predict"}},
    {"engine/export",
     {"base", "options", "checkpoint", "graph", "quantize", "nets", "openvino", "writers", "tensors", "tasks",
      "runtime", "runtime/openvino/session", "runtime/openvino/import", "runtime/openvino/calibrate", "vision", "data",
      "engine/model", "engine/predict", "engine/validate"}},
    {"engine/benchmark",
     {"base", "options", "tasks", "runtime", "vision", "plots", "data", "metrics", "engine/model", "engine/predict",
      "engine/validate", "engine/export"}},
    {"engine/compare",
     {"base", "options", "tensors", "runtime", "tasks", "data", "engine/model", "engine/predict", "engine/validate",
      "engine/export"}},
    {"engine/api",
     {"base", "vision", "engine/model", "engine/predict", "engine/track", "engine/validate", "engine/export"}},
    // The command has copies of its own of documents and options, and of base what holds no state. See
    // one_base_test.sh.
    {"cli", {"base", "documents", "options", "serve"}},
    {"serve", {"base", "documents", "options"}},
    {"c_api", {"base", "options", "cli"}},
};

/// The row of kMayUse for a path below src: its deepest folder that has one.
std::string row_of(fs::path path) {
    for (path = path.parent_path(); !path.empty(); path = path.parent_path()) {
        if (kMayUse.contains(path.string())) return path.string();
    }
    return {};
}

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

/// Files below src that a file includes, as paths relative to src.
std::vector<std::string> included(const fs::path& file) {
    const std::regex include(R"re(^#include "([^"]+)")re");
    std::vector<std::string> all;
    for (const std::string& line : lines(file)) {
        std::smatch match;
        if (std::regex_search(line, match, include)) all.push_back(match[1]);
    }
    return all;
}

TEST(Hygiene, RoomsIncludeOnlyWhatTheyMayUse) {
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        if (room_of(file) == "include" || file.parent_path().filename() == "src") continue;
        const std::string row = row_of(file.lexically_relative(YOLOVINO_SOURCE_DIR "/src"));
        ASSERT_FALSE(row.empty()) << file << " lies in no room of the table";
        for (const std::string& used : included(file)) {
            if (used.starts_with("yolovino/")) continue;
            ++seen;
            const std::string other = row_of(used);
            if (other == row || other.empty()) continue;
            EXPECT_TRUE(kMayUse.at(row).contains(other)) << file << " includes " << used;
        }
    }
    EXPECT_GT(seen, 200U) << "the test did not look";
}

/// Headers with the source that implements them, as one node: what they include.
std::map<std::string, std::set<std::string>> include_graph() {
    std::map<std::string, std::set<std::string>> graph;
    for (const fs::path& file : sources()) {
        if (room_of(file) == "include") continue;
        const std::string node = file.lexically_relative(YOLOVINO_SOURCE_DIR "/src").replace_extension().string();
        for (const std::string& used : included(file)) {
            const std::string target = fs::path(used).replace_extension().string();
            if (target != node && fs::exists(YOLOVINO_SOURCE_DIR "/src/" + used)) graph[node].insert(target);
        }
    }
    return graph;
}

/// Follows includes depth first; the first path that returns to its own start, or nothing.
std::vector<std::string> find_cycle(const std::map<std::string, std::set<std::string>>& graph, const std::string& node,
                                    std::vector<std::string>& path, std::set<std::string>& done) {
    if (const auto again = std::find(path.begin(), path.end(), node); again != path.end()) return {again, path.end()};
    if (done.contains(node) || !graph.contains(node)) return {};
    path.push_back(node);
    for (const std::string& next : graph.at(node)) {
        if (std::vector<std::string> cycle = find_cycle(graph, next, path, done); !cycle.empty()) return cycle;
    }
    path.pop_back();
    done.insert(node);
    return {};
}

TEST(Hygiene, OnlyTasksAndHeadsKnowWhatATaskIs) {
    const std::regex decides(R"re("detect"|"Detect"|4 \+ )re");
    const std::regex comment(R"(^\s*//|///<)");
    // Sizes of fields in files, and lists of words: the completion of options, and the classes that the audit
    // recognizes.
    const std::set<std::string> others = {"src/metrics/accumulator.cpp", "src/vision/image_header.cpp",
                                          "src/vision/png_chunks.cpp", "src/cli/grammar.cpp", "src/scan/names.cpp"};
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        const std::string name = file.lexically_relative(YOLOVINO_SOURCE_DIR).string();
        const bool may_decide = name.starts_with("src/tasks/") || name.starts_with("src/nets/heads/");
        if (!name.starts_with("src/") || name.starts_with("src/options/") || others.contains(name)) continue;
        for (const std::string& line : lines(file)) {
            if (!std::regex_search(line, decides) || std::regex_search(line, comment)) continue;
            ++seen;
            EXPECT_TRUE(may_decide) << file << ": " << line;
        }
    }
    EXPECT_GT(seen, 3U) << "the test did not look";
}

TEST(Hygiene, IncludesHaveNoCycle) {
    const std::map<std::string, std::set<std::string>> graph = include_graph();
    EXPECT_GT(graph.size(), 100U) << "the test did not look";
    std::set<std::string> done;
    for (const auto& [node, includes] : graph) {
        std::vector<std::string> path;
        for (const std::string& each : find_cycle(graph, node, path, done)) ADD_FAILURE() << "in a cycle: " << each;
    }
}

TEST(Hygiene, EveryTestFileIsRegistered) {
    std::string lists;
    std::vector<fs::path> tests;
    for (const auto& entry : fs::recursive_directory_iterator(YOLOVINO_SOURCE_DIR "/tests")) {
        const std::string name = entry.path().filename().string();
        if (name == "CMakeLists.txt") {
            for (const std::string& line : lines(entry.path())) lists += line + "\n";
        } else if (name.ends_with("_test.cpp") || name.ends_with("_test.sh")) {
            tests.push_back(entry.path());
        }
    }
    EXPECT_GT(tests.size(), 100U) << "the test did not look";
    for (const fs::path& test : tests) EXPECT_NE(lists.find(test.filename().string()), std::string::npos) << test;
}

/// Public headers with values that all rooms share. The others belong to a use case, which a low room does not include.
const std::set<std::string> kSharedHeaders = {
    "devices", "error",        "image",       "keypoints",       "log",       "masks", "metrics", "plot_args",
    "probs",   "quantization", "rotated_box", "runtime_options", "spellings", "types", "version", "visibility"};

TEST(Hygiene, LowRoomsIncludeNoHeaderOfAUseCase) {
    // Of the low rooms, scan implements a use case, tasks fill the results of two, and the schema of the options is
    // that of all of them.
    const std::map<std::string, std::set<std::string>> kMore = {
        {"scan", {"audit"}},
        {"tasks", {"results", "val"}},
        {"options", {"agree", "benchmark_args", "export_args", "predict_args", "track_args", "val_args"}}};
    const std::regex include(R"re(^#include "yolovino/([a-z0-9_]+)\.hpp")re");
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        const std::string room = room_of(file);
        if (room == "include" || room == "engine" || room == "cli" || room == "c_api" || room == "serve") continue;
        for (const std::string& line : lines(file)) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            ++seen;
            const bool allowed =
                kSharedHeaders.contains(match[1]) || (kMore.contains(room) && kMore.at(room).contains(match[1]));
            EXPECT_TRUE(allowed) << file << " includes " << match[1];
        }
    }
    EXPECT_GT(seen, 50U) << "the test did not look";
}

TEST(Hygiene, SharedHeadersIncludeNoHeaderOfAUseCase) {
    const std::regex include(R"re(^#include "yolovino/([a-z0-9_]+)\.hpp")re");
    std::size_t seen = 0;
    for (const std::string& name : kSharedHeaders) {
        const fs::path file = fs::path(YOLOVINO_SOURCE_DIR "/include/yolovino") / (name + ".hpp");
        ASSERT_TRUE(fs::exists(file)) << file;
        for (const std::string& line : lines(file)) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            ++seen;
            EXPECT_TRUE(kSharedHeaders.contains(match[1])) << file << " includes " << match[1];
        }
    }
    EXPECT_GT(seen, 5U) << "the test did not look";
}

TEST(Hygiene, TextFromOutsideIsReadInOneRoom) {
    // Of the rest, one splits an argument, one a list of devices, and two read files of the system.
    const std::set<std::string> splits = {"src/data/open_source.cpp", "src/runtime/openvino/session/precisions.cpp",
                                          "src/cli/checks.cpp", "src/base/processors.cpp"};
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
            EXPECT_NE(file.string().find("/openvino/"), std::string::npos) << file;
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
    std::size_t seen = 0;
    for (const fs::path& file : sources()) {
        if (room_of(file) != "include") continue;
        ++seen;
        for (const std::string& line : lines(file)) {
            for (const char* word : {"opencv", "cv::", "ov::", "fmt::", "nlohmann", "YAML::"}) {
                EXPECT_EQ(line.find(word), std::string::npos) << file << ": " << line;
            }
        }
    }
    EXPECT_GT(seen, 10U) << "the test did not look";
}

TEST(Hygiene, TheLibraryNeverPrints) {
    std::size_t seen = 0;
    const std::regex prints(R"((std::cout|std::cerr(?!\.rdbuf)|\bprintf\(|fmt::print|std::exit\(|std::abort\())");
    for (const fs::path& file : sources()) {
        if (room_of(file) == "cli") continue;
        ++seen;
        for (const std::string& line : lines(file))
            EXPECT_FALSE(std::regex_search(line, prints)) << file << ": " << line;
    }
    EXPECT_GT(seen, 300U) << "the test did not look";
}

TEST(Hygiene, FilesHaveAtMost600Lines) {
    constexpr std::size_t kMaxLines = 600;
    EXPECT_GT(sources().size(), 300U) << "the test did not look";
    for (const fs::path& file : sources()) EXPECT_LE(lines(file).size(), kMaxLines) << file;
}

}  // namespace
}  // namespace yolovino
