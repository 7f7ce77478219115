#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace yolovino {

/// Element type in which the network computes. Auto leaves the choice to the device.
enum class Precision { Auto, F32, Bf16, F16 };

/// The program that runs the network. Auto: OpenVINO for checkpoints and OpenVINO folders; ONNX Runtime for `.onnx`, or
/// OpenVINO where it is not installed; LibTorch for `.torchscript`; Remote, a server, for `http://host:8000/NAME`.
enum class Runtime { Auto, OpenVino, OnnxRuntime, LibTorch, Remote };

/// What the runtime is tuned for. Auto measures on the first images of a long source which is faster, and uses latency
/// for a single image or a live stream.
enum class Performance { Auto, Latency, Throughput };

/// Properties of OpenVINO by name, `NUM_STREAMS` → `2`; for one device of several, `CPU:NUM_STREAMS` → `2`.
using OvConfig = std::map<std::string, std::string>;

/// The time limit of an inference where RuntimeOptions::watchdog is not set.
inline constexpr double kDefaultWatchdogS = 120;

/// What runs a network, where, and how. The defaults are defined only here.
struct RuntimeOptions {
    Runtime kind = Runtime::Auto;  ///< the program that runs the network
    std::string device = {};       ///< `cpu`, `gpu`, `npu`, `intel:gpu`, or an OpenVINO name; empty: the best choice
    Precision precision = Precision::Auto;
    bool half = false;  ///< request 16-bit inference
    /// Folder for compiled models; `auto`: the user's cache folder, `~/.cache/yolovino/models`; `none` or empty: no
    /// cache.
    std::filesystem::path cache_dir = "auto";
    OvConfig ov_config = {};  ///< properties for OpenVINO; none may contradict another option
    Performance performance = Performance::Auto;
    /// Of OpenVINO's inference on the CPU, at most 1024; 0: OpenVINO's choice, but no more than the CPU quota of a
    /// container keeps busy.
    int threads = 0;
    /// Whether OpenVINO binds its threads to cores of the CPU; unset: its choice, but not under a CPU quota. Off where
    /// several processes share a machine.
    std::optional<bool> pinning = {};
    int streams = 0;  ///< inferences that OpenVINO runs in parallel, at most 1024; 0: as `performance` says
    /// OpenVINO: an inference that has not returned after so many seconds is abandoned, at most a day; 0: never; unset:
    /// `kDefaultWatchdogS`.
    std::optional<double> watchdog = {};

    friend bool operator==(const RuntimeOptions&, const RuntimeOptions&) = default;
};

}  // namespace yolovino
