#include "yolovino/masks.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

#include "yolovino/error.hpp"

#include "base/api_call.hpp"
#include "vision/letterbox.hpp"
#include "vision/mask_resizer.hpp"
#include "vision/outline.hpp"

namespace yolovino {

namespace {

const Masks::Instance& instance_of(const Masks& masks, std::size_t object) {
    if (object >= masks.instances.size()) {
        throw Error(ErrorCode::InvalidArgument, "results",
                    fmt::format("there are {} masks, got index {}", masks.instances.size(), object));
    }
    const Masks::Instance& mask = masks.instances[object];
    if (!vision::is_on_grid(mask, masks.shape)) {
        throw Error(ErrorCode::InvalidArgument, "results",
                    fmt::format("mask {} of {}x{} at ({}, {}) with {} words does not lie on a grid of {}x{}", object,
                                mask.height, mask.width, mask.left, mask.top, mask.bits.size(), masks.shape.height,
                                masks.shape.width));
    }
    return mask;
}

std::vector<Point> outline_of(const Masks& masks, std::size_t object) {
    const vision::Contour line = vision::join_contours(vision::outer_contours(instance_of(masks, object)));
    std::vector<Point> points;
    if (line.empty()) return points;
    const auto geometry = vision::LetterboxGeometry::fit(masks.orig_shape, masks.shape);
    points.reserve(line.size());
    for (const vision::GridPoint& each : line) {
        const auto x = static_cast<float>(each.x);
        const auto y = static_cast<float>(each.y);
        const Box at = geometry.to_image({x, y, x, y});
        points.push_back({at.x1, at.y1});
    }
    return points;
}

}  // namespace

std::size_t Masks::size() const noexcept {
    return instances.size();
}

std::vector<std::uint8_t> Masks::data(std::size_t object) const {
    return base::api_call("results", [&] {
        const Instance& mask = instance_of(*this, object);
        const auto stride = static_cast<std::size_t>(shape.width);
        std::vector<std::uint8_t> out(stride * static_cast<std::size_t>(shape.height));
        const auto words = static_cast<std::size_t>(vision::words_of_row(mask.width));
        for (std::size_t y = 0; y < static_cast<std::size_t>(mask.height); ++y) {
            std::uint8_t* row =
                out.data() + (static_cast<std::size_t>(mask.top) + y) * stride + static_cast<std::size_t>(mask.left);
            for (std::size_t x = 0; x < static_cast<std::size_t>(mask.width); ++x)
                row[x] = static_cast<std::uint8_t>(mask.bits[y * words + x / 64] >> (x % 64) & 1U);
        }
        return out;
    });
}

std::size_t Masks::area_px(std::size_t object) const {
    return base::api_call("results", [&] {
        std::size_t area = 0;
        for (const std::uint64_t word : instance_of(*this, object).bits)
            area += static_cast<std::size_t>(std::popcount(word));
        return area;
    });
}

std::vector<Point> Masks::xy(std::size_t object) const {
    return base::api_call("results", [&] { return outline_of(*this, object); });
}

std::vector<Point> Masks::xyn(std::size_t object) const {
    return base::api_call("results", [&] {
        std::vector<Point> points = outline_of(*this, object);
        for (Point& point : points) {
            point.x /= static_cast<float>(orig_shape.width);
            point.y /= static_cast<float>(orig_shape.height);
        }
        return points;
    });
}

}  // namespace yolovino
