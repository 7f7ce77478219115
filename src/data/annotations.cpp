#include "data/annotations.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <string_view>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "documents/json.hpp"
#include "metrics/run_lengths.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxAnnotationBytes = std::uint64_t{4} << 30U;
constexpr std::size_t kMaxAnnotationValues = 100'000'000;
constexpr std::size_t kAmbiguous = std::numeric_limits<std::size_t>::max();
constexpr double kMaxMaskPixels = 1 << 30;

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
    throw Error(ErrorCode::CorruptFile, "annotations", what, {.file = file.string()},
                "give a COCO file with images, annotations, and categories");
}

/// Category id to class.
std::map<std::int64_t, int> map_categories(const Json& root, const ClassNames& names, const fs::path& file) {
    std::map<std::int64_t, std::string> by_id;
    for (const Json& category : root.at("categories"))
        by_id[category.at("id").get<std::int64_t>()] = category.at("name").get<std::string>();
    std::unordered_map<std::string_view, int> named;
    for (std::size_t i = 0; i < names.size(); ++i) named.emplace(names[i], static_cast<int>(i));
    const bool same_names = std::ranges::all_of(by_id, [&](const auto& entry) { return named.contains(entry.second); });
    if (!same_names && by_id.size() != names.size()) {
        throw Error(ErrorCode::ShapeMismatch, "annotations",
                    fmt::format("the file has {} categories, the model {} classes, and the names differ", by_id.size(),
                                names.size()),
                    {.file = file.string()});
    }
    std::map<std::int64_t, int> classes;
    for (const auto& [id, name] : by_id) {
        const int next = static_cast<int>(classes.size());
        classes.emplace(id, same_names ? named.at(name) : next);
    }
    return classes;
}

/// The lengths of runs: a list, or COCO's text of them.
std::vector<std::uint32_t> read_runs(const Json& mask, const AnnotatedImage& image, const fs::path& file) {
    const Json& size = mask.at("size");
    if (size.size() != 2 || size[0].get<double>() != image.height || size[1].get<double>() != image.width)
        fail(file, fmt::format("a mask has not the size of its image '{}'", base::printable(image.file_name)));
    const Json& counts = mask.at("counts");
    std::vector<std::uint32_t> runs =
        counts.is_string()
            ? metrics::parse_runs(counts.get_ref<const std::string&>()).value_or(std::vector<std::uint32_t>())
            : counts.get<std::vector<std::uint32_t>>();
    double pixels = 0;
    for (const std::uint32_t run : runs) pixels += run;
    if (!(image.height * image.width <= kMaxMaskPixels) || pixels != image.height * image.width)
        fail(file, fmt::format("the runs of a mask do not fill its image '{}'", base::printable(image.file_name)));
    return runs;
}

void read_outlines(const Json& annotation, const Label& label, LabelShape& shape, const AnnotatedImage& image,
                   const fs::path& file) {
    constexpr std::size_t kMinNumbers = 6;  // three points
    const Json& outlines = annotation.at("segmentation");
    if (outlines.is_object()) {
        if (!label.crowd) fail(file, "an object that is no crowd has a mask of runs, wanted polygons");
        shape.runs = read_runs(outlines, image, file);
        return;
    }
    for (const Json& outline : outlines) {
        auto points = outline.get<std::vector<double>>();
        if (points.size() < kMinNumbers || points.size() % 2 != 0)
            fail(file, fmt::format("a polygon has {} numbers, wanted pairs of three points or more", points.size()));
        for (const double value : points) {
            if (!(std::abs(value) <= 1e6)) fail(file, fmt::format("a polygon holds {:g}", value));
        }
        shape.polygons.push_back(std::move(points));
    }
    if (shape.polygons.empty()) fail(file, "an object has no polygon, wanted one or more in 'segmentation'");
}

void read_keypoints(const Json& annotation, KeypointShape wanted, LabelShape& shape, const AnnotatedImage& image,
                    const fs::path& file) {
    shape.keypoints = annotation.at("keypoints").get<std::vector<double>>();
    const auto count = static_cast<std::size_t>(wanted.count);
    if (shape.keypoints.size() != 3 * count)
        fail(file, fmt::format("an object has {} numbers of keypoints, wanted 3 for each of the {} of kpt_shape",
                               shape.keypoints.size(), count));
    for (std::size_t i = 0; i < shape.keypoints.size(); i += 3) {
        shape.points.push_back(static_cast<float>(shape.keypoints[i] / image.width));
        shape.points.push_back(static_cast<float>(shape.keypoints[i + 1] / image.height));
        shape.points.push_back(static_cast<float>(shape.keypoints[i + 2]));
    }
}

/// What the task compares beyond boxes.
struct Wanted {
    LabelForm form = LabelForm::Boxes;
    KeypointShape keypoints;

    bool outlines() const { return form == LabelForm::Polygons || form == LabelForm::Corners; }
};

