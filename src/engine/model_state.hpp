#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "yolovino/model.hpp"

#include "base/hidden.hpp"
#include "checkpoint/checkpoint.hpp"
#include "engine/runtime_choice.hpp"
#include "runtime/session.hpp"

namespace yolovino {

/// What a Model is made of. Only the networks change after loading, behind a lock.
struct YOLOVINO_HIDDEN Model::State {
    explicit State(const std::filesystem::path& path);

    /// The network for a device, compiled at the first call. A network whose shape is open is compiled for `shape`,
    /// since that runs faster, until so many shapes have come that it is left open.
    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                       const runtime::InputShape& shape) const;

    /// The network before compilation, read or built at the first call.
    /// @throws Error MissingComponent, InvalidArgument if the runtime does not run such a file
    runtime::LoadedNetwork& network(Runtime asked = Runtime::Auto) const;

    /// What Auto means for this file. Decided at the first call.
    engine::RuntimeChoice runtime(Runtime asked) const;

    /// Once, when the names of an imported model are used that are made up; an export may be given others.
    void warn_if_unnamed() const;

    std::optional<checkpoint::Checkpoint> checkpoint;  ///< empty for an exported model
    std::filesystem::path exported;                    ///< the file of an exported model; empty for a checkpoint
    std::filesystem::path given;  ///< as the caller wrote it; `info.path` is the file in that folder
    engine::ModelFormat format;
    ModelInfo info;
    bool named = true;  ///< whether the class names are the file's own
    std::shared_ptr<const ClassNames> names;

private:
    const engine::RuntimeChoice& runtime_locked(Runtime asked) const;
    runtime::LoadedNetwork& network_locked(Runtime asked) const;
    std::unique_ptr<runtime::LoadedNetwork> load(Runtime chosen) const;

    mutable std::once_flag unnamed_;
    mutable std::mutex mutex_;
    mutable std::map<Runtime, engine::RuntimeChoice> choices_;
    mutable std::map<Runtime, std::unique_ptr<runtime::LoadedNetwork>> networks_;
    struct Key {
        runtime::RuntimeArgs args;
        int batch;
        int height;
        int width;
        // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    mutable std::map<Key, std::shared_ptr<runtime::CompiledNetwork>> compiled_;
};

namespace engine {

/// What stands behind a Model. @throws Error as Model::Model
std::shared_ptr<const Model::State> open_model(const std::filesystem::path& path);

}  // namespace engine

}  // namespace yolovino
