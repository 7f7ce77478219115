#pragma once

#include <string>

namespace yolovino::test {

/// The checkpoint of four classes that lies in the repository: circle, square, triangle, star.
inline const std::string kSample = YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes.pt";

}  // namespace yolovino::test
