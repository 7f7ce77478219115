#include "tasks/box_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/fail.hpp"
#include "tasks/detect/coco_row.hpp"
#include "tasks/task.hpp"

namespace yolovino::tasks {

std::string class_counts(const Results& results, const std::map<int, int>& counts) {
    if (counts.empty()) return "(no detections), ";
    std::string text;
    for (const auto& [cls, count] : counts)
        text += fmt::format("{} {}{}, ", count, base::printable(class_name(results, cls)), count > 1 ? "s" : "");
    return text;
}

std::string box_label(const Box& box, ImageSize size) {
    const auto width = static_cast<float>(size.width);
    const auto height = static_cast<float>(size.height);
    return fmt::format("{} {:g} {:g} {:g} {:g}", box.cls, (box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height,
                       (box.x2 - box.x1) / width, (box.y2 - box.y1) / height);
}

nlohmann::ordered_json box_json(const Results& results, const Box& box, bool normalize, int decimals) {
    const double width = normalize ? results.orig_shape.width : 1;
    const double height = normalize ? results.orig_shape.height : 1;
    nlohmann::ordered_json out = {{"name", class_name(results, box.cls)},
                                  {"class", box.cls},
                                  {"confidence", rounded(static_cast<double>(box.conf), decimals)},
                                  {"box",
                                   {{"x1", rounded(static_cast<double>(box.x1) / width, decimals)},
                                    {"y1", rounded(static_cast<double>(box.y1) / height, decimals)},
                                    {"x2", rounded(static_cast<double>(box.x2) / width, decimals)},
                                    {"y2", rounded(static_cast<double>(box.y2) / height, decimals)}}}};
    if (box.id) out["track_id"] = *box.id;
    return out;
}

std::string coco_members(const Box& box) {
    const CocoRow row = coco_row(box);
    return fmt::format(R"("bbox": [{}, {}, {}, {}], "score": {})", python_float(row.x), python_float(row.y),
                       python_float(row.width), python_float(row.height), python_float(row.score));
}

std::string python_float(double value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

}  // namespace yolovino::tasks
