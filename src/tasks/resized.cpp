#include "tasks/resized.hpp"

#include <algorithm>

namespace yolovino::tasks {

Results resized(const Results& results, ImageSize size) {
    const ImageSize from = results.orig_shape;
    const float x = static_cast<float>(size.width) / static_cast<float>(std::max(from.width, 1));
    const float y = static_cast<float>(size.height) / static_cast<float>(std::max(from.height, 1));
    Results out;
    out.orig_shape = size;
    out.names = results.names;
    out.task = results.task;
    for (const Box& box : results.boxes)
        out.boxes.push_back({box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y, box.conf, box.cls});
    if (results.masks) {
        out.masks = results.masks;
        out.masks->orig_shape = size;
    }
    if (results.keypoints) {
        out.keypoints = results.keypoints;
        out.keypoints->orig_shape = size;
        const auto dims = static_cast<std::size_t>(std::max(out.keypoints->shape.dims, 2));
        std::vector<float>& data = out.keypoints->data;
        for (std::size_t i = 0; i + 1 < data.size(); i += dims) {
            data[i] *= x;
            data[i + 1] *= y;
        }
    }
    if (results.obb) {
        out.obb = results.obb;
        for (RotatedBox& box : *out.obb) {
            box.cx *= x;
            box.cy *= y;
            box.width *= x;
            box.height *= y;
        }
    }
    return out;
}

}  // namespace yolovino::tasks
