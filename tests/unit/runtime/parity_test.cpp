#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

#include "yolovino/yolovino.hpp"

#include "checkpoint/checkpoint.hpp"
#include "nets/network.hpp"
#include "runtime/libtorch/libtorch.hpp"
#include "runtime/onnxruntime/network.hpp"
#include "runtime/session.hpp"
#include "support/libtorch.hpp"
#include "support/npy.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

/// One network gives the same answers whatever format it is in and whatever runs it.
namespace yolovino {
namespace {

namespace fs = std::filesystem;

constexpr double kSameBoxPx = 0.02;
constexpr double kSameScore = 2e-5;

using test::kSample;
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";

struct Candidate {
    fs::path file;
    Runtime runtime;
};

bool same(const Box& a, const Box& b) {
    const auto near = [](float x, float y, double tolerance) {
        return std::abs(static_cast<double>(x) - static_cast<double>(y)) <= tolerance;
    };
    return a.cls == b.cls && near(a.x1, b.x1, kSameBoxPx) && near(a.y1, b.y1, kSameBoxPx) &&
           near(a.x2, b.x2, kSameBoxPx) && near(a.y2, b.y2, kSameBoxPx) && near(a.conf, b.conf, kSameScore);
}

/// Every box has its own among the others, save those whose score stands on the threshold.
void expect_same(const Results& wanted, std::vector<Box> boxes, double conf) {
    const auto on_threshold = [&](const Box& box) { return static_cast<double>(box.conf) - conf <= kSameScore; };
    for (const Box& box : wanted.boxes) {
        const auto match = std::ranges::find_if(boxes, [&](const Box& other) { return same(box, other); });
        if (match != boxes.end())
            boxes.erase(match);
        else
            EXPECT_TRUE(on_threshold(box)) << wanted.path << ": no box for class " << box.cls << " at " << box.conf;
    }
    for (const Box& box : boxes)
        EXPECT_TRUE(on_threshold(box)) << wanted.path << ": extra box of class " << box.cls << " at " << box.conf;
}

/// Runs the images through all candidates; the first is what the others are compared with.
void expect_parity(const std::vector<Candidate>& candidates, const std::vector<fs::path>& images,
                   std::optional<ImageSize> imgsz = {}) {
    std::vector<Model> models;
    for (const Candidate& candidate : candidates) models.emplace_back(candidate.file);
    std::size_t boxes = 0;
    for (const fs::path& image : images) {
        std::optional<Results> reference;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            SCOPED_TRACE(candidates[i].file.filename().string() + " with runtime " +
                         std::to_string(static_cast<int>(candidates[i].runtime)));
            const PredictArgs args{.imgsz = imgsz,
                                   .runtime = {.kind = candidates[i].runtime, .precision = Precision::F32},
                                   .verbose = false};
            std::vector<Results> results = models[i].predict(image.string(), args).all();
            ASSERT_EQ(results.size(), 1U);
            if (reference) {
                EXPECT_EQ(results[0].input_shape, reference->input_shape);
                expect_same(*reference, results[0].boxes, args.conf);
            } else {
                boxes += results[0].boxes.size();
                reference = std::move(results[0]);
            }
        }
    }
    EXPECT_GE(boxes, images.size()) << "there was nothing to compare";
}

std::vector<fs::path> photos() {
    const fs::path folder = test::shared_dir() / "data";
    return {folder / "images/bus.jpg", folder / "images/zidane.jpg",
            folder / "coco128/images/train2017/000000000009.jpg", folder / "coco128/images/train2017/000000000025.jpg"};
}

std::vector<fs::path> shapes() {
    std::vector<fs::path> files;
    for (const char* name : {"0001.jpg", "0004.jpg", "0007.jpg", "0012.jpg"}) files.push_back(kImages / name);
    return files;
}

fs::path exported(const Model& model, const std::string& format, const fs::path& folder, bool dynamic,
                  ImageSize imgsz) {
    return model.export_to(
        {.format = format, .imgsz = imgsz, .dynamic = dynamic, .verbose = false, .output_folder = folder});
}

TEST(RuntimeParity, FixedExportsAgreeOnPhotos) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    const auto file = [&](const char* format) { return exported(model, format, folder.path(), false, {640, 640}); };
    const fs::path onnx = file("onnx");
    expect_parity({{file("openvino"), Runtime::OpenVino},
                   {onnx, Runtime::OnnxRuntime},
                   {onnx, Runtime::OpenVino},
                   {file("torchscript"), Runtime::LibTorch}},
                  photos());
}

