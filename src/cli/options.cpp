#include "cli/options.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <type_traits>
#include <utility>

#include "cli/convert.hpp"
#include "cli/device_list.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

template <typename Owner, typename T>
Binding bind(Mode mode, Owner Settings::*owner, T Owner::*member) {
    return {mode, std::string(Convert<T>::kType), std::string(Convert<T>::kWanted),
            [=](Settings& settings, const Argument& argument) {
                return Convert<T>::read(argument, settings.*owner.*member);
            },
            [=](const Settings& settings) { return Convert<T>::show(settings.*owner.*member); }};
}

template <typename T>
Binding predict(T PredictArgs::*member) {
    return bind(Mode::Predict, &Settings::predict, member);
}

template <typename T>
Binding val(T ValArgs::*member) {
    return bind(Mode::Val, &Settings::val, member);
}

template <typename T>
Binding exporting(T ExportArgs::*member) {
    return bind(Mode::Export, &Settings::exporting, member);
}

template <typename T>
Binding benchmark(T BenchmarkArgs::*member) {
    return bind(Mode::Benchmark, &Settings::benchmark, member);
}

template <typename T>
Binding info(T InfoArgs::*member) {
    return bind(Mode::Info, &Settings::info, member);
}

template <typename T>
Binding agreeing(T AgreeArgs::*member) {
    return bind(Mode::Agree, &Settings::agree, member);
}

Binding general(Mode mode, std::string Settings::*member) {
    using Text = Convert<std::string>;
    return {mode, std::string(Text::kType), std::string(Text::kWanted),
            [=](Settings& settings, const Argument& argument) { return Text::read(argument, settings.*member); },
            [=](const Settings& settings) { return Text::show(settings.*member); }};
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

Binding flag(Mode mode, bool Settings::*member) {
    using Flag = Convert<bool>;
    return {mode, std::string(Flag::kType), std::string(Flag::kWanted),
            [=](Settings& settings, const Argument& argument) { return Flag::read(argument, settings.*member); },
            [=](const Settings& settings) { return Flag::show(settings.*member); }};
}

Binding agreeing_devices() {
    return {Mode::Agree, "str or list", "device names with commas or semicolons between",
            [](Settings& settings, const Argument& argument) {
                settings.agree.device.clear();
                if (argument.value.is_none()) return true;
                settings.agree.device = split_devices(argument.raw);
                return !settings.agree.device.empty();
            },
            [](const Settings& settings) {
                return settings.agree.device.empty() ? std::string("None") : join(settings.agree.device, ";");
            }};
}

std::vector<Binding> everywhere(std::string Settings::*member) {
    return {general(Mode::Predict, member),   general(Mode::Val, member),  general(Mode::Export, member),
            general(Mode::Benchmark, member), general(Mode::Info, member), general(Mode::Agree, member)};
}

/// The newer name of `half` and `int8`; it wins over both because it stands behind them in the table.
template <typename Args>
Binding quantize(Mode mode, Args Settings::*owner) {
    constexpr bool kExports = std::is_same_v<Args, ExportArgs> || std::is_same_v<Args, BenchmarkArgs>;
    return {mode, "int", "8, 16, 32, or None",
            [=](Settings& settings, const Argument& argument) {
                const std::string text = lower(trim(argument.raw));
                const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
                    return std::ranges::find(names, text) != names.end();
                };
                if (is_one_of({"w8a16", "w8a32"}))
                    throw UsageError(fmt::format("'quantize={}' is not offered here; use 8, 16, or 32", text));
                if (argument.value.is_none()) return true;
                bool& int8 = [&]() -> bool& {
                    if constexpr (kExports) return (settings.*owner).int8;
                    return settings.int8;
                }();
                int8 = is_one_of({"8", "int8", "w8a8"});
                if (int8) {
                    (settings.*owner).half = false;
                    return true;
                }
                (settings.*owner).half = is_one_of({"16", "fp16", "w16a16"});
                return (settings.*owner).half || is_one_of({"32", "fp32", "w32a32"});
            },
            [](const Settings&) { return std::string("None"); }};
}

