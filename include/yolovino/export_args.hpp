#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/types.hpp"

namespace yolovino {

/// Options of `Model::export_to`. Names and defaults are Ultralytics'; the defaults are defined only here.
struct ExportArgs {
    std::string format = "torchscript";   ///< a name of `export_formats()`
    std::optional<ImageSize> imgsz = {};  ///< input size; unset: the size of the training; rounded up to the stride
    bool half = false;                    ///< store weights as FP16
    bool dynamic = false;                 ///< leave batch, height, and width dynamic
    int batch = 1;                        ///< images per inference, at least 1
    std::optional<int> opset = {};        ///< ONNX only: version of its operators, 11 to 20; unset: 18
    bool simplify = true;                 ///< ONNX only: accepted; the network is written simplified in any case
    bool int8 = false;          ///< OpenVINO, ONNX: 8-bit weights and activations, calibrated on `data`; wins over half
    std::string data = {};      ///< images for int8: dataset YAML, folder (searched to its depths), glob, or list
    std::string split = "val";  ///< key of the dataset YAML: val, test, train, minival
    double fraction = 1.0;      ///< what calibrates, from the front: a share, above 0 to 1, or a whole number of images
    std::vector<std::string> float_layers = {};  ///< int8: layers to leave in float, such as `2.cv1` or all of `22`
    bool guard = false;  ///< int8: find up to three layers that are worth leaving in float; takes about a minute
    /// int8: validate the float and the 8-bit model on the labels of `data` and warn if mAP50-95 falls by more than
    /// this, 0 to 1; unset: no validation. Only an alarm: nothing is chosen by it.
    std::optional<double> max_drop = {};
    bool optimize = false;  ///< TorchScript only: accepted; batch norms are folded in any case
    /// True: suppression in the network, whose results are finished boxes; False: the one-to-one head of checkpoints
    /// that have it (YOLO26, YOLOv10), whose boxes need none; unset: suppression afterwards.
    std::optional<bool> nms = {};
    double conf = 0.25;                        ///< nms=True: keep scores above this, 0 to 1
    double iou = 0.7;                          ///< nms=True: suppress boxes that overlap more than this, 0 to 1
    int max_det = 300;                         ///< nms=True or False: at most so many boxes per image, at least 1
    bool agnostic_nms = false;                 ///< nms=True or False: boxes of different classes compete, too
    bool verbose = true;                       ///< log Ultralytics' lines
    std::filesystem::path output_folder = {};  ///< folder to write into; empty: beside the checkpoint
    std::vector<std::string> names = {};       ///< imported models only: class names, for files that carry none
    std::optional<int> stride = {};            ///< imported models only: the largest stride; unset: the file's, or 32
};

}  // namespace yolovino
