// `yolo track` against what Ultralytics 8.4.190 printed and wrote, through the real command.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
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

constexpr double kNumber = 1e-5;  // of a label file, as a share of the image or a score; measured: 2e-6

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
}

std::vector<double> numbers_of(const std::string& line) {
    std::vector<double> all;
    std::istringstream stream(line);
    for (double number = 0; stream >> number;) all.push_back(number);
    return all;
}

using Labels = std::map<std::string, std::vector<std::string>>;

/// Each file begins with a line `# name`.
Labels recorded_labels(const std::string& text) {
    Labels all;
    std::string file;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("# "))
            all[file = line.substr(2)];
        else
            all[file].push_back(line);
    }
    return all;
}

Labels written_labels(const fs::path& folder) {
    Labels all;
    for (const auto& entry : fs::directory_iterator(folder))
        all[entry.path().filename().string()] = lines_of(test::content(entry.path()));
    return all;
}

/// What lines say of the frames: `256x320 3 circles, 2 squares, `.
std::vector<std::string> found_of(const std::string& text) {
    const std::regex pattern(R"((image|video|\d+:).* (\d+x\d+ .*, )[0-9T.]+ms)");
    std::vector<std::string> all;
    for (const std::string& line : lines_of(text)) {
        std::smatch match;
        if (std::regex_match(line, match, pattern)) all.push_back(match[2]);
    }
    return all;
}

class Track : public test::Command {
protected:
    static fs::path tracks() { return test::shared_dir() / "golden" / "tracks"; }
    static std::string recorded(const std::string& name) { return test::content(tracks() / "cli" / name); }

    test::Outcome track(const std::string& arguments, const std::string& model = kSample) const {
        return yolo(
            fmt::format("track model='{}' device=cpu precision=f32 runtime=openvino performance=latency "
                        "project='{}' name=run {}",
                        model, folder.path().string(), arguments));
    }

    /// The ids, the classes, and the order are equal, and the numbers nearly.
    void expect_labels(const std::string& name) const {
        const Labels wanted = recorded_labels(recorded(name + ".labels.txt"));
        const Labels got = written_labels(folder.path() / "run" / "labels");
        ASSERT_EQ(got.size(), wanted.size());
        std::size_t lines = 0;
        for (const auto& [file, rows] : wanted) {
            ASSERT_TRUE(got.contains(file)) << file;
            ASSERT_EQ(got.at(file).size(), rows.size()) << file;
            for (std::size_t i = 0; i < rows.size(); ++i, ++lines) expect_line(got.at(file)[i], rows[i], file);
        }
        EXPECT_GT(lines, 5U) << "the test did not look";
    }

    static void expect_line(const std::string& got, const std::string& wanted, const std::string& file) {
        const std::vector<double> a = numbers_of(got);
        const std::vector<double> b = numbers_of(wanted);
        ASSERT_EQ(a.size(), b.size()) << file << ": " << got << " instead of " << wanted;
        EXPECT_EQ(a.front(), b.front()) << file << ": " << got << " instead of " << wanted;
        for (std::size_t i = 1; i < a.size(); ++i)
            EXPECT_NEAR(a[i], b[i], kNumber) << file << ": " << got << " instead of " << wanted;
    }

    void expect_same_run(const std::string& name, const test::Outcome& outcome) const {
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(found_of(outcome.out), found_of(recorded(name + ".log")));
        EXPECT_FALSE(found_of(outcome.out).empty()) << "the test did not look: " << outcome.out;
        expect_labels(name);
    }
};

TEST_F(Track, BotSortOnAPanningVideoGivesTheLabelsOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const std::string video = (tracks() / "c_pan.mkv").string();
    expect_same_run("vid", track("source='" + video + "' tracker=botsort.yaml save_txt save_conf"));
    EXPECT_TRUE(fs::exists(folder.path() / "run" / "c_pan.avi"));
}

TEST_F(Track, ByteTrackOnFadingShapesGivesTheLabelsOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const std::string video = (tracks() / "e_low.mkv").string();
    expect_same_run("low", track("source='" + video + "' tracker=bytetrack.yaml save_txt save=False"));
}

TEST_F(Track, TheDefaultTrackerGivesTheLabelsOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const std::string video = (tracks() / "e_low.mkv").string();
    expect_same_run("default", track("source='" + video + "' save_txt save=False"));
}

TEST_F(Track, EachImageOfAFolderBeginsAnew) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path images = folder.path() / "imgs";
    fs::create_directory(images);
    for (const int frame : {8, 16, 24, 39}) {
        ASSERT_TRUE(test::run_ffmpeg(folder.path(),
                                     fmt::format("-i '{}' -vf \"select='eq(n,{})'\" -frames:v 1 'imgs/f{:02}.png'",
                                                 (tracks() / "b_leave.mkv").string(), frame, frame)));
    }
    expect_same_run("imgs", track("source='" + images.string() + "' tracker=bytetrack.yaml save_txt"));
}

