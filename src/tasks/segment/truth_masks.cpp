#include "tasks/segment/truth_masks.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "metrics/mask_overlap.hpp"
#include "vision/label_outline.hpp"
#include "vision/mask_resizer.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kOutlinePoints = 1000;

/// The outline of a label, normalised; several polygons of an object become one line.
std::vector<Point> outline_of(const data::Label& label, ImageSize image) {
    std::vector<Point> outline;
    if (label.shape == nullptr) return outline;
    const data::LabelShape& shape = *label.shape;
    for (std::size_t i = 0; i + 1 < shape.points.size(); i += 2)
        outline.push_back({shape.points[i], shape.points[i + 1]});
    if (!outline.empty()) return outline;
    std::vector<std::vector<vision::Corner>> polygons;
    for (const std::vector<double>& polygon : shape.polygons) {
        std::vector<vision::Corner>& corners = polygons.emplace_back();
        for (std::size_t i = 0; i + 1 < polygon.size(); i += 2) corners.push_back({polygon[i], polygon[i + 1]});
    }
    for (const vision::Corner& corner : vision::join_polygons(std::move(polygons)))
        outline.push_back({static_cast<float>(corner.x / image.width), static_cast<float>(corner.y / image.height)});
    return outline;
}

/// From shares of the image to pixels of the network's input, in f32.
void move_to_model(std::vector<Point>& outline, const vision::LetterboxGeometry& geometry) {
    const auto width = static_cast<float>(geometry.resized.width);
    const auto height = static_cast<float>(geometry.resized.height);
    const auto left = static_cast<float>(geometry.left_px);
    const auto top = static_cast<float>(geometry.top_px);
    for (Point& point : outline) point = {point.x * width + left, point.y * height + top};
}

/// Removes the pixels that `front` covers.
void hide(Masks::Instance& behind, const Masks::Instance& front) {
    const int top = std::max(behind.top, front.top);
    const int bottom = std::min(behind.top + behind.height, front.top + front.height);
    const int left = std::max(behind.left, front.left);
    const int right = std::min(behind.left + behind.width, front.left + front.width);
    const auto words = static_cast<std::size_t>(vision::words_of_row(behind.width));
    const auto front_words = static_cast<std::size_t>(vision::words_of_row(front.width));
    for (int y = top; y < bottom; ++y) {
        std::uint64_t* row = behind.bits.data() + words * static_cast<std::size_t>(y - behind.top);
        const std::uint64_t* over = front.bits.data() + front_words * static_cast<std::size_t>(y - front.top);
        for (int x = left; x < right; ++x) {
            const auto at = static_cast<std::size_t>(x - behind.left);
            const auto from = static_cast<std::size_t>(x - front.left);
            row[at / 64] &= ~((over[from / 64] >> (from % 64) & 1U) << (at % 64));
        }
    }
}

/// The largest first; what is empty comes before all others, as Ultralytics negates areas that have no sign.
void overlap(MaskedTruths& labels) {
    std::vector<std::uint64_t> areas;
    for (const Masks::Instance& mask : labels.masks) areas.push_back(metrics::area_px(mask));
    std::vector<std::size_t> order(areas.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::uint64_t{0} - areas[i]; });
    MaskedTruths sorted;
    for (const std::size_t i : order) {
        for (Masks::Instance& larger : sorted.masks) hide(larger, labels.masks[i]);
        sorted.truths.push_back(labels.truths[i]);
        sorted.masks.push_back(std::move(labels.masks[i]));
    }
    labels = std::move(sorted);
}

}  // namespace

MaskedTruths masked_truths(const LabelledImage& labelled, bool overlap_mask) {
    const vision::LetterboxGeometry& geometry = labelled.geometry;
    MaskedTruths out;
    out.truths = compared_truths(labelled);
    std::vector<std::vector<Point>> outlines;
    std::size_t longest = 0;
    for (const data::Label* truth : out.truths) {
        outlines.push_back(outline_of(*truth, geometry.source));
        longest = std::max(longest, outlines.back().size());
    }
    const std::size_t points = longest <= kOutlinePoints ? kOutlinePoints : longest + 1;
    for (std::vector<Point>& outline : outlines) {
        if (outline.empty()) {
            out.masks.emplace_back();
            continue;
        }
        outline = vision::resampled(outline, points);
        move_to_model(outline, geometry);
        out.masks.push_back(vision::quarter_mask(outline, geometry.canvas));
    }
    if (overlap_mask) overlap(out);
    return out;
}

metrics::Runs coco_mask(const data::Label& label, ImageSize image) {
    std::vector<metrics::Runs> masks;
    if (label.shape != nullptr) {
        const data::LabelShape& shape = *label.shape;
        if (!shape.runs.empty()) return shape.runs;
        for (const std::vector<double>& polygon : shape.polygons)
            masks.push_back(metrics::runs_of_polygon(polygon, image));
        std::vector<double> outline;
        for (std::size_t i = 0; i + 1 < shape.points.size(); i += 2) {
            outline.push_back(static_cast<double>(shape.points[i]) * image.width);
            outline.push_back(static_cast<double>(shape.points[i + 1]) * image.height);
        }
        if (!outline.empty()) masks.push_back(metrics::runs_of_polygon(outline, image));
    }
    if (masks.empty()) masks.push_back(metrics::runs_of_mask({}, image));
    return masks.size() == 1 ? std::move(masks.front()) : metrics::united(masks);
}

}  // namespace yolovino::tasks
