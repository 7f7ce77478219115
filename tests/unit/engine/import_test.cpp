#include <algorithm>
#include <cmath>
#include <fstream>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "yolovino/yolovino.hpp"

#include "support/files.hpp"
#include "support/forge_onnx.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

const fs::path kImports = YOLOVINO_SOURCE_DIR "/tests/data/imports";
const fs::path kDataset = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";
const std::string kImage = (kImports / "golden" / "picture.png").string();

struct Row {
    std::string golden;
    std::string file;
    std::string format;
    std::string stem;
};

void PrintTo(const Row& row, std::ostream* stream) {
    *stream << row.golden;
}

nlohmann::json numbers() {
    std::ifstream stream(kImports / "golden" / "numbers.json");
    return nlohmann::json::parse(stream);
}

std::string message_of(const std::function<void()>& body, ErrorCode wanted) {
    try {
        body();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), wanted) << e.what();
        EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
        return e.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

PredictArgs exact() {
    PredictArgs args;
    args.runtime.precision = Precision::F32;
    args.verbose = false;
    return args;
}

/// Each recorded box has its own among ours, and none is left over.
void expect_boxes(const Results& results, const nlohmann::json& golden) {
    std::vector<Box> boxes(results.boxes.begin(), results.boxes.end());
    ASSERT_EQ(boxes.size(), golden.size());
    for (const auto& row : golden) {
        const auto same = [&](const Box& box) {
            const float sides[] = {box.x1, box.y1, box.x2, box.y2};
            bool near = box.cls == row[5].get<int>() && std::abs(box.conf - row[4].get<float>()) <= test::kConf;
            for (std::size_t i = 0; i < 4; ++i) near = near && std::abs(sides[i] - row[i].get<float>()) <= test::kBoxPx;
            return near;
        };
        const auto found = std::ranges::find_if(boxes, same);
        ASSERT_NE(found, boxes.end()) << row;
        boxes.erase(found);
    }
}

class ImportedModel : public testing::TestWithParam<Row> {};

