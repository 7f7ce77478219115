#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/annotations.hpp"
#include "data/dataset.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxLabelBytes = 64U << 20U;
constexpr int kMinSidePx = 10;
constexpr std::size_t kMaxBadPairLines = 50;  // then only the count goes on

/// Checks the images of a split one by one and keeps count.
class Scanner {
public:
    explicit Scanner(const DatasetSplit& split) : split_(split) {}

    /// Calls `read_labels(sample, has_labels)` for each image whose header is right; it sets `has_labels` as soon as
    /// it is known that there is a label file, even if that turns out to be damaged.
    template <typename ReadLabels>
    DatasetScan run(ReadLabels&& read_labels) {
        std::size_t done = 0;
        for (const std::string& path : split_.images) {
            base::emit_progress("Scanning labels", done++, split_.images.size());
            bool has_labels = false;
            try {
                Sample sample;
                sample.path = path;
                sample.size = check_image(path);
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
            base::warn("{} more images are skipped for such reasons", scan_.corrupt - kMaxBadPairLines);
        return std::move(scan_);
    }

private:
    static ImageSize check_image(const std::string& path) {
        const vision::ImageHeader header = vision::read_image_header(path);
        if (std::min(header.size.height, header.size.width) < kMinSidePx) {
            throw Error(ErrorCode::CorruptFile, "data",
                        fmt::format("the image has {}x{} px, wanted at least {}", header.size.width, header.size.height,
                                    kMinSidePx));
        }
        if (!header.complete) {
            // Only the decoder finds out whether more than the end is missing; left to the run, it would be reported
            // twice.
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
                    fmt::format("none of the {} images of '{}' can be used", split.images.size(), split.split),
                    {.file = split.yaml.string()});
    }
    if (scan.instances == 0) {
        throw Error(ErrorCode::NotFound, "data",
                    fmt::format("none of the {} images of '{}' has a label, so there is nothing to measure",
                                split.images.size(), split.split),
                    {.file = split.yaml.string()}, "looked for " + base::printable(where));
    }
}

/// Ultralytics: "Segment dataset requires equal numbers of boxes and segments".
[[noreturn]] void refuse_boxes(LabelForm form, const fs::path& file) {
    const bool corners = form == LabelForm::Corners;
    throw Error(ErrorCode::CorruptFile, "data",
                fmt::format("the labels are boxes, and {} needs {}: class {}", corners ? "obb" : "segment",
                            corners ? "the four corners of each object" : "an outline for each object",
                            corners ? "x1 y1 x2 y2 x3 y3 x4 y4" : "x1 y1 x2 y2 x3 y3 …"),
                {.file = file.string()}, "give a dataset of this task, or a detection model");
}

}  // namespace

DatasetScan scan_labels(const DatasetSplit& split, LabelForm form) {
    std::size_t duplicate_lines = 0;
    const bool outlines = form == LabelForm::Polygons || form == LabelForm::Corners;
    const LabelRows rows{form, split.keypoints};
    fs::path boxes;  // the first file of boxes where outlines are wanted
    DatasetScan scan = Scanner(split).run([&](Sample& sample, bool& has_labels) {
        const fs::path file = label_path(sample.path);
        has_labels = base::is_file(file);
        if (!has_labels) return;
        LabelFile labels = parse_labels(base::read_text_file(file, kMaxLabelBytes), split.names.size(), rows);
        if (!labels.problem.empty())
            throw Error(ErrorCode::CorruptFile, "data",
                        fmt::format("{} {}", base::printable(file.filename().string()), labels.problem));
        if (labels.duplicates > 0 && ++duplicate_lines <= kMaxBadPairLines)
            base::warn("{}: {} duplicate labels removed", base::printable(sample.path), labels.duplicates);
        if (outlines && !labels.polygons && !labels.labels.empty() && boxes.empty()) boxes = file;
        sample.labels = std::move(labels.labels);
    });
    if (!boxes.empty()) refuse_boxes(form, boxes);
    scan.folder = label_path(split.images.front()).parent_path();
    refuse_unlabelled(scan, split, label_path(split.images.front()).string());
    return scan;
}

DatasetScan scan_folders(const DatasetSplit& split, const std::vector<int>& classes) {
    std::unordered_map<std::string_view, int> by_path;
    for (std::size_t i = 0; i < split.images.size(); ++i) by_path.emplace(split.images[i], classes.at(i));
    DatasetScan scan = Scanner(split).run([&](Sample& sample, bool& has_labels) {
        has_labels = true;
        Label label;
        label.cls = by_path.at(sample.path);
        sample.labels.push_back(std::move(label));
    });
    scan.folder = split.yaml / split.split;
    refuse_unlabelled(scan, split, scan.folder.string());
    return scan;
}

DatasetScan scan_annotations(const DatasetSplit& split, const fs::path& instances, LabelForm form) {
    Annotations annotations = read_annotations(instances, split, form);
    std::size_t absent = 0;
    DatasetScan scan = Scanner(split).run([&](Sample& sample, bool& has_labels) {
        AnnotatedImage* const found = annotations.find(sample.path);
        has_labels = found != nullptr;
        if (!has_labels) {
            ++absent;
            return;
        }
        if (std::exchange(found->taken, true)) {
            throw Error(ErrorCode::CorruptFile, "annotations",
                        fmt::format("'{}' of the annotations is matched by another image already",
                                    base::printable(found->file_name)));
        }
        sample.labels = std::move(found->labels);
        sample.image_id = found->id;
    });
    if (absent > 0) base::warn("{} image(s) are not in the annotations and count as backgrounds", absent);
    scan.category_ids = std::move(annotations.category_ids);
    scan.folder = instances;
    refuse_unlabelled(scan, split, instances.string());
    return scan;
}

}  // namespace yolovino::data
