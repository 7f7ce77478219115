#include <gtest/gtest.h>
#include <sys/stat.h>

#include "helpers.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::names_of;
using Names = std::vector<std::string>;

class Files : public testing::Test {
protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    void write_images(const Names& names) const {
        int value = 1;
        for (const std::string& name : names) test::write_image(at(name), value++);
    }
    test::TempFolder folder_;
};

TEST_F(Files, OneImageFileIsASource) {
    test::write_image(at("a b.JPG"), 7);
    const auto source = open_source(at("a b.JPG").string(), {});
    EXPECT_EQ(source->stream_count(), 1U);
    const auto frames = source->next(4);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].path, at("a b.JPG").string());
    EXPECT_EQ(frames[0].kind, SourceKind::Image);
    EXPECT_EQ(frames[0].item, 1U);
    EXPECT_EQ(frames[0].items, 1U);
    EXPECT_EQ(frames[0].image.data()[0], 7);
    EXPECT_TRUE(source->next(4).empty());
    EXPECT_TRUE(source->next(4).empty());
    EXPECT_EQ(source->skipped(), 0U);
}

TEST_F(Files, FoldersAreSortedAndNotEnteredDeeper) {
    write_images({"b.png", "a.jpg", "C.webp", "sub/d.png", ".hidden.png", "ä.bmp"});
    base::write_text_file(at("notes.md"), "text");
    fs::create_directory(at("folder.jpg"));
    EXPECT_EQ(names_of(folder_.path().string()), (Names{"C.webp", "a.jpg", "b.png", "ä.bmp"}));
    EXPECT_EQ(names_of(folder_.path().string() + "/"), (Names{"C.webp", "a.jpg", "b.png", "ä.bmp"}));
}

TEST_F(Files, PathsAreAbsolute) {
    write_images({"in/a.png"});
    base::write_text_file(at("list.txt"), "in/a.png\n");
    const test::WorkingFolder here(folder_.path());
    const std::string expected = (fs::current_path() / "in" / "a.png").string();
    for (const char* const source : {"in", "./in/", "in/a.png", "in/../in/*.png", "list.txt"}) {
        const auto opened = open_source(source, {});
        const auto frames = opened->next(1);
        ASSERT_EQ(frames.size(), 1U) << source;
        EXPECT_EQ(frames[0].path, expected) << source;
    }
}

TEST_F(Files, KeepTheirOrderAndFillBatches) {
    constexpr int kImages = 23;
    for (int i = 0; i < kImages; ++i) test::write_image(at(std::to_string(100 + i) + ".png"), i, 8 + i, 200 - i);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{4}, std::size_t{23}, std::size_t{100}}) {
        const auto source = open_source(folder_.path().string(), {});
        int next = 0;
        std::size_t batches = 0;
        for (auto frames = source->next(batch); !frames.empty(); frames = source->next(batch), ++batches) {
            for (const auto& frame : frames) {
                EXPECT_EQ(frame.image.size(), (ImageSize{8 + next, 200 - next}));
                EXPECT_EQ(frame.image.data()[0], next);
                EXPECT_EQ(frame.item, static_cast<std::size_t>(++next));
                EXPECT_EQ(frame.items, std::size_t{kImages});
            }
        }
        EXPECT_EQ(next, kImages);
        EXPECT_EQ(batches, (kImages + batch - 1) / batch);
    }
    EXPECT_EQ(open_source(folder_.path().string(), {})->next(0).size(), 1U);
}

TEST_F(Files, BadImagesAreSkippedAndCounted) {
    write_images({"a.png", "c.png", "e.png"});
    base::write_text_file(at("b.png"), "no image");
    base::write_text_file(at("d.jpg"), "");
    fs::create_symlink("nowhere", at("f.png"));
    ASSERT_EQ(::mkfifo(at("g.png").c_str(), 0600), 0);
    const test::LogCapture log;
    const auto source = open_source(folder_.path().string(), {});
    const auto frames = test::read_all(*source, 2);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(frames[1].item, 3U);
    EXPECT_EQ(frames[1].items, 7U);
    EXPECT_EQ(frames[2].image.data()[0], 3);
    EXPECT_EQ(source->skipped(), 4U);
    const auto warnings = log.warnings();
    ASSERT_EQ(warnings.size(), 4U);
    EXPECT_NE(warnings[0].find("b.png"), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[1].find("d.jpg"), std::string::npos) << warnings[1];
}

