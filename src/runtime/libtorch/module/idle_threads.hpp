#pragma once

namespace yolovino::runtime::torch_module {

/// Keeps idle threads of the OpenMP library below LibTorch from spinning for milliseconds, which makes an inference
/// many times slower where other programs want the cores, too. A user's OMP_WAIT_POLICY or GOMP_SPINCOUNT wins.
void keep_idle_threads_calm();

}  // namespace yolovino::runtime::torch_module
