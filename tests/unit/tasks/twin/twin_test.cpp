#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/model.hpp"

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "checkpoint/checkpoint.hpp"
#include "container/zip_reader.hpp"
#include "nets/network.hpp"
#include "runtime/libtorch/libtorch.hpp"
#include "runtime/onnxruntime/network.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/session.hpp"
#include "support/files.hpp"
#include "support/forge_zip.hpp"
#include "support/libtorch.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "tasks/lookup.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::content;
using test::kSample;
const fs::path kShapes = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
constexpr ImageSize kSize{128, 128};

/// The sample with another class of head, so that its weights still find shapes.
fs::path forge_twin(const fs::path& folder) {
    const std::string head = "ultralytics.nn.modules.head\nDetect\n";
    const base::RandomAccessFile file(kSample);
    const container::ZipReader reader(file);
    test::forge::Zip zip;
    for (const container::ZipEntry& entry : reader.entries()) {
        std::string data(base::as_text(reader.read(entry, entry.size_bytes)));
        if (const std::size_t at = data.find(head); at != std::string::npos)
            data.replace(at + head.size() - std::string("Detect\n").size(), 0, "Twin");
        zip.entries.push_back({.name = entry.name, .data = std::move(data)});
    }
    return test::forge::write(folder / "twin.pt", zip.bytes());
}

/// What a network gives for one grey image, with its own memory.
struct Copy {
    tensors::Outputs outputs;
    std::vector<std::vector<float>> data;
};
Copy run(runtime::LoadedNetwork& network) {
    const runtime::InputShape shape{1, kSize};
    const auto session =
        network.compile({.device = {}, .precision = Precision::F32, .cache_dir = {}}, shape)->new_session();
    std::span<float> input = session->input(shape);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 37 % 256) / 255.0F;
    Copy copy;
    copy.outputs = session->infer();
    for (const tensors::OutputTensor& tensor : copy.outputs.tensors)
        copy.data.emplace_back(tensor.data.begin(), tensor.data.end());
    return copy;
}

double largest_difference(const Copy& one, const Copy& other) {
    double largest = 0;
    for (std::size_t t = 0; t < one.data.size(); ++t) {
        for (std::size_t i = 0; i < one.data[t].size(); ++i)
            largest = std::max(largest, std::abs(static_cast<double>(one.data[t][i]) - other.data.at(t).at(i)));
    }
    return largest;
}

class Twin : public testing::Test {
protected:
    fs::path exported(const std::string& format, bool half = false, bool dynamic = false) const {
        const fs::path folder = folder_.path() / (half ? "half" : dynamic ? "dynamic" : "float");
        fs::create_directories(folder);
        return Model(checkpoint_)
            .export_to({.format = format,
                        .imgsz = kSize,
                        .half = half,
                        .dynamic = dynamic,
                        .verbose = false,
                        .output_folder = folder});
    }
    std::size_t found(const Model& model, Runtime runtime) const {
        const std::vector<Results> results =
            model
                .predict(kImages.string(), {.imgsz = kSize,
                                            .rect = false,
                                            .runtime = {.kind = runtime, .precision = Precision::F32},
                                            .verbose = false})
                .all();
        std::size_t boxes = 0;
        for (const Results& each : results) {
            EXPECT_EQ(each.task, "twin");
            boxes += each.boxes.size();
        }
        return boxes;
    }

    test::TempFolder folder_;
    fs::path checkpoint_ = forge_twin(folder_.path());
};

TEST_F(Twin, ACheckpointIsDescribedByItsHead) {
    const Model model(checkpoint_);
    EXPECT_EQ(model.task(), "twin");
    EXPECT_EQ(model.info().head, "TwinDetect");
    EXPECT_EQ(model.info().layer_table.back().arguments, Model(kSample).info().layer_table.back().arguments);
    EXPECT_EQ(Model(kSample).task(), "detect") << "the other row is still there";
}

TEST_F(Twin, AllRuntimesGiveTheSameTwoOutputs) {
    const auto checkpoint = checkpoint::Checkpoint::open(checkpoint_);
    const graph::Graph graph = nets::build_network(checkpoint, {1, kSize.height, kSize.width}).graph;
    const Copy reference = run(*runtime::load_openvino(graph));
    ASSERT_EQ(reference.outputs.tensors.size(), 2U);
    EXPECT_EQ(reference.outputs.tensors[0].name, "output0");
    EXPECT_EQ(reference.outputs.tensors[1].name, "output1");
    const auto rows = static_cast<std::int64_t>(Model(kSample).names().size()) + 5;
    EXPECT_EQ(reference.outputs.tensors[0].shape, (graph::Shape{1, rows, 336}));
    EXPECT_EQ(reference.outputs.tensors[1].shape.size(), 4U);
    EXPECT_EQ(reference.outputs.tensors[1].shape[2], 16);
    const auto expect_same = [&](runtime::LoadedNetwork& network, const std::string& what, double tolerance = 1e-3) {
        SCOPED_TRACE(what);
        const Copy answer = run(network);
        ASSERT_EQ(answer.outputs.tensors.size(), 2U);
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_EQ(answer.outputs.tensors[i].name, reference.outputs.tensors[i].name);
            EXPECT_EQ(answer.outputs.tensors[i].shape, reference.outputs.tensors[i].shape);
        }
        EXPECT_LE(largest_difference(reference, answer), tolerance);
    };
    constexpr double kHalfPx = 1;  // weights in 16 bits; boxes reach 128 px
    for (const bool half : {false, true}) {
        const double tolerance = half ? kHalfPx : 1e-3;
        expect_same(*runtime::load_openvino(exported("openvino", half) / "twin.xml"), "openvino", tolerance);
        expect_same(*runtime::load_openvino(exported("onnx", half)), "onnx in OpenVINO", tolerance);
        expect_same(*runtime::load_onnxruntime(exported("onnx", half)), "onnx", tolerance);
    }
    expect_same(*runtime::load_openvino(exported("openvino", false, true) / "twin.xml"), "openvino, dynamic");
    expect_same(*runtime::load_onnxruntime(exported("onnx", false, true)), "onnx, dynamic");
    YOLOVINO_NEEDS_LIBTORCH();
    expect_same(*runtime::load_libtorch(exported("torchscript"), {}), "torchscript");
    expect_same(*runtime::load_libtorch(exported("torchscript", true), {}), "torchscript, half", kHalfPx);
    expect_same(*runtime::load_libtorch(exported("torchscript", false, true), {}), "torchscript, dynamic");
    const auto open = nets::build_network(checkpoint, nets::InputShape::dynamic()).graph;
    expect_same(*runtime::load_libtorch(std::make_shared<const graph::Graph>(open)), "eager");
}

