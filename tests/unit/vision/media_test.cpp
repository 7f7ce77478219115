#include "vision/media.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/decode.hpp"

namespace yolovino::vision {
namespace {

using test::code_of;
using test::sample_image;

TEST(Media, IsLoadedOnce) {
    EXPECT_EQ(&media(), &media());
}

/// The module has its own copy of Error; it must still be caught as this program's type.
TEST(Media, ErrorsCrossTheModuleBoundary) {
    EXPECT_EQ(code_of([] { media().open_video("/nowhere/film.mp4"); }), ErrorCode::NotFound);
    EXPECT_EQ(code_of([] { media().show("w", Image(), 1); }), ErrorCode::InvalidArgument);
}

TEST(Media, DecodesOrSaysNothing) {
    const Image image = sample_image(9, 7);
    const auto decoded = media().decode(encode_png(image));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(test::same(*decoded, image));
    EXPECT_FALSE(media().decode({}).has_value());
    const std::vector<std::byte> zeros(100);
    EXPECT_FALSE(media().decode(zeros).has_value());
}

TEST(Media, WritesAndReadsVideos) {
    const test::TempFolder folder;
    const auto file = folder.path() / "new" / "film.avi";
    constexpr int kFrames = 12;
    const auto writer = media().create_video(file, 25, {48, 64});
    for (unsigned i = 0; i < kFrames; ++i) {
        Image frame(48, 64);
        std::memset(frame.data(), static_cast<int>(10 + 20 * i), frame.size_bytes());
        writer->write(frame);
    }
    EXPECT_EQ(code_of([&] { writer->write(sample_image(10, 10)); }), ErrorCode::ShapeMismatch);
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
