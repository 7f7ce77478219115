#include "data/glob.hpp"

#include <gtest/gtest.h>

#include "helpers.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class Glob : public testing::Test {
protected:
    Glob() {
        for (const char* const name : {"a1.png", "a2.png", "b1.jpg", ".h.png", "x/a3.png", "x/y/a4.png", "x/y/z/b5.jpg",
                                       ".dark/a6.png", "br[1].png"}) {
            test::write_image(root() / name, 1);
        }
    }
    fs::path root() const { return folder_.path(); }
    /// Matches relative to the root.
    Names match(const std::string& pattern) const {
        Names names;
        for (const std::string& file : glob_files((root() / pattern).string()))
            names.push_back(fs::path(file).lexically_relative(root()).string());
        return names;
    }
    test::TempFolder folder_;
};

TEST_F(Glob, WithinOneFolder) {
    EXPECT_EQ(match("*.png"), (Names{"a1.png", "a2.png", "br[1].png"}));
    EXPECT_EQ(match("a?.png"), (Names{"a1.png", "a2.png"}));
    EXPECT_EQ(match("[ab]1.*"), (Names{"a1.png", "b1.jpg"}));
    EXPECT_EQ(match("[!a]1.*"), Names{"b1.jpg"});
    EXPECT_EQ(match("a[2-9].png"), Names{"a2.png"});
    EXPECT_EQ(match("*"), (Names{"a1.png", "a2.png", "b1.jpg", "br[1].png"}));
    EXPECT_EQ(match("none*"), Names{});
}

TEST_F(Glob, StarsMatchAcrossFolders) {
    EXPECT_EQ(match("*/*.png"), Names{"x/a3.png"});
    EXPECT_EQ(match("x/*/a4.png"), Names{"x/y/a4.png"});
    EXPECT_EQ(match("**/*.jpg"), (Names{"b1.jpg", "x/y/z/b5.jpg"}));
    EXPECT_EQ(match("x/**/*.png"), (Names{"x/a3.png", "x/y/a4.png"}));
    EXPECT_EQ(match("**/y/**/*.*"), (Names{"x/y/a4.png", "x/y/z/b5.jpg"}));
    EXPECT_EQ(match("**"),
              (Names{"a1.png", "a2.png", "b1.jpg", "br[1].png", "x/a3.png", "x/y/a4.png", "x/y/z/b5.jpg"}));
    EXPECT_EQ(match("**/**/a*.png"), (Names{"a1.png", "a2.png", "x/a3.png", "x/y/a4.png"}));
    EXPECT_EQ(match("nowhere/**/*.png"), Names{});
}

TEST_F(Glob, DotsAreMatchedByDotsAlone) {
    EXPECT_EQ(match(".*.png"), Names{".h.png"});
    EXPECT_EQ(match("[.]h.png"), Names{});
    EXPECT_EQ(match("?h.png"), Names{});
    EXPECT_EQ(match(".*/*.png"), Names{".dark/a6.png"});
    EXPECT_EQ(match(".dark/**/*.png"), Names{".dark/a6.png"});
    EXPECT_EQ(match("**/.*.png"), Names{".h.png"});
}

TEST_F(Glob, StarsFollowLinks) {
    fs::create_directory_symlink("x", root() / "link");
    EXPECT_EQ(match("**/a3.png"), (Names{"link/a3.png", "x/a3.png"}));
    fs::create_directory_symlink("../link", root() / "x/y/back");
    EXPECT_EQ(match("x/**/a3.png"), Names{"x/a3.png"});
}

TEST_F(Glob, LinkToAParentFolderEndsTheWalk) {
    fs::create_directory_symlink(root(), root() / "x" / "loop");
    EXPECT_EQ(match("**/b*.jpg"), (Names{"b1.jpg", "x/y/z/b5.jpg"}));
    EXPECT_EQ(match("x/*/b1.jpg"), Names{"x/loop/b1.jpg"});
}

// Two of them reach a folder in many ways, and twenty in millions.
TEST_F(Glob, ManyStarsCostNoMoreThanOne) {
    std::string stars;
    for (int i = 0; i < 40; ++i) stars += i % 2 == 0 ? "**/" : "**/**/";
    EXPECT_EQ(match(stars + "a*.png"), match("**/a*.png"));
    fs::path deep = root() / "deep";
    for (int i = 0; i < 60; ++i) deep /= "d";
    fs::create_directories(deep);
    std::string split = "deep";
    for (int i = 0; i < 25; ++i) split += "/**/*";
    EXPECT_EQ(match(split), Names{});
}

TEST_F(Glob, APatternThatIsNoPathMatchesNothing) {
    EXPECT_EQ(match(std::string("\0/**", 4)), Names{});
    EXPECT_EQ(match(std::string("a1.png\0*", 8)), Names{});
    EXPECT_EQ(match("**/" + std::string(5000, 'a')), Names{});
    std::string deep = "*";
    for (int i = 0; i < 1'000'000; ++i) deep += "/*";
    EXPECT_EQ(match(deep), Names{});
}

TEST_F(Glob, AFileMayLookLikeAPattern) {
    EXPECT_EQ(test::names_of((root() / "br[1].png").string()), Names{"br[1].png"});
    EXPECT_EQ(test::names_of((root() / "br[[]1].png").string()), Names{"br[1].png"});
}

}  // namespace
}  // namespace yolovino::data
