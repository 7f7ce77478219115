#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/metrics.hpp"
#include "yolovino/types.hpp"
#include "yolovino/val_args.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// The numbers of masks or keypoints, beside those of the boxes of the same objects.
struct ValPart {
    double mp = 0;                  ///< mean precision
    double mr = 0;                  ///< mean recall
    double map50 = 0;               ///< at overlap 0.50
    double map75 = 0;               ///< at overlap 0.75
    double map = 0;                 ///< mean over overlaps 0.50 to 0.95
    double best_conf = 0;           ///< score at which the mean F1 is best
    std::vector<ValClass> classes;  ///< by class id, those with labels
};

/// What a validation found. A shard carries the numbers of its own images.
struct ValResults {
    /// `metrics/precision(B)`, `metrics/recall(B)`, `metrics/mAP50(B)`, `metrics/mAP50-95(B)`, of masks also with
    /// `(M)`, of keypoints with `(P)`, or `metrics/accuracy_top1`, `metrics/accuracy_top5`; `fitness`; as Ultralytics'
    /// `results_dict`.
    std::vector<std::pair<std::string, double>> results_dict;
    double mp = 0;     ///< mean precision
    double mr = 0;     ///< mean recall
    double map50 = 0;  ///< at IoU 0.50
    double map75 = 0;  ///< at IoU 0.75
    double map = 0;    ///< mean over IoU 0.50 to 0.95
    double fitness = 0;
    double best_conf = 0;           ///< score at which the mean F1 is best
    std::size_t images = 0;         ///< images that were used
    std::size_t instances = 0;      ///< labels in them
    std::size_t corrupt = 0;        ///< images that were left out because they or their labels are damaged
    std::vector<ValClass> classes;  ///< by class id, those with labels
    CocoMetrics coco;               ///< of boxes
    std::optional<ValPart> seg;     ///< segment: of masks
    std::optional<CocoMetrics> coco_masks;
    std::optional<ValPart> pose;  ///< pose: of keypoints
    std::optional<CocoKeypointMetrics> coco_keypoints;
    std::optional<double> top1;  ///< classify: share of the images whose most likely class is right
    std::optional<double> top5;  ///< share of those whose class is among the five most likely
    Speed speed;                 ///< per image; preprocess is letterbox and tensor, without reading the file
    /// `[classes + 1, classes + 1]`, row: predicted, column: true; the last stands for the background, which classify
    /// does not have.
    std::vector<std::vector<std::uint64_t>> confusion_matrix;
    std::filesystem::path save_dir;    ///< the run folder; empty if nothing was written
    std::filesystem::path shard_file;  ///< what `merge_val` takes; empty for a whole run

    /// The value of a key of `results_dict`. @throws Error InvalidArgument for another key
    YOLOVINO_API double operator[](const std::string& key) const;

    /// One line of JSON with all of it; the numbers of boxes stand below `box`, `classes`, and `coco`, those of masks
    /// and keypoints below `seg`, `coco_masks`, `pose`, and `coco_keypoints`.
    YOLOVINO_API std::string to_json() const;
};

/// Puts the parts of a validation together; the numbers are exactly those of a whole run.
/// @param files the files that `shard=i/n` wrote, all n of them: paths or patterns with commas between
/// @param args  only verbose, plots, save, project, name, and exist_ok are used; the rest is of the parts
/// @throws Error NotFound, CorruptFile, InvalidArgument if the parts are not those of one run, IoFailure
YOLOVINO_API ValResults merge_val(const std::string& files, const ValArgs& args = {});

}  // namespace yolovino
