#include "yolovino/keypoints.hpp"

#include <fmt/format.h>
#include <span>

#include "yolovino/error.hpp"

#include "base/api_call.hpp"

namespace yolovino {

namespace {

std::span<const float> numbers_of(const Keypoints& keypoints, std::size_t object) {
    const std::size_t each =
        static_cast<std::size_t>(keypoints.shape.count) * static_cast<std::size_t>(keypoints.shape.dims);
    if (object >= keypoints.size()) {
        throw Error(ErrorCode::InvalidArgument, "results",
                    fmt::format("there are keypoints of {} objects, got index {}", keypoints.size(), object));
    }
    return std::span(keypoints.data).subspan(object * each, each);
}

std::vector<Point> points_of(const Keypoints& keypoints, std::size_t object, float width, float height) {
    const std::span<const float> numbers = numbers_of(keypoints, object);
    const auto dims = static_cast<std::size_t>(keypoints.shape.dims);
    std::vector<Point> points;
    points.reserve(numbers.size() / dims);
    for (std::size_t i = 0; i < numbers.size(); i += dims)
        points.push_back({numbers[i] / width, numbers[i + 1] / height});
    return points;
}

}  // namespace

std::size_t Keypoints::size() const noexcept {
    const bool shaped = shape.count > 0 && shape.dims > 0;
    return shaped ? data.size() / static_cast<std::size_t>(shape.count) / static_cast<std::size_t>(shape.dims) : 0;
}

bool Keypoints::has_visible() const noexcept {
    return shape.dims == 3;
}

std::vector<Point> Keypoints::xy(std::size_t object) const {
    return base::api_call("results", [&] { return points_of(*this, object, 1, 1); });
}

std::vector<Point> Keypoints::xyn(std::size_t object) const {
    return base::api_call("results", [&] {
        return points_of(*this, object, static_cast<float>(orig_shape.width), static_cast<float>(orig_shape.height));
    });
}

std::vector<float> Keypoints::conf(std::size_t object) const {
    return base::api_call("results", [&] {
        const std::span<const float> numbers = numbers_of(*this, object);
        std::vector<float> out;
        for (std::size_t i = 2; has_visible() && i < numbers.size(); i += 3) out.push_back(numbers[i]);
        return out;
    });
}

}  // namespace yolovino
