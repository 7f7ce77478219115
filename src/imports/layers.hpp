#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// Networks that come as a list of layers with their weights: what Caffe and Keras write, before it is known what
/// the layers mean.
namespace yolovino::imports {

/// Weights of a layer, f32, row-major, in the framework's own order of dimensions.
struct Array {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// One use of a layer.
struct Layer {
    std::string name;
    std::string type;                                      ///< the framework's word: `Convolution`, `Conv2D`
    std::shared_ptr<const nlohmann::json> config;          ///< the framework's parameters, as it names them
    std::shared_ptr<const nlohmann::json> arguments = {};  ///< of this use; null where the framework has none
    std::vector<std::string> inputs;                       ///< names of tensors, each an output of an earlier layer
    std::vector<std::string>
        outputs;  ///< in Caffe a name can be given again: it stands for the later tensor from then on
    std::shared_ptr<const std::vector<Array>> weights;
};

struct LayerList {
    std::string file;  ///< for messages
    std::vector<Layer> layers;
    std::vector<std::string> outputs;
};

}  // namespace yolovino::imports
