#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/image.hpp"

namespace yolovino {

/// Element type in which the network computes. Auto leaves the choice to the device.
enum class Precision { Auto, F32, Bf16, F16 };

/// The program that runs the network. Auto: OpenVINO for checkpoints and OpenVINO folders; ONNX Runtime for `.onnx`, or
/// OpenVINO where it is not installed; LibTorch for `.torchscript`.
enum class Runtime { Auto, OpenVino, OnnxRuntime, LibTorch };

/// What the runtime is tuned for. Auto tries on the first pictures of a long source which is faster, and takes the
/// short way for a single picture or a live stream.
enum class Performance { Auto, Latency, Throughput };

/// Properties of OpenVINO by name, `NUM_STREAMS` → `2`; for one device of several, `CPU:NUM_STREAMS` → `2`.
using OvConfig = std::map<std::string, std::string>;

/// Options of `Model::export_to`. Names and defaults are Ultralytics'; the defaults stand here and nowhere else.
struct ExportArgs {
    std::string format = "torchscript";   ///< a name of `export_formats()`
    std::optional<ImageSize> imgsz = {};  ///< input size; unset: the size of the training; rounded up to the stride
    bool half = false;                    ///< store weights as FP16
    bool dynamic = false;                 ///< leave batch, height, and width open
    int batch = 1;                        ///< images per inference, at least 1
    std::optional<int> opset = {};        ///< ONNX only: version of its operators, 11 to 20; unset: 18
    bool simplify = true;                 ///< ONNX only: accepted; the network is written simplified in any case
    bool int8 = false;          ///< OpenVINO, ONNX: 8-bit weights and activations, calibrated on `data`; wins over half
    std::string data = {};      ///< pictures for int8: dataset YAML, folder (searched to its depths), glob, or list
    std::string split = "val";  ///< key of the dataset YAML: val, test, train, minival
    double fraction = 1.0;      ///< what calibrates, from the front: a share, above 0 to 1, or a whole number of images
    std::vector<std::string> float_layers = {};  ///< int8: layers to leave in float, such as `2.cv1` or all of `22`
    bool guard = false;  ///< int8: find up to three layers that are worth leaving in float; takes about a minute
    /// int8: validate the float and the 8-bit model on the labels of `data` and warn if mAP50-95 falls by more than
    /// this, 0 to 1; unset: no validation. Only an alarm: nothing is chosen by it.
    std::optional<double> max_drop = {};
    bool optimize = false;                     ///< TorchScript only: accepted; batch norms are folded in any case
    bool verbose = true;                       ///< log Ultralytics' lines
    std::filesystem::path output_folder = {};  ///< folder to write into; empty: beside the checkpoint
    std::vector<std::string> names = {};       ///< imported models only: class names, for files that carry none
    std::optional<int> stride = {};            ///< imported models only: the largest stride; unset: the file's, or 32
};

/// Options of `Model::predict`. Names and defaults are Ultralytics'; the defaults stand here and nowhere else.
struct PredictArgs {
    std::optional<ImageSize> imgsz = {};  ///< unset: the size of the training; fixed for static exports
    double conf = 0.25;                   ///< keep scores above this, 0 to 1
    double iou = 0.7;                     ///< suppress boxes that overlap more than this, 0 to 1
    /// Keep only these class ids, with an empty list none; unset: all.
    std::optional<std::vector<int>> classes = {};
    int max_det = 300;           ///< at most so many boxes per image, at least 1
    bool agnostic_nms = false;   ///< let boxes of different classes suppress each other
    int batch = 1;               ///< images per inference, at least 1
    bool rect = true;            ///< smallest rectangle that the stride allows, where the model's shape is open
    int vid_stride = 1;          ///< use each n-th frame of a video
    bool stream_buffer = false;  ///< keep all frames of a live stream instead of the newest

    Runtime runtime = Runtime::Auto;  ///< what runs the network
    std::string device = {};          ///< `cpu`, `gpu`, `npu`, `intel:gpu`, or an OpenVINO name; empty: the best choice
    Precision precision = Precision::Auto;
    bool half = false;  ///< ask for 16-bit inference
    /// Folder for compiled models; `auto`: the user's cache folder, `~/.cache/yolovino/models`; `none` or empty: no
    /// cache.
    std::filesystem::path cache_dir = "auto";
    OvConfig ov_config = {};  ///< properties for OpenVINO; none may contradict another option
    Performance performance = Performance::Auto;
    int threads = 0;        ///< of OpenVINO's inference on the CPU; 0: OpenVINO's choice
    int streams = 0;        ///< inferences that OpenVINO runs side by side; 0: as `performance` says
    double watchdog = 120;  ///< seconds after which an inference that has not returned is given up; 0: never
    bool strict = false;    ///< stop at the first picture that fails instead of going on with the next

