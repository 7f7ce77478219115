#pragma once

#include <string>
#include <vector>

#include "yolovino/visibility.hpp"

namespace yolovino {

/// In which element type a device runs a layer.
struct LayerPrecision {
    std::string name;                      ///< of the layer in the compiled network
    std::string kind;                      ///< `Convolution`, `Concatenation`
    std::string precision;                 ///< `u8`, `bf16`, `f32`
    std::string primitive;                 ///< the device's name of the program that computes it
    std::vector<std::string> covers = {};  ///< nodes of the network that were fused into it
    std::string device = {};               ///< where it runs, if the network is split among devices
};

/// One device that OpenVINO offers.
struct DeviceInfo {
    std::string name;       ///< `CPU`, `GPU.0`
    std::string full_name;  ///< as the vendor calls it
    std::vector<std::string> capabilities;
    int optimal_requests = 0;  ///< requests at once that serve throughput best; 0 if the device does not report
    int min_streams = 0;       ///< inferences that can run at once, least and most; 0 if the device does not report
    int max_streams = 0;
    std::string driver = {};  ///< version of its driver; empty if it has none or does not report it
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
