#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <set>
#include <stdlib.h>

#include "yolovino/yolovino.hpp"

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "writers/onnx/file.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

using test::content;
using test::kSample;

onnx::ModelProto parse(const fs::path& file) {
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(content(file))) << file;
    return model;
}

onnx::ModelProto exported(ExportArgs args, const fs::path& checkpoint = kSample) {
    const test::TempFolder folder;
    args.format = "onnx";
    args.verbose = false;
    args.output_folder = folder.path();
    return parse(Model(checkpoint).export_to(args));
}

std::map<std::string, const TensorProto*> initializers(const onnx::ModelProto& model) {
    std::map<std::string, const TensorProto*> out;
    for (const TensorProto& tensor : model.graph().initializer()) out[tensor.name()] = &tensor;
    return out;
}

std::vector<std::string> sides(const onnx::ValueInfoProto& info) {
    std::vector<std::string> out;
    for (const auto& dim : info.type().tensor_type().shape().dim())
        out.push_back(dim.has_dim_value() ? std::to_string(dim.dim_value()) : dim.dim_param());
    return out;
}

void expect_sorted_and_unique(const onnx::ModelProto& model) {
    std::set<std::string> known = {"", model.graph().input(0).name()};
    for (const auto& [name, tensor] : initializers(model)) known.insert(name);
    std::set<std::string> nodes;
    for (const auto& node : model.graph().node()) {
        EXPECT_TRUE(nodes.insert(node.name()).second) << node.name();
        for (const std::string& input : node.input())
            EXPECT_TRUE(known.contains(input)) << input << " is not known yet";
        for (const std::string& output : node.output()) EXPECT_TRUE(known.insert(output).second) << output;
    }
}

TEST(Onnx, NamesAreThoseOfTheCheckpoint) {
    const onnx::ModelProto model = exported({});
    EXPECT_EQ(model.graph().input(0).name(), "images");
    EXPECT_EQ(model.graph().output(0).name(), "output0");
    const auto constants = initializers(model);
    for (const char* name : {"model.0.conv.weight", "model.0.conv.bias", "model.22.cv3.2.2.bias",
                             "model.22.dfl.conv.weight", "model.22.anchors", "model.22.strides"}) {
        EXPECT_TRUE(constants.contains(name)) << name;
    }
    const auto& weight = *constants.at("model.0.conv.weight");
    EXPECT_EQ(weight.dims_size(), 4);
    EXPECT_EQ(weight.data_type(), TensorProto::FLOAT);
    EXPECT_EQ(weight.raw_data().size(), 4U * 3 * 9 * static_cast<std::size_t>(weight.dims(0)));
    std::set<std::string> nodes;
    for (const auto& node : model.graph().node()) nodes.insert(node.name());
    for (const char* name : {"model.0.conv", "model.9.cat", "model.22"}) EXPECT_TRUE(nodes.contains(name)) << name;
    expect_sorted_and_unique(model);
}

TEST(Onnx, StaticShapesAreWrittenForEveryTensor) {
    const onnx::ModelProto model = exported({.imgsz = ImageSize{320, 256}, .batch = 2});
    EXPECT_EQ(sides(model.graph().input(0)), (std::vector<std::string>{"2", "3", "320", "256"}));
    EXPECT_EQ(sides(model.graph().output(0)), (std::vector<std::string>{"2", "8", "1680"}));
    std::size_t results = 0;
    for (const auto& node : model.graph().node()) results += static_cast<std::size_t>(node.output_size());
    EXPECT_EQ(static_cast<std::size_t>(model.graph().value_info_size()) + 1, results);
}

TEST(Onnx, DynamicDimensionsHaveUltralyticsNames) {
    const onnx::ModelProto model = exported({.dynamic = true});
    EXPECT_EQ(sides(model.graph().input(0)), (std::vector<std::string>{"batch", "3", "height", "width"}));
    EXPECT_EQ(sides(model.graph().output(0)), (std::vector<std::string>{"batch", "8", "anchors"}));
    EXPECT_EQ(model.graph().value_info_size(), 0);
    expect_sorted_and_unique(model);
}