TEST_P(ImportedModel, DetectsAndMeasuresAsUltralyticsDoes) {
    const Row& row = GetParam();
    const test::TempFolder folder;
    const Model source(kImports / row.file);
    EXPECT_EQ(source.info().format, row.format);
    const fs::path written = source.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    EXPECT_EQ(written.filename(), row.stem + "_openvino_model");
    for (const char* suffix : {".xml", ".bin", ".mapping"})
        EXPECT_TRUE(fs::exists(written / (row.stem + suffix))) << suffix;
    const YAML::Node metadata = YAML::LoadFile((written / "metadata.yaml").string());
    EXPECT_EQ(metadata["names"][2].as<std::string>(), "triangle");
    EXPECT_EQ(metadata["imgsz"].as<std::vector<int>>(), (std::vector<int>{96, 96}));
    EXPECT_EQ(metadata["source_sha256"].as<std::string>().size(), 64U);

    const nlohmann::json golden = numbers().at(row.golden);
    ValArgs args;
    args.data = kDataset;
    args.rect = false;
    args.runtime.precision = Precision::F32;
    args.plots = false;
    args.verbose = false;
    for (const fs::path& file : {kImports / row.file, written}) {
        SCOPED_TRACE(file);
        const Model model(file);
        EXPECT_EQ(model.names().size(), 4U);
        EXPECT_EQ(model.info().imgsz, (ImageSize{96, 96}));
        if (golden.contains("boxes")) expect_boxes(model.predict(kImage, exact()).all().at(0), golden["boxes"]);
        const ValResults measured = model.val(args);
        for (const auto& [key, value] : measured.results_dict) {
            ASSERT_TRUE(golden["val"].contains(key)) << key;
            EXPECT_NEAR(value, golden["val"][key].get<double>(), test::kMetric) << key;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ImportedModel,
                         testing::Values(Row{"saved_model", "yolov8-tiny_saved_model", "saved_model", "yolov8-tiny"},
                                         Row{"pb", "yolov8-tiny.pb", "pb", "yolov8-tiny"},
                                         Row{"tflite", "yolov8-tiny_float16.tflite", "tflite", "yolov8-tiny_float16"},
                                         Row{"litert", "yolov8-tiny_litert.tflite", "tflite", "yolov8-tiny_litert"},
                                         Row{"paddle", "yolov8-tiny_paddle_model", "paddle", "yolov8-tiny"}),
                         [](const auto& test) { return test.param.golden; });

TEST(Import, NamesAndStrideComeFromArgumentsWhereTheFileHasNone) {
    const test::TempFolder folder;
    fs::copy_file(kImports / "yolov8-tiny.pb", folder.path() / "bare.pb");
    const Model model(folder.path() / "bare.pb");
    EXPECT_EQ(model.names(), (ClassNames{"class0", "class1", "class2", "class3"}));
    ExportArgs args{.format = "openvino", .half = true, .verbose = false};
    args.names = {"a", "b,c", "d", "e"};
    args.stride = 16;
    const fs::path written = model.export_to(args);
    EXPECT_EQ(written, folder.path() / "bare_openvino_model");
    const Model result(written);
    EXPECT_EQ(result.names(), args.names);
    EXPECT_EQ(result.info().strides, std::vector<int>{16});
    EXPECT_TRUE(result.info().half);
    EXPECT_LT(fs::file_size(written / "bare.bin"), fs::file_size(folder.path() / "bare.pb") * 2 / 3);
    args.names = {"a", "b"};
    EXPECT_NE(message_of([&] { static_cast<void>(model.export_to(args)); }, ErrorCode::InvalidArgument)
                  .find("names= names 2 classes, the network gives 4"),
              std::string::npos);
}

TEST(Import, AFloatOpenVinoFolderIsReexportedBesideItself) {
    const test::TempFolder folder;
    ExportArgs args{.format = "openvino", .dynamic = true, .verbose = false};
    args.output_folder = folder.path();
    const fs::path open = Model(test::kSample).export_to(args);
    args = {.format = "openvino", .imgsz = ImageSize{64, 96}, .half = true, .batch = 2, .verbose = false};
    const fs::path written = Model(open).export_to(args);
    EXPECT_EQ(written.filename(), "yolov8-shapes_64x96_batch2_half_openvino_model");
    const Model fixed(written);
    EXPECT_FALSE(fixed.info().dynamic);
    EXPECT_EQ(fixed.info().imgsz, (ImageSize{64, 96}));
    EXPECT_EQ(fixed.info().batch, 2);
    EXPECT_NE(
        message_of(
            [&] { static_cast<void>(Model(written).export_to({.format = "openvino", .batch = 2, .verbose = false})); },
            ErrorCode::InvalidArgument)
            .find("OpenVINO folder already"),
        std::string::npos);
}

/// Weights and tensors of this file are 16-bit floats.
TEST(Import, HalfPrecisionNetworksAreQuantizedToInt8) {
    const test::TempFolder folder;
    ExportArgs args{.format = "openvino", .int8 = true, .data = kDataset.string(), .fraction = 0.2, .verbose = false};
    args.output_folder = folder.path();
    const Model source(kImports / "yolov8-tiny.onnx");
    const Model result(source.export_to(args));
    const QuantizationInfo info = result.quantization().value();
    EXPECT_GT(info.convolutions.size(), 50U);
    EXPECT_GT(info.damage.anchors, 0U);
    EXPECT_LT(info.damage.score, 0.05);
    const std::string image = (kDataset.parent_path() / "images/val/0004.jpg").string();
    EXPECT_FALSE(result.predict(image, exact()).all().at(0).boxes.empty());
    args.int8 = false;
    args.output_folder = folder.path() / "folder";
    const Model half(source.export_to(args));
    args.int8 = true;
    EXPECT_EQ(Model(half.export_to(args)).quantization().value().convolutions.size(), info.convolutions.size());
}

TEST(Import, NamesAndStrideAreRefusedForModelsWithMetadata) {
    const test::TempFolder folder;
    const Model checkpoint(test::kSample);
    ExportArgs args{.format = "onnx", .verbose = false, .output_folder = folder.path()};
    args.names = {"WRONG"};
    const auto refused = [&](const Model& model) {
        return message_of([&] { static_cast<void>(model.export_to(args)); }, ErrorCode::InvalidArgument);
    };
    EXPECT_NE(refused(checkpoint).find("names is for imported models"), std::string::npos);
    args.names.clear();
    args.stride = 32;
    EXPECT_NE(refused(checkpoint).find("stride is for imported models"), std::string::npos);
    const Model keras(kImports / "layers" / "tiny.keras");
    args.format = "openvino";
    args.stride = 7;
    EXPECT_NE(refused(keras).find("stride is 7, wanted a power of two"), std::string::npos);
    args.stride = 128;
    EXPECT_NE(refused(keras).find("stride is 128, which does not divide the input 64x64"), std::string::npos);
    EXPECT_TRUE(fs::is_empty(folder.path()));
    args.stride = 16;
    EXPECT_EQ(Model(keras.export_to(args)).info().strides.back(), 16);
}

TEST(Import, MadeUpNamesAreReportedWhereTheyAreUsed) {
    const test::TempFolder folder;
    int warnings = 0;
    set_log_sink([&](LogLevel, std::string_view line) {
        if (line.find("classes are named class0") != std::string_view::npos) ++warnings;
    });
    const Model model(kImports / "layers" / "tiny.keras");
    ExportArgs args{.format = "openvino", .verbose = false, .output_folder = folder.path() / "named"};
    args.names = {"x", "y", "z"};
    static_cast<void>(model.export_to(args));
    EXPECT_EQ(warnings, 0);
    args.names.clear();
    args.output_folder = folder.path() / "unnamed";
    static_cast<void>(model.export_to(args));
    static_cast<void>(model.predict(kImage, exact()).all());
    set_log_sink({});
    EXPECT_EQ(warnings, 1);
}

TEST(Import, TheSizeInTheLogCountsTheWeights) {
    const test::TempFolder folder;
    std::string line;
    set_log_sink([&](LogLevel, std::string_view each) {
        if (each.find("starting from '") != std::string_view::npos) line = each;
    });
    const fs::path paddle = kImports / "yolov8-tiny_paddle_model";
    static_cast<void>(Model(paddle).export_to({.format = "openvino", .output_folder = folder.path() / "out"}));
    set_log_sink({});
    const auto bytes = [&](const char* name) { return fs::file_size(paddle / "inference_model" / name); };
    const double mebi = static_cast<double>(bytes("model.pdmodel") + bytes("model.pdiparams")) / (1024.0 * 1024.0);
    EXPECT_GT(bytes("model.pdiparams"), 200'000U);
    const std::string wanted = std::to_string(std::round(mebi * 10) / 10).substr(0, 3);
    EXPECT_NE(line.find("(" + wanted + " MB)"), std::string::npos) << line << " for " << wanted;
}

TEST(Import, OtherFormatsAreWrittenFromACheckpointOnly) {
    for (const char* file : {"yolov8-tiny.onnx", "yolov8-tiny_float16.tflite"}) {
        const Model model(kImports / file);
        EXPECT_NE(message_of([&] { static_cast<void>(model.export_to({.format = "onnx", .verbose = false})); },
                             ErrorCode::InvalidArgument)
                      .find("an imported model becomes format=openvino"),
                  std::string::npos);
    }
}

TEST(Import, KerasAndCaffeBecomeAFolderWithTheirLayerNames) {
    const test::TempFolder folder;
    fs::copy(kImports / "layers", folder.path());
    for (const auto& [name, format] : std::map<std::string, std::string>{
             {"tiny.caffemodel", "caffe"}, {"tiny.prototxt", "caffe"}, {"tiny.keras", "keras"}, {"tiny.h5", "keras"}}) {
        SCOPED_TRACE(name);
        const Model source(folder.path() / name);
        EXPECT_EQ(source.info().format, format);
        EXPECT_EQ(source.info().imgsz, (ImageSize{64, 64}));
        EXPECT_EQ(source.names().size(), 3U);
        ExportArgs args{.format = "openvino", .half = true, .verbose = false};
        args.names = {"a", "b", "c"};
        args.output_folder = folder.path() / format;
        const Model result(source.export_to(args));
        EXPECT_EQ(result.names(), args.names);
        EXPECT_FALSE(result.info().dynamic);
    }
    std::ofstream(folder.path() / "metadata.yaml") << "names: [x, y, z]\ntask: detect\n";
    EXPECT_EQ(Model(folder.path() / "tiny.keras").names(), (ClassNames{"x", "y", "z"}));
}

void keep_log(google::protobuf::LogLevel, const char*, int, const std::string&) {}

TEST(Import, TheProgramsHandlerOfProtobufsMessagesStays) {
    auto* const before = google::protobuf::SetLogHandler(keep_log);
    const test::TempFolder folder;
    std::ofstream(folder.path() / "bad.prototxt") << "layer {";
    std::ofstream(folder.path() / "bad.caffemodel") << "layer {";
    EXPECT_EQ(Model(kImports / "layers/tiny.prototxt").info().format, "caffe");
    EXPECT_THROW(Model(folder.path() / "bad.prototxt"), Error);
    EXPECT_EQ(google::protobuf::SetLogHandler(before), keep_log);
}

TEST(Import, FilesThatAreNoModelAreRefused) {
    const test::TempFolder folder;
    for (const char* name : {"m.keras", "m.h5", "m.hdf5"}) {
        std::ofstream(folder.path() / name) << "anything";
        message_of([&] { Model(folder.path() / name); }, ErrorCode::UnsupportedFile);
    }
    message_of([&] { Model(folder.path() / "absent.keras"); }, ErrorCode::NotFound);
    message_of([&] { Model(folder.path() / "absent.prototxt"); }, ErrorCode::NotFound);
    message_of([&] { Model(folder.path() / "absent.tflite"); }, ErrorCode::NotFound);
    message_of([&] { Model(folder.path() / "absent.pb"); }, ErrorCode::NotFound);
    const fs::path bits = kImports / "layers" / "tiny_int8.tflite";
    EXPECT_NE(message_of([&] { Model{bits}; }, ErrorCode::UnsupportedModel).find("steps of 0.24"), std::string::npos);
    test::forge::Onnx classifier;
    classifier.outputs = {test::forge::onnx_tensor("output0", {1, 1000})};
    std::ofstream(folder.path() / "cls.onnx", std::ios::binary) << classifier.bytes();
    EXPECT_NE(message_of([&] { Model(folder.path() / "cls.onnx"); }, ErrorCode::ShapeMismatch).find("[1, 1000]"),
              std::string::npos);
}

TEST(Import, ChannelsLastOnnxIsTransposed) {
    const test::TempFolder folder;
    const Model source(kImports / "layers" / "tiny_nhwc.onnx");
    EXPECT_EQ(source.info().imgsz, (ImageSize{64, 64}));
    EXPECT_NE(message_of([&] { static_cast<void>(source.predict(kImage, exact()).all()); }, ErrorCode::ShapeMismatch)
                  .find("format=openvino"),
              std::string::npos);
    const Model result(source.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()}));
    EXPECT_EQ(result.info().imgsz, (ImageSize{64, 64}));
    EXPECT_EQ(result.names().size(), 3U);
    EXPECT_FALSE(result.predict(kImage, exact()).all().empty());
}

TEST(Import, PaddleNeedsBothFilesAndTheOlderProgram) {
    const test::TempFolder folder;
    const fs::path inner = kImports / "yolov8-tiny_paddle_model" / "inference_model";
    fs::copy_file(inner / "model.pdmodel", folder.path() / "model.pdmodel");
    EXPECT_NE(message_of([&] { Model(folder.path()); }, ErrorCode::NotFound).find("model.pdiparams"),
              std::string::npos);
    fs::remove(folder.path() / "model.pdmodel");
    fs::copy_file(inner / "model.pdiparams", folder.path() / "model.pdiparams");
    message_of([&] { Model(folder.path() / "model.pdiparams"); }, ErrorCode::NotFound);
    std::ofstream(folder.path() / "model.json") << "{}";
    EXPECT_NE(message_of([&] { Model(folder.path()); }, ErrorCode::UnsupportedFile).find(".pdmodel"),
              std::string::npos);
}

TEST(Import, DamagedGraphsAreRefused) {
    const test::TempFolder folder;
    const fs::path graph = folder.path() / "m.pb";
    const fs::path saved = folder.path() / "m_saved_model";
    fs::create_directory(saved);
    const std::string frozen = test::content(kImports / "yolov8-tiny.pb");
    const std::string whole = test::content(kImports / "yolov8-tiny_saved_model" / "saved_model.pb");
    for (const std::size_t part : {std::size_t{10}, std::size_t{3}, std::size_t{2}}) {
        std::ofstream(graph, std::ios::binary) << frozen.substr(0, frozen.size() * (part - 1) / part - 1);
        message_of([&] { const Model model(graph); }, ErrorCode::CorruptFile);
        std::ofstream(saved / "saved_model.pb", std::ios::binary) << whole.substr(0, whole.size() / part);
        message_of([&] { const Model model(saved); }, ErrorCode::CorruptFile);
    }
    for (const char* text : {"", "<html></html>", "version https://git-lfs.github.com/spec/v1\n"}) {
        std::ofstream(graph, std::ios::binary) << text;
        message_of([&] { const Model model(graph); }, ErrorCode::UnsupportedFile);
    }
}

}  // namespace
}  // namespace yolovino
