#pragma once

#include <optional>
#include <string>
#include <vector>

#include "yolovino/runtime_options.hpp"
#include "yolovino/types.hpp"

namespace yolovino {

/// Options of `Model::predict`. Names and defaults are Ultralytics'; the defaults are defined only here.
struct PredictArgs {
    std::optional<ImageSize> imgsz = {};  ///< unset: the size of the training; fixed for static exports
    double conf = 0.25;                   ///< keep scores above this, 0 to 1
    double iou = 0.7;                     ///< suppress boxes that overlap more than this, 0 to 1
    /// Checkpoints with two heads (YOLO26, YOLOv10): False takes the one-to-one head, whose boxes need no suppression;
    /// True or unset the other.
    std::optional<bool> nms = {};
    /// Keep only these class ids, with an empty list none; unset: all.
    std::optional<std::vector<int>> classes = {};
    int max_det = 300;          ///< at most so many boxes per image, at least 1
    bool agnostic_nms = false;  ///< let boxes of different classes suppress each other
    /// See each image at three scales, once mirrored (checkpoints that detect): slower, and finds more.
    bool augment = false;
    /// Instead of detections `Results::embedding`, the means of the features of these layers; unset: detect.
    std::optional<std::vector<int>> embed = {};
    /// Write a map of what the scores rest on over each image, `<name>_cam.jpg` (checkpoints).
    bool visualize = false;
    bool retina_masks = false;   ///< segment: masks at the size of the image instead of the network's input
    int batch = 1;               ///< images per inference, at least 1
    bool rect = true;            ///< smallest rectangle that the stride allows, where the model's shape is dynamic
    int vid_stride = 1;          ///< use each n-th frame of a video
    bool stream_buffer = false;  ///< keep all frames of a live stream instead of the newest

    RuntimeOptions runtime = {};  ///< what runs the network, where, and how
    bool strict = false;          ///< stop at the first image that fails instead of going on with the next
    /// An image that fails gives a result with `Results::error` instead of being skipped.
    bool error_results = false;
    /// How the images of standard input (source `-`) follow each other: `lines` of paths and URLs; `length`: 4 bytes,
    /// big-endian, and so many of an image; `netstring`: a key and an image, each as `length:bytes,`; `whole`: all of
    /// it is one image; `auto`: what the first bytes look like.
    std::string framing = "auto";

    bool save = false;         ///< write annotated images (the command turns this on)
    bool save_txt = false;     ///< write label files
    bool save_conf = false;    ///< add the score to label files
    bool save_crop = false;    ///< write each detection as an image
    bool save_frames = false;  ///< write the frames of videos as images
    bool save_json = false;    ///< write one JSON line per image
    bool show = false;         ///< open a window
    bool show_labels = true;
    bool show_conf = true;
    bool show_boxes = true;
    std::optional<int> line_width = {};  ///< pixels; unset: from the size of the image
    std::string project = {};            ///< root of the run folders; empty: runs/detect
    std::string name = {};               ///< name of the run folder; empty: predict
    bool exist_ok = false;               ///< write into an existing run folder
    bool verbose = true;                 ///< log one line per image
};

}  // namespace yolovino
