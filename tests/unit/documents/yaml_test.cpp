#include "documents/yaml.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/peak_memory.hpp"
#include "support/repeat.hpp"

namespace yolovino::documents {
namespace {

Yaml parse(const std::string& text, const YamlLimits& limits = {}) {
    std::vector<std::string> warnings;
    return parse_yaml(text, {"test", "x.yaml"}, warnings, limits);
}

void expect_refused(const std::string& text, ErrorCode code, const YamlLimits& limits = {}) {
    try {
        parse(text, limits);
        ADD_FAILURE() << "accepted: " << text.substr(0, 40);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_EQ(error.where().file, "x.yaml");
        EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
    }
}

TEST(Yaml, ValuesAreCountedWithThoseOfAliases) {
    const YamlLimits limits = {.values = 10};
    EXPECT_EQ(parse("{a: 1, b: [2, 3], c: , d}", {.values = 11}).get<Yaml::Map>()->size(), 4U);
    expect_refused("{a: 1, b: [2, 3], c: , d}", ErrorCode::LimitExceeded, limits);
    EXPECT_TRUE(parse("[&a [1, 2], *a, *a]", limits).get<Yaml::List>() != nullptr);
    expect_refused("[&a [1, 2], *a, *a, 3]", ErrorCode::LimitExceeded, limits);
    expect_refused("[&a [1, 2], &b [*a, *a]]", ErrorCode::LimitExceeded, limits);
    expect_refused("- 1\n- 2\n- 3\n- 4\n- 5\n- 6\n- 7\n- 8\n- 9\n- 10\n", ErrorCode::LimitExceeded, limits);
    // An anchor that is given again is another one.
    EXPECT_TRUE(parse("[&a [1, 2, 3], &a 4, *a, *a, *a]", {.values = 9}).get<Yaml::List>() != nullptr);
}

TEST(Yaml, DepthIsThatOfAliasesToo) {
    const YamlLimits limits = {.depth = 4};
    EXPECT_TRUE(parse("[[[[1]]]]", limits).get<Yaml::List>() != nullptr);
    expect_refused("[[[[[1]]]]]", ErrorCode::LimitExceeded, limits);
    expect_refused("[[[[[", ErrorCode::LimitExceeded, limits);
    expect_refused("a:\n b:\n  c:\n   d:\n    e: 1\n", ErrorCode::LimitExceeded, limits);
    EXPECT_TRUE(parse("[&a [1], [[*a]]]", limits).get<Yaml::List>() != nullptr);
    expect_refused("[&a [1], [[[*a]]]]", ErrorCode::LimitExceeded, limits);
    expect_refused("[&a [[1]], &b [*a], [*b]]", ErrorCode::LimitExceeded, limits);
}

TEST(Yaml, AValueThatContainsItselfIsCorrupt) {
    for (const char* text : {"&a [*a]", "&a {k: *a}", "&a {*a : k}", "a: &a [[[*a]]]\nb: *a\n", "[*none]", "a: ["})
        expect_refused(text, ErrorCode::CorruptFile);
}

// Each is near the cap on bytes; yaml-cpp takes 30 s and 4 GB for some of them.
TEST(Yaml, BombsAreRefusedBeforeATreeIsMade) {
    const std::size_t size = kMaxYamlBytes - 16;
    const std::int64_t before = test::peak_bytes();
    const double started = test::cpu_seconds();
    for (const std::string& text :
         {"a: [" + test::repeat("a,", size / 2), test::repeat("- \n", size / 3), test::repeat("[", size),
          test::repeat("{", size), test::repeat("[]", size / 2), test::repeat("\"\"", size / 2),
          "{" + test::repeat("a,", size / 2), "{" + test::repeat("a: b, ", size / 6),
          "[" + test::repeat(": ", size / 2), "[" + test::repeat("? ", size / 2), test::repeat("&a ", size / 3),
          "[" + test::repeat("*a,", size / 3), test::repeat("!a ", size / 3), test::repeat("a:\n", size / 3)})
        expect_refused(text, ErrorCode::LimitExceeded);
    EXPECT_LT(test::peak_bytes() - before, 400 << 20);
    EXPECT_LT(test::cpu_seconds() - started, 60);
    expect_refused(std::string(kMaxYamlBytes + 1, ' '), ErrorCode::LimitExceeded);
}

TEST(Yaml, DuplicateKeysAreReportedWithTheirLines) {
    std::vector<std::string> warnings;
    const Yaml root = parse_yaml("val: a\nnames:\n  0: x\n  0: y\nval: b\n", {"test", "x.yaml"}, warnings);
    EXPECT_EQ(root.find("val")->python_text(), "b");
    EXPECT_EQ(root.find("names")->get<Yaml::Map>()->at(0).value.python_text(), "y");
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_EQ(warnings[0], "x.yaml line 4: duplicate key '0', first in line 3: the last one is used");
    EXPECT_EQ(warnings[1], "x.yaml line 5: duplicate key 'val', first in line 1: the last one is used");
    warnings.clear();
    parse_yaml("a: 1\n<<: {a: 2, b: 3}\nc: {<<: [{d: 1}, {d: 2}], d: 3}\n", {"test", "x.yaml"}, warnings);
    EXPECT_TRUE(warnings.empty()) << "what is merged gives way without a word";
    std::string many = "{";
    for (int i = 0; i < 1000; ++i) many += "a: 1, ";
    parse_yaml(many + "}", {"test", "x.yaml"}, warnings);
    ASSERT_EQ(warnings.size(), 11U);
    EXPECT_EQ(warnings[10], "x.yaml: 989 more duplicate keys");
}

TEST(Yaml, FaultsAreReportedWithLineAndColumn) {
    const auto message = [](const std::string& text) -> std::string {
        try {
            parse(text);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_NE(message("a: 1\nb: [1\n").find("line 3, column 1"), std::string::npos) << message("a: 1\nb: [1\n");
    EXPECT_NE(message("a: 1\nb: 'x\n").find("line 2, column 4: the closing quote is missing"), std::string::npos);
    EXPECT_NE(message("a: 1\nb: !foo 1\n").find("line 2: tag '!foo' on a scalar"), std::string::npos);
    EXPECT_NE(message("a: 1\nb\n").find("line 2, column 1: ':' is missing behind a key"), std::string::npos);
    EXPECT_NE(message("a: 1\n---\nb: 1\n").find("line 2, column 1: a second document begins"), std::string::npos);
    EXPECT_NE(message("a: 1\nb: 2024-02-30\n").find("line 2: no such date or time"), std::string::npos);
}

TEST(Yaml, MergedMappingsStayWithinTheLimits) {
    std::string text = "a: &a {k1: 1, k2: 2, k3: 3, k4: 4}\nb: {<<: [";
    for (int i = 0; i < 10'000; ++i) text += "*a, ";
    EXPECT_EQ(parse(text + "]}").find("b")->get<Yaml::Map>()->size(), 4U);
    expect_refused(text + "]}", ErrorCode::LimitExceeded, {.values = 50'000});
}

TEST(Yaml, AHundredThousandNamesAreRead) {
    std::string text = "names: {";
    for (int i = 0; i < 100'000; ++i) {
        const std::string id = std::to_string(i);
        text += "\"" + id + "\": \"class number " + id + "\", ";
    }
    ASSERT_LT(text.size(), kMaxYamlBytes);
    EXPECT_EQ(parse(text + "}").find("names")->get<Yaml::Map>()->size(), 100'000U);
}

}  // namespace
}  // namespace yolovino::documents
