#pragma once

#include <ATen/core/Tensor.h>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/libtorch/entry.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime::torch_module {

inline constexpr const char* kArea = "libtorch";

/// Takes `[N, 3, H, W]` f32 and puts the outputs into the list, of which it changes the length where that differs.
/// Thread-safe.
using Forward = std::function<void(const at::Tensor& images, std::vector<at::Tensor>& outputs)>;

/// What is known of a network before it runs.
struct Declared {
    DeclaredShape input;
    tensors::Signature signature;           ///< without outputs where they are not known
    std::vector<std::string> output_names;  ///< empty: `output0`, `output1`, …
};

/// A network behind the interface of the runtimes.
/// @param how what the log says of it: `TorchScript` or `eager`
std::unique_ptr<LoadedNetwork> make_network(Forward forward, Declared declared, std::string file, std::string how);

/// What LibTorch said, as one line without its backtrace.
std::string reason_of(const std::exception& error);

}  // namespace yolovino::runtime::torch_module
