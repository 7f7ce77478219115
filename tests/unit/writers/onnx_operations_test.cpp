#include <cmath>
#include <gtest/gtest.h>
#include <openvino/openvino.hpp>
#include <random>

#include "yolovino/error.hpp"

#include "graph/graph.hpp"
#include "support/shared.hpp"
#include "writers/onnx/file.hpp"
#include "writers/openvino/lowering.hpp"

namespace yolovino {
namespace {

namespace op = graph::op;

graph::Weights random_weights(graph::Shape shape, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> values(-1, 1);
    std::size_t count = 1;
    for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
    std::vector<float> data(count);
    for (float& value : data) value = values(random);
    return {std::move(shape), std::make_shared<const std::vector<float>>(std::move(data))};
}

ov::Tensor some_input() {
    ov::Tensor input(ov::element::f32, {2, 4, 7, 9});
    for (std::size_t i = 0; i < input.get_size(); ++i)
        input.data<float>()[i] = std::sin(static_cast<float>(i) * 0.7F) * 4;
    return input;
}

std::vector<float> values(const ov::Tensor& tensor) {
    return {tensor.data<const float>(), tensor.data<const float>() + tensor.get_size()};
}

std::vector<float> answer(const std::shared_ptr<ov::Model>& model) {
    ov::Core core;
    auto compiled = core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32));
    auto request = compiled.create_infer_request();
    request.set_input_tensor(some_input());
    request.infer();
    return values(request.get_output_tensor());
}

/// Two lowerings that share nothing: to OpenVINO's operations, and to ONNX's as OpenVINO's reader understands them.
void expect_both_writers_agree(const op::Input& input, const graph::Operation& operation) {
    graph::Graph graph;
    const graph::Value images = graph.add("images", input, {});
    const graph::Value middle = graph.add("model.0", operation, {images});
    graph.add("output0", op::Output{}, {graph.add("model.1", op::Reshape{{0, 0, -1}}, {middle})});
    const std::vector<float> wanted = answer(writers::openvino::lower(graph));
    for (const int opset : {11, 13, 14, 18, 20}) {
        const test::TempFolder folder;
        const auto file = folder.path() / "m.onnx";
        writers::onnx::write_file(graph, {}, {.opset = opset}, file);
        ov::Core core;
        const std::vector<float> got = answer(core.read_model(file));
        ASSERT_EQ(got.size(), wanted.size()) << graph::name_of(operation) << ", opset " << opset;
        for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_NEAR(got[i], wanted[i], 1e-5) << graph::name_of(operation) << ", opset " << opset << ", at " << i;
    }
}

const op::Input kInput{{2, 4, 7, 9}};

TEST(OnnxOperations, Activations) {
    using Kind = op::ActivationKind;
    for (const Kind kind : {Kind::Silu, Kind::Relu, Kind::LeakyRelu, Kind::Relu6, Kind::Hardswish, Kind::Sigmoid,
                            Kind::Mish, Kind::Gelu, Kind::Tanh}) {
        expect_both_writers_agree(kInput, op::Activation{.kind = kind, .slope = 0.1F});
    }
}

TEST(OnnxOperations, Convolutions) {
    expect_both_writers_agree(kInput, op::Conv2d{.weight = random_weights({6, 2, 3, 2}, 1),
                                                 .bias = random_weights({6}, 2),
                                                 .stride = {2, 1},
                                                 .pad = {1, 2},
                                                 .dilation = {1, 2},
                                                 .groups = 2});
    expect_both_writers_agree(kInput, op::ConvTranspose2d{.weight = random_weights({4, 3, 2, 3}, 3),
                                                          .bias = random_weights({3}, 4),
                                                          .stride = {2, 3},
                                                          .pad = {1, 0},
                                                          .output_pad = {1, 2}});
}

TEST(OnnxOperations, Pooling) {
    expect_both_writers_agree(kInput, op::MaxPool{.kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 0}});
    expect_both_writers_agree(kInput, op::MaxPool{.kernel = {2, 2}, .stride = {2, 2}, .ceil_mode = true});
}

TEST(OnnxOperations, Shapes) {
    expect_both_writers_agree(kInput, op::UpsampleNearest{{2, 3}});
    expect_both_writers_agree(kInput, op::Reshape{{0, 2, -1}});
    expect_both_writers_agree(kInput, op::Transpose{{0, 2, 3, 1}});
    expect_both_writers_agree(kInput, op::Scale{0.3F});
    for (const int axis : {1, 2, 3}) expect_both_writers_agree(kInput, op::Softmax{.axis = axis});
}

TEST(OnnxOperations, PartsAndJoins) {
    graph::Graph graph;
    const graph::Value images = graph.add("images", kInput, {});
    const graph::Value parts = graph.add("model.0", op::Split{.axis = 1, .sizes = {1, 3}}, {images});
    const graph::Value sum = graph.add("model.1", op::Add{}, {{parts.node, 1}, {parts.node, 0}});
    const graph::Value less = graph.add("model.2", op::Subtract{}, {sum, {parts.node, 0}});
    const graph::Value product = graph.add("model.3", op::Multiply{}, {less, sum});
    const graph::Value joined = graph.add("model.4", op::Concat{.axis = 3}, {product, sum});
    graph.add("output0", op::Output{}, {graph.add("model.5", op::Reshape{{0, 0, -1}}, {joined})});
    const std::vector<float> wanted = answer(writers::openvino::lower(graph));
    for (const int opset : {12, 13}) {
        const test::TempFolder folder;
        writers::onnx::write_file(graph, {}, {.opset = opset}, folder.path() / "m.onnx");
        ov::Core core;
        EXPECT_EQ(answer(core.read_model(folder.path() / "m.onnx")), wanted);
    }
}

TEST(OnnxOperations, AGraphThatIsOnlyItsInputIsWritten) {
    graph::Graph graph;
    graph.add("output0", op::Output{}, {graph.add("images", kInput, {})});
    const test::TempFolder folder;
    writers::onnx::write_file(graph, {}, {}, folder.path() / "m.onnx");
    ov::Core core;
    EXPECT_EQ(answer(core.read_model(folder.path() / "m.onnx")), values(some_input()));
}

}  // namespace
}  // namespace yolovino