Option at_least(double lowest, Option option) {
    option.lowest = lowest;
    return option;
}

Option fraction(Option option) {
    option.lowest = 0;
    option.highest = 1;
    return option;
}

/// None stands for the default.
Option optional(Option option) {
    option.takes_none = true;
    return option;
}

Option offering(std::vector<std::string> values, Option option) {
    option.values = std::move(values);
    return option;
}

Option one_of(std::vector<std::string> choices, Option option) {
    option.choices = std::move(choices);
    return option;
}

Option option(std::string key, std::string help, std::vector<Binding> bindings) {
    return {.key = std::move(key), .help = std::move(help), .bindings = std::move(bindings)};
}

void add_general(std::vector<Option>& table) {
    table.push_back(
        one_of({"detect"}, option("task", "what the network does; taken from the model", everywhere(&Settings::task))));
    table.push_back(one_of({"predict", "val", "export", "benchmark", "info", "agree"},
                           option("mode", "what to do", everywhere(&Settings::mode))));
    table.push_back(option(
        "model",
        "checkpoint (.pt), OpenVINO folder, .onnx, .torchscript, or an import: SavedModel, .pb, .tflite, Paddle, "
        "Caffe, Keras; benchmark: checkpoints with commas",
        everywhere(&Settings::model)));
    table.push_back(option("source", "picture, folder, glob, .txt or .csv list, video, URL, stream, or camera number",
                           {source(), general(Mode::Agree, &Settings::source)}));
    table.push_back(offering(
        {"torchscript", "onnx", "openvino"},
        option("format", "formats with commas: torchscript, onnx, openvino; benchmark, agree: pytorch, too; None: all",
               {exporting(&ExportArgs::format), benchmark(&BenchmarkArgs::formats), agreeing(&AgreeArgs::format)})));
    table.push_back(offering({"pytorch", "torchscript", "onnx", "openvino"},
                             option("formats", "the same as format", {benchmark(&BenchmarkArgs::formats)})));
    table.push_back(
        at_least(1, option("imgsz", "input size, one number or [height, width]; None: the size of the training",
                           {predict(&PredictArgs::imgsz), val(&ValArgs::imgsz), exporting(&ExportArgs::imgsz),
                            benchmark(&BenchmarkArgs::imgsz), agreeing(&AgreeArgs::imgsz)})));
    table.push_back(
        at_least(1, option("batch", "pictures per inference",
                           {predict(&PredictArgs::batch), val(&ValArgs::batch), exporting(&ExportArgs::batch)})));
    table.push_back(option("dynamic", "leave batch, height, and width open", {exporting(&ExportArgs::dynamic)}));
    table.push_back(option("half", "16-bit floats: weights of an export, inference of a prediction",
                           {predict(&PredictArgs::half), val(&ValArgs::half), exporting(&ExportArgs::half),
                            benchmark(&BenchmarkArgs::half), agreeing(&AgreeArgs::half)}));
    table.push_back(
        option("int8",
               "8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times "
               "as fast with VNNI, but no faster than bf16 on CPUs with AMX; predict, val: the model must "
               "be such an export",
               {exporting(&ExportArgs::int8), benchmark(&BenchmarkArgs::int8), flag(Mode::Predict, &Settings::int8),
                flag(Mode::Val, &Settings::int8)}));
    table.push_back(offering(
        {"8", "16", "32"},
        option("quantize", "16 is half=True, 32 is half=False, 8 is int8=True",
               {quantize(Mode::Predict, &Settings::predict), quantize(Mode::Val, &Settings::val),
                quantize(Mode::Export, &Settings::exporting), quantize(Mode::Benchmark, &Settings::benchmark)})));
    table.push_back(
        option("opset", "onnx: version of its operators, 11 to 20; None: 18", {exporting(&ExportArgs::opset)}));
    table.push_back(option("simplify", "onnx: accepted, the network is written simplified in any case",
                           {exporting(&ExportArgs::simplify)}));
    table.push_back(option("optimize", "torchscript: accepted, batch norms are folded in any case",
                           {exporting(&ExportArgs::optimize)}));
    table.push_back(option("verbose", "write what is done; for info: the table of layers",
                           {predict(&PredictArgs::verbose), val(&ValArgs::verbose), exporting(&ExportArgs::verbose),
                            benchmark(&BenchmarkArgs::verbose), info(&InfoArgs::verbose)}));
}

