#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/export.hpp"
#include "yolovino/quantization.hpp"
#include "yolovino/results.hpp"
#include "yolovino/val.hpp"

namespace yolovino {

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
    std::string task = "detect";
    std::string head = "Detect";
    std::string version;  ///< of the program that wrote the file
    std::string license;
    std::string date;
    ClassNames names;
    std::vector<int> strides;  ///< ascending
    ImageSize imgsz;           ///< training size of a checkpoint, input size of an export
    int batch = 1;
    int channels = 3;
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

/// The detections of a source, one after the other, computed as they are asked for.
///
/// An input range: iterate once. Not thread-safe but for `stop()`; use one per thread.
class YOLOVINO_API Predictions {
public:
    class YOLOVINO_API Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Results;
        using difference_type = std::ptrdiff_t;
        using pointer = Results*;
        using reference = Results&;

        Iterator() = default;
        explicit Iterator(Predictions* owner) : owner_(owner) {}
        Results& operator*() const { return *owner_->current(); }
        Results* operator->() const { return owner_->current(); }
        Iterator& operator++();
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.owner_ == b.owner_; }

    private:
        Predictions* owner_ = nullptr;
    };

    class Impl;
    explicit Predictions(std::unique_ptr<Impl> impl);
    Predictions(Predictions&&) noexcept;
    Predictions& operator=(Predictions&&) noexcept;
    ~Predictions();

    /// Starts the work. @throws Error as `Model::predict`; also on each increment
    Iterator begin();
    Iterator end() noexcept { return {}; }

    /// Runs to the end and keeps everything. @throws Error as `Model::predict`
    std::vector<Results> all();

    /// Ends the work early, from any thread: nothing more is read, files that are begun are finished, and the iteration
    /// comes to its end.
    void stop() noexcept;

private:
    friend class Iterator;
    Results* current() noexcept;
    bool advance();

    std::unique_ptr<Impl> impl_;
};

/// A detection model: an Ultralytics checkpoint (`.pt`), or what was exported from one: an OpenVINO folder (or its
/// `.xml`), an `.onnx`, or a `.torchscript` file.
///
/// A model may be used from several threads at once: it does not change after loading, except that compiled networks
/// are kept, behind a lock, and shared. Copies are cheap and share everything.
class YOLOVINO_API Model {
public:
    /// Reads the file; nothing in it is executed. Networks are compiled at the first prediction.
    /// @throws Error NotFound, IoFailure, UnsupportedFile, CorruptFile, LimitExceeded, UnsupportedModel, ShapeMismatch
    explicit Model(const std::filesystem::path& path);

    const ModelInfo& info() const noexcept;
    const ClassNames& names() const noexcept;
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
    /// @throws Error InvalidArgument, NotFound, IoFailure, DeviceUnavailable, RuntimeFailure, NetworkFailure,
    /// MissingComponent
    Predictions predict(const std::string& source, const PredictArgs& args = {}) const;

    /// Detects in pixels from memory, which are copied. @throws Error as above
    Results predict(const ImageView& image, const PredictArgs& args = {}) const;

    /// Detects in an encoded picture (JPEG, PNG, …) from memory. @throws Error as above, CorruptFile
    Results predict(std::span<const std::byte> encoded, const PredictArgs& args = {}) const;

    /// Measures the model on a dataset: mAP, precision, recall, confusion matrix, and COCO's numbers in the same pass.
    /// @throws Error InvalidArgument, NotFound, IoFailure, CorruptFile, ShapeMismatch if the classes of model and data
    /// differ, DeviceUnavailable, RuntimeFailure
    ValResults val(const ValArgs& args) const;

    /// What `quantization.json` beside an 8-bit OpenVINO model says; nothing if there is no such file.
    /// @throws Error CorruptFile, IoFailure, LimitExceeded
    std::optional<QuantizationInfo> quantization() const;

    /// Compiles the network with OpenVINO and tells in which element type the device runs each layer.
    /// @param device as PredictArgs::device
    /// @throws Error InvalidArgument for what OpenVINO does not run, DeviceUnavailable, RuntimeFailure
    std::vector<LayerPrecision> layer_precisions(const std::string& device) const;

    struct State;

private:
    std::shared_ptr<const State> state_;
};

/// One device that OpenVINO offers.
struct DeviceInfo {
    std::string name;       ///< `CPU`, `GPU.0`
    std::string full_name;  ///< as the vendor calls it
    std::vector<std::string> capabilities;
    int optimal_requests = 0;  ///< requests at once that serve throughput best; 0 if the device does not tell
    int min_streams = 0;       ///< inferences that can run at once, least and most; 0 if the device does not tell
    int max_streams = 0;
    std::string driver = {};  ///< version of its driver; empty if it has none or does not tell
};

/// The devices of this machine. Loads the device plugins. @throws Error RuntimeFailure
YOLOVINO_API std::vector<DeviceInfo> available_devices();

/// Version of the OpenVINO runtime that is loaded.
YOLOVINO_API std::string openvino_version();

/// One program that can run networks.
struct RuntimeInfo {
    std::string name;     ///< `OpenVINO`, `ONNX Runtime`, `LibTorch`
    std::string version;  ///< empty if it is missing
    std::string missing;  ///< why, and what to install; empty if it is there
};

/// All runtimes, those that are missing too. Loads them. @throws Error RuntimeFailure
YOLOVINO_API std::vector<RuntimeInfo> available_runtimes();

}  // namespace yolovino
