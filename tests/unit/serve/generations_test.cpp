#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "yolovino/error.hpp"

#include "serve/generation.hpp"

namespace yolovino::serve {
namespace {

const std::string kModel = YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes.pt";

PredictArgs small_f32() {
    PredictArgs args;
    args.imgsz = ImageSize{64, 64};
    args.verbose = false;
    args.runtime.kind = Runtime::OpenVino;
    args.runtime.device = "cpu";
    args.runtime.precision = Precision::F32;
    return args;
}

TEST(ServeGenerations, CheckpointOnOpenVinoCpuF32IsLoadedWithHashAndOutputs) {
    const auto loaded = load_generation("shapes", kModel, small_f32(), 7);
    EXPECT_EQ(loaded->name, "shapes");
    EXPECT_EQ(loaded->number, 7U);
    EXPECT_EQ(loaded->sha256.size(), 64U);
    EXPECT_EQ(loaded->sha256, loaded->model.info().source_sha256);
    ASSERT_EQ(loaded->outputs.size(), 1U);
    EXPECT_EQ(loaded->outputs[0].name, "output0");
    EXPECT_EQ(loaded->outputs[0].shape.front(), 1);
    EXPECT_EQ(loaded->outputs[0].shape.back(), 84) << "8 x 8 + 4 x 4 + 2 x 2 anchors";
    EXPECT_TRUE(loaded->outputs[0].data.empty());
}

TEST(ServeGenerations, AMissingFileIsAnError) {
    EXPECT_THROW(static_cast<void>(load_generation("x", "/nonexistent/x.pt", small_f32(), 1)), Error);
}

TEST(ServeGenerations, TheCurrentOneIsFoundAndTheOldOneLivesWhileItIsUsed) {
    Generations generations;
    EXPECT_EQ(generations.find(""), nullptr);
    const auto first = load_generation("b", kModel, small_f32(), 1);
    std::weak_ptr<const Generation> old = first;
    generations.put(first);
    generations.put(load_generation("a", kModel, small_f32(), 1));
    EXPECT_EQ(generations.find(""), first) << "the first that was put";
    EXPECT_EQ(generations.find("b"), first);
    EXPECT_EQ(generations.find("c"), nullptr);
    generations.put(load_generation("b", kModel, small_f32(), 2));
    EXPECT_EQ(generations.find("b")->number, 2U);
    EXPECT_FALSE(old.expired());
    ASSERT_EQ(generations.all().size(), 2U);
    EXPECT_EQ(generations.all().front()->name, "b");
    EXPECT_TRUE(generations.remove("b"));
    EXPECT_FALSE(generations.remove("b"));
    EXPECT_EQ(generations.find("")->name, "a");
}

}  // namespace
}  // namespace yolovino::serve
