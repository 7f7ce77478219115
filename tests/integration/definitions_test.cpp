#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

/// What a header declares is defined in the source of its name, so that nobody has to search. The test reads text: it
/// knows namespaces, classes, and functions, and looks at no templates, inline functions, and bodies.
namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// Headers whose functions lie elsewhere, and why.
const std::map<std::string, std::string> kElsewhere = {
    {"base/fail.hpp", "messages need printable(), of which the command and the modules have copies without the rest"},
    {"graph/graph.hpp", "the shapes of all operations fill a source"},
    {"plots/plots.hpp", "the interface of the room; each kind of drawing has a source"},
    {"vision/media_module/image_codecs.hpp", "one or two functions of each codec, for one caller"},
};

std::string without_comments_and_text(const fs::path& file) {
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 2, "//") == 0) {
            i = text.find('\n', i);
        } else if (text[i] == '#' && (i == 0 || text[i - 1] == '\n')) {
            while (i < text.size() && (text[i] != '\n' || text[i - 1] == '\\')) ++i;
        } else if (text.compare(i, 2, "R\"") == 0) {
            const std::size_t open = text.find('(', i);
            i = text.find(")" + text.substr(i + 2, open - i - 2) + "\"", open) + open - i - 1;
        } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || std::isxdigit(text[i - 1]) == 0))) {
            const char quote = text[i];
            while (++i < text.size() && text[i] != quote) i += text[i] == '\\' ? 1 : 0;
        } else {
            out += text[i];
        }
        if (i == std::string::npos) break;
    }
    return out;
}

struct Functions {
    std::set<std::string> declared;  ///< `yolovino::data::is_url`
    std::set<std::string> defined;
};

/// Takes one declaration or definition, without what stands in its braces.
void take(const std::string& scope, const std::string& statement, bool has_body, Functions& out) {
    static const std::regex skipped(
        R"(^\s*(\[\[\w+\]\]\s*)?(template|using|typedef|static_assert|constexpr|inline|extern|struct|class|enum|friend|public|private|protected)\b)");
    static const std::regex name(R"((?:^|[\s*&])((?:\w+::)*~?\w+)\s*\()");
    std::smatch match;
    if (std::regex_search(statement, skipped) || !std::regex_search(statement, match, name)) return;
    if (statement.find('=') < static_cast<std::size_t>(match.position(1))) return;  // a variable
    (has_body ? out.defined : out.declared).insert(scope + match.str(1));
}

/// Walks through a file: the bodies of namespaces are looked into, all others are not.
Functions functions_of(const fs::path& file) {
    static const std::regex space(R"((^|\s)namespace(\s+([\w:]+))?\s*$)");
    Functions out;
    std::vector<std::string> scopes = {""};
    std::string statement;
    std::size_t depth = 0;  // of braces that are no namespaces
    for (const char c : without_comments_and_text(file)) {
        std::smatch match;
        if (c == '{' && depth == 0 && std::regex_search(statement, match, space)) {
            scopes.push_back(scopes.back() + (match[3].matched ? match.str(3) : "anonymous") + "::");
            statement.clear();
        } else if (c == '{') {
            if (depth++ == 0) statement += '{';
        } else if (c == '}' && depth > 0) {
            if (--depth > 0 || statement.find('(') == std::string::npos) continue;
            take(scopes.back(), statement, true, out);
            statement.clear();
        } else if (c == '}') {
            if (scopes.size() > 1) scopes.pop_back();
            statement.clear();
        } else if (c == ';' && depth == 0) {
            take(scopes.back(), statement, false, out);
            statement.clear();
        } else if (depth == 0) {
            statement += c;
        }
    }
    return out;
}

TEST(Definitions, AreInTheSourceOfTheirHeadersName) {
    std::map<fs::path, Functions> files;
    std::map<std::string, std::set<fs::path>> defined;
    for (const auto& entry : fs::recursive_directory_iterator(YOLOVINO_SOURCE_DIR "/src")) {
        const fs::path suffix = entry.path().extension();
        if (suffix != ".hpp" && suffix != ".cpp") continue;
        const fs::path file = entry.path().lexically_relative(YOLOVINO_SOURCE_DIR "/src");
        files[file] = functions_of(entry.path());
        if (suffix == ".hpp") continue;
        for (const std::string& name : files[file].defined) defined[name].insert(file);
    }
    std::size_t seen = 0;
    for (const auto& [header, functions] : files) {
        if (header.extension() != ".hpp") continue;
        const std::string stem = fs::path(header).replace_extension().string();
        bool elsewhere = false;
        for (const std::string& name : functions.declared) {
            const auto found = defined.find(name);
            if (found == defined.end()) continue;
            ++seen;
            const bool own = std::ranges::any_of(found->second, [&](const fs::path& source) {
                const std::string other = fs::path(source).replace_extension().string();
                return other == stem || other.starts_with(stem + "_");
            });
            elsewhere = elsewhere || !own;
            EXPECT_TRUE(own || kElsewhere.contains(header.string()))
                << header << " declares " << name << ", which is in " << *found->second.begin();
        }
        EXPECT_EQ(elsewhere, kElsewhere.contains(header.string())) << header << ": the list of exceptions is wrong";
    }
    EXPECT_GT(seen, 200U) << "the test did not look";
}

}  // namespace
}  // namespace yolovino
