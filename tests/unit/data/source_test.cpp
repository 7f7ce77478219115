#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>

#include "data/paths.hpp"
#include "data/run_folder.hpp"
#include "data/source.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"
#include "yolovino/error.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;

class Sources : public testing::Test {
protected:
    Sources() {
        Image image(12, 16);
        std::fill_n(image.data(), image.size_bytes(), std::uint8_t{50});
        for (const char* name : {"b.jpg", "a.PNG.png", "sub/c.jpg"}) {
            fs::create_directories((folder.path() / name).parent_path());
            vision::save_image(image, folder.path() / name);
        }
        std::ofstream(folder.path() / "notes.md") << "no picture";
    }
    std::vector<std::string> names(const std::string& source, std::size_t count = 1) const {
        std::vector<std::string> found;
        const auto opened = open_source(source, {});
        for (auto frames = opened->next(count); !frames.empty(); frames = opened->next(count)) {
            for (const Frame& frame : frames) found.push_back(fs::relative(frame.path, folder.path()).string());
        }
        return found;
    }
    ErrorCode code_of(const std::string& source) const {
        try {
            open_source(source, {});
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << source << " was accepted";
        return ErrorCode::InvalidArgument;
    }
    test::TempFolder folder;
};

using Names = std::vector<std::string>;

TEST_F(Sources, FolderGivesItsPicturesSortedAndNotThoseBelow) {
    EXPECT_EQ(names(folder.path().string()), (Names{"a.PNG.png", "b.jpg"}));
    EXPECT_EQ(names(folder.path().string(), 5), (Names{"a.PNG.png", "b.jpg"}));
}

TEST_F(Sources, GlobsMatchAsInAShell) {
    EXPECT_EQ(names((folder.path() / "*.jpg").string()), (Names{"b.jpg"}));
    EXPECT_EQ(names((folder.path() / "**/*.jpg").string()), (Names{"b.jpg", "sub/c.jpg"}));
    EXPECT_EQ(names((folder.path() / "[ab]*").string()), (Names{"a.PNG.png", "b.jpg"}));
    EXPECT_EQ(code_of((folder.path() / "*.bmp").string()), ErrorCode::NotFound);
}

TEST_F(Sources, ListsKeepTheirOrderAndResolveFromTheirFolder) {
    std::ofstream(folder.path() / "list.txt") << "sub/c.jpg\n\n" << (folder.path() / "b.jpg").string() << "\r\n";
    EXPECT_EQ(names((folder.path() / "list.txt").string()), (Names{"sub/c.jpg", "b.jpg"}));
    std::ofstream(folder.path() / "bad.txt") << "gone.jpg\n";
    EXPECT_EQ(code_of((folder.path() / "bad.txt").string()), ErrorCode::NotFound);
}

TEST_F(Sources, WhatIsNoPictureIsRefusedByName) {
    EXPECT_EQ(code_of((folder.path() / "notes.md").string()), ErrorCode::UnsupportedFile);
    EXPECT_EQ(code_of((folder.path() / "gone.jpg").string()), ErrorCode::NotFound);
    fs::create_directory(folder.path() / "empty");
    EXPECT_EQ(code_of((folder.path() / "empty").string()), ErrorCode::NotFound);
    EXPECT_EQ(code_of(""), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of("ftp://host/a.jpg"), ErrorCode::InvalidArgument);
}

TEST_F(Sources, BrokenPicturesAreSkippedAndCounted) {
    std::ofstream(folder.path() / "aa.jpg") << "broken";
    const auto source = open_source(folder.path().string(), {});
    const auto frames = source->next(10);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[1].item, 3U);
    EXPECT_EQ(frames[1].items, 3U);
    EXPECT_EQ(source->skipped(), 1U);
}

TEST_F(Sources, AreDroppedWhileTheirThreadWorks) {
    for (int i = 0; i < 20; ++i) {
        const auto source = open_source(folder.path().string(), {});
        if (i % 2 == 0) {
            EXPECT_EQ(source->next(1).size(), 1U);
        }
    }
}

TEST(RunFolder, CountsUpUnlessItMayExist) {
    const test::TempFolder folder;
    const std::string project = folder.path().string();
    EXPECT_EQ(make_run_folder("detect", "predict", project, "", false).filename(), "predict");
    EXPECT_EQ(make_run_folder("detect", "predict", project, "", false).filename(), "predict-2");
    EXPECT_EQ(make_run_folder("detect", "predict", project, "", true).filename(), "predict");
    EXPECT_EQ(make_run_folder("detect", "predict", project, "mine", false).filename(), "mine");
}

TEST(RunFolder, IsNeverSharedByTwo) {
    const test::TempFolder folder;
    std::vector<fs::path> made(16);
    std::vector<std::thread> threads;
    for (fs::path& path : made) threads.emplace_back([&] { path = make_run_folder("detect", "predict", folder.path().string(), "", false); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::set<fs::path>(made.begin(), made.end()).size(), made.size());
}

}  // namespace
}  // namespace yolovino::data