void add_detection(std::vector<Option>& table) {
    table.push_back(
        optional(fraction(option("conf",
                                 "keep detections with a score above this; val: None is 0.001, and 0.25 for the "
                                 "confusion matrix",
                                 {predict(&PredictArgs::conf), val(&ValArgs::conf), agreeing(&AgreeArgs::conf)}))));
    table.push_back(fraction(
        option("iou", "suppress boxes that overlap more than this", {predict(&PredictArgs::iou), val(&ValArgs::iou)})));
    table.push_back(at_least(0, option("classes", "keep only these class ids, for example [0, 2]; None: all",
                                       {predict(&PredictArgs::classes), val(&ValArgs::classes)})));
    table.push_back(at_least(1, option("max_det", "at most so many boxes per picture",
                                       {predict(&PredictArgs::max_det), val(&ValArgs::max_det)})));
    table.push_back(option("agnostic_nms", "let boxes of different classes suppress each other",
                           {predict(&PredictArgs::agnostic_nms), val(&ValArgs::agnostic_nms)}));
    table.push_back(option("rect", "pad to the smallest rectangle instead of the whole size",
                           {predict(&PredictArgs::rect), val(&ValArgs::rect)}));
    table.push_back(
        at_least(1, option("vid_stride", "use each n-th frame of a video", {predict(&PredictArgs::vid_stride)})));
    table.push_back(option("stream_buffer", "keep all frames of a live stream instead of the newest",
                           {predict(&PredictArgs::stream_buffer)}));
    table.push_back(
        offering({"auto", "openvino", "onnxruntime", "libtorch"},
                 option("runtime", "what runs the network: auto, openvino, onnxruntime, or libtorch",
                        {predict(&PredictArgs::runtime), val(&ValArgs::runtime), agreeing(&AgreeArgs::runtime)})));
    table.push_back(offering(
        {"cpu", "gpu", "npu", "AUTO"},
        option(
            "device",
            "cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it "
            "runs each layer; agree: two, plain names behind HETERO: and the like belong to it, ';' always separates",
            {predict(&PredictArgs::device), val(&ValArgs::device), benchmark(&BenchmarkArgs::device),
             info(&InfoArgs::device), agreeing_devices()})));
    table.push_back(offering({"auto", "f32", "bf16", "f16"},
                             option("precision", "element type of the inference: auto, f32, bf16, or f16",
                                    {predict(&PredictArgs::precision), val(&ValArgs::precision),
                                     benchmark(&BenchmarkArgs::precision), agreeing(&AgreeArgs::precision)})));
    table.push_back(offering({"auto", "latency", "throughput"},
                             option("performance",
                                    "latency (one inference at a time), throughput (several), or auto: tried on the "
                                    "first pictures; also spelt mode=",
                                    {predict(&PredictArgs::performance), val(&ValArgs::performance)})));
    table.push_back(at_least(0, option("threads", "threads of OpenVINO's inference; 0: its choice",
                                       {predict(&PredictArgs::threads), val(&ValArgs::threads)})));
    table.push_back(at_least(0, option("streams", "inferences side by side; 0: as performance says",
                                       {predict(&PredictArgs::streams), val(&ValArgs::streams)})));
    table.push_back(at_least(0, option("watchdog", "seconds after which an inference is given up; 0: never",
                                       {predict(&PredictArgs::watchdog), val(&ValArgs::watchdog)})));
    table.push_back(option("strict", "stop at the first picture that fails; audit: fail for unknown names, too",
                           {predict(&PredictArgs::strict), info(&InfoArgs::strict)}));
    table.push_back(option("cache_dir", "folder for compiled models; auto: ~/.cache/yolovino/models; None: no cache",
                           {predict(&PredictArgs::cache_dir), val(&ValArgs::cache_dir)}));
    table.push_back(
        option("ov.config", "properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file",
               {predict(&PredictArgs::ov_config), val(&ValArgs::ov_config), benchmark(&BenchmarkArgs::ov_config)}));
}