TEST_F(Files, OnlyBadImagesAreAnError) {
    base::write_text_file(at("a.png"), "x");
    const auto source = open_source(at("a.png").string(), {});
    EXPECT_TRUE(source->next(1).empty());
    EXPECT_EQ(source->skipped(), 1U);
}

TEST_F(Files, CanBeAbandonedAtAnyTime) {
    for (int i = 0; i < 40; ++i) test::write_image(at(std::to_string(i) + ".png"), i, 300, 400);
    for (int taken = 0; taken < 6; ++taken) {
        const auto source = open_source(folder_.path().string(), {});
        for (int i = 0; i < taken; ++i) EXPECT_EQ(source->next(2).size(), 2U);
    }
}

TEST_F(Files, ImagesMayVanishMeanwhile) {
    for (int i = 0; i < 20; ++i) test::write_image(at(std::to_string(100 + i) + ".png"), i);
    const auto source = open_source(folder_.path().string(), {});
    ASSERT_EQ(source->next(1).size(), 1U);
    for (int i = 10; i < 20; ++i) fs::remove(at(std::to_string(100 + i) + ".png"));
    EXPECT_EQ(test::read_all(*source, 4).size(), 9U);
    EXPECT_EQ(source->skipped(), 10U);
}

TEST_F(Files, PipesAreNoVideos) {
    ASSERT_EQ(::mkfifo(at("b.mp4").c_str(), 0600), 0);
    test::write_film(at("a.avi"), 2);
    base::write_text_file(at("list.txt"), "a.avi\nb.mp4\n");
    for (const std::string& source : {folder_.path().string(), at("*").string(), at("list.txt").string()}) {
        const test::LogCapture log;
        const auto opened = open_source(source, {});
        EXPECT_EQ(test::read_all(*opened, 1).size(), 2U) << source;
    }
    const test::LogCapture log;
    const auto folder = open_source(folder_.path().string(), {});
    test::read_all(*folder, 1);
    EXPECT_EQ(folder->skipped(), 1U);
    ASSERT_EQ(log.warnings().size(), 1U);
    EXPECT_NE(log.warnings()[0].find("not a regular file"), std::string::npos) << log.warnings()[0];
    expect_error(at("b.mp4").string(), ErrorCode::UnsupportedFile, {"pipe", "regular file", "b.mp4"});
    fs::create_symlink("b.mp4", at("link.mp4"));
    expect_error(at("link.mp4").string(), ErrorCode::UnsupportedFile, {"regular file", "link.mp4"});
    fs::create_symlink("a.avi", at("c.avi"));
    const auto linked = open_source(at("c.avi").string(), {});
    EXPECT_EQ(test::read_all(*linked, 1).size(), 2U);
}

TEST_F(Files, MissingFilesFoldersAndPatternsAreNotFound) {
    expect_error(at("missing.jpg").string(), ErrorCode::NotFound, {"does not exist", "missing.jpg"});
    expect_error(at("*.jpg").string(), ErrorCode::NotFound, {"no image", "*.jpg", "jpeg", "mp4"});
    expect_error(folder_.path().string(), ErrorCode::NotFound,
                 {"no image", "among 0 files", folder_.path().string(), "webp", "mkv"});
    base::write_text_file(at("readme.md"), "text");
    expect_error(folder_.path().string(), ErrorCode::NotFound, {"among 1 files"});
    expect_error(std::string(300, 'x'), ErrorCode::NotFound, {"does not exist"});
    expect_error(std::string(6000, '/') + "x", ErrorCode::NotFound, {"does not exist"});
    expect_error("", ErrorCode::InvalidArgument, {"empty"});
    expect_error(std::string("a\0b.png", 7), ErrorCode::InvalidArgument, {"zero byte"});
    expect_error("screen", ErrorCode::InvalidArgument, {"screenshots"});
    expect_error("ftp://host/a.jpg", ErrorCode::InvalidArgument, {"ftp", "rtsp"});
}

