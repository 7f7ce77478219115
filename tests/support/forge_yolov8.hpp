#pragma once

#include <cstdint>
#include <filesystem>

namespace yolovino::test::forge {

/// Writes an untrained YOLOv8 detection checkpoint of a standard size, as Ultralytics' trainer lays it out: fp16, not
/// fused, 80 classes. The weights are pseudo-random, the same on every machine, and scaled so that the activations stay
/// of ordinary size in every layer: a mistake anywhere shows in the output. Ultralytics loads the file.
/// @param scale one of n, s, m, l, x
std::filesystem::path write_yolov8(const std::filesystem::path& file, char scale, std::uint32_t seed = 0);

}  // namespace yolovino::test::forge
