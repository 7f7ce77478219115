#include "documents/yaml.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/peak_memory.hpp"

namespace yolovino::documents {
namespace {

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += part;
    return out;
}

YAML::Node parse(const std::string& text, const YamlLimits& limits = {}) {
    return parse_yaml(text, {"test", "x.yaml"}, limits);
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
    EXPECT_TRUE(parse("{a: 1, b: [2, 3], c: , d}", {.values = 11}).IsMap());
    expect_refused("{a: 1, b: [2, 3], c: , d}", ErrorCode::LimitExceeded, limits);
    EXPECT_TRUE(parse("[&a [1, 2], *a, *a]", limits).IsSequence());
    expect_refused("[&a [1, 2], *a, *a, 3]", ErrorCode::LimitExceeded, limits);
    expect_refused("[&a [1, 2], &b [*a, *a]]", ErrorCode::LimitExceeded, limits);
    expect_refused("- 1\n- 2\n- 3\n- 4\n- 5\n- 6\n- 7\n- 8\n- 9\n- 10\n", ErrorCode::LimitExceeded, limits);
    // An anchor that is given again is another one.
    EXPECT_TRUE(parse("[&a [1, 2, 3], &a 4, *a, *a, *a]", {.values = 9}).IsSequence());
}

TEST(Yaml, DepthIsThatOfAliasesToo) {
    const YamlLimits limits = {.depth = 4};
    EXPECT_TRUE(parse("[[[[1]]]]", limits).IsSequence());
    expect_refused("[[[[[1]]]]]", ErrorCode::LimitExceeded, limits);
    expect_refused("[[[[[", ErrorCode::LimitExceeded, limits);
    expect_refused("a:\n b:\n  c:\n   d:\n    e: 1\n", ErrorCode::LimitExceeded, limits);
    EXPECT_TRUE(parse("[&a [1], [[*a]]]", limits).IsSequence());
    expect_refused("[&a [1], [[[*a]]]]", ErrorCode::LimitExceeded, limits);
    expect_refused("[&a [[1]], &b [*a], [*b]]", ErrorCode::LimitExceeded, limits);
}

TEST(Yaml, AValueThatHoldsItselfIsCorrupt) {
    for (const char* text : {"&a [*a]", "&a {k: *a}", "&a {*a : k}", "a: &a [[[*a]]]\nb: *a\n", "[*none]", "a: ["})
        expect_refused(text, ErrorCode::CorruptFile);
}

// Each is near the cap on bytes; yaml-cpp takes 30 s and 4 GB for some of them.
TEST(Yaml, BombsAreRefusedBeforeATreeIsMade) {
    const std::size_t size = kMaxYamlBytes - 16;
    const std::int64_t before = test::peak_bytes();
    const double started = test::cpu_seconds();
    for (const std::string& text :
         {"a: [" + repeated("a,", size / 2), repeated("- \n", size / 3), repeated("[", size), repeated("{", size),
          repeated("[]", size / 2), repeated("\"\"", size / 2), "{" + repeated("a,", size / 2),
          "{" + repeated("a: b, ", size / 6), "[" + repeated(": ", size / 2), "[" + repeated("? ", size / 2),
          repeated("&a ", size / 3), "[" + repeated("*a,", size / 3), repeated("!a ", size / 3),
          repeated("a:\n", size / 3)})
        expect_refused(text, ErrorCode::LimitExceeded);
    EXPECT_LT(test::peak_bytes() - before, 400 << 20);
    EXPECT_LT(test::cpu_seconds() - started, 60);
    expect_refused(std::string(kMaxYamlBytes + 1, ' '), ErrorCode::LimitExceeded);
}

TEST(Yaml, AHundredThousandNamesAreRead) {
    std::string text = "names: {";
    for (int i = 0; i < 100'000; ++i) {
        const std::string id = std::to_string(i);
        text += "\"" + id + "\": \"class number " + id + "\", ";
    }
    ASSERT_LT(text.size(), kMaxYamlBytes);
    EXPECT_EQ(parse(text + "}")["names"].size(), 100'000U);
}

}  // namespace
}  // namespace yolovino::documents
