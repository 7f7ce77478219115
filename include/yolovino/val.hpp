#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/export.hpp"
#include "yolovino/results.hpp"

namespace yolovino {

/// The numbers of one class that has labels.
struct ValClass {
    int cls = 0;
    std::string name;
    std::size_t images = 0;  ///< that hold it
    std::size_t instances = 0;
    double p = 0;  ///< precision where the mean F1 of all classes is best, as are the next two
    double r = 0;  ///< recall
    double f1 = 0;
    double ap50 = 0;  ///< average precision at IoU 0.50
    double ap = 0;    ///< mean over IoU 0.50 to 0.95
};

/// What pycocotools prints for the same detections; -1 where no label counts.
struct CocoMetrics {
    double ap = -1;
    double ap50 = -1;
    double ap75 = -1;
    double ap_small = -1;
    double ap_medium = -1;
    double ap_large = -1;
    double ar1 = -1;
    double ar10 = -1;
    double ar100 = -1;
    double ar_small = -1;
    double ar_medium = -1;
    double ar_large = -1;
};

/// What a validation found. A shard carries the numbers of its own pictures.
struct ValResults {
    /// `metrics/precision(B)`, `metrics/recall(B)`, `metrics/mAP50(B)`, `metrics/mAP50-95(B)`, `fitness`, as
    /// Ultralytics' `results_dict`.
    std::vector<std::pair<std::string, double>> results_dict;
    double mp = 0;     ///< mean precision
    double mr = 0;     ///< mean recall
    double map50 = 0;  ///< at IoU 0.50
    double map75 = 0;  ///< at IoU 0.75
    double map = 0;    ///< mean over IoU 0.50 to 0.95
    double fitness = 0;
    double best_conf = 0;           ///< score at which the mean F1 is best
    std::size_t images = 0;         ///< pictures that were used
    std::size_t instances = 0;      ///< labels in them
    std::size_t corrupt = 0;        ///< pictures that were left out because they or their labels are damaged
    std::vector<ValClass> classes;  ///< by class id, those with labels
    CocoMetrics coco;
    Speed speed;  ///< per picture; preprocess is letterbox and tensor, without reading the file
    /// `[classes + 1, classes + 1]`, row: predicted, column: true; the last stands for the background.
    std::vector<std::vector<std::uint64_t>> confusion_matrix;
    std::filesystem::path save_dir;    ///< the run folder; empty if nothing was written
    std::filesystem::path shard_file;  ///< what `merge_val` takes; empty for a whole run

    /// The value of a key of `results_dict`. @throws Error InvalidArgument for another key
    YOLOVINO_API double operator[](const std::string& key) const;
};

/// Puts the parts of a validation together; the numbers are exactly those of a whole run.
/// @param files the files that `shard=i/n` wrote, all n of them: paths or patterns with commas between
/// @param args  only verbose, plots, save, project, name, and exist_ok are used; the rest is of the parts
/// @throws Error NotFound, CorruptFile, InvalidArgument if the parts are not those of one run, IoFailure
YOLOVINO_API ValResults merge_val(const std::string& files, const ValArgs& args = {});

}  // namespace yolovino
