#include "options/schema.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "options/binding.hpp"
#include "options/device_list.hpp"
#include "options/server_options.hpp"
#include "options/text.hpp"

namespace yolovino::options {

namespace {

constexpr double kMaxBatch = 4096;
constexpr double kMaxThreads = 1024;
constexpr double kMaxWatchdogS = 86400;
constexpr int kMaxStride = 4096;
constexpr double kMaxImages = 1e9;
constexpr double kMinOpset = 11;  // as the writer of ONNX
constexpr double kMaxOpset = 20;

Range from(double lowest) {
    return {.lowest = lowest};
}

Range between(double lowest, double highest) {
    return {.lowest = lowest, .highest = highest};
}

bool is_share_or_count(double number) {
    return (number > 0 && number <= 1) || (number <= kMaxImages && number > 1 && number == std::trunc(number));
}

bool is_power_of_two(double number) {
    return number >= 1 && number <= kMaxStride && std::has_single_bit(static_cast<unsigned>(number));
}

std::vector<Binding> everywhere(std::string Settings::*member) {
    std::vector<Binding> bindings;
    for (const ModeInfo& mode : modes()) bindings.push_back(general(mode.mode, member));
    return bindings;
}

/// One source or a list of them.
Binding source() {
    Binding binding = general(Mode::Predict, &Settings::source);
    binding.set = [](Settings& settings, const Argument& argument) {
        const auto* list = argument.value.get<Value::List>();
        if (list == nullptr) return Convert<std::string>::read(argument, settings.source);
        std::vector<std::string> sources;
        for (const Value& each : *list) {
            const auto* text = each.get<std::string>();
            if (text == nullptr || text->empty()) return false;
            sources.push_back(*text);
        }
        settings.source = join(sources, "\n");
        return !sources.empty();
    };
    return binding;
}

/// The newer name of `half` and `int8`; it wins over both because it is after them in the table.
template <typename Half, typename Int8>
Binding quantize(Mode mode, Half half, Int8 int8) {
    const auto set = [=](Settings& settings, const Argument& argument) {
        const std::string text = lower(trim(argument.raw));
        const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
            return std::ranges::find(names, text) != names.end();
        };
        if (is_one_of({"w8a16", "w8a32"}))
            throw UsageError(fmt::format("'quantize={}' is not offered here; use 8, 16, or 32", text));
        if (argument.value.is_none()) return true;
        int8(settings) = is_one_of({"8", "int8", "w8a8"});
        half(settings) = is_one_of({"16", "fp16", "w16a16"});
        return int8(settings) || half(settings) || is_one_of({"32", "fp32", "w32a32"});
    };
    return {.mode = mode,
            .area = std::string(area_of(mode)),
            .type = "int",
            .wanted = "8, 16, 32, or None",
            .set = set,
            .show = [](const Settings&) { return std::string("None"); }};
}

template <typename Args>
Binding quantize_inference() {
    return quantize(
        Place<Args>::kMode, [](Settings& s) -> bool& { return (s.*Place<Args>::kArgs).runtime.half; },
        [](Settings& s) -> bool& { return s.int8; });
}

template <typename Args>
Binding quantize_export() {
    return quantize(
        Place<Args>::kMode, [](Settings& s) -> bool& { return (s.*Place<Args>::kArgs).half; },
        [](Settings& s) -> bool& { return (s.*Place<Args>::kArgs).int8; });
}

/// The older spelling of `nms`, after which it is in the table. Of both, nms=True stays unless this asks for the
/// one-to-one head.
template <typename Args>
Binding end2end() {
    const auto set = [](Settings& settings, const Argument& argument) {
        const bool* flag = argument.value.get<bool>();
        std::optional<bool>& nms = (settings.*Place<Args>::kArgs).nms;
        if (flag != nullptr && *flag) nms = false;
        if (flag != nullptr && !*flag && nms != true) nms.reset();
        return flag != nullptr || argument.value.is_none();
    };
    return {.mode = Place<Args>::kMode,
            .area = std::string(area_of(Place<Args>::kMode)),
            .type = "bool",
            .wanted = "True or False",
            .set = set,
            .show = [](const Settings&) { return std::string("None"); }};
}

template <typename T>
Binding both_runtimes(T RuntimeOptions::*member, std::vector<std::string> (*split)(std::string_view) = split_words) {
    return both_sides(
        [=](auto& side) -> auto& { return side.runtime.*member; }, split);
}

Binding half_of_second() {
    return bind(
        Mode::Agree, area_of(Mode::Agree),
        [](auto& settings) -> auto& { return settings.agree.sides[1].runtime.half; });
}

void add_general_options(std::vector<Option>& table) {
    table.push_back({.key = "task",
                     .help = "what the network does; taken from the model",
                     .choices = {kTaskNames.begin(), kTaskNames.end()},
                     .bindings = everywhere(&Settings::task)});
    table.push_back(
        {.key = "mode", .help = "what to do", .choices = mode_names(), .bindings = everywhere(&Settings::mode)});
    table.push_back(
        {.key = "model",
         .help = "checkpoint (.pt), OpenVINO folder, .onnx, .torchscript, an import (SavedModel, .pb, .tflite, Paddle, "
                 "Caffe, Keras), or http://host:8000/NAME; benchmark: several with commas; serve: also NAME=FILE, or a "
                 "folder",
         .bindings = everywhere(&Settings::model)});
    table.push_back({.key = "source",
                     .help =
                         "image, folder, glob, .txt or .csv list, video, URL, stream, or camera number; -: images or "
                         "paths from standard input, answered by JSON lines",
                     .bindings = {source(), general(Mode::Agree, &Settings::source)}});
    table.push_back(
        {.key = "format",
         .help = "formats with commas: torchscript, onnx, openvino; benchmark, compare: pytorch, too; None: all",
         .values = {"torchscript", "onnx", "openvino"},
         .bindings = {at(&ExportArgs::format), at(&BenchmarkArgs::formats),
                      both_sides([](auto& side) -> auto& { return side.format; })}});
    table.push_back({.key = "formats",
                     .help = "the same as format",
                     .values = {"pytorch", "torchscript", "onnx", "openvino"},
                     .bindings = {at(&BenchmarkArgs::formats)}});
}

void add_network_options(std::vector<Option>& table) {
    table.push_back({.key = "imgsz",
                     .help = "input size, one number or [height, width]; None: the size of the training",
                     .range = between(1, kMaxImgszPx),
                     .bindings = {at(&PredictArgs::imgsz), at(&ValArgs::imgsz), at(&ExportArgs::imgsz),
                                  at(&BenchmarkArgs::imgsz), at(&AgreeArgs::imgsz)}});
    table.push_back({.key = "batch",
                     .help = "images per inference",
                     .range = between(1, kMaxBatch),
                     .bindings = {at(&PredictArgs::batch), at(&ValArgs::batch), at(&ExportArgs::batch)}});
    table.push_back(
        {.key = "dynamic", .help = "make batch, height, and width dynamic", .bindings = {at(&ExportArgs::dynamic)}});
    table.push_back({.key = "half",
                     .help = "16-bit floats: weights of an export, inference of a prediction",
                     .bindings = runtime_of<PredictArgs, ValArgs>(
                         &RuntimeOptions::half, {at(&ExportArgs::half), at(&BenchmarkArgs::half), half_of_second()})});
    table.push_back(
        {.key = "int8",
         .help = "8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast "
                 "with VNNI, but no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export",
         .bindings = {at(&ExportArgs::int8), at(&BenchmarkArgs::int8), general(Mode::Predict, &Settings::int8),
                      general(Mode::Val, &Settings::int8)}});
    table.push_back({.key = "quantize",
                     .help = "16 is half=True, 32 is half=False, 8 is int8=True",
                     .values = {"8", "16", "32"},
                     .bindings = {quantize_inference<PredictArgs>(), quantize_inference<ValArgs>(),
                                  quantize_export<ExportArgs>(), quantize_export<BenchmarkArgs>()}});
    table.push_back({.key = "opset",
                     .help = "onnx: version of its operators; None: 18",
                     .range = between(kMinOpset, kMaxOpset),
                     .bindings = {at(&ExportArgs::opset)}});
    table.push_back({.key = "simplify",
                     .help = "onnx: accepted, the network is written simplified in any case",
                     .bindings = {at(&ExportArgs::simplify)}});
    table.push_back({.key = "optimize",
                     .help = "torchscript: accepted, batch norms are folded in any case",
                     .bindings = {at(&ExportArgs::optimize)}});
    table.push_back({.key = "verbose",
                     .help = "write what is done; for info: the table of layers",
                     .bindings = {at(&PredictArgs::verbose), at(&ValArgs::verbose), at(&ExportArgs::verbose),
                                  at(&BenchmarkArgs::verbose), at(&InfoArgs::verbose)}});
}

void add_detection_options(std::vector<Option>& table) {
    table.push_back(
        {.key = "conf",
         .help = "keep detections with a score above this; val: None is 0.001, and 0.25 for the confusion matrix; "
                 "export: with nms=True",
         .range = between(0, 1),
         .takes_none = true,
         .bindings = {at(&PredictArgs::conf), at(&ValArgs::conf), at(&ExportArgs::conf), at(&AgreeArgs::conf)}});
    table.push_back({.key = "iou",
                     .help = "suppress boxes that overlap more than this; export: with nms=True",
                     .range = between(0, 1),
                     .bindings = {at(&PredictArgs::iou), at(&ValArgs::iou), at(&ExportArgs::iou)}});
    table.push_back(
        {.key = "nms",
         .help = "False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression "
                 "afterwards; export: True puts it into the network",
         .bindings = {at(&PredictArgs::nms), at(&ValArgs::nms), at(&ExportArgs::nms), at(&BenchmarkArgs::nms)}});
    table.push_back(
        {.key = "end2end",
         .help = "deprecated: True is nms=False, False is nms=None",
         .bindings = {end2end<PredictArgs>(), end2end<ValArgs>(), end2end<ExportArgs>(), end2end<BenchmarkArgs>()}});
    table.push_back({.key = "classes",
                     .help = "keep only these class ids, for example [0, 2]; None: all",
                     .range = from(0),
                     .bindings = {at(&PredictArgs::classes), at(&ValArgs::classes)}});
    table.push_back({.key = "max_det",
                     .help = "at most so many boxes per image; export: with nms=True or False",
                     .range = from(1),
                     .bindings = {at(&PredictArgs::max_det), at(&ValArgs::max_det), at(&ExportArgs::max_det)}});
    table.push_back(
        {.key = "agnostic_nms",
         .help = "let boxes of different classes suppress each other; export: with nms=True or False",
         .bindings = {at(&PredictArgs::agnostic_nms), at(&ValArgs::agnostic_nms), at(&ExportArgs::agnostic_nms)}});
}

void add_image_options(std::vector<Option>& table) {
    table.push_back(
        {.key = "augment",
         .help = "see each image at three scales, once mirrored: slower, and finds more (checkpoints that detect)",
         .bindings = {at(&PredictArgs::augment), at(&ValArgs::augment)}});
    table.push_back({.key = "visualize",
                     .help = "write a map of what the scores rest on over each image, NAME_cam.jpg (checkpoints)",
                     .bindings = {at(&PredictArgs::visualize)}});
    table.push_back({.key = "embed",
                     .help = "instead of detections the mean features of these layers of a checkpoint, for example "
                             "[15, 18]; save_json writes them; None: detect",
                     .range = from(0),
                     .bindings = {at(&PredictArgs::embed)}});
    table.push_back({.key = "overlap_mask",
                     .help = "let smaller objects hide larger ones in the masks of the labels (segment)",
                     .bindings = {at(&ValArgs::overlap_mask)}});
    table.push_back({.key = "rect",
                     .help = "pad to the smallest rectangle instead of the whole size",
                     .bindings = {at(&PredictArgs::rect), at(&ValArgs::rect)}});
    table.push_back({.key = "vid_stride",
                     .help = "use each n-th frame of a video",
                     .range = from(1),
                     .bindings = {at(&PredictArgs::vid_stride)}});
    table.push_back({.key = "tracker",
                     .help = "how objects are followed: a YAML file, or one that is built in",
                     .values = {"tracktrack.yaml", "bytetrack.yaml", "botsort.yaml"},
                     .takes_none = true,
                     .bindings = {at(&TrackArgs::tracker)}});
    table.push_back({.key = "stream_buffer",
                     .help = "keep all frames of a live stream instead of the newest",
                     .bindings = {at(&PredictArgs::stream_buffer)}});
}

void add_runtime_options(std::vector<Option>& table) {
    table.push_back(
        {.key = "runtime",
         .help = "what runs the network",
         .choices = names_of_values<Runtime>(),
         .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::kind, {both_runtimes(&RuntimeOptions::kind)})});
    table.push_back(
        {.key = "device",
         .help = "cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it "
                 "runs each layer; compare: two, plain names behind HETERO: and the like belong to it, ';' always "
                 "separates",
         .values = {"cpu", "gpu", "npu", "AUTO"},
         .bindings = runtime_of<PredictArgs, ValArgs, BenchmarkArgs>(
             &RuntimeOptions::device, {at(&InfoArgs::device), both_runtimes(&RuntimeOptions::device, split_devices)})});
    table.push_back({.key = "precision",
                     .help = "element type of the inference",
                     .choices = names_of_values<Precision>(),
                     .bindings = runtime_of<PredictArgs, ValArgs, BenchmarkArgs>(
                         &RuntimeOptions::precision, {both_runtimes(&RuntimeOptions::precision)})});
    table.push_back(
        {.key = "performance",
         .help = "latency: one inference at a time; throughput: several; auto: the faster one on the first images; "
                 "also spelt mode=",
         .choices = names_of_values<Performance>(),
         .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::performance)});
    table.push_back(
        {.key = "threads",
         .help = "threads of OpenVINO's inference; 0: its choice, or what the CPU quota of a container allows",
         .range = between(0, kMaxThreads),
         .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::threads)});
    table.push_back({.key = "pinning",
                     .help = "bind OpenVINO's threads to cores; give False where several processes share a machine; "
                             "None: its choice, and False under a CPU quota",
                     .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::pinning)});
    table.push_back({.key = "streams",
                     .help = "inferences in parallel; 0: as performance says",
                     .range = between(0, kMaxThreads),
                     .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::streams)});
    table.push_back(
        {.key = "watchdog",
         .help = fmt::format("seconds after which an inference of OpenVINO is abandoned; 0: never; None: {}",
                             kDefaultWatchdogS),
         .range = {.lowest = 0, .highest = kMaxWatchdogS, .words = "0 (never) to 86400 seconds"},
         .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::watchdog)});
}

