// Videos as they come from phones, cameras, and careless hands, through the real command.

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/make_video.hpp"
#include "support/samples.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

struct Line {
    std::string path;
    int frame = 0;
    std::array<int, 2> shape = {};
    std::vector<std::string> names;
};

class FieldVideos : public test::Command {
protected:
    static std::string predict(const std::string& source, const std::string& model = kSample) {
        return fmt::format("predict model='{}' device=cpu precision=f32 runtime=openvino imgsz=64 source='{}' ", model,
                           source);
    }
    /// One line of JSON for each frame.
    static std::vector<Line> lines(const test::Outcome& outcome) {
        std::vector<Line> all;
        std::istringstream stream(outcome.out);
        for (std::string text; std::getline(stream, text);) {
            const auto json = nlohmann::json::parse(text);
            Line line{json.at("path"), json.value("frame", 0), json.at("shape"), {}};
            for (const auto& detection : json.at("detections")) line.names.push_back(detection.at("name"));
            all.push_back(std::move(line));
        }
        return all;
    }
    bool ffmpeg(const std::string& arguments) const { return test::run_ffmpeg(folder.path(), arguments); }
    /// The sizes of the images in a video, as another program sees them.
    std::string size_of(const fs::path& video) const {
        const std::string line = fmt::format(
            "cd '{}' && ffprobe -v error -count_frames -show_entries stream=width,height,nb_read_frames -of "
            "csv=p=0 '{}' >size.txt",
            folder.path().string(), video.string());
        EXPECT_EQ(std::system(line.c_str()), 0) << line;  // NOLINT(cert-env33-c)
        return test::content(folder.path() / "size.txt");
    }
};

/// Ultralytics 8.4.190 finds these on the checkpoint at imgsz=320; the film is 320x428 upright, stored lying.
TEST_F(FieldVideos, APortraitVideoIsReadUpright) {
    YOLOVINO_NEEDS_SHARED();
    const std::string model = (test::shared_dir() / "models/yolov8n.pt").string();
    const std::array<int, 6> persons_of_plain = {3, 2, 2, 4, 3, 2};
    const std::array<int, 6> persons_of_turned = {3, 2, 3, 4, 3, 2};
    for (const char* const name : {"plain", "rot90"}) {
        SCOPED_TRACE(name);
        const fs::path film = test::shared_dir() / "cases/videos" / (std::string(name) + ".mp4");
        const test::Outcome outcome =
            yolo(predict(film.string(), model) + "imgsz=320 save_json=True save=False name=" + name);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        const std::vector<Line> found = lines(outcome);
        ASSERT_EQ(found.size(), 6U);
        const auto& persons = name == std::string("plain") ? persons_of_plain : persons_of_turned;
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].shape, (std::array<int, 2>{428, 320}));
            EXPECT_EQ(std::ranges::count(found[i].names, "person"), persons[i]) << i;
            EXPECT_EQ(std::ranges::count(found[i].names, "bus"), 1) << i;
        }
    }
}

TEST_F(FieldVideos, APortraitVideoIsSavedUpright) {
    YOLOVINO_NEEDS_FFMPEG();
    const fs::path films = YOLOVINO_SOURCE_DIR "/tests/data/videos";
    for (const auto& [name, size] : {std::pair("rotate90.mkv", "48,64,10\n"), std::pair("rotate180.webm", "64,48,10\n"),
                                     std::pair("rotate270.webm", "48,64,10\n")}) {
        SCOPED_TRACE(name);
        const test::Outcome outcome =
            yolo(predict((films / name).string()) + "save=True save_frames=True save_json=True exist_ok=True");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        const bool lying = std::string(size).starts_with("64");
        for (const Line& line : lines(outcome))
            EXPECT_EQ(line.shape, lying ? (std::array<int, 2>{48, 64}) : (std::array<int, 2>{64, 48}));
        EXPECT_NE(outcome.err.find("(frame 10/10)"), std::string::npos) << outcome.err;
        const fs::path saved = folder.path() / "runs/detect/predict";
        const std::string stem = fs::path(name).stem().string();
        EXPECT_EQ(size_of(saved / (stem + ".avi")), size);
        EXPECT_EQ(size_of(saved / (stem + "_frames") / (stem + "_10.jpg")).substr(0, 5),
                  std::string(size).substr(0, 5));
    }
}

TEST_F(FieldVideos, EveryVideoSuffixIsRead) {
    YOLOVINO_NEEDS_FFMPEG();
    fs::create_directory(folder.path() / "films");
    std::string arguments = test::raw_input(folder.path(), {64, 48, 5});
    for (const char* const suffix : {"mp4", "m4v", "mov", "mkv", "avi", "ts"})
        arguments += fmt::format(" -c:v libx264 -pix_fmt yuv420p films/of.{}", suffix);
    arguments +=
        " -c:v wmv2 films/of.wmv -c:v wmv2 films/of.asf -c:v mpeg2video films/of.mpg -c:v mpeg2video "
        "films/of.mpeg films/of.gif -c:v libvpx-vp9 films/of.webm -c:v libx264 films/LOUD.MP4";
    ASSERT_TRUE(ffmpeg(arguments));
    const test::Outcome outcome = yolo(predict("films") + "save=False save_json=True");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err.find("WARNING"), std::string::npos) << outcome.err;
    EXPECT_EQ(lines(outcome).size(), 13U * 5) << outcome.err;
    EXPECT_NE(outcome.err.find("video 13/13 (frame 5"), std::string::npos) << outcome.err;
}

