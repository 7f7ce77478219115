#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/predict_args.hpp"

#include "engine/model/compiled_networks.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/class_gradient.hpp"
#include "nets/class_branch.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

/// What `visualize` shows: where the features lie that raise the scores of what was found (LayerCAM). Of each map that
/// the head takes, the features are weighted by the positive gradient of the score; the strongest 16 objects of an
/// image count, or the best candidate where none is above `conf`.
class ActivationMaps {
public:
    /// @throws Error UnsupportedModel, and as LoadedModel::network
    ActivationMaps(const LoadedModel& model, Runtime runtime);

    /// Network of this for one thread. The maps outlive it.
    class Runner {
    public:
        Runner(ActivationMaps& maps, const PredictArgs& args) : maps_(maps), args_(args) {}
        /// For each image of a batch its network input with the map over it.
        /// @param input what the network takes, [shape.batch, 3, H, W]
        std::vector<Image> run(const runtime::RuntimeArgs& runtime, const runtime::InputShape& shape,
                               std::span<const float> input, std::size_t images);

    private:
        std::vector<float> map_of(const tensors::Outputs& outputs, std::size_t image, ImageSize size) const;

        ActivationMaps& maps_;
        const PredictArgs& args_;
        std::shared_ptr<runtime::CompiledNetwork> compiled_;
        std::unique_ptr<runtime::Session> session_;
    };

private:
    graph::Graph graph_;
    std::vector<nets::ClassBranch> branches_;
    std::vector<ClassGradient> gradients_;
    std::unique_ptr<runtime::LoadedNetwork> network_;
    std::mutex mutex_;
    CompiledNetworks compiled_;
};

/// Checkpoints have maps; says in one line that others have none.
bool can_visualize(const LoadedModel& model, const PredictArgs& args);

}  // namespace yolovino::engine