void add_validation(std::vector<Option>& table) {
    table.push_back(
        option("data", "dataset YAML: path, val, names; export int8: a folder, glob, or list of pictures will do, too",
               {val(&ValArgs::data), benchmark(&BenchmarkArgs::data), exporting(&ExportArgs::data),
                agreeing(&AgreeArgs::data)}));
    table.push_back(
        offering({"val", "test", "train", "minival"},
                 option("split", "part of the dataset: val, test, train, minival",
                        {val(&ValArgs::split), benchmark(&BenchmarkArgs::split), exporting(&ExportArgs::split)})));
    table.push_back(
        at_least(0, option("fraction", "int8: share of data to calibrate on, or above 1 the number of images",
                           {exporting(&ExportArgs::fraction)})));
    table.push_back(option("float_layers", "int8: layers to leave in float, for example 2.cv1,22.cv3",
                           {exporting(&ExportArgs::float_layers)}));
    table.push_back(option("guard", "int8: find up to three layers that are worth leaving in float (a minute or more)",
                           {exporting(&ExportArgs::guard)}));
    table.push_back(optional(fraction(
        option("max_drop", "int8: warn if mAP50-95 on the labels of data falls by more than this; None: do not look",
               {exporting(&ExportArgs::max_drop)}))));
    table.push_back(option("names", "class names of an imported model whose file carries none, for example cat,dog",
                           {exporting(&ExportArgs::names)}));
    table.push_back(at_least(1, option("stride", "largest stride of an imported model; None: the file's, or 32",
                                       {exporting(&ExportArgs::stride)})));
    table.push_back(option("single_cls", "take all classes for one", {val(&ValArgs::single_cls)}));
    table.push_back(
        at_least(0, option("workers", "threads that read and prepare pictures, 0: none", {val(&ValArgs::workers)})));
    table.push_back(option("annotations", "COCO instances_*.json as ground truth instead of label files",
                           {val(&ValArgs::annotations)}));
    table.push_back(one_of({"ultralytics", "classic"},
                           option("protocol", "rules of 8.4, or of 8.0 to 8.3 (classic)", {val(&ValArgs::protocol)})));
    table.push_back(option("shard", "i/n: validate part i of n and write it for merge", {val(&ValArgs::shard)}));
    table.push_back(option("merge", "files that shard wrote, with commas between, or a pattern: put them together",
                           {general(Mode::Val, &Settings::merge)}));
    table.push_back(option("plots", "draw curves, confusion matrices, and the first batches", {val(&ValArgs::plots)}));
}

void add_agreement(std::vector<Option>& table) {
    table.push_back(
        at_least(0, option("tolerance_box", "agree: largest difference of a corner, in pixels of the picture",
                           {agreeing(&AgreeArgs::tolerance_box)})));
    table.push_back(fraction(
        option("tolerance_score", "agree: largest difference of a score", {agreeing(&AgreeArgs::tolerance_score)})));
    table.push_back(fraction(
        option("tolerance_map", "agree: largest difference of mAP50-95", {agreeing(&AgreeArgs::tolerance_map)})));
}