void add_failure_options(std::vector<Option>& table) {
    table.push_back({.key = "strict",
                     .help = "stop at the first image that fails; audit: fail for unknown names, too",
                     .bindings = {at(&PredictArgs::strict), at(&InfoArgs::strict)}});
    table.push_back(
        {.key = "error_results",
         .help = "an image that fails is a result with an error instead of being skipped; True for source=-",
         .bindings = {at(&PredictArgs::error_results)}});
    table.push_back({.key = "framing",
                     .help =
                         "source=-: lines of paths and URLs; length: 4 bytes big-endian before each image; netstring: "
                         "key and image, each as LENGTH:BYTES,; whole: one image; auto: by the first bytes",
                     .choices = {"auto", "lines", "length", "netstring", "whole"},
                     .bindings = {at(&PredictArgs::framing)}});
}

void add_openvino_options(std::vector<Option>& table) {
    table.push_back({.key = "cache_dir",
                     .help = "folder for compiled models; auto: ~/.cache/yolovino/models; None: no cache",
                     .bindings = runtime_of<PredictArgs, ValArgs>(&RuntimeOptions::cache_dir)});
    table.push_back({.key = "ov.config",
                     .help = "properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file",
                     .bindings = runtime_of<PredictArgs, ValArgs, BenchmarkArgs>(&RuntimeOptions::ov_config)});
}

