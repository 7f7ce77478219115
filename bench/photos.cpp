// CPU time of the work around the network for real photos, beside the same made of OpenCV's functions one by one.
// The photos are the JPEG files of the folder in YOLOVINO_PHOTOS; times are means over all of them.

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "tasks/detect/decode.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace {

using namespace yolovino;

constexpr ImageSize kCanvas = {640, 640};
constexpr std::size_t kRows = 84;
constexpr std::size_t kAnchors = 8400;
constexpr int kDetections = 50;

struct Photo {
    std::vector<std::byte> encoded;
    Image image;
};

const std::vector<Photo>& photos() {
    static const std::vector<Photo> kPhotos = [] {
        std::vector<Photo> all;
        const char* folder = std::getenv("YOLOVINO_PHOTOS");
        if (folder == nullptr) return all;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.path().extension() != ".jpg") continue;
            std::ifstream stream(entry.path(), std::ios::binary);
            const std::vector<char> bytes((std::istreambuf_iterator<char>(stream)), {});
            Photo photo;
            photo.encoded.resize(bytes.size());
            std::transform(bytes.begin(), bytes.end(), photo.encoded.begin(),
                           [](char c) { return static_cast<std::byte>(c); });
            photo.image = vision::decode_image(photo.encoded, entry.path().string());
            all.push_back(std::move(photo));
        }
        return all;
    }();
    return kPhotos;
}

/// Each iteration is one photo.
template <typename Body>
void over_photos(benchmark::State& state, Body&& body) {
    if (photos().empty()) return state.SkipWithError("set YOLOVINO_PHOTOS to a folder of JPEG files");
    std::size_t next = 0;
    for (auto _ : state) {
        body(photos()[next]);
        next = (next + 1) % photos().size();
    }
}

void photo_decode(benchmark::State& state) {
    over_photos(state,
                [](const Photo& photo) { benchmark::DoNotOptimize(vision::decode_image(photo.encoded, "photo")); });
}

void photo_decode_opencv(benchmark::State& state) {
    over_photos(state, [](const Photo& photo) {
        const cv::Mat bytes(1, static_cast<int>(photo.encoded.size()), CV_8U,
                            const_cast<std::byte*>(photo.encoded.data()));
        benchmark::DoNotOptimize(cv::imdecode(bytes, cv::IMREAD_COLOR));
    });
}

void photo_letterbox(benchmark::State& state) {
    std::vector<float> tensor(3UL * kCanvas.height * kCanvas.width);
    over_photos(state, [&](const Photo& photo) {
        const auto geometry = vision::LetterboxGeometry::fit(photo.image.size(), kCanvas);
        vision::letterbox_to_tensor(photo.image, geometry, tensor);
        benchmark::ClobberMemory();
    });
}

void photo_letterbox_opencv(benchmark::State& state) {
    cv::setNumThreads(1);
    std::vector<cv::Mat> planes;
    over_photos(state, [&](const Photo& photo) {
        const auto geometry = vision::LetterboxGeometry::fit(photo.image.size(), kCanvas);
        const cv::Mat image(photo.image.height(), photo.image.width(), CV_8UC3,
                            const_cast<std::uint8_t*>(photo.image.data()));
        cv::Mat resized;
        cv::Mat canvas;
        cv::Mat floats;
        cv::resize(image, resized, {geometry.resized.width, geometry.resized.height}, 0, 0, cv::INTER_LINEAR);
        cv::copyMakeBorder(resized, canvas, geometry.top_px, kCanvas.height - geometry.top_px - geometry.resized.height,
                           geometry.left_px, kCanvas.width - geometry.left_px - geometry.resized.width,
                           cv::BORDER_CONSTANT, cv::Scalar::all(vision::kPadValue));
        cv::cvtColor(canvas, canvas, cv::COLOR_BGR2RGB);
        canvas.convertTo(floats, CV_32F, 1.0 / 255);
        cv::split(floats, planes);
        benchmark::ClobberMemory();
    });
}

/// The answer of a network that has found so many things.
const std::vector<float>& answer() {
    static const std::vector<float> kAnswer = [] {
        std::vector<float> raw(kRows * kAnchors, 0.01F);
        for (std::size_t i = 0; i < kDetections; ++i) {
            const std::size_t anchor = 160 * i;
            for (std::size_t k = 0; k < 4; ++k) raw[k * kAnchors + anchor] = static_cast<float>(50 + 10 * i);
            raw[(4 + i % 80) * kAnchors + anchor] = 0.9F;
        }
        return raw;
    }();
    return kAnswer;
}

void photo_detect(benchmark::State& state) {
    const auto geometry = vision::LetterboxGeometry::fit({480, 640}, kCanvas);
    for (auto _ : state) benchmark::DoNotOptimize(tasks::detect(answer(), kRows, kAnchors, {}, geometry));
}

/// Candidates by cv::minMaxLoc, anchor by anchor, as samples for OpenCV do it; without suppression.
void photo_detect_opencv(benchmark::State& state) {
    const cv::Mat raw(static_cast<int>(kRows), static_cast<int>(kAnchors), CV_32F, const_cast<float*>(answer().data()));
    for (auto _ : state) {
        const cv::Mat anchors = raw.t();
        std::vector<cv::Rect2f> boxes;
        for (int a = 0; a < anchors.rows; ++a) {
            double score = 0;
            cv::minMaxLoc(anchors.row(a).colRange(4, anchors.cols), nullptr, &score);
            const float* box = anchors.ptr<float>(a);
            if (score > 0.25) boxes.emplace_back(box[0] - box[2] / 2, box[1] - box[3] / 2, box[2], box[3]);
        }
        benchmark::DoNotOptimize(boxes.data());
    }
}

BENCHMARK(photo_decode)->Unit(benchmark::kMicrosecond);
BENCHMARK(photo_decode_opencv)->Unit(benchmark::kMicrosecond);
BENCHMARK(photo_letterbox)->Unit(benchmark::kMicrosecond);
BENCHMARK(photo_letterbox_opencv)->Unit(benchmark::kMicrosecond);
BENCHMARK(photo_detect)->Unit(benchmark::kMicrosecond);
BENCHMARK(photo_detect_opencv)->Unit(benchmark::kMicrosecond);

}  // namespace
