#include <cmath>
#include <gtest/gtest.h>
#include <openvino/openvino.hpp>
#include <random>

#include "yolovino/error.hpp"

#include "graph/graph.hpp"
#include "openvino/lowering.hpp"
#include "support/shared.hpp"
#include "writers/onnx/file.hpp"

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
    const std::vector<float> wanted = answer(openvino::lower(graph));
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

TEST(OnnxOperations, ActivationsEqualOpenVino) {
    using Kind = op::ActivationKind;
    for (const Kind kind : {Kind::Silu, Kind::Relu, Kind::LeakyRelu, Kind::Relu6, Kind::Hardswish, Kind::Sigmoid,
                            Kind::Mish, Kind::Gelu, Kind::Tanh}) {
        expect_both_writers_agree(kInput, op::Activation{.kind = kind, .slope = 0.1F});
    }
}

TEST(OnnxOperations, ConvolutionsEqualOpenVino) {
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

TEST(OnnxOperations, PoolingEqualsOpenVino) {
    expect_both_writers_agree(kInput, op::MaxPool{.kernel = {3, 2}, .stride = {2, 1}, .pad = {1, 0}});
    expect_both_writers_agree(kInput, op::MaxPool{.kernel = {2, 2}, .stride = {2, 2}, .ceil_mode = true});
}

TEST(OnnxOperations, ResizeReshapeTransposeScaleEqualOpenVino) {
    expect_both_writers_agree(kInput, op::UpsampleNearest{{2, 3}});
    expect_both_writers_agree(kInput, op::Reshape{{0, 2, -1}});
    expect_both_writers_agree(kInput, op::Transpose{{0, 2, 3, 1}});
    expect_both_writers_agree(kInput, op::Scale{0.3F});
    for (const int axis : {1, 2, 3}) expect_both_writers_agree(kInput, op::Softmax{.axis = axis});
}

TEST(OnnxOperations, MeansOffsetsAndAnglesEqualOpenVino) {
    expect_both_writers_agree(kInput, op::GlobalMean{});
    expect_both_writers_agree(kInput, op::Offset{-0.25F});
    expect_both_writers_agree(kInput, op::Sine{});
    expect_both_writers_agree(kInput, op::Cosine{});
}

TEST(OnnxOperations, AveragesAndFactorsOfChannelsEqualOpenVino) {
    expect_both_writers_agree(kInput, op::AveragePool{.kernel = {2, 3}, .stride = {1, 2}});
    expect_both_writers_agree(kInput, op::ChannelScale{random_weights({4}, 5)});
}

/// Products, and what takes its height and width from another map, of known and of unknown shapes.
TEST(OnnxOperations, ProductsAndShapesOfOthersEqualOpenVino) {
    for (const graph::Shape& shape : {kInput.shape, graph::Shape{-1, 4, -1, -1}}) {
        graph::Graph graph;
        const graph::Value images = graph.add("images", op::Input{shape}, {});
        const graph::Value flat = graph.add("flat", op::Reshape{{0, 2, 2, -1}}, {images});
        const graph::Value small = graph.add("small", op::MaxPool{.kernel = {2, 2}, .stride = {2, 2}}, {images});
        const graph::Value outer = graph.add("outer", op::MatMul{.transpose_a = true}, {flat, flat});
        const graph::Value wide = graph.add("wide", op::MatMul{}, {flat, outer});
        const graph::Value inner = graph.add("inner", op::MatMul{.transpose_b = true}, {wide, flat});
        const graph::Value mixed = graph.add("mixed", op::MatMul{}, {inner, flat});
        const graph::Value map = graph.add("map", op::ReshapeLike{4}, {mixed, images});
        const graph::Value large = graph.add("large", op::ResizeLike{}, {small, map});
        const graph::Value sum = graph.add("sum", op::Add{}, {map, large});
        graph.add("output0", op::Output{}, {graph.add("rows", op::Reshape{{0, 4, -1}}, {sum})});
        const std::vector<float> wanted = answer(openvino::lower(graph));
        EXPECT_EQ(wanted.size(), some_input().get_size());
        for (const int opset : {11, 13, 18}) {
            const test::TempFolder folder;
            writers::onnx::write_file(graph, {}, {.opset = opset}, folder.path() / "m.onnx");
            ov::Core core;
            const std::vector<float> got = answer(core.read_model(folder.path() / "m.onnx"));
            ASSERT_EQ(got.size(), wanted.size()) << opset;
            for (std::size_t i = 0; i < got.size(); ++i)
                EXPECT_NEAR(got[i], wanted[i], 1e-6 * std::abs(wanted[i]) + 1e-3) << opset << ", at " << i;
        }
    }
}

TEST(OnnxOperations, SplitAddAndConcatEqualOpenVino) {
    graph::Graph graph;
    const graph::Value images = graph.add("images", kInput, {});
    const graph::Value parts = graph.add("model.0", op::Split{.axis = 1, .sizes = {1, 3}}, {images});
    const graph::Value sum = graph.add("model.1", op::Add{}, {{parts.node, 1}, {parts.node, 0}});
    const graph::Value less = graph.add("model.2", op::Subtract{}, {sum, {parts.node, 0}});
    const graph::Value product = graph.add("model.3", op::Multiply{}, {less, sum});
    const graph::Value joined = graph.add("model.4", op::Concat{.axis = 3}, {product, sum});
    graph.add("output0", op::Output{}, {graph.add("model.5", op::Reshape{{0, 0, -1}}, {joined})});
    const std::vector<float> wanted = answer(openvino::lower(graph));
    for (const int opset : {12, 13}) {
        const test::TempFolder folder;
        writers::onnx::write_file(graph, {}, {.opset = opset}, folder.path() / "m.onnx");
        ov::Core core;
        EXPECT_EQ(answer(core.read_model(folder.path() / "m.onnx")), wanted);
    }
}

/// Boxes of 48 anchors in two images, three classes, and a number that travels along.
graph::Graph with_rows(const graph::Operation& selection) {
    graph::Graph graph;
    const graph::Value images = graph.add("images", op::Input{{2, 8, 6, 8}}, {});
    const graph::Value flat = graph.add("flat", op::Reshape{{0, 8, -1}}, {images});
    const graph::Value parts = graph.add("parts", op::Split{.axis = 1, .sizes = {2, 2, 3, 1}}, {flat});
    const auto share = [&](const char* name, std::uint32_t port) {
        return graph.add(name, op::Activation{.kind = op::ActivationKind::Sigmoid}, {{parts.node, port}});
    };
    const graph::Value near = share("near", 0);
    const graph::Value far = graph.add("far", op::Add{}, {near, share("size", 1)});
    const graph::Value boxes = graph.add("boxes", op::Concat{.axis = 1}, {near, far});
    const graph::Value rows = graph.add("rows", selection, {boxes, share("scores", 2), images, {parts.node, 3}});
    graph.add("output0", op::Output{}, {rows});
    return graph;
}

TEST(OnnxOperations, SelectedRowsEqualOpenVinoInEveryOpset) {
    const graph::Operation selections[] = {
        op::TopRows{.most = 5},
        op::TopRows{.most = 60, .agnostic = true},
        op::SuppressedRows{.most = 5, .conf = 0.3F, .iou = 0.2F},
        op::SuppressedRows{.most = 60, .conf = 0.6F, .iou = 0.1F, .agnostic = true},
        op::SuppressedRows{.most = 60, .conf = 1},
        op::SuppressedRows{.most = 5, .conf = 0.3F, .iou = 0.4F, .rotated = true},
        op::SuppressedRows{.most = 60, .conf = 0.3F, .iou = 0.2F, .agnostic = true, .rotated = true},
    };
    for (const graph::Operation& selection : selections) {
        const graph::Graph graph = with_rows(selection);
        const auto answer_of = [](const std::shared_ptr<ov::Model>& model) {
            ov::Core core;
            auto compiled = core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32));
            auto request = compiled.create_infer_request();
            ov::Tensor tensor = request.get_input_tensor();
            for (std::size_t i = 0; i < tensor.get_size(); ++i)
                tensor.data<float>()[i] = std::sin(static_cast<float>(i * i % 1009)) * 2;
            request.infer();
            return values(request.get_output_tensor());
        };
        const std::vector<float> wanted = answer_of(openvino::lower(graph));
        for (const int opset : {11, 12, 13, 14, 17, 18, 20}) {
            const test::TempFolder folder;
            writers::onnx::write_file(graph, {}, {.opset = opset}, folder.path() / "m.onnx");
            ov::Core core;
            const std::vector<float> got = answer_of(core.read_model(folder.path() / "m.onnx"));
            ASSERT_EQ(got.size(), wanted.size()) << opset;
            for (std::size_t i = 0; i < got.size(); ++i)
                ASSERT_NEAR(got[i], wanted[i], 1e-5)
                    << graph::name_of(selection) << ", opset " << opset << ", at " << i;
        }
    }
}