void add_dataset_options(std::vector<Option>& table) {
    table.push_back(
        {.key = "data",
         .help = "dataset YAML: path, val, names; export int8: a folder, glob, or list of images will do, too",
         .bindings = {at(&ValArgs::data), at(&BenchmarkArgs::data), at(&ExportArgs::data), at(&AgreeArgs::data)}});
    table.push_back({.key = "split",
                     .help = "part of the dataset: val, test, train, minival",
                     .values = {"val", "test", "train", "minival"},
                     .bindings = {at(&ValArgs::split), at(&BenchmarkArgs::split), at(&ExportArgs::split)}});
    table.push_back(
        {.key = "fraction",
         .help = "int8: share of data to calibrate on, or above 1 the number of images",
         .range = {.words = "a share above 0 to 1 or a whole number of images above 1", .rule = is_share_or_count},
         .bindings = {at(&ExportArgs::fraction)}});
    table.push_back({.key = "float_layers",
                     .help = "int8: layers to leave in float, for example 2.cv1,22.cv3",
                     .bindings = {at(&ExportArgs::float_layers)}});
    table.push_back({.key = "guard",
                     .help = "int8: find up to three layers that are worth leaving in float (a minute or more)",
                     .bindings = {at(&ExportArgs::guard)}});
    table.push_back(
        {.key = "max_drop",
         .help = "int8: warn if mAP50-95 on the labels of data falls by more than this; None: do not measure",
         .range = between(0, 1),
         .takes_none = true,
         .bindings = {at(&ExportArgs::max_drop)}});
    table.push_back({.key = "names",
                     .help = "class names of an imported model whose file has none, for example cat,dog",
                     .bindings = {at(&ExportArgs::names)}});
    table.push_back(
        {.key = "kpt_shape",
         .help = "pose: [keypoints, numbers of each] of a model that does not say it; None: the file's",
         .bindings = {general(Mode::Predict, &Settings::kpt_shape), general(Mode::Val, &Settings::kpt_shape),
                      general(Mode::Export, &Settings::kpt_shape), general(Mode::Info, &Settings::kpt_shape)}});
    table.push_back({.key = "stride",
                     .help = "largest stride of an imported model; None: the file's, or 32",
                     .range = {.words = "a power of two from 1 to 4096", .rule = is_power_of_two},
                     .bindings = {at(&ExportArgs::stride)}});
}

