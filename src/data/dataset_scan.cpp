#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/dataset.hpp"
#include "documents/json.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxLabelBytes = 64U << 20U;
constexpr std::uint64_t kMaxAnnotationBytes = std::uint64_t{4} << 30U;
constexpr std::size_t kMaxAnnotationValues = 100'000'000;
constexpr int kMinSidePx = 10;
constexpr std::size_t kMaxBadPairLines = 50;  // then only the count goes on

/// Checks the pictures of a split one by one and keeps count.
class Scanner {
public:
    explicit Scanner(const DatasetSplit& split) : split_(split) {}

    /// Calls `read_labels(sample)` for each picture whose header is right; true if the picture has a label file.
    template <typename ReadLabels>
    DatasetScan run(ReadLabels&& read_labels) {
        std::size_t done = 0;
        for (const std::string& path : split_.images) {
            base::emit_progress("Scanning labels", done++, split_.images.size());
            try {
                Sample sample;
                sample.path = path;
                sample.size = check_picture(path);
                scan_.found += read_labels(sample) ? 1 : 0;
                scan_.backgrounds += sample.labels.empty() ? 1 : 0;
                scan_.instances += sample.labels.size();
                scan_.samples.push_back(std::move(sample));
            } catch (const Error& error) {
                leave_out(path, error);
            }
        }
        base::emit_progress("Scanning labels", done, split_.images.size());
        if (scan_.corrupt > kMaxBadPairLines)
            base::warn("{} more pictures are left out for such reasons", scan_.corrupt - kMaxBadPairLines);
        return std::move(scan_);
    }

private:
    static ImageSize check_picture(const std::string& path) {
        const vision::ImageHeader header = vision::read_image_header(path);
        if (std::min(header.size.height, header.size.width) < kMinSidePx) {
            throw Error(ErrorCode::CorruptFile, "data",
                        fmt::format("the picture has {}x{} px, wanted at least {}", header.size.width,
                                    header.size.height, kMinSidePx));
        }
        if (!header.complete) base::warn("{}: the JPEG lacks its end", base::printable(path));
        return header.size;
    }

    void leave_out(const std::string& path, const Error& error) {
        if (++scan_.corrupt > kMaxBadPairLines) return;
        base::warn("{}: ignoring corrupt image/label: {}", base::printable(path), error.message());
    }

    const DatasetSplit& split_;
    DatasetScan scan_;
};

void refuse_unlabelled(const DatasetScan& scan, const DatasetSplit& split, const std::string& where) {
    if (scan.samples.empty()) {
        throw Error(ErrorCode::CorruptFile, "data",
                    fmt::format("none of the {} pictures of '{}' can be used", split.images.size(), split.split),
                    {.file = split.yaml.string()});
    }
    if (scan.instances == 0) {
        throw Error(ErrorCode::NotFound, "data",
                    fmt::format("none of the {} pictures of '{}' has a label, so there is nothing to measure",
                                split.images.size(), split.split),
                    {.file = split.yaml.string()}, "looked for " + base::printable(where));
    }
}

using Json = nlohmann::json;

/// COCO's `instances_*.json` as far as detection needs it.
struct Annotations {
    struct Picture {
        std::int64_t id = 0;
        double width = 0;
        double height = 0;
        std::vector<Label> labels;
    };
    std::unordered_map<std::string, Picture> pictures;  ///< by file name
    std::map<int, int> category_ids;                    ///< class to category
};

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

void add_annotation(const Json& annotation, const std::map<std::int64_t, int>& classes, Annotations::Picture& picture,
                    const fs::path& file) {
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
    label.cx = static_cast<float>((x + width / 2) / picture.width);
    label.cy = static_cast<float>((y + height / 2) / picture.height);
    label.width = static_cast<float>(width / picture.width);
    label.height = static_cast<float>(height / picture.height);
    label.exact =
        PixelBox{x, y, width, height, annotation.contains("area") ? annotation["area"].get<double>() : width * height};
    if (const auto crowd = annotation.find("iscrowd"); crowd != annotation.end())
        label.crowd = crowd->is_boolean() ? crowd->get<bool>() : crowd->get<int>() != 0;
    picture.labels.push_back(label);
}

