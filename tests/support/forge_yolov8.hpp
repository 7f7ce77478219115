#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace yolovino::test::forge {

struct Yolov8 {
    char scale = 'n';  ///< one of n, s, m, l, x
    std::string task = "detect";
    int classes = 80;
    std::uint32_t seed = 0;
};

/// Writes an untrained YOLOv8 checkpoint of a standard size, as Ultralytics' trainer lays it out: fp16, not fused. The
/// weights are pseudo-random, the same on every machine, and scaled so that the activations stay of ordinary size in
/// every layer: a mistake anywhere shows in the output. Ultralytics loads the file.
std::filesystem::path write_yolov8(const std::filesystem::path& file, const Yolov8& network);

}  // namespace yolovino::test::forge