void add_validation_options(std::vector<Option>& table) {
    table.push_back({.key = "single_cls", .help = "treat all classes as one", .bindings = {at(&ValArgs::single_cls)}});
    table.push_back({.key = "workers",
                     .help = "threads that read and prepare images, 0: none",
                     .range = from(0),
                     .bindings = {at(&ValArgs::workers)}});
    table.push_back({.key = "annotations",
                     .help = "COCO instances_*.json as ground truth instead of label files",
                     .bindings = {at(&ValArgs::annotations)}});
    table.push_back({.key = "protocol",
                     .help = "rules of 8.4, or of 8.0 to 8.3 (classic)",
                     .choices = {"ultralytics", "classic"},
                     .bindings = {at(&ValArgs::protocol)}});
    table.push_back({.key = "shard",
                     .help = "i/n: validate part i of n and write it for merge",
                     .bindings = {at(&ValArgs::shard)}});
    table.push_back({.key = "merge",
                     .help = "files that shard wrote, with commas between, or a pattern: put them together",
                     .bindings = {general(Mode::Val, &Settings::merge)}});
    table.push_back({.key = "plots",
                     .help = "draw curves, confusion matrices, and the first batches; write report.html",
                     .bindings = {at(&ValArgs::plots)}});
    table.push_back({.key = "tolerance_box",
                     .help = "compare: largest difference of a corner, in pixels of the image",
                     .range = from(0),
                     .bindings = {at(&AgreeArgs::tolerance_box)}});
    table.push_back({.key = "tolerance_score",
                     .help = "compare: largest difference of a score",
                     .range = between(0, 1),
                     .bindings = {at(&AgreeArgs::tolerance_score)}});
    table.push_back({.key = "tolerance_mask",
                     .help = "compare, segment: largest difference of a mask, 1 - IoU",
                     .range = between(0, 1),
                     .bindings = {at(&AgreeArgs::tolerance_mask)}});
    table.push_back({.key = "tolerance_keypoint",
                     .help = "compare, pose: largest distance of a keypoint, in pixels of the image",
                     .range = from(0),
                     .bindings = {at(&AgreeArgs::tolerance_keypoint)}});
    table.push_back({.key = "tolerance_angle",
                     .help = "compare, obb: largest difference of an angle, in degrees",
                     .range = between(0, 90),
                     .bindings = {at(&AgreeArgs::tolerance_angle)}});
    table.push_back({.key = "tolerance_map",
                     .help = "compare: largest difference of mAP50-95",
                     .range = between(0, 1),
                     .bindings = {at(&AgreeArgs::tolerance_map)}});
}

