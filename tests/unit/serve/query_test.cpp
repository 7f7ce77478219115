#include "serve/predict/query.hpp"

#include <gtest/gtest.h>
#include <string>

namespace yolovino::serve {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ServeQuery, PairsAreDecodedInTheirOrder) {
    EXPECT_EQ(parse_query("conf=0.5&classes=%5B0%2C+2%5D&augment&=x"),
              (Pairs{{"conf", "0.5"}, {"classes", "[0, 2]"}, {"augment", ""}, {"", "x"}}));
    EXPECT_EQ(parse_query(""), Pairs());
    EXPECT_EQ(parse_query("&&a=b=c&"), (Pairs{{"a", "b=c"}}));
}

TEST(ServeQuery, BrokenEscapesAndZeroBytesAreRefused) {
    for (const char* text : {"a=%", "a=%2", "a=%zz", "%=1", "a=%00"}) EXPECT_FALSE(parse_query(text)) << text;
}

TEST(ServeQuery, MoreThan64PairsAreRefused) {
    std::string text = "a=1";
    for (int i = 1; i < 64; ++i) text += "&a=1";
    ASSERT_TRUE(parse_query(text));
    EXPECT_EQ(parse_query(text)->size(), 64U);
    EXPECT_FALSE(parse_query(text + "&a=1"));
}

TEST(ServeTarget, PathAndQueryAreApart) {
    const auto target = parse_target("/v2/models/a%20b+c?x=1+2#end");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v2/models/a b+c");
    EXPECT_EQ(target->query, (Pairs{{"x", "1 2"}}));
    EXPECT_EQ(parse_target("/")->path, "/");
}

TEST(ServeTarget, PathsThatLeadElsewhereAreRefused) {
    for (const char* text :
         {"", "*", "predict", "http://example.com/predict", "/v2/models/..%2f..", "/a/%2F/b", "/a%5cb", "/a\\b", "/..",
          "/../x", "/a/../b", "/a/./b", "/%2e%2e/b", "/a/..", "/a%0d%0ab", "/a b\n", "/a%00", "/%zz", "/a?b=%"}) {
        EXPECT_FALSE(parse_target(text)) << text;
    }
    EXPECT_TRUE(parse_target("/..a/b..c/...")) << "names may contain dots";
}

}  // namespace
}  // namespace yolovino::serve
