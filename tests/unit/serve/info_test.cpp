#include "serve/page/info.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

namespace yolovino::serve {
namespace {

TEST(ServeInfo, ListsNoModelsAsAnEmptyList) {
    const Generations generations;
    EXPECT_EQ(info(generations).body, "[]\n");
}

TEST(ServeInfo, CheckpointOnOpenVinoCpuF32SaysWhatItIs) {
    PredictArgs args;
    args.imgsz = ImageSize{64, 96};
    args.conf = 0.4;
    args.runtime.kind = Runtime::OpenVino;
    args.runtime.device = "cpu";
    args.runtime.precision = Precision::F32;
    Generations generations;
    generations.put(load_generation("a\"b", YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes.pt", args, 3));
    const Response response = info(generations);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    const auto models = nlohmann::json::parse(response.body);
    ASSERT_EQ(models.size(), 1U);
    const auto& model = models.at(0);
    EXPECT_EQ(model.at("name"), "a\"b");
    EXPECT_EQ(model.at("task"), "detect");
    EXPECT_EQ(model.at("names"), nlohmann::json({"circle", "square", "triangle", "star"}));
    EXPECT_EQ(model.at("imgsz"), nlohmann::json({64, 96}));
    EXPECT_EQ(model.at("precision"), "f32");
    EXPECT_EQ(model.at("device"), "cpu");
    EXPECT_EQ(model.at("conf"), 0.4);
    EXPECT_EQ(model.at("generation"), 3);
    EXPECT_EQ(model.at("sha256"), generations.find("")->sha256);
}

}  // namespace
}  // namespace yolovino::serve
