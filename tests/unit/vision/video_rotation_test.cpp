#include <array>
#include <climits>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "support/make_video.hpp"
#include "vision/media.hpp"

namespace yolovino::vision {
namespace {

namespace fs = std::filesystem;
using test::Film;

/// How a rotation turns the stored frames clockwise, in quarters; those of opencv-python-headless 5.0.0.
void expect_turned(const fs::path& file, int quarters, const Film& film = {}) {
    SCOPED_TRACE(file.filename().string());
    const auto reader = media().open_video(file.string());
    const bool lying = quarters % 2 == 1;
    const ImageSize size = lying ? ImageSize{film.width, film.height} : ImageSize{film.height, film.width};
    EXPECT_EQ(reader->size(), size);
    EXPECT_EQ(reader->frame_count(), film.frames);
    int frames = 0;
    while (reader->grab()) {
        const std::optional<Image> image = reader->retrieve();
        ASSERT_TRUE(image.has_value());
        ASSERT_EQ(image->size(), size);
        test::expect_frame(test::turned(*image, (4 - quarters) % 4), frames++, film);
    }
    EXPECT_EQ(frames, film.frames);
}

class VideoRotation : public testing::Test {
protected:
    bool ffmpeg(const std::string& arguments) const { return test::run_ffmpeg(folder_.path(), arguments); }
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    test::TempFolder folder_;
};

/// What a phone's `rotate` means: turned so that the film is upright again.
constexpr std::pair<int, int> kRotations[] = {{90, 3}, {180, 2}, {270, 1}, {45, 0}};

TEST_F(VideoRotation, IsObeyedInMatroskaAndWebm) {
    for (const auto& [degrees, quarters] : kRotations) {
        if (quarters == 0) continue;
        for (const char* const suffix : {"mkv", "webm"})
            expect_turned(
                fs::path(YOLOVINO_SOURCE_DIR "/tests/data/videos") / fmt::format("rotate{}.{}", degrees, suffix),
                quarters);
    }
}

TEST_F(VideoRotation, IsObeyedInEveryContainerThatHasIt) {
    YOLOVINO_NEEDS_FFMPEG();
    ASSERT_TRUE(ffmpeg(fmt::format("{} -c:v libx264 -crf 12 -pix_fmt yuv420p film.mp4", test::raw_input(at("")))));
    for (const auto& [degrees, quarters] : kRotations) {
        for (const char* const suffix : {"mp4", "mov", "m4v"}) {
            const std::string name = fmt::format("r{}.{}", degrees, suffix);
            ASSERT_TRUE(ffmpeg(fmt::format("-i film.mp4 -c copy -metadata:s:v:0 rotate={} {}", degrees, name)));
            expect_turned(at(name), quarters);
        }
    }
}

TEST_F(VideoRotation, IsObeyedForEveryCodec) {
    YOLOVINO_NEEDS_FFMPEG();
    const Film odd{101, 57, 10};
    ASSERT_TRUE(
        ffmpeg(test::raw_input(at("")) +
               " -c:v libx265 -x265-params log-level=error -crf 12 hevc.mp4 -c:v libvpx-vp9 -crf 12 -b:v 0 vp9.mp4"
               " -c:v libaom-av1 -cpu-used 8 -crf 15 -b:v 0 av1.mp4 -c:v mpeg4 -q:v 2 mpeg4.mp4"
               " -c:v mjpeg -q:v 2 -pix_fmt yuvj420p mjpeg.mp4"
               " -c:v libx264 -crf 12 -movflags frag_keyframe+empty_moov frag.mp4"));
    ASSERT_TRUE(ffmpeg(test::raw_input(at(""), odd) + " -c:v libx264 -crf 12 -pix_fmt yuv444p odd.mp4"));
    for (const char* const codec : {"hevc", "vp9", "av1", "mpeg4", "mjpeg", "frag", "odd"}) {
        ASSERT_TRUE(
            ffmpeg(fmt::format("-i {0}.mp4 -c copy -metadata:s:v:0 rotate=90 90{0}.mp4 -c copy -metadata:s:v:0 "
                               "rotate=270 270{0}.mp4",
                               codec)));
        const Film film = std::string(codec) == "odd" ? odd : Film{};
        expect_turned(at(fmt::format("90{}.mp4", codec)), 3, film);
        expect_turned(at(fmt::format("270{}.mp4", codec)), 1, film);
    }
}

/// A matrix that mirrors counts as the rotation of its first column; what is no quarter turns nothing.
TEST_F(VideoRotation, OtherMatricesAreReadAsOpenCvReadsThem) {
    YOLOVINO_NEEDS_FFMPEG();
    ASSERT_TRUE(ffmpeg(fmt::format("{} -c:v libx264 -crf 12 -pix_fmt yuv420p film.mp4", test::raw_input(at("")))));
    std::string bytes = base::read_text_file(at("film.mp4"), 1U << 20U);
    const std::size_t header = bytes.find("tkhd");
    ASSERT_NE(header, std::string::npos);
    const std::size_t place = header + 44;  // version and flags, times, number, length, layer, and volume come before
    constexpr int kOne = 1 << 16;
    constexpr int kLast = 1 << 30;
    struct Case {
        const char* name;
        std::array<int, 9> matrix;
        int quarters;
    };
    const Case cases[] = {
        {"identity", {kOne, 0, 0, 0, kOne, 0, 0, 0, kLast}, 0},
        {"mirrored left and right", {-kOne, 0, 0, 0, kOne, 0, 64 * kOne, 0, kLast}, 2},
        {"mirrored up and down", {kOne, 0, 0, 0, -kOne, 0, 0, 48 * kOne, kLast}, 0},
        {"transposed", {0, kOne, 0, kOne, 0, 0, 0, 0, kLast}, 1},
        {"transposed the other way", {0, -kOne, 0, -kOne, 0, 0, 48 * kOne, 64 * kOne, kLast}, 3},
        {"quarter without a shift", {0, kOne, 0, -kOne, 0, 0, 0, 0, kLast}, 1},
        {"quarter that stretches", {0, 2 * kOne, 0, -kOne, 0, 0, 0, 0, kLast}, 1},
        {"nearly a quarter", {1144, 65526, 0, -65526, 1144, 0, 0, 0, kLast}, 0},
        {"twice as large", {2 * kOne, 0, 0, 0, 2 * kOne, 0, 0, 0, kLast}, 0},
        {"skewed", {kOne, kOne / 2, 0, 0, kOne, 0, 0, 0, kLast}, 0},
        {"nothing", {}, 0},
        {"extreme", {INT_MIN, INT_MIN, INT_MIN, INT_MIN, INT_MIN, INT_MIN, INT_MIN, INT_MIN, INT_MIN}, 0},
    };
    for (const Case& each : cases) {
        SCOPED_TRACE(each.name);
        for (std::size_t i = 0; i < each.matrix.size(); ++i) {
            const auto value = static_cast<std::uint32_t>(each.matrix[i]);
            for (std::size_t byte = 0; byte < 4; ++byte)
                bytes[place + 4 * i + byte] = static_cast<char>(value >> (24 - 8 * byte) & 0xFFU);
        }
        base::write_text_file(at("turned.mp4"), bytes);
        expect_turned(at("turned.mp4"), each.quarters);
    }
}

/// The reference reads what the container says, not what a frame says.
TEST_F(VideoRotation, RotationInTheFramesThemselvesIsIgnored) {
    YOLOVINO_NEEDS_FFMPEG();
    ASSERT_TRUE(ffmpeg(fmt::format("{} -c:v libx264 -crf 12 -pix_fmt yuv420p film.mp4", test::raw_input(at("")))));
    ASSERT_TRUE(ffmpeg("-i film.mp4 -c copy -bsf:v h264_metadata=display_orientation=insert:rotate=90 sei.mp4"));
    expect_turned(at("sei.mp4"), 0);
}

}  // namespace
}  // namespace yolovino::vision
