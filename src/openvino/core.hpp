#pragma once

namespace ov {
class Core;
}

namespace yolovino::openvino {

/// The one OpenVINO core of the process. @throws Error RuntimeFailure
ov::Core& core();

}  // namespace yolovino::openvino
