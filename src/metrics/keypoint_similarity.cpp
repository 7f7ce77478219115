#include "metrics/keypoint_similarity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace yolovino::metrics {

std::span<const float> coco_sigmas() {
    static constexpr float kSigmas[] = {0.026F, 0.025F, 0.025F, 0.035F, 0.035F, 0.079F, 0.079F, 0.072F, 0.072F,
                                        0.062F, 0.062F, 0.107F, 0.107F, 0.087F, 0.087F, 0.089F, 0.089F};
    return kSigmas;
}

float keypoint_similarity(std::span<const float> truth, std::span<const float> detected, std::size_t stride,
                          std::span<const float> sigmas, float area) {
    constexpr float kEpsilon = 1e-7F;
    float sum = 0;
    float visible = 0;
    for (std::size_t k = 0; k < sigmas.size(); ++k) {
        if (truth[3 * k + 2] == 0) continue;
        const float dx = truth[3 * k] - detected[k * stride];
        const float dy = truth[3 * k + 1] - detected[k * stride + 1];
        const float width = 2 * sigmas[k];
        const float distance = (dx * dx + dy * dy) / (width * width * (area + kEpsilon) * 2);
        sum += std::exp(-distance);
        visible += 1;
    }
    return sum / (visible + kEpsilon);
}

double coco_keypoint_similarity(std::span<const double> truth, std::span<const double> detected,
                                std::span<const float> sigmas, const CocoTruth& object) {
    std::size_t visible = 0;
    for (std::size_t k = 0; k < sigmas.size(); ++k) visible += truth[3 * k + 2] > 0 ? 1 : 0;
    const CocoBox& box = object.box;
    const auto beyond = [](double value, double low, double high) {
        return std::max(0.0, low - value) + std::max(0.0, value - high);
    };
    double sum = 0;
    for (std::size_t k = 0; k < sigmas.size(); ++k) {
        if (visible > 0 && !(truth[3 * k + 2] > 0)) continue;
        const double x = detected[3 * k];
        const double y = detected[3 * k + 1];
        const double dx = visible > 0 ? x - truth[3 * k] : beyond(x, box.x - box.width, box.x + 2 * box.width);
        const double dy = visible > 0 ? y - truth[3 * k + 1] : beyond(y, box.y - box.height, box.y + 2 * box.height);
        // The sigmas are decimal numbers; as f32 they would change the last digits.
        const double width = 2 * static_cast<double>(std::round(sigmas[k] * 1e6)) / 1e6;
        const double area = object.area + std::numeric_limits<double>::epsilon();
        sum += std::exp(-(dx * dx + dy * dy) / (width * width) / area / 2);
    }
    return sum / static_cast<double>(visible > 0 ? visible : sigmas.size());
}

}  // namespace yolovino::metrics
