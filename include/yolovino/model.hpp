#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/export_args.hpp"
#include "yolovino/image.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/predictions.hpp"
#include "yolovino/predictor.hpp"
#include "yolovino/quantization.hpp"
#include "yolovino/results.hpp"
#include "yolovino/track_args.hpp"
#include "yolovino/tracker.hpp"
#include "yolovino/types.hpp"
#include "yolovino/val.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

namespace engine {
struct LoadedModel;
}

/// One row of the layer table: a layer of the network as Ultralytics counts them.
struct LayerInfo {
    int index = 0;
    std::string from;  ///< `-1` or `[-1, 6]`
    int repeats = 1;
    std::uint64_t parameters = 0;
    std::string module;     ///< `ultralytics.nn.modules.conv.Conv`
    std::string arguments;  ///< `[3, 16, 3, 2]`
};

/// What a model is. Fields that its file does not carry are empty or 0.
struct ModelInfo {
    std::filesystem::path path;
    std::string format;       ///< `pytorch`, `openvino`, `onnx`, or `torchscript`
    std::string description;  ///< `Ultralytics YOLOv8n model trained on coco.yaml`
    std::string name;         ///< `YOLOv8n`
    std::string task = std::string(kTaskNames.front());
    std::string head = "Detect";
    std::string version;  ///< of the program that wrote the file
    std::string license;
    std::string date;
    ClassNames names;
    std::vector<int> strides;  ///< ascending
    ImageSize imgsz;           ///< training size of a checkpoint, input size of an export
    int batch = 1;
    int channels = 3;
    KeypointShape kpt_shape;                          ///< pose: what each object has; 0 for other tasks
    std::vector<std::vector<std::string>> kpt_names;  ///< pose: names of the keypoints by class id; empty if unknown
    bool end2end = false;  ///< the network chooses boxes itself: nothing is suppressed afterwards, whatever `iou` says
    bool dynamic = false;
    bool half = false;
    bool int8 = false;                   ///< an export in 8 bits, see Model::quantization
    std::uint64_t parameters = 0;        ///< before batch norms are folded
    std::uint64_t gradients = 0;         ///< none: a model that is loaded is not being trained
    double gflops = 0;                   ///< at 640 x 640
    std::uint64_t fused_parameters = 0;  ///< after batch norms are folded, as are the next two
    double fused_gflops = 0;
    int fused_layers = 0;
    int layers = 0;             ///< leaf modules, as Ultralytics 8.4 counts
    int modules = 0;            ///< all modules, as Ultralytics 8.0 to 8.3 counted
    std::string source_sha256;  ///< of the checkpoint, hexadecimal
    std::vector<LayerInfo> layer_table;
    std::vector<std::pair<std::string, std::string>>
        train_args;  ///< in the file's order, values as Python would print them
};

/// A model: an Ultralytics checkpoint (`.pt`), or what was exported from one: an OpenVINO folder (or its
/// `.xml`), an `.onnx`, or a `.torchscript` file.
///
/// A model may be used from several threads at once: it does not change after loading, except that compiled networks
/// are kept, behind a lock, and shared. Copies are cheap and share everything.
class YOLOVINO_API Model {
public:
    /// Reads the file; nothing in it is executed. Networks are compiled at the first prediction.
    /// @param task what an export does that does not say it, one of `kTaskNames`; where the file says otherwise, that
    /// wins with a warning. Empty: by the file, else by its name (`yolov8n-seg.onnx`), else detection
    /// @param kpt_shape pose: the keypoints of an export that does not say it, up to 4096 of 2 or 3 numbers; where the
    /// file says otherwise, that wins with a warning. A count of 0: by the file
    /// @throws Error NotFound, IoFailure, UnsupportedFile, CorruptFile, LimitExceeded, UnsupportedModel, ShapeMismatch,
    /// InvalidArgument if there is no such task or such keypoints
    explicit Model(const std::filesystem::path& path, const std::string& task = {}, KeypointShape kpt_shape = {});

    /// What the file says of the model; lives as long as a copy of the model.
    const ModelInfo& info() const noexcept;
    /// Class names by class id, `info().names`.
    const ClassNames& names() const noexcept;
    /// What the model does, `info().task`: `detect`.
    const std::string& task() const noexcept;

