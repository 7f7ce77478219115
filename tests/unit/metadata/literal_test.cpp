#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "metadata/python_literal.hpp"
#include "metadata/syntax.hpp"

namespace yolovino::metadata {
namespace {

Value read(std::string_view text) {
    return parse_python(text, "names", "x.onnx");
}

ErrorCode refusal(std::string_view text) {
    try {
        read(text);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::InvalidArgument;
}

TEST(PythonLiteral, ReadsWhatStrWrites) {
    EXPECT_TRUE(read("None").is_none());
    EXPECT_EQ(read("True").as_bool(), true);
    EXPECT_EQ(read(" -12 ").as_int(), -12);
    EXPECT_DOUBLE_EQ(*read("1e-05").get<double>(), 1e-5);
    EXPECT_EQ(read("'it\\'s'").as_text(), "it's");
    EXPECT_EQ(read("\"it's\"").as_text(), "it's");
    const Value size = read("[640, 480]");
    ASSERT_EQ(size.get<Value::List>()->size(), 2U);
    EXPECT_EQ(size.get<Value::List>()->at(1).as_int(), 480);
    EXPECT_EQ(read("(640,)").get<Value::List>()->size(), 1U);
    EXPECT_EQ(read("(640)").as_int(), 640);
    EXPECT_TRUE(read("[]").get<Value::List>()->empty());
    EXPECT_TRUE(read("{}").get<Value::Map>()->empty());
}

TEST(PythonLiteral, ReadsNamesWithQuotesCommasAndOtherScripts) {
    const Value names = read(R"({0: 'd\'oeil "x"', 1: "it's, {so}", 2: 'na\xefve \u732b \U0001F600', 3: '猫\n'})");
    const auto& map = *names.get<Value::Map>();
    ASSERT_EQ(map.size(), 4U);
    EXPECT_EQ(map[0].value.as_text(), "d'oeil \"x\"");
    EXPECT_EQ(map[1].value.as_text(), "it's, {so}");
    EXPECT_EQ(map[2].value.as_text(), "naïve 猫 😀");
    EXPECT_EQ(map[3].value.as_text(), "猫\n");
    EXPECT_EQ(map[3].key.as_int(), 3);
}

TEST(PythonLiteral, DictValuesAreFoundByKey) {
    const Value args = read("{'batch': 1, 'dynamic': True, 'simplify': None}");
    EXPECT_EQ(args.find("dynamic")->as_bool(), true);
    EXPECT_TRUE(args.find("simplify")->is_none());
    EXPECT_EQ(args.find("half"), nullptr);
}

TEST(PythonLiteral, RefusesEverythingElse) {
    for (const char* text : {"",           "null",          "true", "{0: 'a'", "{0 'a'}", "{0: 'a' 1: 'b'}",
                             "{0: 'a'} x", "['a'",          "'a",   "'a\nb'",  "'\\q'",   "'\\x4'",
                             "'\\ud800'",  "'\\U00110000'", "inf",  "nan",     "1_0",     "__import__('os')",
                             "{,}",        "[,]",           "1 2",  "\\"}) {
        EXPECT_EQ(refusal(text), ErrorCode::CorruptFile) << text;
    }
}

TEST(PythonLiteral, DepthAndCountAreLimited) {
    EXPECT_EQ(refusal(std::string(100'000, '[')), ErrorCode::LimitExceeded);
    std::string many = "[";
    for (std::size_t i = 0; i <= Budget::kMaxValues; ++i) many += "1,";
    EXPECT_EQ(refusal(many + "]"), ErrorCode::LimitExceeded);
}

TEST(Yaml, AliasesCannotMultiply) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "" : ", ") + before;
        bomb += "]\n";
    }
    EXPECT_THROW(parse_yaml(bomb, "metadata.yaml"), Error);
}

TEST(Json, DeepNestingIsRefused) {
    EXPECT_THROW(parse_json(std::string(5000, '[') + std::string(5000, ']'), "x.torchscript"), Error);
    EXPECT_THROW(parse_json("{\"names\": ", "x.torchscript"), Error);
}

}  // namespace
}  // namespace yolovino::metadata
