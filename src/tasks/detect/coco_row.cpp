#include "tasks/detect/coco_row.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string>

namespace yolovino::tasks {

double rounded_exactly(float value, int decimals) {
    const std::string text = fmt::format("{:.{}f}", static_cast<double>(value), decimals);
    double out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

CocoRow coco_row(const Box& box) {
    // In f32, as Ultralytics: centre and size first, then the corner
    const float width = box.x2 - box.x1;
    const float height = box.y2 - box.y1;
    const float left = (box.x1 + box.x2) / 2 - width / 2;
    const float top = (box.y1 + box.y2) / 2 - height / 2;
    return {rounded_exactly(left, 3), rounded_exactly(top, 3), rounded_exactly(width, 3), rounded_exactly(height, 3),
            rounded_exactly(box.conf, 5)};
}

}  // namespace yolovino::tasks