    /// Writes the network in another format and returns the path of what was written: `X_openvino_model` (with int8
    /// `X_int8_openvino_model`), `X.onnx`, or `X.torchscript` beside the checkpoint `X.pt`. The result appears under
    /// its name only when it is complete. With int8 a float OpenVINO model is taken, too: `X_int8_openvino_model` is
    /// then written beside its folder.
    /// @throws Error InvalidArgument, UnsupportedModel, ShapeMismatch, IoFailure, LimitExceeded, RuntimeFailure;
    /// MissingComponent if the onnx module is not installed
    std::filesystem::path export_to(const ExportArgs& args = {}) const;

    /// Detects in a file, folder, glob, `.txt` or `.csv` list, video, URL, stream, or camera index, or in several
    /// files, folders, and globs, one a line.
    /// @throws Error InvalidArgument, NotFound, IoFailure, UnsupportedFile, DeviceUnavailable, RuntimeFailure,
    /// NetworkFailure, MissingComponent; CorruptFile, ShapeMismatch if the network of an export is not usable
    Predictions predict(const std::string& source, const PredictArgs& args = {}) const;

    /// Detects in pixels from memory, which are copied.
    /// @throws Error InvalidArgument, IoFailure, DeviceUnavailable, RuntimeFailure, MissingComponent; CorruptFile,
    /// ShapeMismatch if the network of an export is not usable
    Results predict(const ImageView& image, const PredictArgs& args = {}) const;

    /// Detects in an encoded image (JPEG, PNG, …) from memory.
    /// @throws Error InvalidArgument, IoFailure, UnsupportedFile, CorruptFile, LimitExceeded, DeviceUnavailable,
    /// RuntimeFailure, MissingComponent; ShapeMismatch if the network of an export is not usable
    Results predict(std::span<const std::byte> encoded, const PredictArgs& args = {}) const;

    /// Makes the model ready for many predictions with the same options: checks them, and compiles the network unless
    /// its shape depends on the image.
    /// @throws Error InvalidArgument, IoFailure, DeviceUnavailable, RuntimeFailure, MissingComponent; CorruptFile,
    /// ShapeMismatch if the network of an export is not usable
    Predictor predictor(const PredictArgs& args = {}) const;

    /// Follows objects through the frames of a source: the results carry ids. Each video and each stream has ids of its
    /// own, from 1; so has each image of a folder. For tasks that find objects.
    /// @param source as `predict` takes it
    /// @throws Error InvalidArgument, also for what a tracker's file says, NotFound, IoFailure, UnsupportedFile,
    /// DeviceUnavailable, RuntimeFailure, NetworkFailure, MissingComponent, CorruptFile, ShapeMismatch
    Predictions track(const std::string& source, const TrackArgs& args = {}) const;

    /// Makes the model ready to follow objects through frames that a program has.
    /// @throws Error InvalidArgument, NotFound, IoFailure, CorruptFile, LimitExceeded, DeviceUnavailable,
    /// RuntimeFailure, MissingComponent, ShapeMismatch
    Tracker tracker(const TrackArgs& args = {}) const;

    /// Measures the model on a dataset: mAP, precision, recall, confusion matrix, and COCO's numbers in the same pass.
    /// @throws Error InvalidArgument, NotFound, IoFailure, CorruptFile, ShapeMismatch if the classes of model and data
    /// differ, DeviceUnavailable, RuntimeFailure
    ValResults val(const ValArgs& args) const;

    /// What `quantization.json` beside an 8-bit OpenVINO model says; nothing if there is no such file.
    /// @throws Error CorruptFile, IoFailure, LimitExceeded
    std::optional<QuantizationInfo> quantization() const;

    /// Compiles the network with OpenVINO and reports in which element type the device runs each layer.
    /// @param device as RuntimeOptions::device
    /// @throws Error InvalidArgument for what OpenVINO does not run, DeviceUnavailable, RuntimeFailure
    std::vector<LayerPrecision> layer_precisions(const std::string& device) const;

private:
    std::shared_ptr<const engine::LoadedModel> loaded_;
};

}  // namespace yolovino
