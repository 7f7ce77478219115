#include "engine/export/int8_check.hpp"

#include <gtest/gtest.h>
#include <openvino/op/ops.hpp>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "nets/network.hpp"
#include "openvino/lowering.hpp"
#include "openvino/placement.hpp"
#include "openvino/quantizer.hpp"
#include "runtime/openvino/calibrate/calibration.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

using test::kSample;

std::vector<QuantizedConvolution> rows(std::initializer_list<const char*> names) {
    std::vector<QuantizedConvolution> out;
    for (const char* name : names) {
        out.emplace_back();
        out.back().name = name;
        out.back().node = std::string("model.") + name;
    }
    return out;
}

LayerPrecision layer(const std::string& kind, const std::string& precision, const std::string& node) {
    return {.name = node, .kind = kind, .precision = precision, .primitive = "", .covers = {node}};
}

std::string complaint(const std::vector<LayerPrecision>& layers, const std::vector<QuantizedConvolution>& convolutions,
                      bool cpu_has_int8 = true) {
    try {
        engine::expect_int8(layers, convolutions, cpu_has_int8);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::RuntimeFailure);
        return error.what();
    }
    return "";
}

TEST(Int8Check, NamesTheConvolutionsThatRunInFloat) {
    const auto convolutions = rows({"0", "1", "2"});
    const LayerPrecision good = layer("Convolution", "u8", "model.0");
    EXPECT_EQ(
        complaint({good, layer("Convolution", "i8", "model.1"), layer("Convolution", "u8", "model.2")}, convolutions),
        "");
    const std::string line =
        complaint({good, layer("Convolution", "bf16", "model.1"), layer("Reorder", "u8", "model.2")}, convolutions);
    EXPECT_NE(line.find("2 of 3 convolutions would not run in 8 bits: 1, 2"), std::string::npos) << line;
}

TEST(Int8Check, OnlyWarnsOnACpuWithoutEightBits) {
    std::vector<std::string> lines;
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level == LogLevel::Warning) lines.emplace_back(line);
    });
    EXPECT_EQ(complaint({layer("Convolution", "f32", "model.0")}, rows({"0"}), false), "");
    EXPECT_EQ(complaint({}, rows({"0"})), "");
    set_log_sink({});
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines.front().find("does not compute in 8 bits"), std::string::npos) << lines.front();
}

/// A small network with ranges that were not measured: what runs in which type does not depend on them.
struct Network {
    std::shared_ptr<ov::Model> model;
    std::vector<quantize::ActivationStatistics> statistics;
    runtime::CalibrationInput input{{64, 64}, 1, [](std::size_t, std::span<float> tensor) {
                                        for (std::size_t i = 0; i < tensor.size(); ++i)
                                            tensor[i] = static_cast<float>(i % 97) / 97;
                                        return true;
                                    }};
};

Network network() {
    Network out;
    const auto checkpoint = checkpoint::Checkpoint::open(kSample);
    out.model = openvino::lower(nets::build_network(checkpoint, nets::InputShape{1, 64, 64}).graph);
    for (const auto& point : openvino::place_quantization(*out.model, {}).points) {
        out.statistics.push_back({point.name, -0.3, -0.3, 6, std::vector<std::uint64_t>(quantize::kBins, 1)});
    }
    return out;
}

TEST(Int8Check, FindsALostFakeQuantize) {
    if (!runtime::cpu_has_int8()) GTEST_FAIL() << "no 8 bits on this CPU";
    const Network net = network();
    const auto quantized = openvino::quantize_model(net.model, net.statistics, {});
    const auto layers = [&] {
        return runtime::try_quantized(quantized.model, net.input, runtime::calibrate(net.model, net.input)).layers;
    };
    EXPECT_EQ(complaint(layers(), quantized.convolutions), "");
    for (const auto& node : quantized.model->get_ordered_ops()) {
        if (node->get_friendly_name() == "model.15.cv2.act/quantized") node->output(0).replace(node->input_value(0));
    }
    const std::string line = complaint(layers(), quantized.convolutions);
    EXPECT_NE(line.find("16"), std::string::npos) << line;
    EXPECT_NE(line.find("22.cv2.0.0"), std::string::npos) << line;
    EXPECT_EQ(line.find("15.cv1"), std::string::npos) << line;
}

TEST(Calibration, RefusesANetworkForImagesOfOneChannel) {
    using namespace ov::op;
    const auto input = std::make_shared<v0::Parameter>(ov::element::f32, ov::Shape{1, 1, 64, 64});
    const auto weights = v0::Constant::create(ov::element::f32, {1, 1, 1, 1}, std::vector<float>{2});
    const auto convolution = std::make_shared<v1::Convolution>(
        input, weights, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0}, ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
    const auto model = std::make_shared<ov::Model>(ov::OutputVector{convolution}, ov::ParameterVector{input});
    try {
        runtime::calibrate(model, {{64, 64}, 1, [](std::size_t, std::span<float>) { return true; }});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::UnsupportedModel);
        EXPECT_NE(error.message().find("[1,1,64,64], wanted [N, 3, H, W]"), std::string::npos) << error.what();
    }
}

TEST(Int8Check, FoldsSharedWeightsOnce) {
    using namespace ov::op;
    const auto input = std::make_shared<v0::Parameter>(ov::element::f32, ov::Shape{1, 4, 8, 8});
    input->set_friendly_name("images");
    const auto weights = v0::Constant::create(ov::element::f32, {4, 4, 1, 1},
                                              std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1});
    weights->set_friendly_name("shared.weight");
    const auto convolve = [&](const ov::Output<ov::Node>& data, const char* name) {
        auto node = std::make_shared<v1::Convolution>(data, weights, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                                      ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
        node->set_friendly_name(name);
        return node;
    };
    const auto first = convolve(input, "model.0.conv");
    const auto middle = std::make_shared<v4::Swish>(first);
    middle->set_friendly_name("model.0.act");
    const auto second = convolve(middle, "model.1.conv");
    const auto model = std::make_shared<ov::Model>(ov::OutputVector{second}, ov::ParameterVector{input});
    std::vector<quantize::ActivationStatistics> statistics;
    for (const char* name : {"images", "model.0.act"})
        statistics.push_back({name, 0, 0, 1, std::vector<std::uint64_t>(quantize::kBins, 1)});
    const auto quantized = openvino::quantize_model(model, statistics, {});
    EXPECT_EQ(quantized.convolutions.size(), 2U);
    int codes = 0;
    for (const auto& node : quantized.model->get_ordered_ops())
        codes += ov::is_type<v0::Constant>(node) && node->get_output_element_type(0) == ov::element::i8 ? 1 : 0;
    EXPECT_EQ(codes, 1);
    EXPECT_EQ(weights->get_element_type(), ov::element::f32) << "the float model stays as it was";
}

}  // namespace
}  // namespace yolovino