TEST(OnnxOperations, RowsHaveTheirShapesAndRefuseOthers) {
    const auto shape = [](const graph::Operation& selection) {
        const graph::Graph graph = with_rows(selection);
        return graph.nodes().back().outputs.front();
    };
    EXPECT_EQ(shape(op::TopRows{.most = 5}), (graph::Shape{2, 5, 7}));
    EXPECT_EQ(shape(op::TopRows{.most = 300}), (graph::Shape{2, 48, 7})) << "there are 48 anchors";
    EXPECT_EQ(shape(op::SuppressedRows{.most = 300}), (graph::Shape{2, 300, 7}));
    for (const std::int64_t most : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
        EXPECT_THROW(shape(op::TopRows{.most = most}), Error) << most;
        EXPECT_THROW(shape(op::SuppressedRows{.most = most}), Error) << most;
    }
    graph::Graph graph;
    const graph::Value images = graph.add("images", kInput, {});
    const graph::Value flat = graph.add("flat", op::Reshape{{0, 4, -1}}, {images});
    EXPECT_THROW(graph.add("a", op::TopRows{}, {flat, flat}), Error);
    EXPECT_THROW(graph.add("b", op::TopRows{}, {images, flat, images}), Error);
    EXPECT_THROW(graph.add("c", op::TopRows{}, {flat, flat, flat}), Error);
    EXPECT_THROW(graph.add("d", op::SuppressedRows{.rotated = true}, {flat, flat, images}), Error) << "no angle";
    const graph::Value few = graph.add("few", op::Reshape{{0, 2, -1}}, {images});
    EXPECT_THROW(graph.add("e", op::TopRows{}, {flat, few, images}), Error) << "other anchors";
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
