#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "engine/model/compiled_networks.hpp"
#include "engine/model/runtime_choice.hpp"
#include "nets/types.hpp"
#include "runtime/session.hpp"
#include "tasks/task.hpp"

namespace yolovino::engine {

/// What a Model is made of. Only the networks change after loading, behind a lock.
struct LoadedModel {
    /// @param requested_task,requested_keypoints as open_model() takes them
    explicit LoadedModel(const std::filesystem::path& path, const std::string& requested_task = {},
                         KeypointShape requested_keypoints = {});
    /// The checkpoint of another model with another head.
    LoadedModel(const LoadedModel& other, const nets::HeadForm& requested);

    /// The same checkpoint with another head; few of them are kept.
    std::shared_ptr<const LoadedModel> variant(const nets::HeadForm& requested) const;

    /// The network for a device, compiled at the first call. A network whose shape is dynamic is compiled for `shape`,
    /// since that runs faster, until so many shapes have come that it is left dynamic.
    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                       const runtime::InputShape& shape) const;

    /// The network before compilation, read or built at the first call.
    /// @throws Error MissingComponent, InvalidArgument if the runtime does not run such a file
    runtime::LoadedNetwork& network(Runtime requested = Runtime::Auto) const;

    /// The results of layers of a checkpoint as a network of its own, read or built at each call.
    /// @throws Error as network(), InvalidArgument for an export
    std::unique_ptr<runtime::LoadedNetwork> features(Runtime requested, const nets::FeatureLayers& wanted) const;

    /// What Auto means for this file. Decided at the first call.
    RuntimeChoice runtime(Runtime requested) const;

    /// What its outputs do not say of themselves.
    tasks::NetworkForm form() const;

    /// Once, when the names of an imported model are used that are made up; an export may be given others.
    void warn_if_unnamed() const;

    std::shared_ptr<const checkpoint::Checkpoint> checkpoint;  ///< null for an exported model
    nets::HeadForm head;                                       ///< of the network that is built from a checkpoint
    std::filesystem::path exported;  ///< the file of an exported model; empty for a checkpoint
    std::filesystem::path given;     ///< as the caller wrote it; `info.path` is the file in that folder
    ModelFormat format;
    const tasks::Task* task = nullptr;  ///< never null once loaded
    ModelInfo info;
    bool named = true;  ///< whether the class names are the file's own
    std::shared_ptr<const ClassNames> names;

private:
    const RuntimeChoice& runtime_locked(Runtime requested) const;
    runtime::LoadedNetwork& network_locked(Runtime requested) const;

    mutable std::once_flag unnamed_;
    mutable std::mutex mutex_;
    mutable std::map<Runtime, RuntimeChoice> choices_;
    mutable std::map<Runtime, std::unique_ptr<runtime::LoadedNetwork>> networks_;
    mutable CompiledNetworks compiled_;
    mutable std::map<nets::HeadForm, std::shared_ptr<const LoadedModel>> variants_;
};

/// The implementation of a Model. @param task,kpt_shape decide for an export that does not say them; may be empty.
/// @throws Error as Model::Model
std::shared_ptr<const LoadedModel> open_model(const std::filesystem::path& path, const std::string& task = {},
                                              KeypointShape kpt_shape = {});

}  // namespace yolovino::engine
