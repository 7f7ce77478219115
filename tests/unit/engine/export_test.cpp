#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <stdlib.h>
#include <sys/resource.h>
#include <yaml-cpp/yaml.h>

#include "yolovino/yolovino.hpp"

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::content;
using test::kSample;

std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
        files[entry.path().filename().string()] = content(entry.path());
    return files;
}

TEST(Export, WritesTheFourFilesAndNothingElse) {
    const test::TempFolder folder;
    const fs::path result =
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    EXPECT_EQ(result.filename(), "yolov8-shapes_openvino_model");
    const auto files = contents(result);
    ASSERT_EQ(files.size(), 4U);
    for (const char* name : {"yolov8-shapes.xml", "yolov8-shapes.bin", "yolov8-shapes.mapping", "metadata.yaml"}) {
        ASSERT_TRUE(files.contains(name)) << name;
        EXPECT_FALSE(files.at(name).empty()) << name;
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1)
        << "something temporary was left";
}

TEST(Export, MetadataHasUltralyticsKeysInOrder) {
    const test::TempFolder folder;
    const fs::path result = Model(kSample).export_to(
        {.format = "openvino", .imgsz = ImageSize{320, 256}, .verbose = false, .output_folder = folder.path()});
    const YAML::Node metadata = YAML::LoadFile((result / "metadata.yaml").string());
    std::vector<std::string> keys;
    for (const auto& item : metadata) keys.push_back(item.first.as<std::string>());
    const std::vector<std::string> wanted = {
        "description", "author", "date",  "version", "license",  "docs",    "stride",   "task",   "head",
        "batch",       "imgsz",  "names", "args",    "channels", "end2end", "exporter", "source", "source_sha256"};
    EXPECT_EQ(keys, wanted);
    EXPECT_EQ(metadata["imgsz"].as<std::vector<int>>(), (std::vector<int>{320, 256}));
    EXPECT_EQ(metadata["names"][3].as<std::string>(), "star");
    EXPECT_EQ(metadata["source_sha256"].as<std::string>(),
              "0617442ec04137261d4c8ef3c91cb5e179f386d2090b37e7bd3c9bc25e94ff1e");
}

TEST(Export, OddClassNamesSurviveTheRoundTrip) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const Model model(test::shared_dir() / "checkpoints/random/nc3odd.pt");
    const Model exported(model.export_to(
        {.format = "openvino", .imgsz = ImageSize{64, 64}, .verbose = false, .output_folder = folder.path()}));
    EXPECT_EQ(exported.names(), model.names());
    EXPECT_EQ(exported.names(), (ClassNames{"it's", "say \"hi\", twice", "naïve 猫"}));
}

TEST(Export, NamesInputOutputAndLayersByCheckpointPath) {
    const test::TempFolder folder;
    const fs::path result =
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    const std::string xml = content(result / "yolov8-shapes.xml");
    for (const char* text :
         {"names=\"images\"", "names=\"model.22,output0\"", "layout=\"[N,C,H,W]\"", "name=\"model.0.conv\"",
          "name=\"model.22.cv3.2.2\"", "<labels value=\"circle square triangle star\"",
          "<reverse_input_channels value=\"YES\"", "<pad_value value=\"114\"", "<scale_values value=\"255\"",
          "<iou_threshold value=\"0.7\"", "<resize_type value=\"fit_to_window_letterbox\""}) {
        EXPECT_NE(xml.find(text), std::string::npos) << text;
    }
    const std::string mapping = content(result / "yolov8-shapes.mapping");
    for (const char* name : {"images", "output0", "model.0.conv", "model.9.cat", "model.22"}) {
        EXPECT_NE(mapping.find("<framework name=\"" + std::string(name) + "\""), std::string::npos) << name;
    }
}