    bool save = false;         ///< write annotated pictures (the command turns this on)
    bool save_txt = false;     ///< write label files
    bool save_conf = false;    ///< add the score to label files
    bool save_crop = false;    ///< write each detection as a picture
    bool save_frames = false;  ///< write the frames of videos as pictures
    bool save_json = false;    ///< write one JSON line per image
    bool show = false;         ///< open a window
    bool show_labels = true;
    bool show_conf = true;
    bool show_boxes = true;
    std::optional<int> line_width = {};  ///< pixels; unset: from the size of the picture
    std::string project = {};            ///< root of the run folders; empty: runs/detect
    std::string name = {};               ///< name of the run folder; empty: predict
    bool exist_ok = false;               ///< write into an existing run folder
    bool verbose = true;                 ///< log one line per image
};

/// The score above which a validation keeps detections, and that of its confusion matrix, where `conf` is not given.
inline constexpr double kValConf = 0.001;
inline constexpr double kConfusionConf = 0.25;

/// Options of `Model::val`. Names and defaults are Ultralytics'; the defaults stand here and nowhere else.
struct ValArgs {
    std::filesystem::path data = {};      ///< dataset file with path, val, names
    std::string split = "val";            ///< key of the dataset: val, test, train, minival
    std::optional<ImageSize> imgsz = {};  ///< square; unset: the size of the training; fixed for static exports
    int batch = 16;  ///< images per inference and, with `rect`, per shape; fixed for static exports
    /// Keep scores above this, 0 to 1; unset: `kValConf`, while the confusion matrix counts from `kConfusionConf`.
    std::optional<double> conf = {};
    double iou = 0.7;   ///< suppress boxes that overlap more than this, 0 to 1
    int max_det = 300;  ///< at most so many boxes per image, at least 1
    /// Measure only these class ids; unset: all.
    std::optional<std::vector<int>> classes = {};
    bool single_cls = false;                 ///< take all classes for one
    bool agnostic_nms = false;               ///< let boxes of different classes suppress each other
    bool rect = true;                        ///< smallest rectangle for each batch, where the model's shape is open
    int workers = 8;                         ///< threads that read and prepare, at most one more than cores; 0: none
    std::filesystem::path annotations = {};  ///< COCO `instances_*.json` as ground truth instead of label files
    std::string protocol = "ultralytics";    ///< `ultralytics` (8.4) or `classic` (8.0 to 8.3)
    std::string shard = {};                  ///< `i/n`: validate part i of n and write it for `merge_val`

    Runtime runtime = Runtime::Auto;  ///< what runs the network
    std::string device = {};          ///< as PredictArgs::device
    Precision precision = Precision::Auto;
    bool half = false;  ///< ask for 16-bit inference
    /// Folder for compiled models; `auto`: the user's cache folder, `~/.cache/yolovino/models`; `none` or empty: no
    /// cache.
    std::filesystem::path cache_dir = "auto";
    OvConfig ov_config = {};  ///< properties for OpenVINO; none may contradict another option
    Performance performance = Performance::Auto;
    int threads = 0;        ///< as PredictArgs::threads
    int streams = 0;        ///< as PredictArgs::streams
    double watchdog = 120;  ///< as PredictArgs::watchdog

    bool save = true;          ///< write results.csv and results.json
    bool plots = true;         ///< draw curves, confusion matrices, and the first batches
    bool save_json = false;    ///< write predictions.json in COCO's form
    bool save_txt = false;     ///< write label files
    bool save_conf = false;    ///< add the score to label files
    std::string project = {};  ///< root of the run folders; empty: runs/detect
    std::string name = {};     ///< name of the run folder; empty: val
    bool exist_ok = false;     ///< write into an existing run folder
    bool verbose = true;       ///< log one line per class
};

/// Options of `benchmark`. The defaults stand here and nowhere else.
struct BenchmarkArgs {
    std::filesystem::path data = {};      ///< dataset YAML: path, val, names
    std::string split = "val";            ///< key of the YAML
    std::string formats = {};             ///< names of `benchmark_formats()` with commas between; empty: all
    std::optional<ImageSize> imgsz = {};  ///< square; unset: the size of the training
    bool half = false;                    ///< export weights as FP16
    bool int8 = false;                    ///< export in 8 bits, calibrated on `data`; the checkpoint's row stays float
    std::string device = {};              ///< of the OpenVINO rows, as PredictArgs::device
    Precision precision = Precision::Auto;  ///< of the OpenVINO rows
    OvConfig ov_config = {};                ///< of the OpenVINO rows, as PredictArgs::ov_config
    std::string project = {};               ///< root of the run folders; empty: runs/detect
    std::string name = {};                  ///< name of the run folder; empty: benchmark
    bool exist_ok = false;                  ///< write into an existing run folder
    bool verbose = true;                    ///< log what is done
};

/// Options of `draw` and `Results::plot`.
struct PlotArgs {
    bool conf = true;                    ///< write the score
    bool labels = true;                  ///< write the class name
    bool boxes = true;                   ///< draw the boxes
    std::optional<int> line_width = {};  ///< pixels; unset: from the size of the picture
};

}  // namespace yolovino
