// Time of each stage around the network, for one picture of 640 x 480 and an output of 80 classes at 640 x 640.

#include <benchmark/benchmark.h>
#include <vector>

#include "tasks/detect.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace {

using namespace yolovino;

/// A picture with structure, so that its JPEG is of a usual size.
Image picture(int height, int width) {
    Image image(height, width);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < 3 * width; ++x) image.row(y)[x] = static_cast<std::uint8_t>((x * y) / 97 + (x ^ y));
    }
    return image;
}

void decode_jpeg(benchmark::State& state) {
    const auto encoded = vision::encode_jpeg(picture(480, 640));
    for (auto _ : state) benchmark::DoNotOptimize(vision::decode_image(encoded, "bench"));
}
BENCHMARK(decode_jpeg)->Unit(benchmark::kMicrosecond);

void letterbox(benchmark::State& state) {
    const Image image = picture(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
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

}  // namespace
