#pragma once

#include <string>
#include <string_view>

namespace yolovino::runtime {

/// Ultralytics' and OpenVINO's spellings (`cpu`, `intel:gpu`, `AUTO`, `MULTI:CPU`) to an OpenVINO device name.
/// Empty gives CPU where it is the only device, AUTO otherwise.
/// @throws Error InvalidArgument for a spelling that cannot be a device, DeviceUnavailable listing what there is
std::string openvino_device(std::string_view device);

/// Loads the plugin of the CPU on a thread of its own if no other device can be there, so that it is ready when the
/// network has been read or built. The end of the calling thread waits for it.
void preload_openvino();

}  // namespace yolovino::runtime
