// Time of all metrics, matching included, for 5,000 images with 100 detections and 8 labels each, of 80 classes: the
// size of COCO's val2017.

#include <benchmark/benchmark.h>
#include <random>
#include <vector>

#include "metrics/accumulator.hpp"

namespace {

using namespace yolovino::metrics;

constexpr std::size_t kImages = 5000;
constexpr std::size_t kDetections = 100;
constexpr std::size_t kLabels = 8;
constexpr int kClasses = 80;

struct MeasuredImage {
    std::vector<Detection> detections;
    std::vector<Truth> truths;
    std::vector<CocoDetection> coco_detections;
    std::vector<CocoTruth> coco_truths;
};

std::vector<MeasuredImage> images() {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> unit(0, 1);
    std::vector<MeasuredImage> out(kImages);
    for (MeasuredImage& image : out) {
        for (std::size_t i = 0; i < kLabels; ++i) {
            const float x = 500 * unit(random);
            const float y = 500 * unit(random);
            const float side = 10 + 130 * unit(random);
            const int cls = static_cast<int>(unit(random) * 0.999F * kClasses);
            image.truths.push_back({{x, y, x + side, y + side}, cls});
            image.coco_truths.push_back({{x, y, side, side}, cls, static_cast<double>(side * side), false});
        }
        for (std::size_t i = 0; i < kDetections; ++i) {
            Truth near = image.truths[i % kLabels];
            const float shift = 30 * unit(random);
            near.box.x1 += shift;
            near.box.x2 += shift;
            const float conf = 1 - static_cast<float>(i) / kDetections * (0.5F + unit(random) / 100);
            image.detections.push_back({near.box, conf, near.cls});
            image.coco_detections.push_back(
                {{near.box.x1, near.box.y1, near.box.x2 - near.box.x1, near.box.y2 - near.box.y1}, near.cls, conf});
        }
    }
    return out;
}

void metrics_of_coco_val(benchmark::State& state) {
    const std::vector<MeasuredImage> data = images();
    for (auto _ : state) {
        Accumulator accumulator(kClasses);
        for (std::size_t i = 0; i < data.size(); ++i) {
            ImageRecord record;
            record.index = static_cast<std::uint32_t>(i);
            const auto matched = match(data[i].detections, data[i].truths);
            for (std::size_t d = 0; d < matched.size(); ++d)
                record.scored.detections.push_back({data[i].detections[d].conf, data[i].detections[d].cls, matched[d]});
            for (const Truth& truth : data[i].truths) record.scored.truths.push_back(truth.cls);
            accumulator.confusion().add(data[i].detections, data[i].truths, 0.25F);
            record.coco = match_coco(data[i].coco_detections, data[i].coco_truths);
            accumulator.add(std::move(record));
        }
        benchmark::DoNotOptimize(accumulator.score(Protocol::Ultralytics));
        benchmark::DoNotOptimize(accumulator.coco());
    }
}
BENCHMARK(metrics_of_coco_val)->Unit(benchmark::kMillisecond);

}  // namespace