TEST_F(Twin, EveryFormatPredictsAsTheCheckpoint) {
    const std::size_t wanted = found(Model(checkpoint_), Runtime::OpenVino);
    EXPECT_GT(wanted, 10U) << "the weights find shapes";
    EXPECT_EQ(found(Model(exported("openvino")), Runtime::OpenVino), wanted);
    EXPECT_EQ(found(Model(exported("onnx")), Runtime::OpenVino), wanted);
    EXPECT_EQ(found(Model(exported("onnx")), Runtime::OnnxRuntime), wanted);
    YOLOVINO_NEEDS_LIBTORCH();
    EXPECT_EQ(found(Model(checkpoint_), Runtime::LibTorch), wanted);
    EXPECT_EQ(found(Model(exported("torchscript")), Runtime::LibTorch), wanted);
}

TEST_F(Twin, AnExportSaysItsTaskAndIsCheckedByIt) {
    const fs::path onnx = exported("onnx");
    EXPECT_EQ(Model(onnx).task(), "twin");
    EXPECT_EQ(Model(onnx).info().head, "TwinDetect");
    EXPECT_EQ(Model(onnx).names(), Model(kSample).names());
    const fs::path folder = exported("openvino");
    const std::string metadata = content(folder / "metadata.yaml");
    std::string other = metadata;
    other.replace(other.find("task: twin"), 10, "task: detect");
    std::ofstream(folder / "metadata.yaml") << other;
    try {
        const Model model(folder);
        FAIL() << "a network with two outputs passed as one of detection";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::ShapeMismatch);
        EXPECT_NE(std::string(error.what()).find("1 inputs and 2 outputs, wanted one of each"), std::string::npos)
            << error.what();
    }
}

TEST_F(Twin, LogLinesFilesAndFoldersFollowTheTask) {
    const Model model(checkpoint_);
    const fs::path project = folder_.path() / "runs";
    const std::vector<Results> results = model
                                             .predict(kImages.string(), {.imgsz = kSize,
                                                                         .save = false,
                                                                         .save_txt = true,
                                                                         .save_json = true,
                                                                         .project = project.string(),
                                                                         .verbose = false})
                                             .all();
    ASSERT_FALSE(results.empty());
    const Results& first = results.front();
    EXPECT_NE(first.verbose().find(" twins, "), std::string::npos);
    const auto json = nlohmann::json::parse(first.to_json());
    EXPECT_EQ(json.at("twins"), first.boxes.size());
    EXPECT_FALSE(json.contains("detections"));
    EXPECT_FALSE(first.plot().empty());
    std::size_t labels = 0;
    for (const auto& entry : fs::recursive_directory_iterator(project)) {
        if (entry.path().parent_path().filename() != "labels") continue;
        EXPECT_EQ(content(entry.path()).substr(0, 6), "twins\n");
        ++labels;
    }
    EXPECT_GT(labels, 5U);
    EXPECT_EQ(tasks::task_named("twin").traits().run_folder, "twins");
}

TEST_F(Twin, ValidationMeasuresAsDetectionDoes) {
    const ValArgs args{.data = kShapes.string(),
                       .imgsz = kSize,
                       .batch = 4,
                       .runtime = {.precision = Precision::F32},
                       .save = false,
                       .plots = false,
                       .verbose = false};
    const ValResults twin = Model(checkpoint_).val(args);
    const ValResults detect = Model(kSample).val(args);
    EXPECT_GT(twin.map, 0.3);
    EXPECT_EQ(twin.map, detect.map);
    EXPECT_EQ(twin.coco.ap, detect.coco.ap);
    EXPECT_EQ(twin.confusion_matrix, detect.confusion_matrix);
    const ValResults onnx = Model(exported("onnx")).val(args);
    EXPECT_NEAR(onnx.map, twin.map, 0.02);
}

TEST(Tasks, UnknownOnesAreRefusedWithTheNamesOfTheOthers) {
    EXPECT_EQ(tasks::find_task("segment"), nullptr);
    try {
        static_cast<void>(tasks::task_named("segment"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::UnsupportedModel);
        EXPECT_NE(std::string(error.what()).find("the task is 'segment', wanted 'detect' or 'twin'"),
                  std::string::npos);
    }
    EXPECT_THROW(static_cast<void>(tasks::task_of_head("Segment")), Error);
}

}  // namespace
}  // namespace yolovino
