#include "base/folder.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "support/shared.hpp"

namespace yolovino::base {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

TEST(Folder, OnlyTheLastPartOfAPathDecidesWhetherItIsHidden) {
    for (const char* name : {".x", "a/.x.jpg", "/a/._b", "..double"}) EXPECT_TRUE(is_hidden(name)) << name;
    for (const char* name : {"x", ".a/x", "a.b", ".", "..", "a/..", "a/", ""}) EXPECT_FALSE(is_hidden(name)) << name;
}

TEST(Folder, EntriesAreSorted) {
    const test::TempFolder folder;
    for (const char* name : {"b", ".h", "a", "B"}) std::ofstream(folder.path() / name) << "x";
    fs::create_directory(folder.path() / ".dark");
    std::error_code error;
    EXPECT_EQ(folder_entries(folder.path(), error), (Names{"B", "a", "b"}));
    EXPECT_EQ(folder_entries(folder.path(), error, Hidden::Take), (Names{".dark", ".h", "B", "a", "b"}));
    EXPECT_FALSE(error);
    EXPECT_EQ(folder_entries(folder.path() / "none", error), Names{});
    EXPECT_TRUE(error);
}

TEST(Folder, AWalkDoesNotEnterItsOwnParents) {
    const test::TempFolder folder;
    const fs::path a = folder.path() / "a";
    fs::create_directories(a / "b");
    fs::create_directory_symlink("..", a / "b/up");
    fs::create_directory_symlink("b", a / "c");
    FolderChain chain;
    EXPECT_TRUE(chain.enter(a));
    EXPECT_TRUE(chain.enter(a / "b"));
    EXPECT_FALSE(chain.enter(a / "b/up"));
    chain.leave();
    EXPECT_TRUE(chain.enter(a / "c"));
    EXPECT_FALSE(chain.enter(a / "c/up"));
    EXPECT_FALSE(chain.enter(a / "none"));
    chain.leave();
}

}  // namespace
}  // namespace yolovino::base
