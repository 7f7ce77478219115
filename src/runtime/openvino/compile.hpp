#pragma once

#include <filesystem>
#include <memory>
#include <openvino/core/any.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <string>

namespace yolovino::runtime {

/// Compiles a network, or takes what was compiled of it before from the cache. What is wrong with the cache costs time,
/// never the result.
/// @param cache_dir empty: no cache
/// @throws std::exception of OpenVINO, if the network cannot be compiled
ov::CompiledModel compile_cached(const std::shared_ptr<const ov::Model>& model, const std::string& device,
                                 const ov::AnyMap& config, const std::filesystem::path& cache_dir);

}  // namespace yolovino::runtime
