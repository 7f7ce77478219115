#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <onnx/onnx_pb.h>
#include <set>
#include <stdlib.h>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "vision/encode.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::content;
using test::kSample;
const std::string kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
const fs::path kDataset = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

ExportArgs int8_args(const fs::path& folder) {
    ExportArgs args;
    args.format = "onnx";
    args.int8 = true;
    args.data = kImages;
    args.fraction = 0.5;
    args.imgsz = ImageSize{320, 320};
    args.verbose = false;
    args.output_folder = folder;
    return args;
}

double map_of(const fs::path& file, Runtime runtime) {
    ValArgs args;
    args.data = kDataset;
    args.imgsz = ImageSize{320, 320};
    args.rect = false;
    args.runtime.kind = runtime;
    args.save = false;
    args.plots = false;
    args.verbose = false;
    return Model(file).val(args).map;
}

TEST(QuantizeOnnx, WritesCodesOnBothSidesOfEveryOperationThatComputesInThem) {
    const test::TempFolder folder;
    const fs::path file = Model(kSample).export_to(int8_args(folder.path()));
    EXPECT_EQ(file.filename(), "yolov8-shapes_int8.onnx");
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(content(file)));
    EXPECT_GE(model.opset_import(0).version(), 13);
    std::map<std::string, const onnx::NodeProto*> producer;
    std::map<std::string, std::set<std::string>> readers;  // types of the nodes that read a tensor
    for (const auto& node : model.graph().node()) {
        for (const auto& output : node.output()) producer[output] = &node;
        for (const auto& input : node.input()) readers[input].insert(node.op_type());
    }
    const std::set<std::string> rounded = {"QuantizeLinear"};
    const auto from_codes = [&](const std::string& tensor) {
        return producer.contains(tensor) && producer.at(tensor)->op_type() == "DequantizeLinear";
    };
    int convolutions = 0;
    int floats = 0;
    std::map<std::string, int> coded;
    for (const auto& node : model.graph().node()) {
        if (node.input_size() == 0 || !from_codes(node.input(0)) || node.op_type() == "QuantizeLinear") continue;
        ++coded[node.op_type()];
        // ONNX Runtime makes an 8-bit operator only of what has codes at all inputs and all outputs.
        if (node.output(0).find(".1.act") != std::string::npos && node.name().starts_with("model.22.")) {
            ++floats;  // the SiLU before a convolution of the head that stays in float
            continue;
        }
        for (const auto& output : node.output()) EXPECT_EQ(readers[output], rounded) << node.name();
        if (node.op_type() != "Conv") continue;
        ++convolutions;
        for (const auto& input : node.input()) EXPECT_TRUE(from_codes(input)) << node.name();
    }
    EXPECT_EQ(convolutions, 57) << "all but the last six and that of the DFL";
    EXPECT_EQ(floats, 12) << "Sigmoid and Mul of six";
    EXPECT_EQ(coded["Sigmoid"], 51 + 6);
    EXPECT_EQ(coded["Add"], 6);
    EXPECT_EQ(coded["Concat"], 13);
    EXPECT_EQ(coded["MaxPool"], 3);
    EXPECT_EQ(coded["Resize"], 2);
    EXPECT_EQ(coded["Split"], 8);
    std::size_t channels = 0;
    for (const auto& tensor : model.graph().initializer()) {
        if (tensor.name() == "model.0.conv.weight/scale") channels = static_cast<std::size_t>(tensor.dims(0));
        if (tensor.name() == "model.0.conv.weight/codes") {
            EXPECT_EQ(tensor.data_type(), onnx::TensorProto::INT8);
        }
    }
    EXPECT_EQ(channels, 8U) << "a scale for each output channel";
}

TEST(QuantizeOnnx, RunsInBothRuntimesWithTheAccuracyOfTheFloats) {
    const test::TempFolder folder;
    const fs::path file = Model(kSample).export_to(int8_args(folder.path()));
    const Model model(file);
    EXPECT_TRUE(model.info().int8);
    EXPECT_EQ(model.names(), Model(kSample).names());
    const QuantizationInfo info = model.quantization().value();
    EXPECT_EQ(info.convolutions.size(), 57U);
    EXPECT_EQ(info.float_layers, (std::vector<std::string>{"22.cv2.0.2", "22.cv2.1.2", "22.cv2.2.2", "22.cv3.0.2",
                                                           "22.cv3.1.2", "22.cv3.2.2"}));
    EXPECT_GT(info.damage.anchors, 0U);
    for (const QuantizedConvolution& each : info.convolutions) EXPECT_GT(each.output_noise, each.noise) << each.name;
    const double wanted = map_of(kSample, Runtime::OpenVino);
    EXPECT_GT(wanted, 0.5);
    EXPECT_NEAR(map_of(file, Runtime::OpenVino), wanted, 0.02);
    EXPECT_NEAR(map_of(file, Runtime::OnnxRuntime), wanted, 0.02);
    const fs::path plain = Model(kSample).export_to(
        {.format = "onnx", .imgsz = ImageSize{320, 320}, .verbose = false, .output_folder = folder.path()});
    EXPECT_LT(fs::file_size(file), fs::file_size(plain) * 35 / 100);
}

