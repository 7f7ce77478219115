#include "metrics/probiou.hpp"

#include <algorithm>
#include <cmath>

namespace yolovino::metrics {

namespace {

constexpr float kEpsilon = 1e-7F;
constexpr float kFarthest = 100;  // distances beyond it are taken for it

/// Not std::clamp, which may change NaN into a bound.
float clamped(float value, float low, float high) {
    if (std::isnan(value)) return value;
    return std::min(std::max(value, low), high);
}

float determinant(const Gaussian& box) {
    return clamped(box.xx * box.yy - box.xy * box.xy, 0, HUGE_VALF);
}

}  // namespace

Gaussian gaussian_of(const RotatedRect& box) {
    const float along = box.width * box.width / 12;
    const float across = box.height * box.height / 12;
    const float cosine = std::cos(box.angle);
    const float sine = std::sin(box.angle);
    const float cosine_squared = cosine * cosine;
    const float sine_squared = sine * sine;
    return {box.cx, box.cy, along * cosine_squared + across * sine_squared,
            along * sine_squared + across * cosine_squared, (along - across) * cosine * sine};
}

Gaussian gaussian_of(const RotatedBox& box) {
    return gaussian_of(RotatedRect{box.cx, box.cy, box.width, box.height, box.angle});
}

float probiou(const Gaussian& a, const Gaussian& b) {
    const float xx = a.xx + b.xx;
    const float yy = a.yy + b.yy;
    const float xy = a.xy + b.xy;
    const float dx = a.cx - b.cx;
    const float dy = a.cy - b.cy;
    const float joint = xx * yy - xy * xy;
    const float squares = (xx * (dy * dy) + yy * (dx * dx)) / (joint + kEpsilon) * 0.25F;
    const float mixed = xy * -dx * dy / (joint + kEpsilon) * 0.5F;
    const float sizes = std::log(joint / (4 * std::sqrt(determinant(a) * determinant(b)) + kEpsilon) + kEpsilon) * 0.5F;
    const float bhattacharyya = clamped(squares + mixed + sizes, kEpsilon, kFarthest);
    const float hellinger = std::sqrt(1 - std::exp(-bhattacharyya) + kEpsilon);
    return 1 - hellinger;
}

}  // namespace yolovino::metrics
