#include "openvino/core.hpp"

#include <openvino/runtime/core.hpp>

#include "openvino/translate.hpp"

namespace yolovino::openvino {

ov::Core& core() {
    // Never destroyed: plugins that are unloaded while other static objects die have crashed at exit.
    static ov::Core* const only =
        translate(ErrorCode::RuntimeFailure, "openvino", "cannot start", [] { return new ov::Core(); });
    return *only;
}

}  // namespace yolovino::openvino
