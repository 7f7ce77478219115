#include "nets/network.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/session.hpp"
#include "support/npy.hpp"
#include "support/raw_output.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// Runs a checkpoint on golden pixels and compares the raw output with Ultralytics' OpenVINO export.
void expect_golden(const fs::path& checkpoint_file, const fs::path& input_file, const fs::path& output_file,
                   bool dynamic) {
    const auto pixels = test::read_npy<std::uint8_t>(input_file);
    const auto golden = test::read_npy<float>(output_file);
    const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::open(checkpoint_file);
    const nets::InputShape shape = {1, static_cast<std::int64_t>(pixels.shape[0]),
                                    static_cast<std::int64_t>(pixels.shape[1])};
    const auto graph = nets::build_network(checkpoint, dynamic ? nets::InputShape::dynamic() : shape).graph;
    const auto loaded = runtime::load_openvino(graph);
    EXPECT_EQ(loaded->dynamic(), dynamic);
    const test::Run run(*loaded, pixels);
    ASSERT_EQ(run.shape, golden.shape);
    const test::Drift worst = run.drift_from(golden);
    EXPECT_LE(worst.box_px, test::kRawBoxPx);
    EXPECT_LE(worst.score, test::kRawScore);
}

TEST(Network, AnswersAsUltralyticsDoesOnASquareInput) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path golden = test::shared_dir() / "golden";
    expect_golden(test::shared_dir() / "models/yolov8n.pt", golden / "bus_640x640_input.npy",
                  golden / "bus_640x640_output.npy", false);
}

TEST(Network, AnswersAsUltralyticsDoesOnAWideInput) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path golden = test::shared_dir() / "golden";
    expect_golden(test::shared_dir() / "models/yolov8n.pt", golden / "zidane_384x640_input.npy",
                  golden / "zidane_384x640_output.npy", false);
}

TEST(Network, AnswersTheSameWithADynamicShape) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path golden = test::shared_dir() / "golden";
    expect_golden(test::shared_dir() / "models/yolov8n.pt", golden / "zidane_384x640_input.npy",
                  golden / "zidane_384x640_output.npy", true);
}

class OtherNetworks : public testing::TestWithParam<std::string> {};

TEST_P(OtherNetworks, AnswerAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path golden = test::shared_dir() / "golden/networks";
    const std::string stem = GetParam() == "shapes" ? "shapes_320" : GetParam() + "_256";
    const fs::path file = GetParam() == "shapes" ? fs::path(test::kSample)
                                                 : test::shared_dir() / "checkpoints/random" / (GetParam() + ".pt");
    for (const bool dynamic : {false, true})
        expect_golden(file, golden / (stem + "_input.npy"), golden / (stem + "_output.npy"), dynamic);
}

TEST_P(OtherNetworks, AreDescribedAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    std::ifstream stream(test::shared_dir() / "golden/networks/networks.json");
    const auto golden = nlohmann::json::parse(stream).at(GetParam());
    const fs::path file = GetParam() == "shapes" ? fs::path(test::kSample)
                                                 : test::shared_dir() / "checkpoints/random" / (GetParam() + ".pt");
    const Model model(file);
    EXPECT_EQ(model.info().layers, golden.at("layers").get<int>());
    EXPECT_EQ(model.info().parameters, golden.at("parameters").get<std::uint64_t>());
    EXPECT_NEAR(model.info().gflops, golden.at("gflops_640").get<double>(), 5e-5);
    EXPECT_EQ(model.info().strides, golden.at("stride").get<std::vector<int>>());
    if (golden.at("names").is_number()) {
        EXPECT_EQ(model.names().size(), golden.at("names").get<std::size_t>());
    } else {
        ASSERT_EQ(model.names().size(), golden.at("names").size());
        for (std::size_t i = 0; i < model.names().size(); ++i)
            EXPECT_EQ(model.names()[i], golden.at("names").at(std::to_string(i)).get<std::string>());
    }
}

INSTANTIATE_TEST_SUITE_P(Goldens, OtherNetworks, testing::Values("p2", "p6", "nc1", "nc3odd", "shapes"));

TEST(Info, CountsTheNanoModelAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    EXPECT_EQ(model.info().name, "YOLOv8n");
    EXPECT_EQ(model.info().modules, 225);
    EXPECT_EQ(model.info().layers, 129);
    EXPECT_EQ(model.info().fused_layers, 72);
    EXPECT_EQ(model.info().parameters, 3157200U);
    EXPECT_EQ(model.info().fused_parameters, 3151904U);
    EXPECT_EQ(model.info().gradients, 0U);
    EXPECT_NEAR(model.info().gflops, 8.9, 0.05);
    EXPECT_NEAR(model.info().fused_gflops, 8.7, 0.05);
}

}  // namespace
}  // namespace yolovino
