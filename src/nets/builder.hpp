#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "graph/graph.hpp"
#include "nets/network.hpp"

namespace yolovino::nets {

using checkpoint::Module;
using graph::Value;

/// Turns modules into nodes. One member per block; every node is named by the path of its module.
class Builder {
public:
    Builder(const checkpoint::Checkpoint& checkpoint, bool read_weights)
        : checkpoint_(checkpoint), read_weights_(read_weights) {}

    Network build(const InputShape& input);

private:
    using Values = std::vector<Value>;

    // layers.cpp: modules of torch, and the dispatch by class
    Value layer(const Module& module, const std::string& path, const Values& inputs);
    Value torch_layer(const Module& module, const std::string& path, Value input);
    Value sequential(const Module& module, const std::string& path, Value input);
    Value conv2d(const Module& conv, const Module* norm, const std::string& path, Value input);
    Value conv_transpose2d(const Module& conv, const Module* norm, const std::string& path, Value input);
    Value activation(const Module& module, const std::string& path, Value input);
    Value max_pool(const Module& module, const std::string& path, Value input);
    Value upsample(const Module& module, const std::string& path, Value input);

    // blocks.cpp: modules of Ultralytics
    Value conv_block(const Module& module, const std::string& path, Value input);
    Value transpose_block(const Module& module, const std::string& path, Value input);
    Value bottleneck(const Module& module, const std::string& path, Value input);
    Value c2f(const Module& module, const std::string& path, Value input);
    Value c2(const Module& module, const std::string& path, Value input);
    Value sppf(const Module& module, const std::string& path, Value input);
    Value concat(const Module& module, const std::string& path, const Values& inputs);
    Value split_half(const std::string& path, Value input);

    // head.cpp
    Value detect(const Module& module, const std::string& path, const Values& inputs);
    Value decode_boxes(const Module& module, const std::string& path, Value distances, const Values& maps,
                       const HeadInfo& head);

    Value add(std::string name, graph::Operation operation, Values inputs);
    const Module& child(const Module& module, std::string_view name, const std::string& path) const;
    graph::Weights weights(const checkpoint::TensorRef& tensor, const std::string& name) const;
    void fold(graph::Weights& weight, graph::Weights& bias, const Module& norm, const std::string& path,
              bool transposed);
    void count(const graph::Weights& weight, const graph::Shape& out, const graph::Shape& in, bool transposed,
               bool norm);
    [[noreturn]] void fail(const std::string& path, const std::string& message) const;

    /// Weights of a convolution after folding. Modules that the file shares are read once: memory is bounded by the
    /// file.
    struct Folded {
        graph::Weights weight;
        graph::Weights bias;
    };
    const Folded& folded(const Module& conv, const Module* norm, const std::string& path, bool transposed);
    void check_weight(const Module& conv, const checkpoint::TensorRef& weight, const std::string& path,
                      bool transposed) const;

    const checkpoint::Checkpoint& checkpoint_;
    bool read_weights_;
    std::map<std::pair<const Module*, const Module*>, Folded> folded_;
    Network network_;
};

/// Reads attributes of a module and names it in errors.
class Attributes {
public:
    Attributes(const Module& module, std::string path, std::string file)
        : module_(module), path_(std::move(path)), file_(std::move(file)) {}

    std::int64_t integer(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t if_absent) const;
    bool boolean(std::string_view name, bool if_absent) const;
    double number(std::string_view name) const;
    double number(std::string_view name, double if_absent) const;
    /// An integer, meant for both sides, or a pair.
    graph::Pair pair(std::string_view name) const;
    std::vector<std::int64_t> integers(std::string_view name) const;

private:
    [[noreturn]] void fail(std::string_view name, std::string_view wanted) const;

    const Module& module_;
    std::string path_;
    std::string file_;
};

HeadInfo read_head(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path);

}  // namespace yolovino::nets
