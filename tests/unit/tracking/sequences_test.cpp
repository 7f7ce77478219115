#include <gtest/gtest.h>

#include "unit/tracking/recorded.hpp"

namespace yolovino::tracking {
namespace {

using nlohmann::json;

constexpr double kBoxPx = 1e-3;  // of a track; measured: 1.6e-5
constexpr double kAngle = 1e-6;  // in radians

struct Counts {
    std::size_t frames = 0;
    std::size_t rows = 0;
    double box_px = 0;
};

FrameDetections frame_of(const std::vector<Detection>& found, const std::vector<Detection>& recovered,
                         const json& sequence, std::size_t frame, bool camera_motion) {
    FrameDetections out{.found = found, .recovered = recovered, .warp = {}};
    if (!camera_motion || !sequence.contains("warps")) return out;
    Warp warp;
    std::ranges::copy(sequence["warps"][frame].get<std::vector<double>>(), warp.m.begin());
    out.warp = warp;
    return out;
}

void expect_row(const TrackedObject& got, const json& wanted, bool rotated, const std::string& where, Counts& counts) {
    const std::size_t numbers = rotated ? 5 : 4;
    for (std::size_t i = 0; i < 4; ++i) {
        const double difference = std::abs(static_cast<double>(got.box[i]) - wanted.at(i).get<double>());
        EXPECT_LE(difference, kBoxPx) << where;
        counts.box_px = std::max(counts.box_px, difference);
    }
    if (rotated) {
        EXPECT_NEAR(got.angle, wanted.at(4).get<double>(), kAngle) << where;
    }
    EXPECT_EQ(got.id, wanted.at(numbers).get<double>()) << where;
    EXPECT_EQ(got.conf, wanted.at(numbers + 1).get<float>()) << where;
    EXPECT_EQ(got.cls, wanted.at(numbers + 2).get<double>()) << where;
    EXPECT_EQ(got.index, wanted.at(numbers + 3).get<double>()) << where;
}

void track(const json& sequence, const std::string& variant, const json& wanted, Counts& counts) {
    const bool rotated = sequence.value("obb", false);
    const Settings settings = test::settings_of(variant);
    const std::unique_ptr<Tracker> tracker = make_tracker(settings, rotated);
    // Twice: a tracker that was reset begins anew.
    for (int run = 0; run < 2; ++run) {
        tracker->reset();
        for (std::size_t frame = 0; frame < wanted.size(); ++frame) {
            const std::string where = variant + ", frame " + std::to_string(frame);
            const auto found = test::detections_of(sequence["dets"][frame], rotated);
            const bool has_recovered = sequence.contains("dets_del") && settings.algorithm == Algorithm::TrackTrack;
            const auto recovered =
                has_recovered ? test::recovered_of(sequence["dets_del"][frame]) : std::vector<Detection>();
            const auto got = tracker->update(frame_of(found, recovered, sequence, frame, settings.camera_motion));
            ASSERT_EQ(got.size(), wanted[frame].size()) << where;
            for (std::size_t i = 0; i < got.size(); ++i) expect_row(got[i], wanted[frame][i], rotated, where, counts);
            counts.rows += run == 0 ? got.size() : 0;
        }
    }
    counts.frames += wanted.size();
}

TEST(Sequences, TracksOfFourteenTrackersAndSettingsAreThoseOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    Counts counts;
    for (const std::string& name : test::recorded_sequences()) {
        SCOPED_TRACE(name);
        const json sequence = test::read_recorded(name);
        for (const auto& [variant, wanted] : sequence["variants"].items()) track(sequence, variant, wanted, counts);
    }
    EXPECT_EQ(counts.frames, 4984U) << "the test did not look";
    EXPECT_EQ(counts.rows, 27'594U) << "the test did not look";
    RecordProperty("largest_difference_px", std::to_string(counts.box_px));
}

}  // namespace
}  // namespace yolovino::tracking
