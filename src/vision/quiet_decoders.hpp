#pragma once

namespace yolovino::vision {

/// OpenCV's decoders write to the error stream (the one of C++) by themselves. This drops what the calling thread
/// writes there until it is called with false; what other threads write passes.
void drop_own_errors(bool drop) noexcept;

}  // namespace yolovino::vision
