#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/runtime_options.hpp"
#include "yolovino/types.hpp"

#include "tensors/outputs.hpp"
#include "tensors/signature.hpp"

namespace yolovino::runtime {

/// Shape of the network's input; the channels are always 3.
struct InputShape {
    int batch = 1;
    ImageSize size;

    friend bool operator==(const InputShape&, const InputShape&) = default;
};

/// One inference at a time on a compiled network. Not thread-safe: make one per thread.
class Session {
public:
    virtual ~Session() = default;

    /// Memory of the input tensor `[batch, 3, height, width]`, f32 RGB 0 to 1, to be filled before `infer()`.
    /// @throws Error ShapeMismatch if the network is static and of another shape, RuntimeFailure
    virtual std::span<float> input(const InputShape& shape) = 0;

    /// Runs the network. All its outputs, in its own order, valid until the next call; of what is not f32, the values
    /// as f32. @throws Error RuntimeFailure, ShapeMismatch; DeviceUnavailable if it did not return in time
    virtual const tensors::Outputs& infer() = 0;
};

struct RuntimeArgs {
    std::string device;  ///< as RuntimeOptions::device
    Precision precision = Precision::Auto;
    std::filesystem::path cache_dir;  ///< as `cache_folder()` gives it; empty: no cache
    Runtime runtime = Runtime::Auto;
    Performance performance = Performance::Latency;  ///< never Auto
    int threads = 0;                                 ///< 0: the runtime's choice
    int streams = 0;                                 ///< 0: as `performance` says
    std::optional<bool> pinning = {};                ///< of threads to cores; unset: the runtime's choice
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
    /// What the runtime is tuned for, as `LATENCY`; empty if it has no such setting.
    virtual std::string mode() { return {}; }
    /// How many inferences side by side keep the device busy.
    virtual std::size_t optimal_requests() { return 1; }
    /// In which element type each layer runs; empty if the runtime does not report it.
    virtual std::vector<LayerPrecision> layers() { return {}; }
};

/// A network that can be compiled: read from a file or built from a graph. Thread-safe.
class LoadedNetwork {
public:
    virtual ~LoadedNetwork() = default;
    /// Whether batch and size are dynamic.
    virtual bool dynamic() const = 0;
    /// The fixed shape; 0 for dynamic dimensions, and for all where the file does not say.
    virtual InputShape shape() const = 0;
    /// What the network takes and gives; without outputs where they are known only after an inference.
    virtual tensors::Signature signature() const = 0;
    /// Builds what is still to be built, unless a compiled one is kept: to be called before files are made for results.
    /// @throws Error as the function that loaded it
    virtual void ready(const RuntimeArgs&) {}
    /// @param fixed a shape to compile a dynamic network for (faster than leaving it dynamic); batch 0 leaves it
    /// dynamic
    /// @throws Error DeviceUnavailable, RuntimeFailure
    virtual std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape& fixed) = 0;
};

}  // namespace yolovino::runtime
