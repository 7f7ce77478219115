#pragma once

#include <fmt/format.h>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "yolovino/results.hpp"

/// How objects with a class and a box are written.
namespace yolovino::tasks {

/// `4 persons, 1 bus, ` by ascending class, or `(no detections), `.
/// @param counts objects of each class
std::string class_counts(const Results& results, const std::map<int, int>& counts);

/// The same of objects that have a class each.
template <typename Object>
std::string class_counts(const Results& results, const std::vector<Object>& objects) {
    std::map<int, int> counts;
    for (const Object& object : objects) ++counts[object.cls];
    return class_counts(results, counts);
}

/// The beginning of a line of a label file, normalised by the size of the image: `cls cx cy w h`.
std::string box_label(const Box& box, ImageSize size);

/// The end of a line of a label file: the score, if it is wanted, and the id of a track.
/// @tparam Object with a score and an id
template <typename Object>
std::string label_end(const Object& object, bool conf) {
    std::string text = conf ? fmt::format(" {:g}", object.conf) : std::string();
    if (object.id) text += fmt::format(" {:g}", static_cast<double>(*object.id));
    return text + '\n';
}

/// `{"name", "class", "confidence", "box": {"x1", "y1", "x2", "y2"}, ["track_id"]}`, to which tasks add
nlohmann::ordered_json box_json(const Results& results, const Box& box, bool normalize, int decimals);

/// For predictions.json: `"bbox": [1.5, 2.0, 30.0, 40.0], "score": 0.9`.
std::string coco_members(const Box& box);

/// The number as Python's json writes it: shortest, with a point.
std::string python_float(double value);

}  // namespace yolovino::tasks
