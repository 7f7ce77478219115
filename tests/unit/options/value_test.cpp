#include "options/value.hpp"

#include <gtest/gtest.h>

namespace yolovino::options {
namespace {

Value number(std::int64_t n) {
    return Value{n};
}
Value text(std::string s) {
    return Value{std::move(s)};
}

TEST(ParseValue, ReadsWordsInAnyCase) {
    EXPECT_TRUE(parse_value("None").is_none());
    EXPECT_TRUE(parse_value("NONE").is_none());
    EXPECT_EQ(parse_value("true"), Value{true});
    EXPECT_EQ(parse_value("FALSE"), Value{false});
}

TEST(ParseValue, ReadsNumbers) {
    EXPECT_EQ(parse_value("640"), number(640));
    EXPECT_EQ(parse_value("-1"), number(-1));
    EXPECT_EQ(parse_value("+3"), number(3));
    EXPECT_EQ(parse_value("0.25"), Value{0.25});
    EXPECT_EQ(parse_value(".5"), Value{0.5});
    EXPECT_EQ(parse_value("5."), Value{5.0});
    EXPECT_EQ(parse_value("1e-3"), Value{1e-3});
}

TEST(ParseValue, ReadsLists) {
    const Value expected{Value::List{number(480), number(640)}};
    for (const char* each :
         {"[480, 640]", "[480,640]", "(480, 640)", "480,640", "480, 640,", "[480,640,]", " [ 480 , 640 ] "}) {
        EXPECT_EQ(parse_value(each), expected) << each;
    }
    EXPECT_EQ(parse_value("[]"), Value{Value::List{}});
    EXPECT_EQ(parse_value("(640)"), number(640));
    EXPECT_EQ(parse_value("(640,)"), Value{Value::List{number(640)}});
    EXPECT_EQ(parse_value("[None, True, 'a']"), (Value{Value::List{Value{}, Value{true}, text("a")}}));
    EXPECT_EQ(parse_value("[[1], 2]"), (Value{Value::List{Value{Value::List{number(1)}}, number(2)}}));
}

TEST(ParseValue, ReadsQuotedText) {
    EXPECT_EQ(parse_value("'a b'"), text("a b"));
    EXPECT_EQ(parse_value("\"it's\""), text("it's"));
    EXPECT_EQ(parse_value(R"('it\'s')"), text("it's"));
    EXPECT_EQ(parse_value("'640'"), text("640"));
}

TEST(ParseValue, LeavesTheRestAsItIs) {
    for (const char* each : {"bus.jpg", "007", "nan", "inf", "1.2.3", "[1, 2", "1]", "'open", "a,b", "[a]", "[1 2]",
                             "[,]", ",", "--", "-", "0x10", "1e999", "", "[1,,2]"}) {
        EXPECT_EQ(parse_value(each), text(each)) << each;
    }
    EXPECT_EQ(parse_value("99999999999999999999"), text("99999999999999999999"));
    const std::string deep(100'000, '[');
    EXPECT_EQ(parse_value(deep), text(deep));
}

}  // namespace
}  // namespace yolovino::options