void add_output_options(std::vector<Option>& table) {
    const std::string run_root = fmt::format("runs/{}", kTaskNames.front());
    table.push_back({.key = "save",
                     .help = "write annotated images and videos; val: results.csv and results.json",
                     .bindings = {at(&PredictArgs::save), at(&ValArgs::save)}});
    table.push_back({.key = "save_txt",
                     .help = "write label files",
                     .bindings = {at(&PredictArgs::save_txt), at(&ValArgs::save_txt)}});
    table.push_back({.key = "save_conf",
                     .help = "add the score to label files",
                     .bindings = {at(&PredictArgs::save_conf), at(&ValArgs::save_conf)}});
    table.push_back(
        {.key = "save_crop", .help = "write each detection as an image", .bindings = {at(&PredictArgs::save_crop)}});
    table.push_back({.key = "save_frames",
                     .help = "write the frames of videos as images",
                     .bindings = {at(&PredictArgs::save_frames)}});
    table.push_back(
        {.key = "save_json",
         .help = "predict: one JSON line per image, to standard output and predictions.jsonl; val: predictions.json in "
                 "COCO's form; info: print JSON",
         .bindings = {at(&PredictArgs::save_json), at(&ValArgs::save_json), at(&InfoArgs::save_json),
                      general(Mode::Agree, &Settings::agree_json)}});
    table.push_back(
        {.key = "audit",
         .help = "list what Python would import if it loaded the file; status 1 if that is dangerous or not all of the "
                 "file can be followed",
         .bindings = {at(&InfoArgs::audit)}});
    table.push_back({.key = "show", .help = "show the images in a window", .bindings = {at(&PredictArgs::show)}});
    table.push_back({.key = "show_labels", .help = "draw class names", .bindings = {at(&PredictArgs::show_labels)}});
    table.push_back({.key = "show_conf", .help = "draw scores", .bindings = {at(&PredictArgs::show_conf)}});
    table.push_back({.key = "retina_masks",
                     .help = "segment: masks at the size of the image instead of the network's input",
                     .bindings = {at(&PredictArgs::retina_masks)}});
    table.push_back({.key = "show_boxes", .help = "draw boxes", .bindings = {at(&PredictArgs::show_boxes)}});
    table.push_back({.key = "line_width",
                     .help = "width of lines in pixels; None: from the size of the image",
                     .range = from(1),
                     .bindings = {at(&PredictArgs::line_width)}});
    table.push_back({.key = "project",
                     .help = "root of the run folders; None: " + run_root,
                     .bindings = {at(&PredictArgs::project), at(&ValArgs::project), at(&BenchmarkArgs::project)}});
    table.push_back({.key = "name",
                     .help = "name of the run folder; None: the mode",
                     .bindings = {at(&PredictArgs::name), at(&ValArgs::name), at(&BenchmarkArgs::name)}});
    table.push_back({.key = "exist_ok",
                     .help = "write into an existing run folder",
                     .bindings = {at(&PredictArgs::exist_ok), at(&ValArgs::exist_ok), at(&BenchmarkArgs::exist_ok)}});
}

