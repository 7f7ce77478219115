#include <algorithm>
#include <fmt/format.h>
#include <limits>
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

    /// Calls `read_labels(sample, has_labels)` for each picture whose header is right; it sets `has_labels` as soon as
    /// it knows that there is a label file, even if that turns out to be damaged.
    template <typename ReadLabels>
    DatasetScan run(ReadLabels&& read_labels) {
        std::size_t done = 0;
        for (const std::string& path : split_.images) {
            base::emit_progress("Scanning labels", done++, split_.images.size());
            bool has_labels = false;
            try {
                Sample sample;
                sample.path = path;
                sample.size = check_picture(path);
                read_labels(sample, has_labels);
                scan_.backgrounds += sample.labels.empty() ? 1 : 0;
                scan_.instances += sample.labels.size();
                scan_.samples.push_back(std::move(sample));
            } catch (const Error& error) {
                leave_out(path, error);
            }
            scan_.found += has_labels ? 1 : 0;
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
        if (!header.complete) {
            // Only the decoder knows whether more than the end is missing; left to the run, it would be told twice.
            vision::load_image(path);
            if (header.jpeg) base::warn("{}: the JPEG does not end with its end marker", base::printable(path));
        }
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
        std::string file_name;  ///< as the file says it, often with folders
        std::int64_t id = 0;
        double width = 0;
        double height = 0;
        std::vector<Label> labels;
        bool taken = false;
    };
    std::vector<Picture> pictures;
    std::unordered_map<std::string, std::size_t> by_path;  ///< file name with its folders
    std::unordered_map<std::string, std::size_t> by_name;  ///< without; kAmbiguous for one that several have
    std::map<int, int> category_ids;                       ///< class to category

    static constexpr std::size_t kAmbiguous = std::numeric_limits<std::size_t>::max();

    /// The picture at a path: the one with most of its folders, or else the only one of its name.
    Picture* find(const std::string& path) {
        Picture* best = nullptr;
        const std::size_t name = path.rfind('/') + 1;
        for (std::size_t at = name; at > 0; at = at > 1 ? path.rfind('/', at - 2) + 1 : 0) {
            if (const auto found = by_path.find(path.substr(at)); found != by_path.end())
                best = &pictures[found->second];
        }
        const auto named = by_name.find(path.substr(name));
        const bool only = named != by_name.end() && named->second != kAmbiguous;
        return best == nullptr && only ? &pictures[named->second] : best;
    }
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
        std::unordered_map<std::int64_t, std::size_t> by_id;
        for (const Json& image : root.at("images")) {
            const fs::path path = fs::path(image.at("file_name").get<std::string>()).lexically_normal();
            const auto id = image.at("id").get<std::int64_t>();
            const std::size_t index = out.pictures.size();
            out.pictures.push_back(
                {path.string(), id, image.at("width").get<double>(), image.at("height").get<double>(), {}});
            const Annotations::Picture& picture = out.pictures.back();
            if (!(picture.width >= 1) || !(picture.height >= 1)) fail(file, "an image has no size");
            if (!out.by_path.emplace(path.string(), index).second || !by_id.emplace(id, index).second)
                fail(file, fmt::format("image '{}' stands twice", base::printable(path.string())));
            const auto [named, is_new] = out.by_name.emplace(path.filename().string(), index);
            if (!is_new) named->second = Annotations::kAmbiguous;
        }
        for (const Json& annotation : root.at("annotations")) {
            const auto index = by_id.find(annotation.at("image_id").get<std::int64_t>());
            if (index == by_id.end()) fail(file, "an annotation names an image that is not listed");
            add_annotation(annotation, classes, out.pictures[index->second], file);
        }
    } catch (const Json::exception& e) {
        fail(file, base::printable(e.what()));
    }
    return out;
}

}  // namespace

DatasetScan scan_labels(const DatasetSplit& split) {
    std::size_t duplicate_lines = 0;
    DatasetScan scan = Scanner(split).run([&](Sample& sample, bool& has_labels) {
        const fs::path file = label_path(sample.path);
        has_labels = base::is_file(file);
        if (!has_labels) return;
        LabelFile labels = parse_labels(base::read_text_file(file, kMaxLabelBytes), split.names.size());
        if (!labels.problem.empty())
            throw Error(ErrorCode::CorruptFile, "data",
                        fmt::format("{} {}", base::printable(file.filename().string()), labels.problem));
        if (labels.duplicates > 0 && ++duplicate_lines <= kMaxBadPairLines)
            base::warn("{}: {} duplicate labels removed", base::printable(sample.path), labels.duplicates);
        sample.labels = std::move(labels.labels);
    });
    scan.folder = label_path(split.images.front()).parent_path();
    refuse_unlabelled(scan, split, label_path(split.images.front()).string());
    return scan;
}

DatasetScan scan_annotations(const DatasetSplit& split, const fs::path& instances) {
    Annotations annotations = read_annotations(instances, split.names);
    std::size_t absent = 0;
    DatasetScan scan = Scanner(split).run([&](Sample& sample, bool& has_labels) {
        Annotations::Picture* const found = annotations.find(sample.path);
        has_labels = found != nullptr;
        if (!has_labels) {
            ++absent;
            return;
        }
        if (std::exchange(found->taken, true)) {
            throw Error(ErrorCode::CorruptFile, "annotations",
                        fmt::format("another picture was taken for '{}' of the annotations",
                                    base::printable(found->file_name)));
        }
        sample.labels = std::move(found->labels);
        sample.image_id = found->id;
    });
    if (absent > 0) base::warn("{} picture(s) are not in the annotations and count as backgrounds", absent);
    scan.category_ids = std::move(annotations.category_ids);
    scan.folder = instances;
    refuse_unlabelled(scan, split, instances.string());
    return scan;
}

}  // namespace yolovino::data