Annotations read_annotations(const fs::path& file, const ClassNames& names) {
    // Outlines are most of a file, and nothing here needs them.
    const Json root =
        documents::parse_json(base::read_text_file(file, kMaxAnnotationBytes), {"annotations", file.string()},
                              {.values = kMaxAnnotationValues, .left_out = "segmentation"});
    if (!root.is_object()) fail(file, "this is not JSON of COCO's form");
    Annotations out;
    try {
        const auto classes = map_categories(root, names, file);
        for (const auto& [id, cls] : classes) {
            if (!std::in_range<int>(id)) fail(file, fmt::format("the category id {} does not fit 32 bits", id));
            out.category_ids[cls] = static_cast<int>(id);
        }
        std::unordered_map<std::int64_t, std::string> files;
        for (const Json& image : root.at("images")) {
            const std::string name = fs::path(image.at("file_name").get<std::string>()).filename().string();
            const auto id = image.at("id").get<std::int64_t>();
            Annotations::Picture picture{id, image.at("width").get<double>(), image.at("height").get<double>(), {}};
            if (!(picture.width >= 1) || !(picture.height >= 1)) fail(file, "an image has no size");
            if (!out.pictures.emplace(name, std::move(picture)).second || !files.emplace(id, name).second)
                fail(file, fmt::format("image '{}' stands twice", base::printable(name)));
        }
        for (const Json& annotation : root.at("annotations")) {
            const auto name = files.find(annotation.at("image_id").get<std::int64_t>());
            if (name == files.end()) fail(file, "an annotation names an image that is not listed");
            add_annotation(annotation, classes, out.pictures.at(name->second), file);
        }
    } catch (const Json::exception& e) {
        fail(file, base::printable(e.what()));
    }
    return out;
}

}  // namespace

DatasetScan scan_labels(const DatasetSplit& split) {
    std::size_t duplicate_lines = 0;
    DatasetScan scan = Scanner(split).run([&](Sample& sample) {
        const fs::path file = label_path(sample.path);
        if (!base::is_file(file)) return false;
        LabelFile labels = parse_labels(base::read_text_file(file, kMaxLabelBytes), split.names.size());
        if (!labels.problem.empty())
            throw Error(ErrorCode::CorruptFile, "data",
                        fmt::format("{} of {}", labels.problem, base::printable(file.filename().string())));
        if (labels.duplicates > 0 && ++duplicate_lines <= kMaxBadPairLines)
            base::warn("{}: {} duplicate labels removed", base::printable(sample.path), labels.duplicates);
        sample.labels = std::move(labels.labels);
        return true;
    });
    scan.folder = label_path(split.images.front()).parent_path();
    refuse_unlabelled(scan, split, label_path(split.images.front()).string());
    return scan;
}

DatasetScan scan_annotations(const DatasetSplit& split, const fs::path& instances) {
    Annotations annotations = read_annotations(instances, split.names);
    std::size_t absent = 0;
    DatasetScan scan = Scanner(split).run([&](Sample& sample) {
        const auto found = annotations.pictures.find(fs::path(sample.path).filename().string());
        if (found == annotations.pictures.end()) {
            ++absent;
            return false;
        }
        sample.labels = std::move(found->second.labels);
        sample.image_id = found->second.id;
        return true;
    });
    if (absent > 0) base::warn("{} picture(s) are not in the annotations and count as backgrounds", absent);
    scan.category_ids = std::move(annotations.category_ids);
    scan.folder = instances;
    refuse_unlabelled(scan, split, instances.string());
    return scan;
}

}  // namespace yolovino::data