TEST(Export, HalfStoresHalfTheBytes) {
    const test::TempFolder folder;
    const Model model(kSample);
    const auto full = fs::file_size(
        model.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path() / "f32"}) /
        "yolov8-shapes.bin");
    const auto half = fs::file_size(
        model.export_to(
            {.format = "openvino", .half = true, .verbose = false, .output_folder = folder.path() / "f16"}) /
        "yolov8-shapes.bin");
    EXPECT_NEAR(static_cast<double>(half), static_cast<double>(full) / 2, 2000);
}

TEST(Export, DynamicModelTakesAnySizeAndBatch) {
    const test::TempFolder folder;
    const Model model(Model(kSample).export_to(
        {.format = "openvino", .dynamic = true, .verbose = false, .output_folder = folder.path()}));
    EXPECT_TRUE(model.info().dynamic);
    const std::string images = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
    EXPECT_EQ(model.predict(images, {.imgsz = ImageSize{256, 256}, .batch = 3, .verbose = false}).all().size(), 32U);
}

TEST(Export, TwoExportsAreIdenticalWithAFixedDate) {
    const test::TempFolder folder;
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const Model model(kSample);
    const auto first =
        contents(model.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path() / "a"}));
    const auto second =
        contents(model.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path() / "b"}));
    ::unsetenv("SOURCE_DATE_EPOCH");
    EXPECT_EQ(first, second);
    EXPECT_NE(first.at("metadata.yaml").find("2023-11-14T22:13:20+00:00"), std::string::npos);
}

TEST(Export, ReplacesAnOlderResultAndKeepsOtherFiles) {
    const test::TempFolder folder;
    const fs::path old = folder.path() / "yolov8-shapes_openvino_model";
    fs::create_directories(old);
    std::ofstream(old / "notes.txt") << "mine";
    std::ofstream(old / "yolov8-shapes.xml") << "stale";
    Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    EXPECT_EQ(content(old / "notes.txt"), "mine");
    EXPECT_NE(content(old / "yolov8-shapes.xml").find("<net"), std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1)
        << "something temporary was left";
}

TEST(Export, RefusesWhatItCannotDoAndWritesNothing) {
    const test::TempFolder folder;
    const Model model(kSample);
    EXPECT_THROW(model.export_to({.format = "edam", .output_folder = folder.path()}), Error);
    EXPECT_THROW(model.export_to({.format = "openvino", .imgsz = ImageSize{0, 64}, .output_folder = folder.path()}),
                 Error);
    EXPECT_THROW(model.export_to({.format = "openvino", .batch = 0, .output_folder = folder.path()}), Error);
    EXPECT_TRUE(fs::is_empty(folder.path()));
    const Model exported(model.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()}));
    EXPECT_THROW(exported.export_to({}), Error);
}

std::string refusal(const ExportArgs& args) {
    try {
        check_export(args);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        return error.message();
    }
    return "accepted";
}

TEST(ExportFormats, AreFoundByNameAliasAndInAnyCase) {
    EXPECT_EQ(find_export_format("OpenVINO").name, "openvino");
    EXPECT_EQ(find_export_format("TS").name, "torchscript");
    EXPECT_EQ(find_export_format("onnx").suffix, ".onnx");
    EXPECT_EQ(ExportArgs().format, "torchscript");
    EXPECT_EQ(export_formats().size(), 3U);
}

TEST(ExportFormats, AnUnknownOneListsTheKnownOnesClosestFirst) {
    EXPECT_EQ(refusal({.format = "oxxn"}), "format 'oxxn' is unknown, wanted one of onnx, openvino, torchscript");
    EXPECT_EQ(refusal({.format = "openvin"}), "format 'openvin' is unknown, wanted one of openvino, onnx, torchscript");
    EXPECT_EQ(refusal({.format = "torch"}), "format 'torch' is unknown, wanted one of torchscript, onnx, openvino");
    EXPECT_NE(refusal({.format = ""}), "accepted");
    EXPECT_NE(refusal({.format = "onnx,openvino"}), "accepted") << "lists are the command's";
    EXPECT_NE(refusal({.format = std::string(100000, 'x')}), "accepted");
}