TEST(Onnx, HalfKeepsFloatEndsAndFloatScales) {
    for (const bool dynamic : {false, true}) {
        const onnx::ModelProto model = exported({.half = true, .dynamic = dynamic});
        EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
        EXPECT_EQ(model.graph().output(0).type().tensor_type().elem_type(), TensorProto::FLOAT);
        EXPECT_EQ(model.graph().node(0).op_type(), "Cast");
        EXPECT_EQ(model.graph().node(0).name(), "graph_input_cast0");
        const auto& last = model.graph().node(model.graph().node_size() - 1);
        EXPECT_EQ(last.name(), "graph_output_cast0");
        EXPECT_EQ(last.output(0), "output0");
        std::size_t scales = 0;
        for (const auto& [name, tensor] : initializers(model)) {
            if (tensor->data_type() == TensorProto::INT64) continue;
            const bool is_scales = name.starts_with("resize.");
            scales += is_scales ? 1 : 0;
            EXPECT_EQ(tensor->data_type(), is_scales ? TensorProto::FLOAT : TensorProto::FLOAT16) << name;
        }
        EXPECT_EQ(scales, 1U);
        expect_sorted_and_unique(model);
    }
}

TEST(Onnx, EveryOpsetIsDeclaredAndPassesTheChecker) {
    for (int opset = writers::onnx::kMinOpset; opset <= writers::onnx::kMaxOpset; ++opset) {
        onnx::ModelProto model = exported({.imgsz = ImageSize{64, 64}, .opset = opset});
        ASSERT_EQ(model.opset_import_size(), 1);
        EXPECT_EQ(model.opset_import(0).domain(), "");
        EXPECT_EQ(model.opset_import(0).version(), opset);
        EXPECT_GE(model.ir_version(), 6);
        EXPECT_LE(model.ir_version(), 9);
        model.set_ir_version(std::min<std::int64_t>(model.ir_version(), 8));
        EXPECT_NO_THROW(onnx::checker::check_model(model)) << opset;
    }
    EXPECT_EQ(exported({.imgsz = ImageSize{64, 64}}).opset_import(0).version(), 18);
}

TEST(Onnx, PropertiesHoldTheMetadata) {
    YOLOVINO_NEEDS_SHARED();
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const onnx::ModelProto model = exported({.imgsz = ImageSize{64, 96}, .opset = 17, .simplify = false},
                                            test::shared_dir() / "checkpoints/random/nc3odd.pt");
    ::unsetenv("SOURCE_DATE_EPOCH");
    std::vector<std::string> keys;
    std::map<std::string, std::string> properties;
    for (const auto& property : model.metadata_props()) {
        keys.push_back(property.key());
        properties[property.key()] = property.value();
    }
    const std::vector<std::string> wanted = {
        "description", "author", "date",  "version", "license",  "docs",    "stride",   "task",   "head",
        "batch",       "imgsz",  "names", "args",    "channels", "end2end", "exporter", "source", "source_sha256"};
    EXPECT_EQ(keys, wanted);
    EXPECT_EQ(properties["names"], "{0: \"it's\", 1: 'say \"hi\", twice', 2: 'naïve 猫'}");
    EXPECT_EQ(properties["imgsz"], "[64, 96]");
    EXPECT_EQ(properties["date"], "2023-11-14T22:13:20+00:00");
    EXPECT_EQ(properties["args"],
              "{'data': None, 'batch': 1, 'fraction': 1.0, 'quantize': None, 'nms': None, 'dynamic': False, "
              "'simplify': False, 'opset': 17}");
}

TEST(Onnx, AFailureLeavesTheOldFileAndNothingElse) {
    const test::TempFolder folder;
    const fs::path file = folder.path() / "m.onnx";
    std::ofstream(file) << "old";
    graph::Graph no_weights;
    const graph::Value images = no_weights.add("images", graph::op::Input{{1, 3, 8, 8}}, {});
    const graph::op::Conv2d empty{.weight = {{4, 3, 1, 1}, nullptr}, .bias = {}};
    no_weights.add("output0", graph::op::Output{}, {no_weights.add("model.0", empty, {images})});
    EXPECT_THROW(writers::onnx::write_file(no_weights, {}, {}, file), Error);

    // A name that ONNX does not allow: the checker has the last word.
    graph::Graph nameless;
    nameless.add("output0", graph::op::Output{}, {nameless.add("", graph::op::Input{{1, 3, 8, 8}}, {})});
    EXPECT_THROW(writers::onnx::write_file(nameless, {}, {}, file), Error);

    for (const int opset : {0, 10, 21}) {
        try {
            writers::onnx::write_file(no_weights, {}, {.opset = opset}, file);
            ADD_FAILURE() << opset;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        }
    }
    EXPECT_EQ(content(file), "old");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace yolovino
