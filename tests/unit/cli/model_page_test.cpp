#include "cli/model_page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace yolovino::cli {
namespace {

ModelInfo sample() {
    ModelInfo info;
    info.path = "yolov8n.pt";
    info.format = "pytorch";
    info.name = "YOLOv8n";
    info.names = {"person", "dog\x1b[31m"};
    info.strides = {8, 16, 32};
    info.imgsz = {640, 640};
    info.parameters = 3157200;
    info.gflops = 8.86;
    info.layers = 129;
    info.modules = 225;
    info.source_sha256 = "abc";
    info.layer_table = {{0, "-1", 1, 464, "ultralytics.nn.modules.conv.Conv", "[3, 16, 3, 2]"}};
    info.train_args = {{"epochs", "500"}};
    return info;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(ModelPage, SummarisesAsUltralytics) {
    const std::string page = model_page(sample(), false);
    EXPECT_TRUE(holds(page, "YOLOv8n summary: 129 layers, 3,157,200 parameters, 0 gradients, 8.9 GFLOPs\n"));
    EXPECT_TRUE(holds(page, "225 modules by the count of 8.0 to 8.3\n"));
    EXPECT_TRUE(holds(page, "[8, 16, 32]"));
    EXPECT_TRUE(holds(page, "epochs=500"));
    EXPECT_FALSE(holds(page, "ultralytics.nn.modules.conv.Conv"));
}

TEST(ModelPage, ShowsTheTableOfLayers) {
    const std::string page = model_page(sample(), true);
    EXPECT_TRUE(
        holds(page, "                   from  n    params  module                                       arguments"));
    EXPECT_TRUE(holds(
        page, "  0                  -1  1       464  ultralytics.nn.modules.conv.Conv             [3, 16, 3, 2]"));
}

TEST(ModelPage, EscapesClassNames) {
    EXPECT_TRUE(holds(model_page(sample(), false), "  1: dog\\x1b[31m\n"));
    EXPECT_EQ(model_json(sample()).find('\x1b'), std::string::npos);
}

TEST(ModelJson, HoldsNamesLayersAndTrainArgsEscaped) {
    ModelInfo info = sample();
    info.names.push_back("\xff");
    const auto json = nlohmann::json::parse(model_json(info));
    EXPECT_EQ(json["names"][1], "dog\x1b[31m");
    EXPECT_EQ(json["parameters"], 3157200);
    EXPECT_EQ(json["layer_table"][0]["params"], 464);
    EXPECT_EQ(json["train_args"]["epochs"], "500");
}

}  // namespace
}  // namespace yolovino::cli
