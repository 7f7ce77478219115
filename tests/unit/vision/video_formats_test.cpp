#include <array>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "support/make_video.hpp"
#include "vision/media.hpp"

namespace yolovino::vision {
namespace {

namespace fs = std::filesystem;
using test::Film;

struct Watched {
    ImageSize size;
    std::int64_t count = 0;
    double fps = 0;
    std::vector<Image> frames;
    int undecodable = 0;
};

Watched watch(const fs::path& file) {
    const auto reader = media().open_video(file.string());
    Watched watched{reader->size(), reader->frame_count(), reader->fps(), {}, 0};
    while (reader->grab()) {
        std::optional<Image> image = reader->retrieve();
        if (image)
            watched.frames.push_back(std::move(*image));
        else
            ++watched.undecodable;
    }
    return watched;
}

/// Every frame once, in order, from `first` on.
void expect_film(const fs::path& file, const Film& film = {}, int tolerance = 8, int first = 0) {
    SCOPED_TRACE(file.filename().string());
    const Watched watched = watch(file);
    EXPECT_EQ(watched.size, (ImageSize{film.height, film.width}));
    EXPECT_EQ(watched.undecodable, 0);
    ASSERT_EQ(watched.frames.size(), static_cast<std::size_t>(film.frames - first));
    for (std::size_t i = 0; i < watched.frames.size(); ++i)
        test::expect_frame(watched.frames[i], first + static_cast<int>(i), film, tolerance);
}

struct Coding {
    const char* name;
    const char* options;
    std::vector<const char*> suffixes;
    Film film = {};
    int tolerance = 8;
};

const char* const kX264 = "-c:v libx264 -crf 12 -pix_fmt yuv420p";

const Coding kCodings[] = {
    {"H264", kX264, {"mp4", "mov", "m4v", "mkv", "avi", "ts", "asf"}},
    {"H264WithBFrames", "-c:v libx264 -crf 12 -pix_fmt yuv420p -x264-params bframes=3:b-adapt=0", {"mp4", "mkv"}},
    {"H264Of10Bits", "-c:v libx264 -crf 12 -pix_fmt yuv420p10le", {"mp4"}},
    {"H264Of422", "-c:v libx264 -crf 12 -pix_fmt yuv422p10le", {"mov"}},
    {"H264Fragmented", "-c:v libx264 -crf 12 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov", {"mp4"}},
    {"H264OddSize", "-c:v libx264 -crf 12 -pix_fmt yuv444p", {"mp4", "mkv"}, {101, 57}},
    {"HEVC", "-c:v libx265 -x265-params log-level=error -crf 12 -pix_fmt yuv420p -tag:v hvc1", {"mp4", "mov"}},
    {"HEVCUntagged", "-c:v libx265 -x265-params log-level=error -crf 12 -pix_fmt yuv420p", {"mkv", "ts"}},
    {"HEVCOf10Bits", "-c:v libx265 -x265-params log-level=error -crf 12 -pix_fmt yuv420p10le", {"mkv"}},
    {"AV1", "-c:v libaom-av1 -cpu-used 8 -crf 15 -b:v 0 -pix_fmt yuv420p", {"mp4", "mkv", "webm"}},
    {"AV1OddSize", "-c:v libaom-av1 -cpu-used 8 -crf 15 -b:v 0 -pix_fmt yuv420p10le", {"webm"}, {101, 57}},
    {"VP9", "-c:v libvpx-vp9 -crf 12 -b:v 0 -pix_fmt yuv420p", {"mp4", "mkv", "webm"}},
    {"VP9Of10Bits", "-c:v libvpx-vp9 -profile:v 2 -crf 12 -b:v 0 -pix_fmt yuv420p10le", {"webm"}},
    {"VP9OddSize", "-c:v libvpx-vp9 -crf 12 -b:v 0 -pix_fmt yuv420p", {"webm"}, {101, 57}},
    {"VP8", "-c:v libvpx -b:v 2M", {"mkv", "webm"}},
    {"MPEG4", "-c:v mpeg4 -q:v 2", {"mp4", "mov", "m4v", "mkv", "avi"}},
    {"MPEG4WithBFrames", "-c:v mpeg4 -q:v 2 -bf 2", {"avi", "mp4"}},
    {"MPEG4OddSize", "-c:v mpeg4 -q:v 2", {"mp4"}, {101, 57}},
    {"MotionJPEG", "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p", {"mp4", "mov", "mkv", "avi"}},
    {"MotionJPEGOddSize", "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p", {"avi"}, {101, 57}},
    {"MPEG1", "-c:v mpeg1video -q:v 2", {"mpg"}},
    {"MPEG2", "-c:v mpeg2video -q:v 2", {"mpg", "mpeg", "ts", "mkv"}},
    {"WMV2", "-c:v wmv2 -q:v 2", {"wmv", "asf"}},
    {"GIF", "-c:v gif", {"gif"}},
    {"GIFOddSize", "-c:v gif", {"gif"}, {101, 57}},
    {"ProRes", "-c:v prores_ks -profile:v 3 -pix_fmt yuv422p10le", {"mov"}},
    {"OneFrame", "-c:v libx264 -crf 12 -pix_fmt yuv420p", {"mp4", "mkv", "mov", "avi"}, {64, 48, 1}},
    {"OneFrameOfGIF", "-c:v gif", {"gif"}, {64, 48, 1}},
};

class VideoCodings : public testing::TestWithParam<Coding> {};

TEST_P(VideoCodings, GiveEveryFrameOnce) {
    YOLOVINO_NEEDS_FFMPEG();
    const Coding& coding = GetParam();
    const test::TempFolder folder;
    std::string arguments = test::raw_input(folder.path(), coding.film);
    for (const char* const suffix : coding.suffixes) arguments += fmt::format(" {} film.{}", coding.options, suffix);
    ASSERT_TRUE(test::run_ffmpeg(folder.path(), arguments));
    for (const char* const suffix : coding.suffixes)
        expect_film(folder.path() / fmt::format("film.{}", suffix), coding.film, coding.tolerance);
}

INSTANTIATE_TEST_SUITE_P(All, VideoCodings, testing::ValuesIn(kCodings),
                         [](const auto& test) { return std::string(test.param.name); });

class VideoFormats : public testing::Test {
protected:
    void SetUp() override { YOLOVINO_NEEDS_FFMPEG(); }
    bool ffmpeg(const std::string& arguments) const { return test::run_ffmpeg(folder_.path(), arguments); }
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    test::TempFolder folder_;
};

TEST_F(VideoFormats, VariableRatesLoseAndRepeatNothing) {
    const std::string later = "-vf setpts=N*N*0.01/TB -vsync vfr";  // frame N comes at 0.01 N² seconds
    ASSERT_TRUE(ffmpeg(fmt::format("{0} {1} {2} vfr.mp4 {1} {2} vfr.mkv -c:v libvpx-vp9 -crf 12 -b:v 0 {2} vfr.webm",
                                   test::raw_input(folder_.path()), kX264, later)));
    for (const char* const name : {"vfr.mp4", "vfr.mkv", "vfr.webm"}) expect_film(at(name));
    EXPECT_EQ(watch(at("vfr.mp4")).count, 10) << "what the file states";
    EXPECT_NEAR(watch(at("vfr.mp4")).fps, 16.667, 0.01) << "as OpenCV 5.0.0";
}

TEST_F(VideoFormats, SoundMayComeFirst) {
    ASSERT_TRUE(
        ffmpeg(fmt::format("-f lavfi -i sine=d=1 {} -map 0:a -map 1:v {} -c:a aac a.mp4 -map 0:a -map 1:v {} "
                           "-c:a aac a.mkv -map 0:a -map 1:v -c:v mpeg4 -q:v 2 -c:a mp2 a.avi",
                           test::raw_input(folder_.path()), kX264, kX264)));
    for (const char* const name : {"a.mp4", "a.mkv", "a.avi"}) expect_film(at(name));
}

TEST_F(VideoFormats, WhatAnEditListLeavesOutIsLeftOut) {
    ASSERT_TRUE(ffmpeg(fmt::format("{} {} -g 10 -bf 2 base.mp4", test::raw_input(folder_.path()), kX264)));
    ASSERT_TRUE(ffmpeg("-ss 0.12 -i base.mp4 -c copy cut.mp4"));
    expect_film(at("cut.mp4"), {}, 8, 3);
}

TEST_F(VideoFormats, ACoverImageIsNotTakenForTheVideo) {
    ASSERT_TRUE(
        ffmpeg(fmt::format("{0} -f lavfi -i color=c=white:s=32x32:d=0.04 -map 1 -frames:v 1 cover.png -map 0 "
                           "{1} film.mp4",
                           test::raw_input(folder_.path()), kX264)));
    ASSERT_TRUE(ffmpeg("-i cover.png -i film.mp4 -map 0 -map 1 -c copy -disposition:v:0 attached_pic both.mp4"));
    expect_film(at("both.mp4"));
    ASSERT_TRUE(ffmpeg("-i film.mp4 -map 0 -c copy -attach cover.png -metadata:s:t mimetype=image/png both.mkv"));
    expect_film(at("both.mkv"));
}

TEST_F(VideoFormats, TheFirstOfTwoVideoTracksIsRead) {
    ASSERT_TRUE(
        ffmpeg(fmt::format("{} -f lavfi -i color=c=white:s=128x96:d=0.4 -map 0 -map 1 -c:v libx264 -pix_fmt "
                           "yuv420p -crf 12 -disposition:v:0 0 -disposition:v:1 default two.mkv",
                           test::raw_input(folder_.path()))));
    expect_film(at("two.mkv"));
}

TEST_F(VideoFormats, WhereTheSizeChangesLaterFramesAreScaledToTheFirst) {
    const Film large{80, 60, 10};
    ASSERT_TRUE(ffmpeg(fmt::format("{} {} a.h264", test::raw_input(folder_.path()), kX264)));
    ASSERT_TRUE(ffmpeg(fmt::format("{} {} b.h264", test::raw_input(folder_.path(), large), kX264)));
    std::ofstream(at("both.mp4"), std::ios::binary)
        << base::read_text_file(at("a.h264"), 1U << 20U) << base::read_text_file(at("b.h264"), 1U << 20U);
    const Watched watched = watch(at("both.mp4"));
    ASSERT_EQ(watched.frames.size(), 20U);
    for (const Image& frame : watched.frames) {
        ASSERT_EQ(frame.size(), (ImageSize{48, 64}));
        EXPECT_NEAR(test::quadrant_colour(frame, 3)[0], 200, 8);
        EXPECT_NEAR(test::quadrant_colour(frame, 1)[1], 180, 8);
    }
}

TEST_F(VideoFormats, ColoursAreThoseThatWereStored) {
    struct Colours {
        const char* matrix;
        const char* format;
        const char* range;
    };
    const Colours all[] = {{"bt709", "yuv420p", "tv"},     {"bt709", "yuv420p10le", "tv"},
                           {"bt709", "yuv444p", "tv"},     {"bt709", "yuv420p", "pc"},
                           {"smpte170m", "yuv420p", "tv"}, {"bt470bg", "yuv420p", "pc"},
                           {"smpte240m", "yuv420p", "tv"}, {"fcc", "yuv420p", "tv"},
                           {"bt2020nc", "yuv420p", "tv"},  {"bt2020nc", "yuv420p10le", "tv"}};
    std::string arguments = test::raw_input(folder_.path());
    int count = 0;
    for (const Colours& each : all) {
        // The filter calls bt2020nc bt2020, and the two of BT.601 as one.
        const std::string matrix = each.matrix;
        const std::string filter = matrix == "bt2020nc" ? "bt2020" : matrix;
        arguments += fmt::format(
            " -vf scale=out_color_matrix={}:out_range={},format={} -c:v libx264 -crf 8 "
            "-colorspace {} -color_range {} c{}.mp4",
            filter, each.range, each.format, each.matrix, each.range, count++);
    }
    ASSERT_TRUE(ffmpeg(arguments));
    for (int i = 0; i < count; ++i) {
        SCOPED_TRACE(all[i].matrix + std::string(" ") + all[i].format + " " + all[i].range);
        expect_film(at(fmt::format("c{}.mp4", i)), {}, 4);
    }
}

/// Where a truncated file still can be opened, it gives the beginning of the video.
TEST_F(VideoFormats, TruncatedFilesGiveTheirBeginning) {
    ASSERT_TRUE(ffmpeg(fmt::format(
        "{0} {1} -g 3 -bf 0 f.mkv {1} -g 3 -bf 0 f.ts {1} -g 3 -bf 0 -movflags +faststart f.mp4 -c:v mjpeg -q:v 2 "
        "-pix_fmt yuvj420p f.avi -c:v mpeg2video -q:v 2 f.mpg -c:v libvpx-vp9 -g 3 -crf 12 -b:v 0 f.webm f.gif",
        test::raw_input(folder_.path()), kX264)));
    int opened = 0;
    for (const char* const name : {"f.mkv", "f.ts", "f.mp4", "f.avi", "f.mpg", "f.webm", "f.gif"}) {
        const auto whole = base::read_file(at(name), 1U << 20U);
        for (const std::size_t percent : {std::size_t{0}, std::size_t{30}, std::size_t{60}, std::size_t{90}}) {
            SCOPED_TRACE(fmt::format("{} at {} %", name, percent));
            const fs::path cut = at(std::string("cut") + name);
            base::write_file(cut, std::span(whole).first(whole.size() * percent / 100));
            try {
                const Watched watched = watch(cut);
                ++opened;
                EXPECT_LE(watched.frames.size(), 10U);
                // The last one may lack its lower part.
                for (std::size_t i = 0; i + 1 < watched.frames.size(); ++i)
                    test::expect_frame(watched.frames[i], static_cast<int>(i));
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << error.what();
            }
        }
    }
    EXPECT_GT(opened, 10);
}

TEST_F(VideoFormats, NamesAreNoPatternsAndNoAddresses) {
    ASSERT_TRUE(ffmpeg(fmt::format("{} {} f.mp4 f.gif", test::raw_input(folder_.path()), kX264)));
    for (const char* const name : {"cam 12:30:05.mp4", "a%03d.mp4", "a[1]*?.mp4", "concat:a|b.mp4", "pipe:0.mp4",
                                   "-x \xC3\xBC'\".mp4", "UPPER.MP4", " .mp4", "a%03d.gif", "a[1]*?.gif"}) {
        const fs::path file = at(name);
        fs::copy_file(at(file.extension() == ".gif" ? "f.gif" : "f.mp4"), file);
        expect_film(file);
    }
}

}  // namespace
}  // namespace yolovino::vision
