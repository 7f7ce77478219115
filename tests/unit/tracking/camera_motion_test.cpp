#include "tracking/camera_motion.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "unit/tracking/recorded.hpp"
#include "vision/media.hpp"

namespace yolovino::tracking {
namespace {

using nlohmann::json;

// Measured with OpenCV 4.6.0 against the recording with 5.0.0: 6e-8 and 7e-6 px.
constexpr double kTurn = 1e-6;
constexpr double kMovePx = 1e-4;

std::vector<Image> frames_of(const std::string& video) {
    const auto reader = vision::media().open_video((test::tracks_dir() / video).string());
    std::vector<Image> frames;
    while (reader->grab()) frames.push_back(reader->retrieve().value());
    return frames;
}

void expect_warp(const Warp& got, const json& wanted, const std::string& where) {
    for (std::size_t i = 0; i < got.m.size(); ++i) {
        const bool is_move = i == 2 || i == 5;
        EXPECT_NEAR(got.m[i], wanted.at(i).get<double>(), is_move ? kMovePx : kTurn) << where;
    }
}

TEST(CameraMotion, WarpsOfVideosAreThoseOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    std::vector<std::string> names = test::recorded_sequences();
    names.emplace_back("gmc_rich.json");
    std::size_t seen = 0;
    const auto motion = make_camera_motion();
    for (const std::string& name : names) {
        const json sequence = test::read_recorded(name);
        if (!sequence.contains("warps")) continue;
        motion->reset();
        const std::vector<Image> frames = frames_of(sequence["video"].get<std::string>());
        ASSERT_EQ(frames.size(), sequence["warps"].size()) << name;
        for (std::size_t i = 0; i < frames.size(); ++i, ++seen) {
            const CameraMotion::Estimate estimate = motion->update(frames[i].view());
            expect_warp(estimate.warp, sequence["warps"][i], name + ", frame " + std::to_string(i));
        }
    }
    EXPECT_GT(seen, 400U) << "the test did not look";
}

bool is_identity(const Warp& warp) {
    return warp.m == Warp().m;
}

TEST(CameraMotion, WhatCannotBeComparedIsAsIfTheCameraStoodStill) {
    const auto motion = make_camera_motion();
    Image flat(64, 64);
    std::fill_n(flat.data(), flat.size_bytes(), std::uint8_t{128});
    for (int i = 0; i < 3; ++i) {
        const CameraMotion::Estimate estimate = motion->update(flat.view());
        EXPECT_TRUE(is_identity(estimate.warp)) << i;
        EXPECT_EQ(estimate.problem, "") << i;
    }
    // Half of a pixel is none.
    const CameraMotion::Estimate tiny = motion->update(Image(1, 1).view());
    EXPECT_TRUE(is_identity(tiny.warp));
    EXPECT_NE(tiny.problem, "");
    // A frame of another size than the one before
    Image noise(96, 128);
    for (std::size_t i = 0; i < noise.size_bytes(); ++i) noise.data()[i] = static_cast<std::uint8_t>(i * i * 31 >> 4U);
    motion->update(noise.view());
    EXPECT_TRUE(is_identity(motion->update(Image(200, 40).view()).warp));
}

}  // namespace
}  // namespace yolovino::tracking
