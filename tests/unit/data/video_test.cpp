#include <gtest/gtest.h>

#include "helpers.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;

class Videos : public testing::Test {
protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    test::TempFolder folder_;
};

TEST_F(Videos, EveryFrameInOrder) {
    const std::string film = test::write_film(at("f.avi"), 11);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{4}, std::size_t{11}, std::size_t{50}}) {
        const auto source = open_source(film, {});
        const auto frames = test::read_all(*source, batch);
        ASSERT_EQ(frames.size(), 11U);
        for (std::size_t i = 0; i < frames.size(); ++i) {
            EXPECT_EQ(test::film_step(frames[i].image), static_cast<int>(i) + 1);
            EXPECT_EQ(frames[i].frame, static_cast<std::int64_t>(i) + 1);
            EXPECT_EQ(frames[i].frames, 11);
            EXPECT_EQ(frames[i].kind, SourceKind::Video);
            EXPECT_EQ(frames[i].path, film);
            EXPECT_NEAR(frames[i].fps, 25, 0.01);
            EXPECT_EQ(frames[i].item, 1U);
            EXPECT_EQ(frames[i].items, 1U);
        }
    }
}

TEST_F(Videos, StrideTakesTheLastOfEachGroup) {
    const std::string film = test::write_film(at("f.avi"), 11);
    const auto source = open_source(film, {.vid_stride = 3});
    std::vector<int> steps;
    for (const Frame& frame : test::read_all(*source, 2)) {
        steps.push_back(test::film_step(frame.image));
        EXPECT_EQ(frame.frames, 3);
        EXPECT_EQ(frame.frame, static_cast<std::int64_t>(steps.size()));
    }
    EXPECT_EQ(steps, (std::vector<int>{3, 6, 9}));
}

TEST_F(Videos, ARotatedVideoKeepsItsFrameNumbers) {
    const std::string film = YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate270.webm";
    for (const int stride : {1, 4}) {
        const auto source = open_source(film, {.vid_stride = stride, .strict = true});
        const auto frames = test::read_all(*source, 3);
        ASSERT_EQ(frames.size(), static_cast<std::size_t>(10 / stride));
        for (const Frame& frame : frames) {
            EXPECT_EQ(frame.image.size(), (ImageSize{64, 48}));
            EXPECT_EQ(frame.frames, 10 / stride);
        }
        EXPECT_EQ(source->skipped(), 0U);
    }
}

TEST_F(Videos, ImagesComeFirstAndBatchesNeverMix) {
    test::write_film(at("a.avi"), 3);
    test::write_film(at("c.avi"), 4);
    for (const char* const name : {"b.png", "d.png", "e.png"}) test::write_image(at(name), 1);
    const auto source = open_source(folder_.path().string(), {});
    std::vector<std::string> batches;
    for (auto frames = source->next(2); !frames.empty(); frames = source->next(2)) {
        std::string text;
        for (const Frame& frame : frames)
            text += fs::path(frame.path).stem().string() + std::to_string(frame.item) + "/" +
                    std::to_string(frame.items) + " ";
        batches.push_back(text);
    }
    EXPECT_EQ(batches,
              (std::vector<std::string>{"b1/5 d2/5 ", "e3/5 ", "a4/5 a4/5 ", "a4/5 ", "c5/5 c5/5 ", "c5/5 c5/5 "}));
}

TEST_F(Videos, BadOnesAreSkippedAndCounted) {
    base::write_text_file(at("a.mp4"), "no video");
    base::write_text_file(at("b.avi"), "");
    test::write_film(at("c.avi"), 2);
    base::write_text_file(at("d.mkv"), "no video");
    const test::LogCapture log;
    const auto source = open_source(folder_.path().string(), {});
    const auto frames = test::read_all(*source, 8);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].item, 3U);
    EXPECT_EQ(source->skipped(), 3U);
    EXPECT_EQ(log.warnings().size(), 3U);
}

TEST_F(Videos, ATruncatedVideoIsReportedAndCounted) {
    const fs::path film = test::write_film(at("f.avi"), 20);
    const std::size_t start = base::read_text_file(film, 1U << 24U).find("movi");
    ASSERT_NE(start, std::string::npos);
    fs::resize_file(film, start + (fs::file_size(film) - start) / 2);
    const test::LogCapture log;
    const auto source = open_source(film.string(), {});
    const auto frames = test::read_all(*source, 4);
    EXPECT_GT(frames.size(), 2U);
    EXPECT_LT(frames.size(), 18U);
    for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(frames[i].frame, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(source->skipped(), 1U);
    ASSERT_EQ(log.warnings().size(), 1U);
    EXPECT_NE(log.warnings()[0].find(std::to_string(frames.size()) + " of 20 frames"), std::string::npos)
        << log.warnings()[0];
    try {
        test::read_all(*open_source(film.string(), {.strict = true}), 1);
        FAIL() << "a truncated video is an error if strict";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::CorruptFile);
    }
}

TEST_F(Videos, ACompleteVideoIsNotReportedAsTruncated) {
    const std::string film = test::write_film(at("f.avi"), 40);
    const test::LogCapture log;
    for (const int stride : {1, 7}) {
        const auto source = open_source(film, {.vid_stride = stride, .strict = true});
        EXPECT_EQ(test::read_all(*source, 3).size(), static_cast<std::size_t>(40 / stride));
        EXPECT_EQ(source->skipped(), 0U);
    }
    EXPECT_TRUE(log.warnings().empty());
}

}  // namespace
}  // namespace yolovino::data