void add_output(std::vector<Option>& table) {
    table.push_back(option("save", "write annotated pictures and videos", {predict(&PredictArgs::save)}));
    table.push_back(
        option("save_txt", "write label files", {predict(&PredictArgs::save_txt), val(&ValArgs::save_txt)}));
    table.push_back(option("save_conf", "add the score to label files",
                           {predict(&PredictArgs::save_conf), val(&ValArgs::save_conf)}));
    table.push_back(option("save_crop", "write each detection as a picture", {predict(&PredictArgs::save_crop)}));
    table.push_back(
        option("save_frames", "write the frames of videos as pictures", {predict(&PredictArgs::save_frames)}));
    table.push_back(option("save_json",
                           "predict: one JSON line per picture, to standard output and predictions.jsonl; val: "
                           "predictions.json in COCO's form; info: print JSON",
                           {predict(&PredictArgs::save_json), val(&ValArgs::save_json), info(&InfoArgs::save_json),
                            flag(Mode::Agree, &Settings::agree_json)}));
    table.push_back(
        option("audit",
               "list what Python would import if it loaded the file; status 1 if that is dangerous or not all "
               "of the file can be followed",
               {info(&InfoArgs::audit)}));
    table.push_back(option("show", "show the pictures in a window", {predict(&PredictArgs::show)}));
    table.push_back(option("show_labels", "draw class names", {predict(&PredictArgs::show_labels)}));
    table.push_back(option("show_conf", "draw scores", {predict(&PredictArgs::show_conf)}));
    table.push_back(option("show_boxes", "draw boxes", {predict(&PredictArgs::show_boxes)}));
    table.push_back(at_least(1, option("line_width", "width of lines in pixels; None: from the size of the picture",
                                       {predict(&PredictArgs::line_width)})));
    table.push_back(
        option("project", "root of the run folders; None: runs/detect",
               {predict(&PredictArgs::project), val(&ValArgs::project), benchmark(&BenchmarkArgs::project)}));
    table.push_back(option("name", "name of the run folder; None: the mode",
                           {predict(&PredictArgs::name), val(&ValArgs::name), benchmark(&BenchmarkArgs::name)}));
    table.push_back(
        option("exist_ok", "write into an existing run folder",
               {predict(&PredictArgs::exist_ok), val(&ValArgs::exist_ok), benchmark(&BenchmarkArgs::exist_ok)}));
}

std::vector<Option> build() {
    std::vector<Option> table;
    add_general(table);
    add_detection(table);
    add_validation(table);
    add_agreement(table);
    add_output(table);
    return table;
}

bool holds_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const std::string_view first = words.substr(0, words.find(' '));
        if (first == word) return true;
        words.remove_prefix(std::min(first.size() + 1, words.size()));
    }
    return false;
}

bool within(const Value& value, const Option& option) {
    if (const auto* list = value.get<Value::List>()) {
        return std::ranges::all_of(*list, [&](const Value& each) { return within(each, option); });
    }
    double number = 0;
    if (const auto* integer = value.get<std::int64_t>()) {
        number = static_cast<double>(*integer);
    } else if (const auto* real = value.get<double>()) {
        number = *real;
    } else {
        return true;
    }
    return number >= option.lowest.value_or(number) && number <= option.highest.value_or(number);
}

}  // namespace

const std::vector<ModeInfo>& modes() {
    static const std::vector<ModeInfo> kModes = {
        {Mode::Predict, "predict", "detect objects in pictures, videos, and streams",
         "yolo predict model=yolov8n.pt source=bus.jpg conf=0.25"},
        {Mode::Val, "val", "measure accuracy on a dataset", "yolo val model=yolov8n.pt data=coco128.yaml imgsz=640"},
        {Mode::Export, "export",
         "write a checkpoint as TorchScript, ONNX, or OpenVINO; import a model of another framework",
         "yolo export model=yolov8n.pt format=openvino half=True"},
        {Mode::Benchmark, "benchmark", "compare size, accuracy, and speed of all formats",
         "yolo benchmark model=yolov8n.pt,yolov8s.pt data=coco128.yaml imgsz=640"},
        {Mode::Info, "info", "show what a model is", "yolo info model=yolov8n.pt verbose=True"},
        {Mode::Agree, "agree", "compare two devices, precisions, runtimes, or models on the same pictures",
         "yolo agree model=yolov8n.pt source=photos device=CPU,GPU"},
    };
    return kModes;
}