TEST_F(Files, UnknownSuffixIsUnsupported) {
    base::write_text_file(at("model.pt"), "x");
    base::write_text_file(at("noext"), "x");
    expect_error(at("model.pt").string(), ErrorCode::UnsupportedFile, {"'pt'", "model.pt", "jpeg", "mp4"});
    expect_error(at("noext").string(), ErrorCode::UnsupportedFile, {"''", "noext"});
}

TEST_F(Files, StrideMustBePositive) {
    write_images({"a.png"});
    expect_error(at("a.png").string(), ErrorCode::InvalidArgument, {"vid_stride", "0"}, {.vid_stride = 0});
    expect_error(at("a.png").string(), ErrorCode::InvalidArgument, {"vid_stride", "-3"}, {.vid_stride = -3});
}

TEST_F(Files, ListsKeepTheirOrder) {
    write_images({"c.png", "a.png", "sub/b.png", "sub/x.jpg"});
    const std::string other = test::write_image(at("far/z.png"), 1);
    base::write_text_file(at("list.txt"),
                          "\xEF\xBB\xBF"
                          "c.png\r\n\n  \t \n a.png \nsub\n" +
                              other + "\nc.png");
    EXPECT_EQ(names_of(at("list.txt").string()), (Names{"c.png", "a.png", "b.png", "x.jpg", "z.png", "c.png"}));
    base::write_text_file(at("sub/list.CSV"), "b.png\n../a.png\n*.jpg\n");
    EXPECT_EQ(names_of(at("sub/list.CSV").string()), (Names{"b.png", "a.png", "x.jpg"}));
}

TEST_F(Files, ListsPreferThePathAsGiven) {
    test::write_image(at("here/a.png"), 1);
    test::write_image(at("list/a.png"), 2);
    base::write_text_file(at("list/list.txt"), "a.png\n");
    const auto value = [&] { return open_source(at("list/list.txt").string(), {})->next(1).at(0).image.data()[0]; };
    {
        const test::WorkingFolder here(at("here"));
        EXPECT_EQ(value(), 1);
    }
    EXPECT_EQ(value(), 2);
}

TEST_F(Files, ListErrorsNameTheLine) {
    base::write_text_file(at("list.txt"), "\nmissing.png\n");
    expect_error(at("list.txt").string(), ErrorCode::NotFound, {"line 2", "'missing.png'", "list.txt"});
    base::write_text_file(at("list.txt"), "*.tif\n");
    expect_error(at("list.txt").string(), ErrorCode::NotFound, {"line 1", "*.tif"});
    base::write_text_file(at("list.txt"), std::string(5000, 'a') + "\n");
    expect_error(at("list.txt").string(), ErrorCode::NotFound, {"line 1", "list.txt"});
    for (const std::string& line : {std::string("a.png\0x", 7), std::string("\0/**", 4), std::string("\0", 1)}) {
        base::write_text_file(at("list.txt"), line + "\n");
        expect_error(at("list.txt").string(), ErrorCode::NotFound, {"line 1", "\\x00", "list.txt"});
        base::write_text_file(at("list.streams"), line + "\n");
        expect_error(at("list.streams").string(), ErrorCode::NotFound, {"line 1", "\\x00", "list.streams"});
    }
    base::write_text_file(at("list.txt"), " \n\n");
    expect_error(at("list.txt").string(), ErrorCode::NotFound, {"no image", "list.txt"});
    write_images({"a.png"});
    base::write_text_file(at("list.txt"), "list.txt\na.png\n");
    const test::LogCapture log;
    EXPECT_EQ(names_of(at("list.txt").string()), Names{"a.png"});
    ASSERT_EQ(log.warnings().size(), 1U);
    EXPECT_NE(log.warnings()[0].find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace yolovino::data
