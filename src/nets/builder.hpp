#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "graph/graph.hpp"
#include "nets/heads/head.hpp"
#include "nets/types.hpp"

namespace yolovino::nets {

using checkpoint::Module;
using graph::Value;

/// Turns modules into nodes. One member per block; every node is named by the path of its module. What heads are made
/// of is public; the heads themselves are rows of a table.
class Builder {
public:
    using Values = std::vector<Value>;

    Builder(const checkpoint::Checkpoint& checkpoint, bool read_weights, std::span<const Head> heads,
            const HeadForm& form = {})
        : checkpoint_(checkpoint), read_weights_(read_weights), heads_(heads), form_(form) {}

    Network build(const InputShape& input);
    /// As build_features().
    Network build_features(const InputShape& input, const FeatureLayers& wanted);

    /// Any layer but a head.
    Value layer(const Module& module, const std::string& path, const Values& inputs);
    Value conv2d(const Module& conv, const Module* norm, const std::string& path, Value input);
    Value add(std::string name, graph::Operation operation, Values inputs);
    /// @throws Error CorruptFile if there is none
    const Module& child(const Module& module, std::string_view name, const std::string& path) const;
    const graph::Shape& shape(Value value) const { return network_.graph.shape(value); }
    const checkpoint::Checkpoint& checkpoint() const { return checkpoint_; }
    const HeadForm& form() const { return form_; }
    /// The network's input.
    Value images() const { return {}; }
    /// Of a network that is not supported. @throws Error UnsupportedModel
    [[noreturn]] void fail(const std::string& path, const std::string& message) const;
    /// Of a file whose parts do not fit each other. @throws Error CorruptFile
    [[noreturn]] void corrupt(const std::string& path, const std::string& message) const;

private:
    // layers.cpp: modules of torch, and the dispatch by class
    Value torch_layer(const Module& module, const std::string& path, Value input);
    Value sequential(const Module& module, const std::string& path, Value input);
    Value conv_transpose2d(const Module& conv, const Module* norm, const std::string& path, Value input);
    Value activation(const Module& module, const std::string& path, Value input);
    Value max_pool(const Module& module, const std::string& path, Value input);
    Value average_pool(const Module& module, const std::string& path, Value input);
    Value linear(const Module& module, const std::string& path, Value input);
    Value upsample(const Module& module, const std::string& path, Value input);

    // blocks.cpp: modules of Ultralytics that all families have
    Value conv_block(const Module& module, const std::string& path, Value input);
    Value transpose_block(const Module& module, const std::string& path, Value input);
    Value bottleneck(const Module& module, const std::string& path, Value input);
    Value c2f(const Module& module, const std::string& path, Value input);
    Value c2(const Module& module, const std::string& path, Value input);
    Value sppf(const Module& module, const std::string& path, Value input);
    Value proto(const Module& module, const std::string& path, Value input);
    Value c3(const Module& module, const std::string& path, Value input);
    Value concat(const Module& module, const std::string& path, const Values& inputs);
    Value split_half(const std::string& path, Value input);

    /// What layer `index` takes: results of earlier layers, or the images.
    Values inputs_of(const Module& module, std::size_t index, const std::string& path, Value images,
                     const Values& outputs) const;

    // attention.cpp: of YOLOv10, YOLO11, YOLO12, and YOLO26
    Value attention(const Module& module, const std::string& path, Value input);
    Value area_attention(const Module& module, const std::string& path, Value input);
    Value psa_block(const Module& module, const std::string& path, Value input);
    Value area_block(const Module& module, const std::string& path, Value input);
    Value c2psa(const Module& module, const std::string& path, Value input);
    Value a2c2f(const Module& module, const std::string& path, Value input);
    Value attend(const std::string& path, Value queries, Value keys, Value values, float scale);
    Value attention_output(const Module& module, const std::string& path, Value mean, Value values);
    Value matrix_product(std::string name, graph::op::MatMul product, Value a, Value b);
    void expect_heads(const std::string& path, std::int64_t heads, std::int64_t depth, std::int64_t channels,
                      const graph::Pair& positive) const;

    // elan.cpp: of YOLOv9 and YOLOv10
    Value elan(const Module& module, const std::string& path, Value input);
    Value aconv(const Module& module, const std::string& path, Value input);
    Value adown(const Module& module, const std::string& path, Value input);
    Value spp_elan(const Module& module, const std::string& path, Value input);
    Value scdown(const Module& module, const std::string& path, Value input);
    Value cib(const Module& module, const std::string& path, Value input);
    Value silence(const Module& module, const std::string& path, Value input);
    Value cb_linear(const Module& module, const std::string& path, Value input);
    Value cb_fuse(const Module& module, const std::string& path, const Values& inputs);

    // reparameterized.cpp: branches that become one convolution
    Value rep_conv(const Module& module, const std::string& path, Value input);
    Value rep_vgg_dw(const Module& module, const std::string& path, Value input);

    graph::Weights weights(const checkpoint::TensorRef& tensor, const std::string& name) const;
    /// How Ultralytics computes the factor of a batch norm, which decides the last bit.
    enum class Rounding { Reciprocal, Division };
    void fold(graph::Weights& weight, graph::Weights& bias, const Module& norm, const std::string& path,
              bool transposed, Rounding rounding = Rounding::Reciprocal);
    void count(const graph::Weights& weight, const graph::Shape& out, const graph::Shape& in, bool transposed,
               bool norm);

    /// Weights of a convolution after folding. Modules that the file shares are read once: memory is bounded by the
    /// file.
    struct Folded {
        graph::Weights weight;
        graph::Weights bias;
    };
    const Folded& folded(const Module& conv, const Module* norm, const std::string& path, bool transposed);

    /// What training computes side by side, and a single convolution after it.
    struct Branches {
        const Module* large;  ///< a convolution with its batch norm
        const Module* small;
        const Module* identity;  ///< a batch norm, or null
        Rounding rounding;
    };
    Value merged_conv(const Branches& branches, const std::string& path, Value input);
    Folded folded_branch(const Module& block, const std::string& path, Rounding rounding);
    void expect_fit(const Branches& branches, const std::string& path, const graph::Shape& large,
                    const graph::Shape& small) const;
    void add_identity(const Module& norm, const std::string& path, const graph::op::Conv2d& operation, Folded& all);
    void check_weight(const Module& conv, const checkpoint::TensorRef& weight, const std::string& path,
                      bool transposed) const;

    const checkpoint::Checkpoint& checkpoint_;
    bool read_weights_;
    std::span<const Head> heads_;
    HeadForm form_;
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

}  // namespace yolovino::nets
