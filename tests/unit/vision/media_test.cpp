#include "vision/media.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <iostream>
#include <random>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"

namespace yolovino::vision {
namespace {

using test::code_of;
using test::sample_image;

TEST(Media, ModuleIsLoadedOnce) {
    EXPECT_EQ(&media(), &media());
}

/// The module has its own copy of Error; it must still be caught as this program's type.
TEST(Media, ErrorsCrossTheModuleBoundary) {
    EXPECT_EQ(code_of([] { media().open_video("/nowhere/film.mp4"); }), ErrorCode::NotFound);
    EXPECT_EQ(code_of([] { media().show("w", Image(), 1); }), ErrorCode::InvalidArgument);
}

TEST(Media, DecodeReturnsNothingForOtherData) {
    const Image image = sample_image(9, 7);
    const auto decoded = media().decode(encode_png(image));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(test::same(*decoded, image));
    EXPECT_FALSE(media().decode({}).has_value());
    const std::vector<std::byte> zeros(100);
    EXPECT_FALSE(media().decode(zeros).has_value());
}

/// A BMP that declares its size and ends at once: run lengths let the rest stay black.
std::vector<std::byte> empty_bmp(std::uint32_t height, std::uint32_t width) {
    std::string text = "BM";
    const auto put = [&](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
    };
    for (const std::uint32_t value : {1082U, 0U, 1078U, 40U, width, height}) put(value, 4);
    put(1, 2);
    put(8, 2);
    for (const std::uint32_t value : {1U, 4U, 0U, 0U, 256U, 0U}) put(value, 4);
    text += std::string(1024, '\0');
    put(0x0100, 4);
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

TEST(Media, DamagedImagesPrintNothing) {
    media();
    testing::internal::CaptureStderr();
    constexpr std::string_view kCut = "P6\n50 60\n255\nabc";  // OpenCV writes of its end
    EXPECT_FALSE(media().decode(std::as_bytes(std::span(kCut))).has_value());
    std::cerr << "of the program";
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "of the program");
}

TEST(Media, RefusesDimensionsBeforeDecoding) {
    const auto small = media().decode(empty_bmp(50, 60));
    ASSERT_TRUE(small.has_value());
    EXPECT_EQ(small->size(), (ImageSize{50, 60}));
    EXPECT_EQ(code_of([] { decode_image(empty_bmp(20'000, 20'000), "x.bmp"); }), ErrorCode::LimitExceeded);
    // A TIFF without a width is not handed on, whatever its decoder would make of it.
    std::vector<std::byte> tiff(100);
    std::memcpy(tiff.data(), "II*\0\x08\0\0\0", 8);
    EXPECT_EQ(code_of([&] { decode_image(tiff, "x.tif"); }), ErrorCode::UnsupportedFile);
}

TEST(Media, DamagedVideosEndOrAreRefused) {
    const test::TempFolder folder;
    const auto file = folder.path() / "film.avi";
    const auto writer = media().create_video(file, 25, {48, 64});
    for (int i = 0; i < 12; ++i) write_frame(*writer, sample_image(48, 64));
    writer->close();
    const auto whole = base::read_file(file, 1U << 20U);
    std::mt19937 random(7);
    int opened = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<std::byte> bytes = whole;
        if (round % 3 == 0) bytes.resize(bytes.size() * static_cast<std::size_t>(round) / 60);
        // Most damage goes to the headers, where sizes and counts stand.
        for (int i = 0; i < round % 3 * 8; ++i)
            bytes[random() % (round % 2 == 0 ? bytes.size() : 512)] = static_cast<std::byte>(random());
        const auto damaged = folder.path() / "damaged.avi";
        base::write_file(damaged, bytes);
        try {
            const auto reader = media().open_video(damaged.string());
            ++opened;
            for (int frames = 0; frames < 100 && reader->grab(); ++frames) reader->retrieve();
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded)
                << error.what();
        }
    }
    EXPECT_GT(opened, 5) << "the damage was too great to test anything";
}

TEST(Media, WritesAndReadsVideos) {
    const test::TempFolder folder;
    const auto file = folder.path() / "new" / "film.avi";
    constexpr int kFrames = 12;
    const auto writer = media().create_video(file, 25, {48, 64});
    for (unsigned i = 0; i < kFrames; ++i) {
        Image frame(48, 64);
        std::memset(frame.data(), static_cast<int>(10 + 20 * i), frame.size_bytes());
        write_frame(*writer, frame);
    }
    EXPECT_EQ(code_of([&] { write_frame(*writer, sample_image(10, 10)); }), ErrorCode::ShapeMismatch);
    writer->close();

    const auto reader = media().open_video(file.string());
    EXPECT_EQ(reader->size(), (ImageSize{48, 64}));
    EXPECT_NEAR(reader->fps(), 25, 0.01);
    EXPECT_EQ(reader->frame_count(), kFrames);
    int frames = 0;
    while (reader->grab()) {
        const auto frame = reader->retrieve();
        ASSERT_TRUE(frame.has_value());
        ASSERT_EQ(frame->size(), (ImageSize{48, 64}));
        EXPECT_NEAR(frame->row(20)[30], 10 + 20 * frames, 4) << frames;
        ++frames;
    }
    EXPECT_EQ(frames, kFrames);
}

TEST(Media, RefusesBadVideos) {
    const test::TempFolder folder;
    base::write_text_file(folder.path() / "no.mp4", "no video at all");
    testing::internal::CaptureStderr();
    EXPECT_EQ(code_of([&] { media().open_video((folder.path() / "no.mp4").string()); }), ErrorCode::CorruptFile);
    EXPECT_EQ(code_of([&] {
                  media().create_video(folder.path() / "no.mp4" / "x.avi", 25, {48, 64});
              }),
              ErrorCode::IoFailure);
    EXPECT_EQ(code_of([&] { media().create_video(folder.path() / "x.avi", 0, {48, 64}); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of([] { media().open_camera(61); }), ErrorCode::NotFound);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Media, SaysThatThereIsNoDisplay) {
    if (std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr)
        GTEST_SKIP() << "there is a display";
    EXPECT_EQ(code_of([] { media().show("window", sample_image(8, 8), 1); }), ErrorCode::RuntimeFailure);
}

}  // namespace
}  // namespace yolovino::vision
