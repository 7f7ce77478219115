#pragma once

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/core/node.hpp>
#include <set>
#include <string>
#include <vector>

#include "quantize/codes.hpp"

namespace yolovino::openvino {

/// A tensor that is quantized to 8 bits: one FakeQuantize serves all its readers that lead to a quantized convolution.
struct QuantizationPoint {
    std::string name;  ///< of the node, with its port unless that is 0
    ov::Output<ov::Node> value;
    std::vector<ov::Input<ov::Node>> readers;
    std::size_t group = 0;
    bool before_swish = false;  ///< the result of a convolution that only a Swish reads
};

/// An operation that codes pass through unchanged, as Concat and MaxPool.
struct QuantizationCarrier {
    std::string name;
    std::size_t group = 0;  ///< of the points whose codes it carries
};

/// Where the 8 bits of a network go. Names need not be known: the structure decides.
struct Placement {
    std::vector<std::shared_ptr<ov::Node>> convolutions;  ///< in the order of the network
    std::vector<std::vector<std::size_t>> inputs;         ///< of each convolution: the points that it computes with
    std::vector<QuantizationPoint> points;                ///< in the order of the network
    std::vector<QuantizationCarrier> carriers;            ///< in the order of the network
};

/// Convolutions with constant weights are quantized, except those that follow a softmax or sigmoid (the decoding of
/// boxes) and `float_layers`. Points lie above the operations that codes pass through; of the two inputs of a residual
/// Add only the skip is quantized. Points that meet in a Concat form a group. With quantize::Reach::Steps the results
/// of convolutions and both inputs of an Add are quantized, too, and a convolution whose result nobody computes with
/// stays in float.
/// @param float_layers names as layer_name() gives them
Placement place_quantization(const ov::Model& model, const std::set<std::string>& float_layers,
                             quantize::Reach reach = quantize::Reach::Inputs);

/// `2.cv1` for the convolution `model.2.cv1.conv.without_bias`, and for Ultralytics' `__module.model.2.cv1.conv/…`; the
/// whole of `/model.2/cv1/conv/Conv` and of other names with slashes.
std::string layer_name(const std::string& friendly_name);

/// The result of a convolution with its bias.
ov::Output<ov::Node> result_of(ov::Node& convolution);

/// The constant weights of a convolution, through a conversion from 16 bits; null if they are not constant.
std::shared_ptr<ov::Node> constant_weights(const ov::Node& convolution);

}  // namespace yolovino::openvino