TEST(ExportFormats, TakeOnlyTheirOwnArguments) {
    EXPECT_EQ(refusal({.format = "openvino", .opset = 13}),
              "argument 'opset' is not supported for format 'openvino', only for onnx");
    EXPECT_EQ(refusal({.format = "torchscript", .simplify = false}),
              "argument 'simplify' is not supported for format 'torchscript', only for onnx");
    EXPECT_EQ(refusal({.format = "onnx", .optimize = true}),
              "argument 'optimize' is not supported for format 'onnx', only for torchscript");
    EXPECT_EQ(refusal({.format = "torchscript", .int8 = true, .data = "d"}),
              "argument 'int8' is not supported for format 'torchscript', only for onnx, openvino");
    EXPECT_EQ(refusal({.format = "onnx", .int8 = true, .data = "d"}), "accepted");
    EXPECT_EQ(refusal({.format = "openvino", .guard = true}), "guard=True is for int8=True");
    EXPECT_EQ(refusal({.format = "openvino", .float_layers = {"0"}}), "float_layers is for int8=True");
    EXPECT_EQ(refusal({.format = "openvino", .fraction = 1.5}),
              "fraction is 1.5, wanted a share above 0 to 1 or a whole number of images above 1");
    EXPECT_EQ(refusal({.format = "openvino", .fraction = 2}), "accepted");
    EXPECT_EQ(refusal({.format = "onnx", .opset = 10}), "opset is 10, wanted 11 to 20");
    EXPECT_EQ(refusal({.format = "onnx", .half = true, .dynamic = true, .batch = 2, .opset = 11, .simplify = false}),
              "accepted");
    EXPECT_EQ(refusal({.format = "torchscript", .half = true, .dynamic = true, .optimize = true}), "accepted");
}

TEST(ExportFormats, AreWrittenBesideTheCheckpointUnderItsName) {
    const test::TempFolder folder;
    fs::copy_file(kSample, folder.path() / "my.model.pt");
    const Model model(folder.path() / "my.model.pt");
    for (const ExportFormat& format : export_formats()) {
        const fs::path written = model.export_to({.format = std::string(format.name), .verbose = false});
        EXPECT_EQ(written, folder.path() / ("my.model" + std::string(format.suffix)));
        EXPECT_TRUE(fs::exists(written));
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 4);
}

TEST(ExportFormats, TwoExportsAreIdenticalWithAFixedDate) {
    const test::TempFolder folder;
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    for (const char* format : {"onnx", "torchscript"}) {
        std::vector<std::string> results;
        for (const char* where : {"a", "b"}) {
            results.push_back(content(Model(kSample).export_to(
                {.format = format, .half = true, .verbose = false, .output_folder = folder.path() / where})));
        }
        EXPECT_EQ(results[0], results[1]) << format;
        EXPECT_GT(results[0].size(), 100000U) << format;
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
}

TEST(ExportFormats, NothingIsLeftWhereTheDiskIsFull) {
    const test::TempFolder folder;
    const Model model(kSample);
    ::rlimit before = {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const ::rlimit small = {100000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::vector<std::string> refusals;
    for (const char* format : {"onnx", "torchscript", "openvino"}) {
        try {
            model.export_to({.format = format, .verbose = false, .output_folder = folder.path()});
        } catch (const Error& error) {
            if (error.code() == ErrorCode::IoFailure) refusals.emplace_back(format);
        }
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    EXPECT_EQ(refusals, (std::vector<std::string>{"onnx", "torchscript", "openvino"}));
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ExportFormats, NothingIsLeftWhereTheNameIsTaken) {
    const test::TempFolder folder;
    for (const char* name : {"yolov8-shapes.onnx", "yolov8-shapes.torchscript"})
        fs::create_directories(folder.path() / name / "in the way");
    for (const char* format : {"onnx", "torchscript"}) {
        EXPECT_THROW(Model(kSample).export_to({.format = format, .verbose = false, .output_folder = folder.path()}),
                     Error);
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

}  // namespace
}  // namespace yolovino
