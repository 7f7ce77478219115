#include "yolovino/rotated_box.hpp"

#include <algorithm>
#include <cmath>

namespace yolovino {

std::array<Point, 4> RotatedBox::corners() const noexcept {
    const float cosine = std::cos(angle);
    const float sine = std::sin(angle);
    const Point along{width / 2 * cosine, width / 2 * sine};
    const Point across{-height / 2 * sine, height / 2 * cosine};
    return {{{cx + along.x + across.x, cy + along.y + across.y},
             {cx + along.x - across.x, cy + along.y - across.y},
             {cx - along.x - across.x, cy - along.y - across.y},
             {cx - along.x + across.x, cy - along.y + across.y}}};
}

Box RotatedBox::xyxy() const noexcept {
    const std::array<Point, 4> points = corners();
    const auto [left, right] = std::ranges::minmax(points, {}, &Point::x);
    const auto [top, bottom] = std::ranges::minmax(points, {}, &Point::y);
    return {left.x, top.y, right.x, bottom.y, conf, cls, id};
}

}  // namespace yolovino
