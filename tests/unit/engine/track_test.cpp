#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "yolovino/error.hpp"
#include "yolovino/tracker.hpp"

#include "support/samples.hpp"
#include "support/shared_runs.hpp"
#include "support/tolerances.hpp"
#include "tasks/lookup.hpp"
#include "vision/media.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kSamples = YOLOVINO_SOURCE_DIR "/assets/sample/";
const std::string kRecorded = YOLOVINO_SOURCE_DIR "/tests/golden/tracks/tasks.json";
constexpr double kNumber = 2e-5;  // of a label line, as a share of the image, or a score; measured: 3e-6

TrackArgs on_openvino_cpu_f32(const std::string& tracker) {
    TrackArgs args;
    args.predict.runtime = {
        .kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32, .performance = Performance::Latency};
    args.predict.verbose = false;
    args.tracker = tracker;
    return args;
}

std::string recorded_video(const std::string& name) {
    return (test::shared_dir() / "golden" / "tracks" / name).string();
}

/// Rows of corners, id where there is one, score, and class.
void expect_rows(const Results& got, const json& wanted, const std::string& where) {
    const json& rows = wanted["rows"];
    EXPECT_EQ(got.is_track(), wanted["track"].get<bool>()) << where;
    ASSERT_EQ(got.boxes.size(), rows.size()) << where;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Box& box = got.boxes[i];
        const std::size_t size = rows[i].size();
        const float corners[] = {box.x1, box.y1, box.x2, box.y2};
        for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(corners[k], rows[i][k].get<double>(), test::kBoxPx) << where;
        EXPECT_NEAR(box.conf, rows[i][size - 2].get<double>(), test::kConf) << where;
        EXPECT_EQ(box.cls, rows[i][size - 1].get<double>()) << where;
        EXPECT_EQ(box.id.has_value(), size == 7) << where;
        if (box.id && size == 7) {
            EXPECT_EQ(*box.id, rows[i][4].get<double>()) << where;
        }
    }
}

TEST(Track, ResultsOfVideosAreThoseOfUltralyticsWithOpenVinoOnTheCpu) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::kSample);
    std::size_t frames = 0;
    std::size_t without = 0;
    for (const char* name : {"c_pan.json", "e_low.json", "norow.json"}) {
        const json sequence = test::read_shared_json(fs::path("golden") / "tracks" / name);
        for (const auto& [variant, wanted] : sequence["results"].items()) {
            const bool is_file = variant.find('_') != std::string::npos;
            const std::string tracker = is_file ? recorded_video(variant + ".yaml") : variant + ".yaml";
            std::size_t frame = 0;
            for (const Results& got : model.track(recorded_video(sequence["video"]), on_openvino_cpu_f32(tracker))) {
                ASSERT_LT(frame, wanted.size());
                expect_rows(got, wanted[frame], fmt::format("{} {} frame {}", name, variant, frame));
                without += got.is_track() ? 0 : 1;
                ++frame;
            }
            EXPECT_EQ(frame, wanted.size()) << name << " " << variant;
            frames += frame;
        }
    }
    EXPECT_GT(frames, 400U) << "the test did not look";
    EXPECT_EQ(without, 3U) << "no frame without tracks was looked at";
}

std::vector<double> numbers_of(const std::string& line) {
    std::vector<double> all;
    std::istringstream stream(line);
    for (double number = 0; stream >> number;) all.push_back(number);
    return all;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
}

void expect_lines(const Results& got, const json& wanted, const std::string& where) {
    EXPECT_EQ(got.is_track(), wanted["track"].get<bool>()) << where;
    const std::vector<std::string> lines = lines_of(tasks::task_named(got.task).label_lines(got, true));
    ASSERT_EQ(lines.size(), wanted["labels"].size()) << where;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::vector<double> a = numbers_of(lines[i]);
        const std::vector<double> b = numbers_of(wanted["labels"][i].get<std::string>());
        ASSERT_EQ(a.size(), b.size()) << where;
        for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], kNumber) << where << ", line " << i;
    }
    const auto objects = nlohmann::ordered_json::parse(got.to_json())["detections"];
    std::vector<std::string> keys;
    if (!objects.empty()) {
        for (const auto& [key, value] : objects[0].items()) keys.push_back(key);
    }
    EXPECT_EQ(json(keys), wanted["keys"]) << where;
}

TEST(Track, MasksKeypointsAndRotatedBoxesFollowTheirTracksWithOpenVinoOnTheCpu) {
    YOLOVINO_NEEDS_SHARED();
    std::ifstream in(kRecorded);
    const json recorded = json::parse(in);
    std::size_t frames = 0;
    for (const json& run : recorded["runs"]) {
        const Model model(kSamples + run["model"].get<std::string>());
        std::size_t frame = 0;
        auto tracked = model.track(recorded_video(recorded["video"]), on_openvino_cpu_f32(run["tracker"]));
        for (const Results& got : tracked) {
            if (frame == run["frames"].size()) break;
            expect_lines(got, run["frames"][frame], fmt::format("{} {} frame {}", model.task(), run["tracker"], frame));
            ++frame;
        }
        frames += frame;
    }
    EXPECT_EQ(frames, 48U) << "the test did not look";
}

