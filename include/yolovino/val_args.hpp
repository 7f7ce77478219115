#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/runtime_options.hpp"
#include "yolovino/types.hpp"

namespace yolovino {

/// The score above which a validation keeps detections, and that of its confusion matrix, where `conf` is not given.
inline constexpr double kValConf = 0.001;
inline constexpr double kValConfObb = 0.01;  ///< of rotated boxes
inline constexpr double kConfusionConf = 0.25;

/// Options of `Model::val`. Names and defaults are Ultralytics'; the defaults are defined only here.
struct ValArgs {
    std::filesystem::path data = {};      ///< dataset file with path, val, names
    std::string split = "val";            ///< key of the dataset: val, test, train, minival
    std::optional<ImageSize> imgsz = {};  ///< square; unset: the size of the training; fixed for static exports
    int batch = 16;  ///< images per inference and, with `rect`, per shape; fixed for static exports
    /// Keep scores above this, 0 to 1; unset: `kValConf` or `kValConfObb`, while the confusion matrix counts from
    /// `kConfusionConf`.
    std::optional<double> conf = {};
    double iou = 0.7;              ///< suppress boxes that overlap more than this, 0 to 1
    std::optional<bool> nms = {};  ///< as PredictArgs::nms
    /// At most so many boxes per image, at least 1. The default is raised to the most labels that an image has.
    int max_det = 300;
    /// Measure only these class ids; unset: all.
    std::optional<std::vector<int>> classes = {};
    bool augment = false;                    ///< see each image at three scales, as `PredictArgs::augment`
    bool single_cls = false;                 ///< take all classes for one
    bool agnostic_nms = false;               ///< let boxes of different classes suppress each other
    bool overlap_mask = true;                ///< segment: in the labels' masks smaller objects hide larger ones
    bool rect = true;                        ///< smallest rectangle for each batch, where the model's shape is dynamic
    int workers = 8;                         ///< threads that read and prepare, at most one more than cores; 0: none
    std::filesystem::path annotations = {};  ///< COCO `instances_*.json` as ground truth instead of label files
    std::string protocol = "ultralytics";    ///< `ultralytics` (8.4) or `classic` (8.0 to 8.3)
    std::string shard = {};                  ///< `i/n`: validate part i of n and write it for `merge_val`

    RuntimeOptions runtime = {};  ///< what runs the network, where, and how

    bool save = true;          ///< write results.csv and results.json
    bool plots = true;         ///< draw curves, confusion matrices, and the first batches; write report.html
    bool save_json = false;    ///< write predictions.json in COCO's form
    bool save_txt = false;     ///< write label files
    bool save_conf = false;    ///< add the score to label files
    std::string project = {};  ///< root of the run folders; empty: runs/detect
    std::string name = {};     ///< name of the run folder; empty: val
    bool exist_ok = false;     ///< write into an existing run folder
    bool verbose = true;       ///< log one line per class
};

}  // namespace yolovino