TEST(RuntimeParity, DynamicNetworksAgreeOnPhotos) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const fs::path checkpoint = test::shared_dir() / "models/yolov8n.pt";
    const Model model(checkpoint);
    const auto file = [&](const char* format) { return exported(model, format, folder.path(), true, {640, 640}); };
    expect_parity({{checkpoint, Runtime::OpenVino},
                   {checkpoint, Runtime::LibTorch},
                   {file("onnx"), Runtime::OnnxRuntime},
                   {file("torchscript"), Runtime::LibTorch}},
                  photos());
}

TEST(RuntimeParity, TheSampleAgreesWithoutLibTorch) {
    const test::TempFolder folder;
    const Model model(kSample);
    const fs::path onnx = exported(model, "onnx", folder.path(), false, {320, 320});
    expect_parity({{exported(model, "openvino", folder.path(), false, {320, 320}), Runtime::OpenVino},
                   {onnx, Runtime::OnnxRuntime},
                   {onnx, Runtime::OpenVino}},
                  shapes());
}

TEST(RuntimeParity, TheSampleAgreesWithLibTorch) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(kSample);
    expect_parity({{kSample, Runtime::OpenVino},
                   {kSample, Runtime::LibTorch},
                   {exported(model, "torchscript", folder.path(), true, {320, 320}), Runtime::LibTorch}},
                  shapes(), ImageSize{320, 320});
}

TEST(RuntimeParity, HalfWeightsRunInFloats) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(kSample);
    const auto half = [&](const char* format) {
        return model.export_to({.format = format,
                                .imgsz = ImageSize{320, 320},
                                .half = true,
                                .verbose = false,
                                .output_folder = folder.path()});
    };
    // 16-bit weights move boxes by whole pixels, so only what is found is compared.
    const std::string image = shapes()[1].string();
    const auto wanted = model.predict(image, {.runtime = {.precision = Precision::F32}, .verbose = false}).all();
    for (const char* format : {"onnx", "torchscript"}) {
        const auto found =
            Model(half(format)).predict(image, {.runtime = {.precision = Precision::F32}, .verbose = false}).all();
        EXPECT_EQ(found[0].boxes.size(), wanted[0].boxes.size()) << format;
    }
}

TEST(RuntimeParity, BatchesOfDynamicNetworksAgree) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(kSample);
    for (const char* format : {"onnx", "torchscript"}) {
        const Model open(exported(model, format, folder.path(), true, {320, 320}));
        const PredictArgs single{
            .imgsz = ImageSize{320, 320}, .rect = false, .runtime = {.precision = Precision::F32}, .verbose = false};
        PredictArgs batched = single;
        batched.batch = 3;
        const auto alone = open.predict((kImages / "000*.jpg").string(), single).all();
        const auto together = open.predict((kImages / "000*.jpg").string(), batched).all();
        ASSERT_EQ(alone.size(), together.size()) << format;
        ASSERT_GE(alone.size(), 4U);
        for (std::size_t i = 0; i < alone.size(); ++i) expect_same(alone[i], together[i].boxes, single.conf);
    }
}

void expect_threads_agree(const Model& model, Runtime runtime) {
    const PredictArgs args{.runtime = {.kind = runtime, .precision = Precision::F32}, .verbose = false};
    const std::string images = (kImages / "000*.jpg").string();
    const std::vector<Results> alone = model.predict(images, args).all();
    std::vector<std::vector<Results>> together(3);
    std::vector<std::thread> threads;
    for (auto& results : together) threads.emplace_back([&] { results = model.predict(images, args).all(); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& results : together) {
        ASSERT_EQ(results.size(), alone.size());
        for (std::size_t i = 0; i < alone.size(); ++i) expect_same(alone[i], results[i].boxes, args.conf);
    }
}

TEST(RuntimeThreads, OneOnnxModelServesManyThreads) {
    const test::TempFolder folder;
    expect_threads_agree(Model(exported(Model(kSample), "onnx", folder.path(), true, {320, 320})),
                         Runtime::OnnxRuntime);
}

TEST(RuntimeThreads, OneLibTorchModelServesManyThreads) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(kSample);
    expect_threads_agree(model, Runtime::LibTorch);
    expect_threads_agree(Model(exported(model, "torchscript", folder.path(), true, {320, 320})), Runtime::LibTorch);
}