void add_annotation(const Json& annotation, const std::map<std::int64_t, int>& classes, const Wanted& wanted,
                    AnnotatedImage& entry, const fs::path& file) {
    const Json& box = annotation.at("bbox");
    if (box.size() != 4) fail(file, "a 'bbox' has not four numbers");
    const auto category = classes.find(annotation.at("category_id").get<std::int64_t>());
    if (category == classes.end()) fail(file, "an annotation names a category that is not listed");
    const auto x = box[0].get<double>();
    const auto y = box[1].get<double>();
    const auto width = box[2].get<double>();
    const auto height = box[3].get<double>();
    Label label;
    label.cls = category->second;
    label.cx = static_cast<float>((x + width / 2) / entry.width);
    label.cy = static_cast<float>((y + height / 2) / entry.height);
    label.width = static_cast<float>(width / entry.width);
    label.height = static_cast<float>(height / entry.height);
    label.exact =
        PixelBox{x, y, width, height, annotation.contains("area") ? annotation["area"].get<double>() : width * height};
    if (const auto crowd = annotation.find("iscrowd"); crowd != annotation.end())
        label.crowd = crowd->is_boolean() ? crowd->get<bool>() : crowd->get<int>() != 0;
    if (wanted.form != LabelForm::Boxes) {
        LabelShape shape;
        if (wanted.outlines()) read_outlines(annotation, label, shape, entry, file);
        if (wanted.form == LabelForm::Keypoints) read_keypoints(annotation, wanted.keypoints, shape, entry, file);
        label.shape = std::make_shared<const LabelShape>(std::move(shape));
    }
    entry.labels.push_back(std::move(label));
}

void read_images(const Json& root, const fs::path& file, Annotations& out,
                 std::unordered_map<std::int64_t, std::size_t>& by_id) {
    for (const Json& image : root.at("images")) {
        AnnotatedImage entry;
        entry.file_name = fs::path(image.at("file_name").get<std::string>()).lexically_normal().string();
        entry.id = image.at("id").get<std::int64_t>();
        entry.width = image.at("width").get<double>();
        entry.height = image.at("height").get<double>();
        if (!(entry.width >= 1) || !(entry.height >= 1)) fail(file, "an image has no size");
        const std::string name = entry.file_name;
        const bool is_new = by_id.emplace(entry.id, out.images.size()).second;
        if (!out.add(std::move(entry)) || !is_new)
            fail(file, fmt::format("image '{}' is listed twice", base::printable(name)));
    }
}

}  // namespace

bool Annotations::add(AnnotatedImage image) {
    const std::size_t index = images.size();
    const auto [named, is_new] = by_name_.emplace(fs::path(image.file_name).filename().string(), index);
    if (!is_new) named->second = kAmbiguous;
    const bool added = by_path_.emplace(image.file_name, index).second;
    images.push_back(std::move(image));
    return added;
}

AnnotatedImage* Annotations::find(const std::string& path) {
    AnnotatedImage* best = nullptr;
    const std::size_t name = path.rfind('/') + 1;
    for (std::size_t at = name; at > 0; at = at > 1 ? path.rfind('/', at - 2) + 1 : 0) {
        if (const auto found = by_path_.find(path.substr(at)); found != by_path_.end()) best = &images[found->second];
    }
    const auto named = by_name_.find(path.substr(name));
    const bool only = named != by_name_.end() && named->second != kAmbiguous;
    return best == nullptr && only ? &images[named->second] : best;
}

Annotations read_annotations(const fs::path& file, const DatasetSplit& split, LabelForm form) {
    const Wanted wanted{form, split.keypoints};
    // Outlines are most of a file, and boxes do not need them.
    const Json root =
        documents::parse_json(base::read_text_file(file, kMaxAnnotationBytes), {"annotations", file.string()},
                              {.values = kMaxAnnotationValues, .left_out = wanted.outlines() ? "" : "segmentation"});
    if (!root.is_object()) fail(file, "this is not JSON of COCO's form");
    Annotations out;
    try {
        const auto classes = map_categories(root, split.names, file);
        for (const auto& [id, cls] : classes) {
            if (!std::in_range<int>(id)) fail(file, fmt::format("the category id {} does not fit 32 bits", id));
            out.category_ids[cls] = static_cast<int>(id);
        }
        std::unordered_map<std::int64_t, std::size_t> by_id;
        read_images(root, file, out, by_id);
        for (const Json& annotation : root.at("annotations")) {
            const auto index = by_id.find(annotation.at("image_id").get<std::int64_t>());
            if (index == by_id.end()) fail(file, "an annotation names an image that is not listed");
            add_annotation(annotation, classes, wanted, out.images[index->second], file);
        }
    } catch (const Json::exception& e) {
        fail(file, base::printable(e.what()));
    }
    return out;
}

}  // namespace yolovino::data
