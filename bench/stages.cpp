// Time of each stage around the network, for one image of 640 x 480 and an output of 80 classes at 640 x 640.

#include <array>
#include <benchmark/benchmark.h>
#include <fstream>
#include <malloc.h>
#include <random>
#include <string>
#include <vector>

#include "tasks/detect/decode.hpp"
#include "tasks/obb/decode.hpp"
#include "tasks/segment/decode.hpp"
#include "tasks/segment/mask_grid.hpp"
#include "tensors/outputs.hpp"
#include "vision/classify_crop.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"
#include "vision/letterbox.hpp"

namespace {

using namespace yolovino;

/// An image with structure, so that its JPEG is of a usual size.
Image test_image(int height, int width) {
    Image image(height, width);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < 3 * width; ++x) image.row(y)[x] = static_cast<std::uint8_t>((x * y) / 97 + (x ^ y));
    }
    return image;
}

void decode_jpeg(benchmark::State& state) {
    const auto encoded = vision::encode_jpeg(test_image(480, 640));
    for (auto _ : state) benchmark::DoNotOptimize(vision::decode_image(encoded, "bench"));
}
BENCHMARK(decode_jpeg)->Unit(benchmark::kMicrosecond);

void letterbox(benchmark::State& state) {
    const Image image = test_image(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    const auto geometry = vision::LetterboxGeometry::fit(image.size(), {640, 640});
    std::vector<float> tensor(3 * 640 * 640);
    for (auto _ : state) {
        vision::letterbox_to_tensor(image, geometry, tensor);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(letterbox)->Args({480, 640})->Args({1080, 1920})->Unit(benchmark::kMicrosecond);

void detect(benchmark::State& state) {
    constexpr std::size_t kRows = 84;
    constexpr std::size_t kAnchors = 8400;
    std::vector<float> raw(kRows * kAnchors, 0.01F);
    for (std::size_t i = 0; i < 100; ++i) {
        const std::size_t anchor = 80 * i;
        for (std::size_t k = 0; k < 4; ++k) raw[k * kAnchors + anchor] = static_cast<float>(50 + 5 * i);
        raw[(4 + i % 80) * kAnchors + anchor] = 0.9F;
    }
    const auto geometry = vision::LetterboxGeometry::fit({480, 640}, {640, 640});
    for (auto _ : state) benchmark::DoNotOptimize(tasks::detect(raw, kRows, kAnchors, {}, geometry));
}
BENCHMARK(detect)->Unit(benchmark::kMicrosecond);

/// A line of /proc/self/status in kB; -1 where the kernel does not have it.
double status_kb(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key)) return std::stod(line.substr(key.size()));
    }
    return -1;
}

/// How much memory more than before is resident at the peak of `work`.
template <typename Work>
double peak_kb(const Work& work) {
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
    const double before = status_kb("VmRSS:");
    work();
    return status_kb("VmHWM:") - before;
}

/// 100 instances of 100 x 100 pixels on a 640 network with 80 classes, in an image of 1920 x 1080.
void masks(benchmark::State& state) {
    constexpr std::int64_t kMasks = 32;
    constexpr std::int64_t kRows = 84 + kMasks;
    constexpr std::int64_t kAnchors = 8400;
    std::vector<float> rows(kRows * kAnchors, 0.01F);
    const auto at = [&](std::size_t row, std::size_t anchor) -> float& { return rows[row * kAnchors + anchor]; };
    for (std::size_t i = 0; i < 100; ++i) {
        const std::size_t anchor = 80 * i;
        at(0, anchor) = static_cast<float>(55 + 58 * (i % 10));
        at(1, anchor) = static_cast<float>(200 + 26 * (i / 10));
        at(2, anchor) = at(3, anchor) = 100;
        at(4 + i % 80, anchor) = 0.9F;
        for (std::size_t k = 0; k < kMasks; ++k) at(84 + k, anchor) = static_cast<float>((i * 7 + k * 13) % 9) - 4.0F;
    }
    std::vector<float> prototypes(kMasks * 160 * 160);
    for (std::size_t i = 0; i < prototypes.size(); ++i) prototypes[i] = static_cast<float>(i % 97) / 97.0F;
    const tensors::Outputs outputs{
        {{"output0", {1, kRows, kAnchors}, rows}, {"output1", {1, kMasks, 160, 160}, prototypes}}};
    const auto geometry = vision::LetterboxGeometry::fit({1080, 1920}, {640, 640});
    const tasks::ModelSegments found = tasks::segment_in_model(outputs, 0, {});
    for (auto _ : state) {
        const auto grid = state.range(0) == 0 ? tasks::MaskGrid::at_input(found.prototypes, geometry)
                                              : tasks::MaskGrid::at_image(found.prototypes, geometry);
        for (std::size_t i = 0; i < found.detections.size(); ++i)
            benchmark::DoNotOptimize(grid.mask(found.coefficients_of(i), found.detections[i].box));
    }
    const double peak = peak_kb([&] {
        const auto grid = state.range(0) == 0 ? tasks::MaskGrid::at_input(found.prototypes, geometry)
                                              : tasks::MaskGrid::at_image(found.prototypes, geometry);
        std::vector<decltype(grid.mask({}, {}))> kept;
        for (std::size_t i = 0; i < found.detections.size(); ++i)
            kept.push_back(grid.mask(found.coefficients_of(i), found.detections[i].box));
        benchmark::DoNotOptimize(kept);
    });
    state.counters["peak_bytes"] = {1024 * peak, benchmark::Counter::kDefaults, benchmark::Counter::kIs1024};
    state.counters["instances"] = static_cast<double>(found.detections.size());
}
BENCHMARK(masks)->ArgName("retina")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// 1,000 candidates of 15 classes in clusters, or of one class spread over the image, so that most are kept.
void suppress_rotated(benchmark::State& state) {
    const bool one_class = state.range(0) != 0;
    constexpr std::size_t kClasses = 15;
    constexpr std::size_t kRows = 4 + kClasses + 1;
    constexpr std::size_t kAnchors = 21504;  // 1024 x 1024
    std::mt19937 random(1);
    std::uniform_real_distribution<float> unit(0, 1);
    std::vector<float> raw(kRows * kAnchors, 0.01F);
    std::array<float, 4> place{};
    for (std::size_t i = 0; i < 1000; ++i) {
        const std::size_t anchor = 21 * i;
        if (one_class || i % 10 == 0)
            place = {1024 * unit(random), 1024 * unit(random), 3 * unit(random), unit(random)};
        const auto set = [&](std::size_t row, float value) { raw[row * kAnchors + anchor] = value; };
        set(0, place[0] + 4 * unit(random));
        set(1, place[1] + 4 * unit(random));
        set(2, 20 + 60 * place[3]);
        set(3, 15 + 20 * place[3]);
        set(4 + (one_class ? 0 : i / 10 % kClasses), 0.3F + 0.6F * unit(random));
        set(kRows - 1, place[2]);
    }
    tasks::DecodeArgs args;
    args.max_det = 1000;
    for (auto _ : state) benchmark::DoNotOptimize(tasks::detect_rotated_in_model(raw, kRows, kAnchors, args));
}
BENCHMARK(suppress_rotated)->ArgName("one_class")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void classify_crop(benchmark::State& state) {
    const Image image = test_image(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    std::vector<float> tensor(3 * 224 * 224);
    for (auto _ : state) {
        vision::classify_crop_to_tensor(image, {224, 224}, tensor);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(classify_crop)->Args({480, 640})->Args({1080, 1920})->Unit(benchmark::kMicrosecond);

}  // namespace