/// Runs a network on golden pixels and compares the raw output with Ultralytics' own.
void expect_golden(runtime::LoadedNetwork& network, const std::string& name, double max_box_px = test::kRawBoxPx,
                   double max_score = test::kRawScore) {
    const fs::path golden = test::shared_dir() / "golden";
    const auto pixels = test::read_npy<std::uint8_t>(golden / (name + "_input.npy"));  // [H, W, 3] RGB
    const auto wanted = test::read_npy<float>(golden / (name + "_output.npy"));
    const auto compiled = network.compile({.device = {}, .precision = Precision::F32, .cache_dir = {}}, {0, {}});
    const auto session = compiled->new_session();
    const std::size_t plane = pixels.shape[0] * pixels.shape[1];
    const std::span<float> input =
        session->input({1, {static_cast<int>(pixels.shape[0]), static_cast<int>(pixels.shape[1])}});
    ASSERT_EQ(input.size(), 3 * plane);
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t c = 0; c < 3; ++c)
            input[c * plane + i] = static_cast<float>(pixels.values[3 * i + c]) / 255.0F;
    const tensors::OutputTensor& raw = session->infer().first();
    ASSERT_EQ((std::vector<std::size_t>{raw.shape.begin(), raw.shape.end()}), wanted.shape);
    double box_px = 0;
    double score = 0;
    for (std::size_t i = 0; i < wanted.values.size(); ++i) {
        double& worst = i / raw.dimension(2) < 4 ? box_px : score;
        worst = std::max(worst, std::abs(static_cast<double>(raw.data[i]) - static_cast<double>(wanted.values[i])));
    }
    EXPECT_LE(box_px, max_box_px);
    EXPECT_LE(score, max_score);
}

TEST(RuntimeGoldens, OnnxRuntimeAnswersAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    const auto fixed = runtime::load_onnxruntime(exported(model, "onnx", folder.path() / "a", false, {640, 640}));
    EXPECT_FALSE(fixed->dynamic());
    EXPECT_EQ(fixed->signature().outputs.at(0).dims.at(1), 84);
    expect_golden(*fixed, "bus_640x640");
    const auto open = runtime::load_onnxruntime(exported(model, "onnx", folder.path() / "b", true, {640, 640}));
    EXPECT_TRUE(open->dynamic());
    expect_golden(*open, "zidane_384x640");
}

TEST(RuntimeGoldens, TorchScriptAnswersAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    const auto open = runtime::load_libtorch(exported(model, "torchscript", folder.path(), true, {640, 640}),
                                             {.dynamic = true, .shape = {}});
    expect_golden(*open, "bus_640x640");
    expect_golden(*open, "zidane_384x640");
}

class EagerGoldens : public testing::TestWithParam<std::string> {};

TEST_P(EagerGoldens, AnswerAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const fs::path shared = test::shared_dir();
    const std::string name = GetParam();
    const bool random = name != "zidane_384x640" && name != "shapes";
    const fs::path file = random             ? shared / "checkpoints/random" / (name + ".pt")
                          : name == "shapes" ? fs::path(kSample)
                                             : shared / "models/yolov8n.pt";
    const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::open(file);
    const auto network = runtime::load_libtorch(
        std::make_shared<const graph::Graph>(nets::build_network(checkpoint, nets::InputShape::dynamic()).graph));
    EXPECT_TRUE(network->dynamic());
    if (random)
        expect_golden(*network, "networks/" + name + "_256", test::kRandomRawBoxPx, test::kRandomRawScore);
    else
        expect_golden(*network, name == "shapes" ? "networks/shapes_320" : name);
}

INSTANTIATE_TEST_SUITE_P(Networks, EagerGoldens,
                         testing::Values("zidane_384x640", "p2", "p6", "nc1", "nc3odd", "shapes"));

}  // namespace
}  // namespace yolovino