std::vector<Image> frames_of(const std::string& video) {
    const auto reader = vision::media().open_video(video);
    std::vector<Image> frames;
    while (reader->grab()) frames.push_back(reader->retrieve().value());
    return frames;
}

std::vector<std::string> labels_of(const Results& results) {
    return lines_of(tasks::task_named(results.task).label_lines(results, true));
}

int highest_id(const Results& results) {
    int highest = 0;
    for (const Box& box : results.boxes) highest = std::max(highest, box.id.value_or(0));
    return highest;
}

TEST(Track, ATrackerGoesOnFromFrameToFrameUntilItIsReset) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::kSample);
    const std::string video = recorded_video("a_cross.mkv");
    const TrackArgs args = on_openvino_cpu_f32("botsort.yaml");
    const std::vector<Image> frames = frames_of(video);
    std::vector<Results> wanted = model.track(video, args).all();
    ASSERT_EQ(frames.size(), wanted.size());
    Tracker tracker = model.tracker(args);
    for (int run = 0; run < 2; ++run) {
        for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(labels_of(tracker(frames[i].view())), labels_of(wanted[i])) << i;
        tracker.reset();
    }
    // A source goes on, too: its objects are not new.
    for (std::size_t i = 0; i < 30; ++i) tracker(frames[i].view());
    const std::vector<Results> again = tracker.stream(video).all();
    EXPECT_GT(highest_id(again.back()), highest_id(wanted.back()));
}

TEST(Track, BatchesAndWorkersGiveTheSameIds) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::kSample);
    const std::string video = recorded_video("f_many.mkv");
    TrackArgs args = on_openvino_cpu_f32("tracktrack.yaml");
    const std::vector<Results> wanted = model.track(video, args).all();
    for (const Performance performance : {Performance::Latency, Performance::Throughput}) {
        args.predict.batch = 3;
        args.predict.runtime.performance = performance;
        const std::vector<Results> got = model.track(video, args).all();
        ASSERT_EQ(got.size(), wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            ASSERT_EQ(got[i].boxes.size(), wanted[i].boxes.size()) << i;
            for (std::size_t k = 0; k < got[i].boxes.size(); ++k) EXPECT_EQ(got[i].boxes[k].id, wanted[i].boxes[k].id);
        }
    }
}

/// What Ultralytics 8.4.190 gives for the fourth frame of c_pan.mkv with `tracker=bytetrack.yaml imgsz=160`.
TEST(Track, FollowsTheBranchThatNmsChoosesWithOpenVinoOnTheCpu) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::shared_dir() / "golden/tasks/26det.pt");
    const Image frame = frames_of(recorded_video("c_pan.mkv")).at(3);
    const auto first_box = [&](std::optional<bool> nms) {
        TrackArgs args = on_openvino_cpu_f32("bytetrack.yaml");
        args.predict.imgsz = ImageSize{160, 160};
        args.predict.nms = nms;
        const Results results = model.tracker(args)(frame.view());
        EXPECT_EQ(results.boxes.size(), 2U);
        EXPECT_FALSE(results.is_track()) << "the scores are below the higher threshold";
        return results.boxes.at(0);
    };
    const Box one_to_one = first_box(false);
    EXPECT_NEAR(one_to_one.x1, 119.21, 0.08);
    EXPECT_NEAR(one_to_one.conf, 0.1641, 1e-4);
    const Box one_to_many = first_box(std::nullopt);
    EXPECT_NEAR(one_to_many.x1, 79.32, 0.08);
    EXPECT_NEAR(one_to_many.conf, 0.2134, 1e-4);
}

TEST(Track, TasksWithoutObjectsAndWrongOptionsAreRefused) {
    const auto refuses = [](const std::string& model, const TrackArgs& args) {
        try {
            static_cast<void>(Model(kSamples + model).tracker(args));
        } catch (const Error& error) {
            return error.code() == ErrorCode::InvalidArgument;
        }
        return false;
    };
    EXPECT_TRUE(refuses("yolov8-shapes-cls.pt", on_openvino_cpu_f32("bytetrack.yaml")));
    EXPECT_TRUE(refuses("yolov8-shapes.pt", on_openvino_cpu_f32("fasttrack.yaml")));
    TrackArgs args = on_openvino_cpu_f32("bytetrack.yaml");
    args.predict.conf = 1.5;
    EXPECT_TRUE(refuses("yolov8-shapes.pt", args));
    args.predict.conf = 0.1;
    args.predict.classes = std::vector<int>{99};
    EXPECT_TRUE(refuses("yolov8-shapes.pt", args));
    EXPECT_EQ(TrackArgs().predict.conf, 0.1);
    EXPECT_EQ(TrackArgs().tracker, "tracktrack.yaml");
}

}  // namespace
}  // namespace yolovino
