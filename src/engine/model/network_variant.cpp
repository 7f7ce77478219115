#include "engine/model/network_variant.hpp"

#include <utility>

namespace yolovino::engine {

FeatureNetwork::FeatureNetwork(std::shared_ptr<const LoadedModel> model, Runtime runtime, nets::FeatureLayers wanted)
    : model_(std::move(model)), wanted_(std::move(wanted)), network_(model_->features(runtime, wanted_)) {}

std::shared_ptr<runtime::CompiledNetwork> FeatureNetwork::compiled(const runtime::RuntimeArgs& args,
                                                                   const runtime::InputShape& shape) {
    const std::lock_guard lock(mutex_);
    return compiled_.get(*network_, args, shape);
}

}  // namespace yolovino::engine
