#pragma once

#include "yolovino/results.hpp"

namespace yolovino::tasks {

/// The objects of an image that was resized, in its pixels. The image itself is not copied.
Results resized(const Results& results, ImageSize size);

}  // namespace yolovino::tasks
