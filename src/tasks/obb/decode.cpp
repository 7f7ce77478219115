#include "tasks/obb/decode.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/finished_rows.hpp"
#include "tasks/obb/suppress.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kOtherRows = 5;  // than the scores: the box and the angle
constexpr float kMaxSidePx = 7680;     // distance between the classes' planes, Ultralytics' max_wh

}  // namespace

std::vector<RotatedDetection> detect_rotated_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                      const DecodeArgs& args) {
    if (rows <= kOtherRows || anchors == 0 || raw.size() / anchors != rows || raw.size() % anchors != 0) {
        throw Error(ErrorCode::ShapeMismatch, "obb",
                    fmt::format("the network gave {} values as [{}, {}], wanted [4 + classes + 1, anchors]", raw.size(),
                                rows, anchors));
    }
    const std::vector<ModelDetection> found =
        candidates_in_model(raw.first((rows - 1) * anchors), rows - 1, anchors, args);
    std::vector<RotatedDetection> all;
    std::vector<RotatedCandidate> candidates;
    all.reserve(found.size());
    candidates.reserve(found.size());
    for (const ModelDetection& each : found) {
        const auto value = [&](std::size_t row) { return raw[row * anchors + each.anchor]; };
        const metrics::RotatedRect box{value(0), value(1), value(2), value(3), value(rows - 1)};
        all.push_back({box, each.conf, each.cls});
        // The offset of its plane rounds a box, which decides near ties as in detection
        const float offset = args.agnostic_nms ? 0.0F : static_cast<float>(each.cls) * kMaxSidePx;
        candidates.push_back({metrics::gaussian_of(metrics::RotatedRect{box.cx + offset, box.cy + offset, box.width,
                                                                        box.height, box.angle}),
                              args.agnostic_nms ? 0 : each.cls});
    }
    std::vector<RotatedDetection> kept;
    const auto most = static_cast<std::size_t>(args.max_det);
    for (const std::size_t i : unsuppressed(candidates, static_cast<float>(args.iou), most)) kept.push_back(all[i]);
    return kept;
}

std::vector<RotatedDetection> rotated_detections_of(const tensors::OutputTensor& tensor, std::size_t image,
                                                    const DecodeArgs& args) {
    if (!args.form.finished)
        return detect_rotated_in_model(tensor.image(image), tensor.dimension(1), tensor.dimension(2), args);
    std::vector<RotatedDetection> detections;
    for (const ModelDetection& each : finished_detections(tensor, image, args)) {
        // Not corners here, but centre and size
        const std::span<const float> row = finished_row(tensor, image, each.anchor);
        detections.push_back({{row[0], row[1], row[2], row[3], row.back()}, each.conf, each.cls});
    }
    return detections;
}

RotatedBox to_image(const RotatedDetection& detection, const vision::LetterboxGeometry& geometry) {
    const vision::LetterboxInverse inverse = geometry.inverse();
    const Point centre = inverse.to_image({detection.box.cx, detection.box.cy});
    return {centre.x,
            centre.y,
            detection.box.width / inverse.gain_x,
            detection.box.height / inverse.gain_y,
            detection.box.angle,
            detection.conf,
            detection.cls};
}

}  // namespace yolovino::tasks