TEST_F(Track, StreamsHaveATrackerEach) {
    YOLOVINO_NEEDS_SHARED();
    std::ofstream(folder.path() / "two.streams") << (tracks() / "d_stream0.mkv").string() << '\n'
                                                 << (tracks() / "d_stream1.mkv").string() << '\n';
    expect_same_run("streams", track("source=two.streams stream_buffer tracker=bytetrack.yaml save_txt"));
}

TEST_F(Track, JsonHasTheIdsBehindTheBoxes) {
    YOLOVINO_NEEDS_SHARED();
    const std::string video = (tracks() / "a_cross.mkv").string();
    const test::Outcome outcome =
        track("source='" + video + "' tracker=bytetrack.yaml save=False save_json verbose=False");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::size_t seen = 0;
    for (const std::string& text : lines_of(outcome.out)) {
        const auto frame = nlohmann::ordered_json::parse(text);
        for (const auto& detection : frame.at("detections")) {
            std::vector<std::string> keys;
            for (const auto& [key, value] : detection.items()) keys.push_back(key);
            EXPECT_EQ(keys, (std::vector<std::string>{"name", "class", "confidence", "box", "track_id"}));
            EXPECT_GT(detection.at("track_id").get<int>(), 0);
            ++seen;
        }
    }
    EXPECT_EQ(seen, 487U) << "the test did not look";
}

TEST_F(Track, RefusalsSayWhyInOneLine) {
    const std::string image = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";
    const std::string start =
        "track model='" + kSample + "' source='" + image + "' device=cpu precision=f32 save=False ";
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder.path() / name) << text;
    };
    write("type.yaml", "tracker_type: foo\n");
    write("missing.yaml", "tracker_type: bytetrack\ntrack_high_thresh: 0.5\ntrack_low_thresh: 0.1\ntrack_buffer: 3\n");
    write(
        "reid.yaml",
        "tracker_type: tracktrack\ntrack_high_thresh: 0.5\ntrack_low_thresh: 0.1\ntrack_buffer: 3\nwith_reid: True\n");
    write("broken.yaml", "tracker_type: [\n");
    const std::vector<std::array<std::string, 3>> cases = {
        {"tracker=nope.yaml", "1", "the file does not exist (nope.yaml); give a YAML file, or one of tracktrack.yaml"},
        {"tracker=ocsort.yaml", "2", "tracker=ocsort.yaml is not supported; supported are tracktrack.yaml"},
        {"tracker=type.yaml", "2", "tracker_type is 'foo', supported are bytetrack, botsort, tracktrack"},
        {"tracker=missing.yaml", "2", "the key new_track_thresh is missing"},
        {"tracker=reid.yaml", "2", "with_reid: True is not supported"},
        {"tracker=broken.yaml", "1", "broken.yaml"},
        {"persist=True", "2", "'persist' is not a valid YOLO argument"},
        {"conf=2", "2", "'conf=2' is out of range"}};
    for (const auto& [arguments, status, text] : cases) {
        const test::Outcome outcome = yolo(start + arguments);
        EXPECT_EQ(std::to_string(outcome.status), status) << arguments << "\n" << outcome.err;
        EXPECT_NE(outcome.err.find(text), std::string::npos) << arguments << "\n" << outcome.err;
        EXPECT_EQ(lines_of(outcome.err).size(), 1U) << arguments << "\n" << outcome.err;
        EXPECT_FALSE(fs::exists(folder.path() / "runs")) << arguments;
    }
    expect_failure("track model='" YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes-cls.pt' source='" + image + "'", 2,
                   "the task 'classify' has no objects to track, wanted detect, segment, pose, obb");
    expect_failure("track model='" + kSample + "'", 2, "'source' argument is missing");
}

TEST_F(Track, RunsAreNamedAfterTheModeAndATaskOfThatNameIsUnderstood) {
    const std::string image = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";
    const std::string options = " model='" + kSample + "' source='" + image + "' device=cpu precision=f32 imgsz=64";
    const test::Outcome first = yolo("track" + options);
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_TRUE(fs::exists(folder.path() / "runs" / "detect" / "track" / "0004.jpg"));
    const test::Outcome second = yolo("task=track" + options);
    EXPECT_EQ(second.status, 0) << second.err;
    EXPECT_NE(second.err.find("'task=track' is a mode, not a task"), std::string::npos) << second.err;
    EXPECT_TRUE(fs::exists(folder.path() / "runs" / "detect" / "track-2" / "0004.jpg"));
}

TEST_F(Track, HelpNamesTheTrackerAndTheLowerThreshold) {
    const test::Outcome help = yolo("help track");
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.out.find("tracker=tracktrack.yaml"), std::string::npos) << help.out;
    EXPECT_NE(help.out.find("conf=0.1 "), std::string::npos) << help.out;
    EXPECT_NE(yolo("help").out.find("  track "), std::string::npos);
    EXPECT_EQ(yolo("help predict").out.find("tracker="), std::string::npos);
}

}  // namespace
}  // namespace yolovino
