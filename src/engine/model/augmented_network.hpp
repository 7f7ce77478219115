#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "engine/model/network_variant.hpp"

namespace yolovino::engine {

/// Augmentation at inference: the network sees each image as it is, at 0.83 of its size and mirrored, and at 0.67, and
/// gives the anchors of all three side by side.
class AugmentedNetwork final : public NetworkVariant {
public:
    /// @param model a checkpoint that can_augment(), which outlives this
    explicit AugmentedNetwork(const LoadedModel& model) : model_(model) {}

    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                       const runtime::InputShape& shape) override;

private:
    const LoadedModel& model_;
    std::mutex mutex_;
    std::map<runtime::RuntimeArgs, std::shared_ptr<runtime::CompiledNetwork>> compiled_;
};

/// As in Ultralytics only checkpoints that detect with suppression can; says in one line why others cannot.
bool can_augment(const LoadedModel& model);

}  // namespace yolovino::engine