TEST_F(FieldVideos, AStrideAndABufferCountUprightFrames) {
    const std::string film = YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv";
    const test::Outcome stride = yolo(predict(film) + "vid_stride=3 save=False save_json=True");
    ASSERT_EQ(stride.status, 0) << stride.err;
    EXPECT_EQ(lines(stride).size(), 3U);
    EXPECT_NE(stride.err.find("(frame 3/3)"), std::string::npos) << stride.err;
    std::ofstream(folder.path() / "two.streams") << film << "\n" << film << "\n";
    const test::Outcome buffered = yolo(predict("two.streams") + "stream_buffer=True save=False save_json=True");
    ASSERT_EQ(buffered.status, 0) << buffered.err;
    const std::vector<Line> found = lines(buffered);
    EXPECT_EQ(found.size(), 20U) << buffered.err;
    for (const Line& line : found) EXPECT_EQ(line.shape, (std::array<int, 2>{64, 48}));
    EXPECT_NE(buffered.err.find("Success ✅ (10 frames of shape 48x64 at 25.00 FPS)"), std::string::npos)
        << buffered.err;
}

TEST_F(FieldVideos, VideosWithOddNamesAreRead) {
    for (const char* const name : {"cam 12:30:05.mkv", "a%03d.mkv", "[1].mkv", "-x.mkv", "\xC3\xBC'.mkv"}) {
        fs::create_directory(folder.path() / "films");
        fs::copy_file(YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate180.mkv", folder.path() / "films" / name);
        const test::Outcome outcome = yolo(predict("films") + "vid_stride=5 save=False save_json=True");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        const std::vector<Line> found = lines(outcome);
        ASSERT_EQ(found.size(), 2U) << name;
        EXPECT_EQ(fs::path(found[0].path).filename(), name);
        fs::remove_all(folder.path() / "films");
    }
}

TEST_F(FieldVideos, DamagedVideosAreReportedAndSkipped) {
    const std::string film = test::content(YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv");
    const auto write = [&](const char* name, const std::string& bytes) {
        std::ofstream(folder.path() / "films" / name, std::ios::binary) << bytes;
    };
    fs::create_directory(folder.path() / "films");
    write("a_empty.mp4", "");
    write("b_noise.avi", std::string(1000, '\x5A'));
    write("c_head.mkv", film.substr(0, 300));
    write("d_cut.mkv", film.substr(0, film.size() * 9 / 10));
    write("e_good.mkv", film);
    write("f_text.webm", "no video");
    const test::Outcome outcome = yolo(predict("films") + "save=False save_json=True");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto is_of = [&](const char* name) {
        return std::ranges::count_if(lines(outcome), [&](const Line& line) { return line.path.ends_with(name); });
    };
    EXPECT_EQ(is_of("e_good.mkv"), 10);
    EXPECT_GT(is_of("d_cut.mkv"), 0);
    EXPECT_LT(is_of("d_cut.mkv"), 10);
    for (const char* const name : {"a_empty.mp4", "b_noise.avi", "c_head.mkv", "d_cut.mkv", "f_text.webm"}) {
        std::size_t said = 0;
        std::istringstream all(outcome.err);
        for (std::string line; std::getline(all, line);)
            said += line.find("WARNING") != std::string::npos && line.find(name) != std::string::npos ? 1 : 0;
        EXPECT_EQ(said, 1U) << name << "\n" << outcome.err;
    }
    EXPECT_EQ(outcome.err.find("e_good.mkv)"), std::string::npos) << outcome.err;
    expect_failure(predict("films/a_empty.mp4"), 1, "a_empty.mp4");
    expect_failure(predict("films/c_head.mkv"), 1, "c_head.mkv");
}

/// As Ultralytics 8.4.190: what a file is called decides what reads it, and a video reader reads an image as one
/// frame.
TEST_F(FieldVideos, VideosWithWrongSuffixesAreReadOrRefusedWithAReason) {
    fs::copy_file(kImage, folder.path() / "image.mp4");
    fs::copy_file(YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv", folder.path() / "film.jpg");
    fs::copy_file(YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv", folder.path() / "film.avi");
    const test::Outcome image = yolo(predict("image.mp4") + "save=False save_json=True");
    ASSERT_EQ(image.status, 0) << image.err;
    ASSERT_EQ(lines(image).size(), 1U);
    EXPECT_EQ(lines(image)[0].shape, (std::array<int, 2>{240, 320}));
    const test::Outcome container = yolo(predict("film.avi") + "save=False save_json=True");
    ASSERT_EQ(container.status, 0) << container.err;
    EXPECT_EQ(lines(container).size(), 10U);
    expect_failure(predict("film.jpg"), 1, "film.jpg");
}

}  // namespace
}  // namespace yolovino