TEST(QuantizeOnnx, TwoExportsAreIdenticalWithAFixedDate) {
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    std::vector<std::string> results;
    for (int i = 0; i < 2; ++i) {
        const test::TempFolder folder;
        ExportArgs args = int8_args(folder.path());
        args.fraction = 0.125;
        args.imgsz = ImageSize{96, 160};
        args.opset = 13;
        results.push_back(content(Model(kSample).export_to(args)));
        results.push_back(content(folder.path() / "yolov8-shapes_int8.quantization.json"));
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
    EXPECT_EQ(results[0], results[2]);
    EXPECT_EQ(results[1], results[3]);
    EXPECT_GT(results[1].size(), 1000U);
}

TEST(QuantizeOnnx, KeepsFloatLayersAndDynamicShapes) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.fraction = 0.125;
    args.dynamic = true;
    args.float_layers = {"2.cv1", "22"};
    const Model model(Model(kSample).export_to(args));
    EXPECT_TRUE(model.info().dynamic);
    EXPECT_EQ(model.quantization()->convolutions.size(), 44U);
    EXPECT_EQ(model.quantization()->float_layers.size(), 19U);
    for (const Runtime runtime : {Runtime::OpenVino, Runtime::OnnxRuntime}) {
        PredictArgs predict;
        predict.imgsz = ImageSize{256, 256};
        predict.batch = 3;
        predict.runtime.kind = runtime;
        predict.verbose = false;
        EXPECT_EQ(model.predict(kImages, predict).all().size(), 32U);
    }
}

std::string refusal(const ExportArgs& args) {
    try {
        Model(kSample).export_to(args);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument) << error.what();
        EXPECT_TRUE(!fs::exists(args.output_folder) || fs::is_empty(args.output_folder));
        return error.what();
    }
    return "accepted";
}

TEST(QuantizeOnnx, RefusesInvalidOpsetAndMaxDrop) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.opset = 12;
    EXPECT_NE(refusal(args).find("opset is 12, wanted 13 to 20 for int8=True"), std::string::npos) << refusal(args);
    args.opset.reset();
    args.max_drop = 0.01;
    EXPECT_NE(refusal(args).find("max_drop needs labels"), std::string::npos) << refusal(args);
    args.data = kDataset.string();
    args.max_drop = 1.5;
    EXPECT_NE(refusal(args).find("max_drop is 1.5, wanted 0 to 1"), std::string::npos) << refusal(args);
    args.max_drop = 0.01;
    args.imgsz = ImageSize{96, 160};
    EXPECT_NE(refusal(args).find("square imgsz"), std::string::npos) << refusal(args);
    args.int8 = false;
    EXPECT_NE(refusal(args).find("max_drop is for int8=True"), std::string::npos) << refusal(args);
}

/// The sample's validation set after two dark images. Ranges that are calibrated on those alone clip whatever is not
/// dark, so that the accuracy falls on every processor.
fs::path dataset_with_dark_images(const fs::path& folder) {
    fs::copy(kDataset.parent_path(), folder, fs::copy_options::recursive);
    Image dark(320, 320);
    for (int y = 0; y < dark.height(); ++y)
        std::fill_n(dark.row(y), dark.stride_bytes(), static_cast<std::uint8_t>(y < 160 ? 0 : 4));
    for (const char* name : {"!0.jpg", "!1.jpg"}) vision::save_image(dark, folder / "images" / "val" / name);
    return folder / kDataset.filename();
}

TEST(MaxDrop, WarnsOnlyIfTheAccuracyFallsByMore) {
    const test::TempFolder data;
    const fs::path dataset = dataset_with_dark_images(data.path() / "shapes");
    const auto warnings_at = [&](double max_drop) {
        const test::TempFolder folder;
        ExportArgs args = int8_args(folder.path());
        args.format = "openvino";
        args.data = dataset.string();
        args.fraction = 2;
        args.max_drop = max_drop;
        std::vector<std::string> lines;
        set_log_sink([&](LogLevel level, std::string_view line) {
            if (level == LogLevel::Warning && line.find("mAP50-95(B) falls") != line.npos) lines.emplace_back(line);
        });
        const fs::path result = Model(kSample).export_to(args);
        set_log_sink({});
        EXPECT_TRUE(fs::exists(result)) << "it is an alarm, no refusal";
        return lines;
    };
    EXPECT_TRUE(warnings_at(1).empty());
    const auto lines = warnings_at(0.1);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines.front().find("more than max_drop=0.1"), std::string::npos) << lines.front();
}

}  // namespace
}  // namespace yolovino