/// What an option of predict means while objects are tracked: the same, for arguments of its own.
Binding of_track(const Binding& predict) {
    Binding track = predict;
    track.mode = Mode::Track;
    if (predict.area == area_of(Mode::Predict)) track.area = area_of(Mode::Track);
    track.set = [set = predict.set](Settings& settings, const Argument& argument) {
        Settings inner = settings;
        inner.predict = settings.track.predict;
        const bool right = set(inner, argument);
        inner.track.predict = std::exchange(inner.predict, settings.predict);
        settings = std::move(inner);
        return right;
    };
    const auto as_predict = [](const Settings& settings) {
        Settings inner = settings;
        inner.predict = settings.track.predict;
        return inner;
    };
    track.show = [=, show = predict.show](const Settings& settings) { return show(as_predict(settings)); };
    if (predict.problem) {
        track.problem = [=, problem = predict.problem](const Settings& settings, const Range& range) {
            return problem(as_predict(settings), range);
        };
    }
    return track;
}

/// Tracking takes all options of predict but `embed`, which finds no objects, and stands behind it.
void add_track_bindings(std::vector<Option>& table) {
    for (Option& option : table) {
        const auto predict = std::ranges::find(option.bindings, Mode::Predict, &Binding::mode);
        if (option.key == "embed" || predict == option.bindings.end() || option.binding(Mode::Track) != nullptr)
            continue;
        option.bindings.insert(predict + 1, of_track(*predict));
    }
}

std::vector<Option> build() {
    std::vector<Option> table;
    add_general_options(table);
    add_network_options(table);
    add_detection_options(table);
    add_image_options(table);
    add_runtime_options(table);
    add_failure_options(table);
    add_openvino_options(table);
    add_dataset_options(table);
    add_validation_options(table);
    add_output_options(table);
    add_track_bindings(table);
    add_server_options(table);
    return table;
}

}  // namespace

const std::vector<Option>& schema() {
    static const std::vector<Option> kSchema = build();
    return kSchema;
}

const Option* find_option(std::string_view key) {
    const auto found = std::ranges::find(schema(), key, &Option::key);
    return found == schema().end() ? nullptr : &*found;
}

}  // namespace yolovino::options