const ModeInfo& describe(Mode mode) {
    return *std::ranges::find(modes(), mode, &ModeInfo::mode);
}

std::optional<Mode> find_mode(std::string_view name) {
    const auto found = std::ranges::find(modes(), name, &ModeInfo::name);
    if (found == modes().end()) return std::nullopt;
    return found->mode;
}

Settings default_settings() {
    Settings settings;
    settings.predict.save = true;
    return settings;
}

const Binding* Option::binding(Mode mode) const {
    const auto found = std::ranges::find(bindings, mode, &Binding::mode);
    return found == bindings.end() ? nullptr : &*found;
}

std::string Option::default_text(Mode mode) const {
    const Binding* bound = binding(mode);
    return bound == nullptr ? std::string("None") : bound->show(default_settings());
}

std::string Option::range() const {
    if (lowest && highest) return fmt::format("{} to {}", *lowest, *highest);
    if (lowest) return fmt::format(">= {}", *lowest);
    return {};
}

std::string Option::wanted() const {
    if (!choices.empty()) return "one of " + join(choices, ", ");
    std::string text = bindings.front().wanted;
    if (lowest && highest)
        text += fmt::format(" from {} to {}", *lowest, *highest);
    else if (lowest)
        text += fmt::format(" of at least {}", *lowest);
    return text;
}

void Option::apply(Mode mode, const Argument& argument, Settings& settings) const {
    const auto fail = [&](std::string_view problem) {
        throw UsageError(fmt::format("'{}={}' {}: '{}' must be {}", key, safe(argument.raw), problem, key, wanted()));
    };
    if (takes_none && argument.value.is_none()) return;
    if (!binding(mode)->set(settings, argument)) {
        const bool is_word = binding(mode)->type == "str";
        fail(is_word ? "is not known" : "has the wrong type");
    }
    if (!within(argument.value, *this)) fail("is out of range");
    const bool chosen =
        choices.empty() || argument.value.is_none() || std::ranges::find(choices, argument.raw) != choices.end();
    if (!chosen) fail("is not known");
}

const std::vector<Option>& options() {
    static const std::vector<Option> kOptions = build();
    return kOptions;
}

const Option* find_option(std::string_view key) {
    const auto found = std::ranges::find(options(), key, &Option::key);
    return found == options().end() ? nullptr : &*found;
}

bool is_unsupported(std::string_view key) {
    // The keys of 8.4.190's default.yaml and those that it still accepts.
    return holds_word(
        "epochs time patience cache save_period pretrained cls_remap optimizer seed deterministic cos_lr close_mosaic "
        "resume amp profile freeze multi_scale compile channels_last overlap_mask mask_ratio dropout val dnn "
        "nms visualize augment retina_masks embed workspace end2end tracker "
        "lr0 lrf momentum weight_decay warmup_epochs warmup_momentum warmup_bias_lr distill_model dis box cls cls_pw "
        "dfl pose kobj rle angle dlog dgrad dlam nbs hsv_h hsv_s hsv_v degrees translate scale shear perspective "
        "flipud fliplr bgr mosaic mixup cutmix copy_paste copy_paste_mode auto_augment erasing",
        key);
}

bool would_matter(std::string_view key, Mode mode) {
    switch (mode) {
        case Mode::Predict:
            return holds_word("dnn visualize augment embed", key);
        case Mode::Val:
            return holds_word("dnn visualize augment", key);
        case Mode::Export:
        case Mode::Benchmark:
            return holds_word("nms end2end", key);
        case Mode::Info:
        case Mode::Agree:
            break;
    }
    return false;
}

}  // namespace yolovino::cli
