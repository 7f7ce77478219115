#pragma once

#include <ATen/core/Tensor.h>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "runtime/libtorch/entry.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime::torch_module {

inline constexpr const char* kArea = "libtorch";

/// Takes `[N, 3, H, W]` f32 and gives the output tensor. Thread-safe.
using Forward = std::function<at::Tensor(const at::Tensor& images)>;

/// A network behind the interface of the runtimes.
/// @param how what the log says of it: `TorchScript` or `eager`
std::unique_ptr<LoadedNetwork> make_network(Forward forward, const DeclaredShape& declared, int classes,
                                            std::string file, std::string how);

/// Runs a TorchScript archive. @throws Error CorruptFile
Forward open_script(const std::filesystem::path& file);

/// Executes a graph operator by operator. @throws Error RuntimeFailure
Forward open_graph(std::shared_ptr<const graph::Graph> graph);

/// What LibTorch said, as one line without its backtrace.
std::string reason_of(const std::exception& error);

}  // namespace yolovino::runtime::torch_module
