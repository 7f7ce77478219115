#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "yolovino/yolovino.hpp"

namespace yolovino::test {

inline const std::string kSample = YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes.pt";

/// A result with an image and two detections, made by hand.
inline Results a_result() {
    Results results;
    results.orig_img = Image(48, 64);
    std::fill_n(results.orig_img.data(), results.orig_img.size_bytes(), std::uint8_t{128});
    results.orig_shape = {48, 64};
    results.input_shape = {64, 64};
    results.path = "picture.jpg";
    results.names = std::make_shared<const ClassNames>(ClassNames{"circle", "square"});
    results.boxes = {{4, 4, 20, 20, 0.9F, 0}, {30, 10, 60, 40, 0.5F, 1}};
    return results;
}

inline BenchmarkReport a_report() {
    BenchmarkReport report;
    report.method = {"A machine.", "Versions."};
    report.data = "shapes.yaml";
    report.imgsz = {64, 64};
    report.rows = {BenchmarkRow("m.pt", "pytorch"), BenchmarkRow("m.pt", "onnx")};
    report.rows[0].status = BenchmarkStatus::Success;
    report.rows[0].map = report.rows[0].map_low = report.rows[0].map_high = 0.5;
    report.rows[1].reason = "it failed";
    return report;
}

}  // namespace yolovino::test
