#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "engine/model/compiled_networks.hpp"
#include "engine/model/loaded_model.hpp"
#include "nets/types.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

/// What runs instead of the network of a model as it stands. Thread-safe.
class NetworkVariant {
public:
    virtual ~NetworkVariant() = default;
    /// As LoadedModel::compiled.
    virtual std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                               const runtime::InputShape& shape) = 0;
};

/// The results of layers of a checkpoint, one output for each.
class FeatureNetwork final : public NetworkVariant {
public:
    /// @throws Error as LoadedModel::features
    FeatureNetwork(std::shared_ptr<const LoadedModel> model, Runtime runtime, nets::FeatureLayers wanted);

    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& args,
                                                       const runtime::InputShape& shape) override;
    const nets::FeatureLayers& wanted() const { return wanted_; }
    /// To be called before files are made for results. @throws Error as LoadedNetwork::ready
    void ready(const runtime::RuntimeArgs& args) { network_->ready(args); }

private:
    std::shared_ptr<const LoadedModel> model_;
    nets::FeatureLayers wanted_;
    std::unique_ptr<runtime::LoadedNetwork> network_;
    std::mutex mutex_;
    CompiledNetworks compiled_;
};

}  // namespace yolovino::engine
