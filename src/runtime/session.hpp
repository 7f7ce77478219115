#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/quantization.hpp"

#include "graph/graph.hpp"

namespace yolovino::runtime {

/// Shape of the network's input; the channels are always 3.
struct InputShape {
    int batch = 1;
    ImageSize size;

    friend bool operator==(const InputShape&, const InputShape&) = default;
};

/// The network's answer, valid until the next `infer()`: `[batch, rows, anchors]` f32, rows cx, cy, w, h, then class
/// scores.
struct RawOutput {
    std::span<const float> data;
    std::size_t batch = 0;
    std::size_t rows = 0;
    std::size_t anchors = 0;

    std::span<const float> image(std::size_t index) const {
        return data.subspan(index * rows * anchors, rows * anchors);
    }
};

/// One inference at a time on a compiled network. Not thread-safe: make one per thread.
class Session {
public:
    virtual ~Session() = default;

    /// Memory of the input tensor `[batch, 3, height, width]`, f32 RGB 0 to 1, to be filled before `infer()`.
    /// @throws Error ShapeMismatch if the network is static and of another shape, RuntimeFailure
    virtual std::span<float> input(const InputShape& shape) = 0;

    /// Runs the network. @throws Error RuntimeFailure, ShapeMismatch; DeviceUnavailable if it did not return in time
    virtual RawOutput infer() = 0;
};

struct RuntimeArgs {
    std::string device;  ///< as PredictArgs::device
    Precision precision = Precision::Auto;
    std::filesystem::path cache_dir;  ///< as `cache_folder()` gives it; empty: no cache
    Runtime runtime = Runtime::Auto;
    Performance performance = Performance::Latency;  ///< never Auto
    int threads = 0;                                 ///< 0: the runtime's choice
    int streams = 0;                                 ///< 0: as `performance` says
    double watchdog_s = 0;                           ///< 0: an inference may take forever
    OvConfig ov_config = {};

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
    friend auto operator<=>(const RuntimeArgs&, const RuntimeArgs&) = default;
};

/// A network on a device. Thread-safe.
class CompiledNetwork {
public:
    virtual ~CompiledNetwork() = default;
    virtual std::unique_ptr<Session> new_session() = 0;
    /// Execution device and precision, for one line of the log.
    virtual std::string describe() = 0;
    /// Element type that the network computes in, as `f32`; both where several devices differ.
    virtual std::string precision() { return "f32"; }
    /// What the runtime is tuned for, as `LATENCY`; empty if it knows no such thing.
    virtual std::string mode() { return {}; }
    /// How many inferences side by side keep the device busy.
    virtual std::size_t optimal_requests() { return 1; }
    /// In which element type each layer runs; empty if the runtime does not tell.
    virtual std::vector<LayerPrecision> layers() { return {}; }
};

/// A network that can be compiled: read from a file or built from a graph. Thread-safe.
class LoadedNetwork {
public:
    virtual ~LoadedNetwork() = default;
    /// Whether batch and size are open.
    virtual bool dynamic() const = 0;
    /// The fixed shape; 0 for open sides, and for all where the file does not tell.
    virtual InputShape shape() const = 0;
    /// Number of classes, from the output's rows; 0 if it is known only after an inference.
    virtual int classes() const = 0;
    /// Builds what is still to be built, unless a compiled one is kept: to be called before files are made for results.
    /// @throws Error as load_openvino()
    virtual void ready(const RuntimeArgs&) {}
    /// @param fixed a shape to compile a dynamic network for (faster than leaving it open); batch 0 leaves it open
    /// @throws Error DeviceUnavailable, RuntimeFailure
    virtual std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape& fixed) = 0;
};

/// Loads the plugin of the CPU on a thread of its own if no other device can be there, so that it is ready when the
/// network has been read or built. The future waits for the thread; it never throws.
std::future<void> preload_openvino();

/// Refuses a device that is not there and a cache folder that cannot be made, before anything else is done.
/// @throws Error InvalidArgument, DeviceUnavailable, IoFailure
void check_openvino(const RuntimeArgs& args);

/// @param file `.xml` or `.onnx`
/// @throws Error NotFound, CorruptFile, ShapeMismatch if input or output are not those of a detection network
std::unique_ptr<LoadedNetwork> load_openvino(const std::filesystem::path& file);
/// @throws Error RuntimeFailure
std::unique_ptr<LoadedNetwork> load_openvino(const graph::Graph& graph);

/// A network that is built only where no compiled one is kept.
struct LazyGraph {
    std::string identity;  ///< stands for the network, as the hash of the file that it is made of
    int classes = 0;
    std::function<graph::Graph()> build;  ///< with batch, height, and width open
};
/// Does not throw; ready() and compile() throw what `build` throws, and as above.
std::unique_ptr<LoadedNetwork> load_openvino(LazyGraph graph);

/// @throws Error MissingComponent, CorruptFile, ShapeMismatch as above, RuntimeFailure
std::unique_ptr<LoadedNetwork> load_onnxruntime(const std::filesystem::path& onnx);
/// @throws Error MissingComponent
std::string onnxruntime_version();

/// What a TorchScript file says of its input in its metadata; the network itself does not tell.
struct DeclaredShape {
    bool dynamic = false;
    InputShape shape;  ///< 0 where unknown
};

/// @throws Error MissingComponent, CorruptFile
std::unique_ptr<LoadedNetwork> load_libtorch(const std::filesystem::path& torchscript, const DeclaredShape& declared);
/// Executes a graph with open sides operator by operator, as PyTorch does. @throws Error MissingComponent
std::unique_ptr<LoadedNetwork> load_libtorch(std::shared_ptr<const graph::Graph> graph);
/// Loads the module. @throws Error MissingComponent
std::string libtorch_version();

}  // namespace yolovino::runtime
