#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = YOLOVINO_SOURCE_DIR;

std::string text_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    EXPECT_TRUE(stream) << file;
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// The pages of the repository: those at the top, and those below docs/ and .github/.
std::vector<fs::path> pages() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(kSource))
        if (entry.path().extension() == ".md") files.push_back(entry.path());
    for (const char* folder : {"docs", ".github"}) {
        if (!fs::exists(kSource / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(kSource / folder))
            if (entry.path().extension() == ".md") files.push_back(entry.path());
    }
    return files;
}

/// The lines outside of code blocks, without inline code; the others are empty.
std::vector<std::string> prose_of(const fs::path& page) {
    static const std::regex kInlineCode("`[^`]*`");
    std::vector<std::string> lines = lines_of(page);
    bool code = false;
    for (std::string& line : lines) {
        const bool fence = line.starts_with("```");
        line = code || fence ? std::string() : std::regex_replace(line, kInlineCode, "`");
        if (fence) code = !code;
    }
    EXPECT_FALSE(code) << page << " has a code block without an end";
    return lines;
}

/// The anchor that GitHub gives a heading: lower case, spaces as dashes, without punctuation.
std::string anchor_of(std::string_view heading) {
    std::string anchor;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ') anchor += '-';
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
            anchor += static_cast<char>(std::tolower(byte));
    }
    return anchor;
}

/// The anchors of the headings of a page. Of equal headings the second gets `-1`.
const std::set<std::string>& anchors_of(const fs::path& page) {
    static std::map<fs::path, std::set<std::string>> known;
    const auto [found, is_new] = known.try_emplace(page);
    std::map<std::string, int> seen;
    bool code = false;
    for (const std::string& line : is_new ? lines_of(page) : std::vector<std::string>()) {
        if (line.starts_with("```")) code = !code;
        if (code || !line.starts_with('#')) continue;
        const std::size_t begin = line.find_first_not_of("# ");
        if (begin == std::string::npos) continue;
        const std::string anchor = anchor_of(std::string_view(line).substr(begin));
        const int before = seen[anchor]++;
        found->second.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
    }
    return found->second;
}

/// Why the target of a link does not exist; nothing if it does.
std::optional<std::string> problem_of(const fs::path& page, const std::string& target) {
    const std::size_t hash = target.find('#');
    const std::string path = target.substr(0, hash);
    const fs::path file = path.empty() ? page : (page.parent_path() / path).lexically_normal();
    if (!fs::exists(file)) return "the file does not exist";
    if (hash == std::string::npos) return std::nullopt;
    if (file.extension() != ".md") return "an anchor in a file that is no page";
    const std::string anchor = target.substr(hash + 1);
    if (!anchors_of(file).contains(anchor)) return "no heading has this anchor";
    return std::nullopt;
}

TEST(Docs, EveryRelativeLinkLeadsToAFileAndAHeading) {
    static const std::regex kLink(R"(\]\(([^)\s]+)\))");
    std::size_t seen = 0;
    for (const fs::path& page : pages()) {
        for (const std::string& line : prose_of(page)) {
            for (auto link = std::sregex_iterator(line.begin(), line.end(), kLink); link != std::sregex_iterator();
                 ++link) {
                const std::string target = (*link)[1];
                if (target.find("://") != std::string::npos || target.starts_with("mailto:")) continue;
                ++seen;
                const auto problem = problem_of(page, target);
                EXPECT_FALSE(problem) << page << " links to '" << target << "': " << *problem;
            }
        }
    }
    EXPECT_GT(seen, 100U) << "the test did not look";
}

TEST(Docs, AnchorsAreThoseOfGitHub) {
    EXPECT_EQ(anchor_of("Imports and int8"), "imports-and-int8");
    EXPECT_EQ(anchor_of("Against Ultralytics 8.4.190 and benchmark_app"),
              "against-ultralytics-84190-and-benchmark_app");
    EXPECT_EQ(anchor_of("What loads the exports, and how exactly"), "what-loads-the-exports-and-how-exactly");
    EXPECT_TRUE(problem_of(kSource / "README.md", "docs/missing.md"));
    EXPECT_TRUE(problem_of(kSource / "README.md", "docs/parity.md#missing"));
    EXPECT_FALSE(problem_of(kSource / "README.md", "docs/parity.md#images"));
}

TEST(Docs, EveryPageIsInTheIndex) {
    for (const char* folder : {"docs", "docs/decisions"}) {
        const std::string index = text_of(kSource / folder / "README.md");
        std::size_t seen = 0;
        for (const auto& entry : fs::directory_iterator(kSource / folder)) {
            const std::string name = entry.path().filename().string();
            if (entry.path().extension() != ".md" || name == "README.md") continue;
            ++seen;
            EXPECT_NE(index.find("(" + name + ")"), std::string::npos) << folder << "/README.md lacks " << name;
        }
        EXPECT_GT(seen, 10U) << "the test did not look";
    }
}

/// What stands between the marks of a snippet.
std::string marked_part_of(const fs::path& snippet) {
    const std::string text = text_of(snippet);
    constexpr std::string_view kBegin = "// [docs]\n";
    constexpr std::string_view kEnd = "// [/docs]\n";
    const std::size_t begin = text.find(kBegin);
    const std::size_t end = text.find(kEnd);
    EXPECT_NE(begin, std::string::npos) << snippet;
    EXPECT_NE(end, std::string::npos) << snippet;
    if (begin == std::string::npos || end == std::string::npos) return {};
    return text.substr(begin + kBegin.size(), end - begin - kBegin.size());
}

TEST(Docs, CodeOfTheLibraryPageIsThatOfTheCompiledSnippets) {
    std::set<fs::path> shown;
    for (const fs::path& page : pages()) {
        const std::vector<std::string> lines = lines_of(page);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (lines[i] != "```c" && !lines[i].starts_with("```cpp")) continue;
            std::smatch match;
            static const std::regex kMark("<!-- (examples/(snippets/[a-z_]+\\.cpp|c/[a-z_]+\\.c)) -->");
            ASSERT_TRUE(i > 0 && std::regex_match(lines[i - 1], match, kMark))
                << page << ":" << i + 1 << ": C and C++ code needs a compiled snippet";
            const fs::path snippet = kSource / match[1].str();
            std::string code;
            for (++i; i < lines.size() && lines[i] != "```"; ++i) code += lines[i] + "\n";
            EXPECT_EQ(code, marked_part_of(snippet)) << page << " and " << snippet << " differ";
            shown.insert(snippet);
        }
    }
    for (const auto& entry : fs::directory_iterator(kSource / "examples/snippets")) {
        if (entry.path().extension() != ".cpp" || entry.path().filename() == "main.cpp") continue;
        EXPECT_TRUE(shown.contains(entry.path())) << entry.path() << " is on no page";
    }
    EXPECT_GT(shown.size(), 10U) << "the test did not look";
}

TEST(Docs, ProseIsAtMost120CharactersWide) {
    constexpr std::size_t kWidest = 120;
    for (const fs::path& page : pages()) {
        bool code = false;
        std::size_t number = 0;
        for (const std::string& line : lines_of(page)) {
            ++number;
            if (line.starts_with("```")) code = !code;
            // A row of a table, a link that stands alone, and an image cannot be wrapped.
            if (code || line.starts_with('|') || line.starts_with("- [") || line.starts_with("![")) continue;
            const auto is_begin = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
            EXPECT_LE(static_cast<std::size_t>(std::ranges::count_if(line, is_begin)), kWidest)
                << page << ":" << number;
        }
    }
}

}  // namespace
}  // namespace yolovino
