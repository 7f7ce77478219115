#include "documents/json.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/peak_memory.hpp"
#include "support/repeat.hpp"

namespace yolovino::documents {
namespace {

using nlohmann::json;

json parse(const std::string& text, const JsonLimits& limits = {}) {
    return parse_json(text, {"test", "x.json"}, limits);
}

void expect_refused(const std::string& text, ErrorCode code, const JsonLimits& limits = {}) {
    try {
        parse(text, limits);
        ADD_FAILURE() << "accepted: " << text.substr(0, 40);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_EQ(error.where().file, "x.json");
        EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
        EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
}

TEST(Json, ReadsTheSameTreeAsNlohmannJson) {
    for (const char* text : {"null", "true", "\"a\\u00e9\\n\"", "-3", "18446744073709551615", "1.5e-3", "[]", "{}",
                             "[[], {}, [1, [2]], 3]", R"({"b": {"c": [1, {"d": null}], "e": "f"}, "a": [true, -1.0]})",
                             R"({"a": [1], "b": 2, "a": {"c": 3}})"}) {
        const json tree = parse(text);
        EXPECT_EQ(tree, json::parse(text)) << text;
        EXPECT_EQ(tree.dump(), json::parse(text).dump()) << text;
    }
}

TEST(Json, DepthIsLimitedWhileParsing) {
    EXPECT_EQ(parse(test::repeat("[", 64) + test::repeat("]", 64)).size(), 1U);
    EXPECT_EQ(parse(test::repeat("{\"a\":", 64) + "1" + test::repeat("}", 64)).size(), 1U);
    // The text breaks off, which nobody comes to see.
    for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) {
        expect_refused(test::repeat(open, 65), ErrorCode::LimitExceeded);
        expect_refused(test::repeat(open, 1'000'000), ErrorCode::LimitExceeded);
    }
}

TEST(Json, NumberOfValuesIsLimitedWhileParsing) {
    const JsonLimits few = {.values = 4};
    EXPECT_EQ(parse("[1, [2], 3]", {.values = 5}).size(), 3U);
    for (const char* text : {"[1, 2, 3, 4", "[[], [], [], []", "{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4"})
        expect_refused(text, ErrorCode::LimitExceeded, few);
    const std::int64_t before = test::peak_bytes();
    expect_refused("[" + test::repeat("{},", 5'000'000), ErrorCode::LimitExceeded);
    EXPECT_LT(test::peak_bytes() - before, 512 << 20);  // the text is doubled on its way; a tree would take 600 MB more
}

TEST(Json, IgnoredKeysCostNothing) {
    const JsonLimits limits = {.values = 6, .left_out = "x"};
    EXPECT_EQ(
        parse(R"({"x": [1, [2, {"x": 3}], "x", 4, 5, 6], "a": {"x": 1, "b": 2}, "x": {"x": 1}, "c": "x"})", limits),
        json::parse(R"({"a": {"b": 2}, "c": "x"})"));
    EXPECT_EQ(parse(R"([{"x": "y"}, {"x": []}, {"xx": 1}])", limits), json::parse(R"([{}, {}, {"xx": 1}])"));
    expect_refused("{\"x\": " + test::repeat("[", 100), ErrorCode::LimitExceeded, limits);
    expect_refused(R"({"x": [1, })", ErrorCode::CorruptFile, limits);
    EXPECT_EQ(parse(R"({"": 1})").size(), 1U) << "the empty key is a key";
}

TEST(Json, DamageIsReportedInOneShortLine) {
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[1 2]"), std::string("\"a\nb\""), std::string("\xFF"),
          std::string("[1e999]"), std::string("[1] 2"), "[\"" + test::repeat("a", 1'000'000)})
        expect_refused(text, ErrorCode::CorruptFile);
}

}  // namespace
}  // namespace yolovino::documents
