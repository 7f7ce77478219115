#pragma once

#include <string>
#include <string_view>

namespace ov {
class Core;
}

namespace yolovino::runtime {

/// The one OpenVINO core of the process. @throws Error RuntimeFailure
ov::Core& openvino_core();

/// Ultralytics' and OpenVINO's spellings (`cpu`, `intel:gpu`, `AUTO`, `MULTI:CPU`) to an OpenVINO device name.
/// Empty gives CPU where it is the only device, AUTO otherwise.
/// @throws Error InvalidArgument for a spelling that cannot be a device, DeviceUnavailable listing what there is
std::string openvino_device(std::string_view device);

}  // namespace yolovino::runtime
