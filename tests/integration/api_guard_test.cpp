// The only exception that leaves the library is Error: every function that it exports runs its body through
// base::api_call(), which sees to it.

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// Functions whose body needs no guard, and why.
const std::map<std::string, std::string> kExempt = {
    {"Error::Error", "makes the exception itself, and takes one made before where no memory is left"},
    {"Error::~Error", "a destructor"},
    {"Predictions::Predictions", "moves a pointer"},
    {"Predictions::~Predictions", "a destructor"},
    {"Predictor::Predictor", "moves a pointer"},
    {"Tracker::Tracker", "moves a pointer"},
    {"BenchmarkRow::fps", "divides two numbers"},
};

/// Names of the functions that the library exports, without `yolovino::` and parameters: `Results::plot`.
std::set<std::string> exported_functions() {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
        ::popen("nm -DC --defined-only '" YOLOVINO_BINARY_DIR "/libyolovino.so'", "r"), &::pclose);
    std::string text;
    char piece[4096];
    for (std::size_t count = 1; pipe && count > 0;) {
        count = std::fread(piece, 1, sizeof piece, pipe.get());
        text.append(piece, count);
    }
    text = std::regex_replace(text, std::regex(R"(\[abi:[a-z0-9]+\])"), "");
    const std::regex function(R"( T yolovino::([A-Za-z0-9_:~\[\]+]+)\()");
    std::set<std::string> names;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), function); it != std::sregex_iterator(); ++it)
        names.insert(it->str(1));
    return names;
}

struct Definition {
    std::string place;
    std::string text;  ///< from its first line to the closing brace
};

/// What stands at the level of namespace yolovino itself, by its first line: neither in a room nor unnamed.
std::vector<Definition> definitions() {
    const std::regex opens(R"(^namespace ([a-z_:0-9]* ?)\{)");
    const std::regex closes(R"(^\}  // namespace)");
    std::vector<Definition> found;
    for (const auto& entry : fs::recursive_directory_iterator(YOLOVINO_SOURCE_DIR "/src")) {
        if (entry.path().extension() != ".cpp") continue;
        std::ifstream stream(entry.path());
        std::vector<std::string> inside;
        bool open = false;
        std::size_t number = 0;
        for (std::string line; std::getline(stream, line);) {
            ++number;
            std::smatch match;
            if (std::regex_search(line, match, opens)) {
                inside.push_back(match[1]);
            } else if (std::regex_search(line, closes)) {
                if (!inside.empty()) inside.pop_back();
                open = false;
            } else if (inside == std::vector<std::string>{"yolovino "}) {
                const bool begins =
                    !line.empty() && line[0] != ' ' && line[0] != '}' && line[0] != '/' && line[0] != '#';
                if (begins && !open) {
                    const std::string place =
                        fmt::format("{}:{}", entry.path().lexically_relative(YOLOVINO_SOURCE_DIR).string(), number);
                    found.push_back({place, {}});
                    open = true;
                }
                if (open) found.back().text += line + "\n";
                if (line.ends_with('}') && (line[0] == '}' || begins)) open = false;
                if (line.ends_with(';') && begins) open = false;
            }
        }
    }
    return found;
}

bool is_guarded(const std::string& definition) {
    const std::string head = definition.substr(0, definition.find('{'));
    return definition.find("base::api_call(") != std::string::npos || head.find(" noexcept") != std::string::npos ||
           definition.find("= default;") != std::string::npos;
}

TEST(ApiGuard, EveryExportedFunctionTranslatesExceptions) {
    const std::vector<Definition> all = definitions();
    const std::set<std::string> names = exported_functions();
    ASSERT_GT(names.size(), 35U) << "the test did not look";
    std::size_t guarded = 0;
    for (const std::string& name : names) {
        std::string literal = std::regex_replace(name, std::regex(R"([\[\]+~])"), R"(\$&)");
        const std::regex head("(^|[ &*:])" + literal + R"(\()");
        std::size_t seen = 0;
        for (const Definition& each : all) {
            const std::string first = each.text.substr(0, each.text.find_first_of("{;"));
            if (!std::regex_search(first, head)) continue;
            ++seen;
            if (is_guarded(each.text)) {
                ++guarded;
            } else {
                EXPECT_TRUE(kExempt.contains(name)) << name << " at " << each.place << " does not use base::api_call()";
            }
        }
        EXPECT_GT(seen, 0U) << name << " was not found in the sources";
    }
    EXPECT_GT(guarded, 30U) << "the test did not look";
}

TEST(ApiGuard, ExemptFunctionsAreStillThere) {
    const std::set<std::string> names = exported_functions();
    for (const auto& [name, reason] : kExempt) EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace yolovino
