#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "yolovino/yolovino.hpp"

#include "checkpoint/checkpoint.hpp"
#include "nets/network.hpp"
#include "runtime/openvino/session/network.hpp"
#include "support/forge_yolov8.hpp"
#include "support/npy.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 64;
constexpr double kMebi = 1024.0 * 1024.0;

/// One row of what Ultralytics documents; counts before folding, then after it; sizes from its OpenVINO page, in MiB.
struct Documented {
    char scale;
    std::uint64_t parameters;
    std::uint64_t fused_parameters;
    double gflops;
    int modules;
    int layers;
    int fused_layers;
    double checkpoint_mb;
    double torchscript_mb;
    double onnx_mb;
    double openvino_mb;
};

void PrintTo(const Documented& documented, std::ostream* out) {
    *out << "yolov8" << documented.scale;
}

double size_mb(const fs::path& path) {
    if (fs::is_regular_file(path)) return static_cast<double>(fs::file_size(path)) / kMebi;
    double sum = 0;
    for (const auto& entry : fs::directory_iterator(path)) sum += static_cast<double>(entry.file_size());
    return sum / kMebi;
}

class Sizes : public testing::TestWithParam<Documented> {
protected:
    void SetUp() override {
        file_ = test::forge::write_yolov8(folder_.path() / (std::string("yolov8") + GetParam().scale + ".pt"),
                                          {.scale = GetParam().scale});
    }
    test::TempFolder folder_;
    fs::path file_;
};

TEST_P(Sizes, AreDescribedAsUltralyticsDoes) {
    const Documented& wanted = GetParam();
    const Model model(file_);
    EXPECT_EQ(model.info().name, std::string("YOLOv8") + wanted.scale);
    EXPECT_EQ(model.info().parameters, wanted.parameters);
    EXPECT_EQ(model.info().fused_parameters, wanted.fused_parameters);
    EXPECT_NEAR(model.info().gflops, wanted.gflops, 0.05);
    EXPECT_EQ(model.info().modules, wanted.modules);
    EXPECT_EQ(model.info().layers, wanted.layers);
    EXPECT_EQ(model.info().fused_layers, wanted.fused_layers);
}

TEST_P(Sizes, ExportToTheSizeOfThePage) {
    // The forged pickle writes every name in full.
    EXPECT_NEAR(size_mb(file_), GetParam().checkpoint_mb, 0.25);
    const Model checkpoint(file_);
    EXPECT_NEAR(size_mb(checkpoint.export_to({.format = "onnx", .verbose = false})), GetParam().onnx_mb, 0.2);
    // PyTorch's own archives hold debug records with source paths of the machine that made them, up to 0.4 MB.
    const double torchscript_mb = size_mb(checkpoint.export_to({.format = "torchscript", .verbose = false}));
    EXPECT_LT(torchscript_mb, GetParam().torchscript_mb);
    EXPECT_GT(torchscript_mb, GetParam().torchscript_mb - 0.5);
    const fs::path exported = checkpoint.export_to({.format = "openvino", .verbose = false});
    EXPECT_NEAR(size_mb(exported), GetParam().openvino_mb, 0.2);
    const Model model(exported);
    const std::vector<std::uint8_t> gray(640 * 480 * 3, 114);
    const Results results = model.predict(ImageView{.data = gray.data(), .height = 480, .width = 640});
    EXPECT_EQ(results.input_shape, (ImageSize{640, 640}));
}

TEST_P(Sizes, AnswerAsUltralyticsDoes) {
    const auto golden = test::read_npy<float>(fs::path(YOLOVINO_SOURCE_DIR "/tests/golden/sizes") /
                                              (std::string(1, GetParam().scale) + ".npy"));
    const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::open(file_);
    const auto loaded = runtime::load_openvino(nets::build_network(checkpoint, {1, kSide, kSide}).graph);
    const auto session =
        loaded->compile({.device = "CPU", .precision = Precision::F32, .cache_dir = {}}, {0, {}})->new_session();
    const auto input = session->input({1, {kSide, kSide}});
    ASSERT_EQ(input.size(), 3U * kSide * kSide);
    std::size_t at = 0;
    for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < kSide; ++y) {
            for (int x = 0; x < kSide; ++x)
                input[at++] = static_cast<float>((7 * x + 13 * y + 29 * c + x * y / 8) % 256) / 255.0F;
        }
    }
    const tensors::OutputTensor& raw = session->infer().first();
    ASSERT_EQ((std::vector<std::size_t>{raw.shape.begin(), raw.shape.end()}), golden.shape);
    double box_px = 0;
    double score = 0;
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
        double& worst = i / raw.dimension(2) < 4 ? box_px : score;
        worst = std::max(worst, std::abs(static_cast<double>(raw.data[i]) - static_cast<double>(golden.values[i])));
    }
    EXPECT_LE(box_px, test::kRawBoxPx);
    EXPECT_LE(score, test::kRawScore);
}

INSTANTIATE_TEST_SUITE_P(
    Documented, Sizes,
    testing::Values(Documented{'n', 3157200, 3151904, 8.9, 225, 129, 72, 6.2, 12.4, 12.2, 12.3},
                    Documented{'s', 11166560, 11156544, 28.8, 225, 129, 72, 21.5, 42.9, 42.8, 42.9},
                    Documented{'m', 25902640, 25886080, 79.3, 295, 169, 92, 49.7, 99.2, 99.0, 99.1},
                    Documented{'l', 43691520, 43668288, 165.7, 365, 209, 112, 83.7, 167.2, 166.8, 167.0},
                    Documented{'x', 68229648, 68200608, 258.5, 365, 209, 112, 130.5, 260.7, 260.4, 260.6}),
    [](const auto& size) { return std::string(1, size.param.scale); });

}  // namespace
}  // namespace yolovino
