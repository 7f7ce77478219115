#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/session.hpp"
#include "support/npy.hpp"

namespace yolovino::test {

inline std::vector<float> as_tensor(const NpyArray<std::uint8_t>& pixels) {
    // [H, W, 3] u8 RGB → [3, H, W] f32, 0 to 1
    const std::size_t plane = pixels.shape[0] * pixels.shape[1];
    std::vector<float> tensor(3 * plane);
    for (std::size_t i = 0; i < plane; ++i) {
        for (std::size_t c = 0; c < 3; ++c)
            tensor[c * plane + i] = static_cast<float>(pixels.values[3 * i + c]) / 255.0F;
    }
    return tensor;
}

struct Drift {
    double box_px = 0;
    double score = 0;
};

/// Of one image `[1, 4 + classes, anchors]`.
inline Drift drift(std::span<const float> data, std::size_t anchors, const NpyArray<float>& golden) {
    Drift drift;
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
        const double difference = std::abs(static_cast<double>(data[i]) - static_cast<double>(golden.values[i]));
        double& worst = i / anchors < 4 ? drift.box_px : drift.score;
        worst = std::max(worst, difference);
    }
    return drift;
}

/// What a network on the CPU in f32 answers to golden pixels; memory stays with the network.
struct Run {
    std::vector<float> data;
    std::vector<std::size_t> shape;

    Run(runtime::LoadedNetwork& network, const NpyArray<std::uint8_t>& pixels) {
        const auto compiled = network.compile({.device = "CPU", .precision = Precision::F32, .cache_dir = {}}, {0, {}});
        const auto session = compiled->new_session();
        const std::vector<float> tensor = as_tensor(pixels);
        const auto input =
            session->input({1, {static_cast<int>(pixels.shape.at(0)), static_cast<int>(pixels.shape.at(1))}});
        std::copy(tensor.begin(), tensor.end(), input.begin());
        const tensors::OutputTensor& output = session->infer().first();
        data.assign(output.data.begin(), output.data.end());
        shape.assign(output.shape.begin(), output.shape.end());
    }
    Drift drift_from(const NpyArray<float>& golden) const { return drift(data, shape.at(2), golden); }
};

}  // namespace yolovino::test
