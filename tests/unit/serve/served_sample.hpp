#pragma once

#include <memory>
#include <string>

#include "serve/generation.hpp"

namespace yolovino::serve::test {

inline const std::string kSamples = YOLOVINO_SOURCE_DIR "/assets/sample";
/// The checkpoint of four classes that detects; with `-cls` and so on the other tasks.
inline std::string sample_model(const std::string& suffix = "") {
    return kSamples + "/yolov8-shapes" + suffix + ".pt";
}
inline const std::string kSampleImage = kSamples + "/shapes-val/images/val/0004.jpg";

inline PredictArgs on_openvino_cpu_f32(int size = 0) {
    PredictArgs args;
    if (size != 0) args.imgsz = ImageSize{size, size};
    args.verbose = false;
    args.runtime.kind = Runtime::OpenVino;
    args.runtime.device = "cpu";
    args.runtime.precision = Precision::F32;
    return args;
}

}  // namespace yolovino::serve::test
