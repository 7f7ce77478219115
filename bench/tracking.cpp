// Time of one frame of 100 objects that move, on one thread, and of the movement of a camera in 1920 x 1080.

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tracking/camera_motion.hpp"
#include "tracking/make_tracker.hpp"

namespace {

using namespace yolovino::tracking;

constexpr int kObjects = 100;
constexpr int kFrames = 300;

/// Objects of a street in 1920 x 1080 that walk, with noise in place, size, and score; some are missed.
std::vector<std::vector<Detection>> frames() {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> unit(0, 1);
    std::normal_distribution<float> noise(0, 1);
    struct Walker {
        float x, y, height, dx, dy;
    };
    std::vector<Walker> walkers;
    for (int i = 0; i < kObjects; ++i) {
        walkers.push_back({1920 * unit(random), 1080 * unit(random), 60 + 120 * unit(random), 6 * unit(random) - 3,
                           4 * unit(random) - 2});
    }
    std::vector<std::vector<Detection>> out(kFrames);
    for (std::vector<Detection>& found : out) {
        for (Walker& each : walkers) {
            each.x = std::fmod(each.x + each.dx + 1920, 1920.0F);
            each.y = std::fmod(each.y + each.dy + 1080, 1080.0F);
            if (unit(random) < 0.02F) continue;
            found.push_back({.cx = each.x + noise(random),
                             .cy = each.y + noise(random),
                             .width = each.height * 0.4F + noise(random),
                             .height = each.height + noise(random),
                             .conf = unit(random) < 0.1F ? 0.3F : 0.7F + 0.25F * unit(random),
                             .index = static_cast<int>(found.size())});
        }
    }
    return out;
}

void track_100_objects(benchmark::State& state, const std::string& name) {
    const std::vector<std::vector<Detection>> data = frames();
    Settings settings = read_settings(name);
    settings.camera_motion = false;
    const auto tracker = make_tracker(settings, false);
    std::size_t frame = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(tracker->update({.found = data[frame]}));
        if (++frame < data.size()) continue;
        frame = 0;
        tracker->reset();
    }
}
BENCHMARK_CAPTURE(track_100_objects, bytetrack, "bytetrack.yaml")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(track_100_objects, botsort, "botsort.yaml")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(track_100_objects, tracktrack, "tracktrack.yaml")->Unit(benchmark::kMicrosecond);

/// Blocks of gray at random, seen from a place that moves; race_track.py makes the same.
yolovino::Image seen_from(int left, int top) {
    yolovino::Image image(1080, 1920);
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const unsigned block = static_cast<unsigned>((x + left) / 24) * 2654435761U ^
                                   static_cast<unsigned>((y + top) / 24) * 2246822519U;
            std::fill_n(image.row(y) + 3 * x, 3, static_cast<std::uint8_t>(block >> 13U));
        }
    }
    return image;
}

/// 40 objects that stand still while the camera moves.
void botsort_1080p(benchmark::State& state) {
    constexpr int kImages = 8;
    constexpr int kStill = 40;
    std::vector<yolovino::Image> images;
    for (int i = 0; i < kImages; ++i) images.push_back(seen_from(7 * i, 4 * i));
    const auto motion = make_camera_motion();
    const auto tracker = make_tracker(read_settings("botsort.yaml"), false);
    int frame = 0;
    for (auto _ : state) {
        const int i = frame++ % kImages;
        std::vector<Detection> found;
        for (int k = 0; k < kStill; ++k) {
            found.push_back({.cx = static_cast<float>(130 + 220 * (k % 8) - 7 * i),
                             .cy = static_cast<float>(160 + 190 * (k / 8) - 4 * i),
                             .width = 60,
                             .height = 120,
                             .conf = 0.8F,
                             .index = k});
        }
        const CameraMotion::Estimate estimate = motion->update(images[static_cast<std::size_t>(i)].view());
        benchmark::DoNotOptimize(tracker->update({.found = found, .recovered = {}, .warp = estimate.warp}));
    }
}
BENCHMARK(botsort_1080p)->Unit(benchmark::kMillisecond);

}  // namespace
