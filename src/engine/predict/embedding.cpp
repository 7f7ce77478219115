#include "engine/predict/embedding.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/fail.hpp"

namespace yolovino::engine {

namespace {

[[noreturn]] void refuse(const std::string& message, std::string_view hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "predict", message, {}, hint);
}

}  // namespace

void check_embed(const PredictArgs& args, const ModelInfo& info) {
    if (!args.embed) return;
    if (info.layer_table.size() < 2) {
        refuse(fmt::format("embed takes layers of a checkpoint, and {} gives the results of its last layer only",
                           base::printable(info.path.string())),
               "give the checkpoint (.pt)");
    }
    if (args.augment) refuse("embed and augment=True exclude each other", "give one of them");
    const int count = static_cast<int>(info.layer_table.size()) - 1;
    if (args.embed->empty())
        refuse("embed holds no layer", fmt::format("embed=[{}] is the last below the head", count - 1));
    for (const int layer : *args.embed) {
        if (layer < 0 || layer >= count)
            refuse(fmt::format("embed holds {}, the layers below the head are 0 to {}", layer, count - 1));
    }
}

std::shared_ptr<FeatureNetwork> embedding_network(const std::shared_ptr<const LoadedModel>& model,
                                                  const std::vector<int>& layers, Runtime runtime) {
    nets::FeatureLayers wanted{.layers = {layers.begin(), layers.end()}, .means = true};
    std::ranges::sort(wanted.layers);
    const auto repeated = std::ranges::unique(wanted.layers);
    wanted.layers.erase(repeated.begin(), repeated.end());
    return std::make_shared<FeatureNetwork>(model, runtime, std::move(wanted));
}

std::vector<float> embedding_of(const tensors::Outputs& outputs, std::size_t image) {
    std::vector<float> values;
    for (const tensors::OutputTensor& output : outputs.tensors) {
        const bool is_mean = output.shape.size() == 4 && output.shape[2] == 1 && output.shape[3] == 1;
        if (!is_mean || image >= output.dimension(0)) {
            throw Error(ErrorCode::ShapeMismatch, "predict",
                        fmt::format("an embedding is {}, wanted [N, C, 1, 1]", graph::to_text(output.shape)));
        }
        const std::span<const float> means = output.image(image);
        values.insert(values.end(), means.begin(), means.end());
    }
    return values;
}

}  // namespace yolovino::engine
