#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "yolovino/model.hpp"
#include "yolovino/runtime_options.hpp"

#include "checkpoint/checkpoint.hpp"
#include "engine/model/format.hpp"
#include "nets/types.hpp"
#include "runtime/session.hpp"
#include "tasks/task.hpp"

namespace yolovino::engine {

/// What a network is loaded from. A network that is built later reads the checkpoint then.
struct NetworkFile {
    const checkpoint::Checkpoint* checkpoint;  ///< null for an exported model
    const nets::HeadForm& head;                ///< of a network that is built
    const std::filesystem::path& exported;     ///< the file of an exported model
    ModelFormat format;
    const ModelInfo& info;
    const tasks::Task& task;
    const nets::FeatureLayers* features = nullptr;  ///< of a checkpoint: what to give instead of its results
};

/// What runs networks; a row of the table.
struct RuntimeRow {
    Runtime runtime;         ///< never Auto
    std::string_view title;  ///< as logs and messages call it: `ONNX Runtime`
    bool (*runs)(ModelFormat format);
    std::string (*version)();  ///< @throws Error MissingComponent
    /// @throws Error MissingComponent, and as the function that loads it
    std::unique_ptr<runtime::LoadedNetwork> (*load)(const NetworkFile& file);
};

/// A network from a graph with dynamic dimensions. @param runtime OpenVino or LibTorch
/// @throws Error RuntimeFailure, MissingComponent
std::unique_ptr<runtime::LoadedNetwork> load_graph(graph::Graph graph, Runtime runtime);

/// Every runtime, the one that Auto stands for by default first.
std::span<const RuntimeRow> runtime_table();

/// Of Auto, the first row.
const RuntimeRow& row_of(Runtime runtime);

std::string_view title_of(Runtime runtime);

}  // namespace yolovino::engine
