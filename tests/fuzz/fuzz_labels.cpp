#include <cmath>

#include "data/label_file.hpp"
#include "fuzz/input.hpp"

namespace {

using namespace yolovino;

void expect_paid(const data::LabelFile& file, std::size_t size, std::size_t classes) {
    fuzz::expect(file.problem.empty() || file.labels.empty(), "a file with a problem has no labels");
    fuzz::expect(file.labels.size() * 6 <= size + 1, "each label has been paid for with bytes");
    for (const data::Label& label : file.labels)
        fuzz::expect(label.cls >= 0 && static_cast<std::size_t>(label.cls) < classes, "classes are known");
}

/// Labels that are accepted as boxes lie within the image and, written anew, read equal.
void check_boxes(std::string_view text, std::size_t classes) {
    const data::LabelFile file = data::parse_labels(text, classes);
    expect_paid(file, text.size(), classes);
    std::string again;
    for (const data::Label& label : file.labels) {
        for (const float value : {label.cx, label.cy, label.width, label.height})
            fuzz::expect(std::isfinite(value) && value >= -0.01F && value <= 1.01F, "boxes are normalised");
        fuzz::expect(label.width >= 0 && label.height >= 0, "no side is negative");
        fuzz::expect(label.shape == nullptr, "boxes have no outline");
        char line[128];
        std::snprintf(line, sizeof line, "%d %.9g %.9g %.9g %.9g\n", label.cls, static_cast<double>(label.cx),
                      static_cast<double>(label.cy), static_cast<double>(label.width),
                      static_cast<double>(label.height));
        again += line;
    }
    const data::LabelFile rewritten = data::parse_labels(again, classes);
    fuzz::expect(rewritten.problem.empty(), "rewritten labels can be read");
    // Different polygons may have one box.
    fuzz::expect(rewritten.duplicates > 0 || rewritten.labels == file.labels, "rewritten labels read equal");
}

void check_polygons(std::string_view text, std::size_t classes) {
    const data::LabelFile file = data::parse_labels(text, classes, {data::LabelForm::Polygons, {}});
    expect_paid(file, text.size(), classes);
    for (const data::Label& label : file.labels) {
        fuzz::expect((label.shape != nullptr) == file.polygons, "polygons have an outline");
        if (label.shape == nullptr) continue;
        fuzz::expect(label.shape->points.size() >= 6 && label.shape->points.size() % 2 == 0, "of three points or more");
        for (const float value : label.shape->points) fuzz::expect(std::isfinite(value), "of numbers");
    }
}

void check_keypoints(std::string_view text, std::size_t classes, KeypointShape shape) {
    const data::LabelFile file = data::parse_labels(text, classes, {data::LabelForm::Keypoints, shape});
    expect_paid(file, text.size(), classes);
    for (const data::Label& label : file.labels) {
        fuzz::expect(label.shape != nullptr && label.shape->points.size() == 3U * static_cast<unsigned>(shape.count),
                     "all keypoints are there");
        for (const float value : label.shape->points) fuzz::expect(std::isfinite(value), "of numbers");
    }
    const data::LabelFile boxes = data::parse_labels(text, classes, {data::LabelForm::Boxes, shape});
    expect_paid(boxes, text.size(), classes);
    if (file.problem.empty() && !file.labels.empty())
        fuzz::expect(boxes.labels.size() == file.labels.size(), "detection takes the boxes of poses");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const std::size_t classes : {1U, 80U}) {
        check_boxes(text, classes);
        check_polygons(text, classes);
        check_keypoints(text, classes, {2, 3});
        check_keypoints(text, classes, {3, 2});
    }
    return 0;
}
