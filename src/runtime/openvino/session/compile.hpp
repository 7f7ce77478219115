#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <openvino/core/any.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <string>

namespace yolovino::runtime {

struct CompileJob {
    /// Gives the network; called only if it must be compiled, or if it has no identity.
    std::function<std::shared_ptr<const ov::Model>()> model;
    std::string device;
    ov::AnyMap config = {};
    std::filesystem::path cache_dir = {};  ///< empty: no cache
    std::string identity = {};             ///< stands for the network, as LazyGraph has it; empty: its own hash does
    std::string shape = {};                ///< with an identity: the shape that it is compiled for
};

/// Compiles a network, or takes what was compiled of it before from the cache. What is wrong with the cache costs time,
/// never the result.
/// @throws std::exception of OpenVINO, if the network cannot be compiled; what `model` throws
ov::CompiledModel compile_cached(const CompileJob& job);

/// Whether the cache holds something that was compiled of a network of this identity, for any device and shape.
bool is_kept(const std::string& identity, const std::filesystem::path& cache_dir);

}  // namespace yolovino::runtime
