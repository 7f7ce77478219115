#include "serve/http/token.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/shared.hpp"

namespace yolovino::serve {
namespace {

TEST(ServeToken, TheTextOfTheFileIsWanted) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "token") << "  s3cret \r\nmore\n";
    const Token token(folder.path() / "token");
    EXPECT_TRUE(token.is_wanted());
    EXPECT_TRUE(token.allows("Bearer s3cret"));
    EXPECT_TRUE(token.allows("bearer  s3cret "));
    for (const char* text :
         {"", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret", "Bearer S3CRET"})
        EXPECT_FALSE(token.allows(text)) << text;
}

TEST(ServeToken, WithoutAFileNoneIsWantedAndAnEmptyFileIsRefused) {
    EXPECT_TRUE(Token().allows(""));
    EXPECT_FALSE(Token().is_wanted());
    const test::TempFolder folder;
    std::ofstream(folder.path() / "token") << "\n";
    EXPECT_THROW(Token(folder.path() / "token"), Error);
    EXPECT_THROW(Token(folder.path() / "nothing"), Error);
}

}  // namespace
}  // namespace yolovino::serve
