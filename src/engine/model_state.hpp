#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "runtime/session.hpp"

namespace yolovino {

/// What a Model is made of. Only the networks change after loading, behind a lock.
struct Model::State {
    explicit State(const std::filesystem::path& path);

    /// The network for a device, compiled at the first call. A network whose shape is open is compiled for `shape`,
    /// since that runs faster, until so many shapes have come that it is left open.
    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                       const runtime::InputShape& shape) const;

    /// The network before compilation, read or built at the first call.
    runtime::LoadedNetwork& network() const;

    std::optional<checkpoint::Checkpoint> checkpoint;  ///< empty for an exported model
    std::filesystem::path xml;                         ///< empty for a checkpoint
    ModelInfo info;
    std::shared_ptr<const ClassNames> names;

private:
    runtime::LoadedNetwork& network_locked() const;

    mutable std::mutex mutex_;
    mutable std::unique_ptr<runtime::LoadedNetwork> network_;
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

}  // namespace yolovino
