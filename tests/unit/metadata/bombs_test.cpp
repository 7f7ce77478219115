#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "metadata/python_literal.hpp"
#include "metadata/syntax.hpp"
#include "support/peak_memory.hpp"
#include "support/repeat.hpp"

/// Small texts that stand for huge or deep values: each is refused, or read, at once.
namespace yolovino::metadata {
namespace {

template <typename Parse>
void expect_refused(const std::string& text, const Parse& parse) {
    try {
        parse(text);
        ADD_FAILURE() << "accepted: " << text.substr(0, 40);
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded);
        EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
    }
}

void yaml(const std::string& text) {
    parse_yaml(text, "metadata.yaml");
}

TEST(Bombs, YamlAliasesDoNotMultiply) {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 30; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
                  test::repeat(", " + before, 9) + "]\n";
    }
    expect_refused(laughs, yaml);
    // A node that holds itself.
    expect_refused("a: &a [*a]\n", yaml);
    expect_refused("&a {k: *a}\n", yaml);
}

TEST(Bombs, YamlDoesNotNestTheStack) {
    for (const char* open : {"[", "{", "- ", "? ", "{a: ", "[[", "!a [", "&a [", "- - "})
        expect_refused(test::repeat(open, 200'000), yaml);
    std::string indented;
    for (std::size_t i = 0; i < 3'000; ++i) indented += test::repeat(" ", i) + "a:\n";
    expect_refused(indented, yaml);
    expect_refused(test::repeat("[", 17) + "x" + test::repeat("]", 17), yaml);
}

TEST(Bombs, JsonAndLiteralsDoNotNestTheStack) {
    const auto json = [](const std::string& text) { parse_json(text, "config.txt"); };
    const auto python = [](const std::string& text) { parse_python(text, "names", "x.onnx"); };
    for (const std::size_t levels : {std::size_t{18}, std::size_t{200'000}}) {
        expect_refused(test::repeat("[", levels) + test::repeat("]", levels), json);
        expect_refused(test::repeat("{\"a\":", levels) + "1" + test::repeat("}", levels), json);
        expect_refused(test::repeat("[", levels) + test::repeat("]", levels), python);
        expect_refused(test::repeat("(", levels) + test::repeat(")", levels), python);
        expect_refused(test::repeat("{1:", levels) + "1" + test::repeat("}", levels), python);
        expect_refused(test::repeat("{", levels), python);
    }
}

TEST(Bombs, WideValuesAreLimited) {
    const std::string many = test::repeat("1,", 300'001) + "1";
    expect_refused("[" + many + "]", yaml);
    expect_refused("[" + many + "]", [](const std::string& text) { parse_json(text, "config.txt"); });
    expect_refused("[" + many + "]", [](const std::string& text) { parse_python(text, "names", "x.onnx"); });
}

TEST(Bombs, ManyKeysTakeTimeInProportion) {
    std::string keys;
    for (int i = 0; i < 250'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
    const double before = test::cpu_seconds();
    const Value value = parse_json("{" + keys + "\"k7\":1}", "config.txt");
    constexpr double kMostSeconds = 10;  // a search along the keys for each takes more than a minute
    EXPECT_LT(test::cpu_seconds() - before, kMostSeconds);
    const auto& map = *value.get<Value::Map>();
    ASSERT_EQ(map.size(), 250'000U);
    EXPECT_EQ(map[249'999].key.as_text(), "k249999") << "in the order of the file";
    EXPECT_EQ(map[7].value.as_int(), 1) << "the last of equal keys counts";
}

TEST(Bombs, GenuineNamesAreFarBelowTheLimits) {
    std::string block = "names:\n";
    std::string flow = "names: {";
    std::string json = "{\"names\": {";
    for (int i = 0; i < 65'536; ++i) {
        const std::string id = std::to_string(i);
        block += "  " + id + ": 'species, number " + id + "'\n";
        flow += id + ": \"species " + id + "\", ";
        json += "\"" + id + "\": \"species\", ";
    }
    EXPECT_EQ(parse_yaml(block, "x").find("names")->get<Value::Map>()->size(), 65'536U);
    EXPECT_EQ(parse_yaml(flow + "}", "x").find("names")->get<Value::Map>()->size(), 65'536U);
    EXPECT_EQ(parse_json(json + "\"65536\": \"last\"}}", "x").find("names")->get<Value::Map>()->size(), 65'537U);
}

}  // namespace
}  // namespace yolovino::metadata
