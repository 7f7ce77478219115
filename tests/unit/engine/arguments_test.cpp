// Arguments of predict and val that change what the network sees or gives, against what Ultralytics recorded with the
// sample models (tests/golden/arguments).

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/yolovino.hpp"

#include "base/file.hpp"
#include "support/libtorch.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kFolder = YOLOVINO_SOURCE_DIR "/assets/sample";
constexpr double kFeature = 1e-4;  // of means of features, which are of the order of 1

json recorded() {
    return json::parse(base::read_text_file(YOLOVINO_SOURCE_DIR "/tests/golden/arguments/arguments.json", 1U << 20U));
}

PredictArgs args_of(Runtime runtime, int side) {
    PredictArgs args;
    args.imgsz = ImageSize{side, side};
    args.runtime = {.kind = runtime, .device = "cpu", .precision = Precision::F32};
    if (runtime == Runtime::LibTorch) args.runtime = {.kind = runtime};
    args.verbose = false;
    return args;
}

class Arguments : public ::testing::TestWithParam<Runtime> {
protected:
    void SetUp() override {
        if (GetParam() == Runtime::LibTorch) YOLOVINO_NEEDS_LIBTORCH();
    }
};

void expect_rows(const std::vector<Box>& boxes, const json& rows, const std::string& where) {
    ASSERT_EQ(boxes.size(), rows.size()) << where;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const double ours[] = {boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2};
        for (std::size_t k = 0; k < 4; ++k)
            EXPECT_NEAR(ours[k], rows[i][k].get<double>(), test::kBoxPx) << where << " " << i;
        EXPECT_NEAR(boxes[i].conf, rows[i][4].get<double>(), test::kConf) << where << " " << i;
        EXPECT_EQ(boxes[i].cls, rows[i][5].get<int>()) << where << " " << i;
    }
}

TEST_P(Arguments, AugmentFindsTheRecordedRowsInTheDetectCheckpoint) {
    const Model model(test::kSample);
    std::size_t seen = 0;
    const json all = recorded();
    for (const auto& [side, images] : all.at("augment").items()) {
        PredictArgs args = args_of(GetParam(), std::stoi(side));
        args.conf = 0.1;
        args.augment = true;
        for (const auto& [image, rows] : images.items()) {
            const auto found = model.predict((kFolder / "shapes-val/images/val" / image).string(), args).all();
            ASSERT_EQ(found.size(), 1U);
            expect_rows(found.front().boxes, rows, fmt::format("{} at {}", image, side));
            seen += rows.size();
        }
    }
    EXPECT_GT(seen, 20U);
}

TEST_P(Arguments, AugmentChangesNothingForSegmentAndSaysSo) {
    const json all = recorded();
    const json& segment = all.at("augment_segment");
    const std::string image = segment.begin().key();
    const json& rows = segment.begin().value();
    PredictArgs args = args_of(GetParam(), 128);
    args.augment = true;
    const Model model(kFolder / "yolov8-shapes-seg.pt");
    const auto found = model.predict((kFolder / "shapes-val-seg/images/val" / image).string(), args).all();
    ASSERT_EQ(found.size(), 1U);
    expect_rows(found.front().boxes, rows, image);
}

TEST_P(Arguments, EmbedGivesTheRecordedMeansOfLayers) {
    const json all = recorded();
    std::size_t seen = 0;
    for (const auto& [what, images] : all.at("embed").items()) {
        const std::size_t begin = what.find(" [");
        const std::size_t end = what.find("] ");
        PredictArgs args = args_of(GetParam(), std::stoi(what.substr(end + 2)));
        args.embed = json::parse(what.substr(begin + 1, end - begin)).get<std::vector<int>>();
        const Model model(kFolder / what.substr(0, begin));
        for (const auto& [image, wanted] : images.items()) {
            const auto found = model.predict((kFolder / image).string(), args).all();
            ASSERT_EQ(found.size(), 1U) << what;
            const Results& results = found.front();
            ASSERT_TRUE(results.embedding.has_value()) << what;
            EXPECT_TRUE(results.boxes.empty());
            ASSERT_EQ(results.embedding->size(), wanted.size()) << what;
            for (std::size_t i = 0; i < wanted.size(); ++i)
                EXPECT_NEAR((*results.embedding)[i], wanted[i].get<double>(), kFeature) << what << " " << i;
            EXPECT_EQ(results.verbose(), fmt::format("embedding of {} values, ", wanted.size()));
            EXPECT_EQ(json::parse(results.to_json()).at("embedding").size(), wanted.size());
            ++seen;
        }
    }
    EXPECT_EQ(seen, 6U);
}

/// JPEG files of both, and maps whose last bits may fall on another colour.
TEST_P(Arguments, VisualizeShowsTheRecordedMaps) {
    constexpr double kMeanLevels = 0.5;  // of 255, over all values
    constexpr double kFarShare = 0.002;  // of the values that may be more than kFar away
    constexpr int kFar = 24;
    const test::TempFolder runs;
    const json all = recorded();
    std::size_t seen = 0;
    for (const auto& [name, wanted] : all.at("visualize").items()) {
        PredictArgs args = args_of(GetParam(), wanted.at("imgsz").get<int>());
        args.conf = wanted.at("conf").get<double>();
        if (wanted.contains("classes")) args.classes = wanted.at("classes").get<std::vector<int>>();
        args.visualize = true;
        args.project = runs.path().string();
        args.name = name;
        const Model model(kFolder / wanted.at("model").get<std::string>());
        const fs::path image = kFolder / wanted.at("image").get<std::string>();
        const auto found = model.predict(image.string(), args).all();
        ASSERT_EQ(found.size(), 1U);
        const Image ours = vision::load_image(found.front().save_dir / (image.stem().string() + "_cam.jpg"));
        const Image theirs =
            vision::load_image(fs::path(YOLOVINO_SOURCE_DIR "/tests/golden/arguments") / (name + "_cam.jpg"));
        ASSERT_EQ(ours.size(), theirs.size()) << name;
        double total = 0;
        std::size_t far = 0;
        for (std::size_t i = 0; i < ours.size_bytes(); ++i) {
            const int difference = std::abs(ours.data()[i] - theirs.data()[i]);
            total += difference;
            far += difference > kFar ? 1 : 0;
        }
        EXPECT_LT(total / static_cast<double>(ours.size_bytes()), kMeanLevels) << name;
        EXPECT_LT(static_cast<double>(far), kFarShare * static_cast<double>(ours.size_bytes())) << name;
        ++seen;
    }
    EXPECT_EQ(seen, 3U);
}

INSTANTIATE_TEST_SUITE_P(Checkpoint, Arguments, testing::Values(Runtime::OpenVino, Runtime::LibTorch),
                         [](const auto& each) {
                             return each.param == Runtime::OpenVino ? std::string("pytorch_openvino_f32_cpu")
                                                                    : std::string("pytorch_libtorch_f32_cpu");
                         });

TEST(Augment, ValidationOfTheCheckpointMeasuresTheRecordedNumbersInOpenvinoF32OnTheCpu) {
    const test::TempFolder runs;
    ValArgs args;
    args.data = kFolder / "shapes-val/shapes.yaml";
    args.imgsz = ImageSize{320, 320};
    args.batch = 1;
    args.augment = true;
    args.runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32};
    args.plots = false;
    args.project = runs.path().string();
    args.verbose = false;
    const ValResults measured = Model(test::kSample).val(args);
    const json wanted = recorded().at("augment_val");
    EXPECT_NEAR(measured["metrics/mAP50-95(B)"], wanted.at("metrics/mAP50-95(B)").get<double>(), test::kMetric);
    EXPECT_NEAR(measured["metrics/mAP50(B)"], wanted.at("metrics/mAP50(B)").get<double>(), test::kMetric);
}

TEST(Augment, APredictorGivesWhatModelPredictGivesForABatchInOpenvinoF32OnTheCpu) {
    const Model model(test::kSample);
    PredictArgs args = args_of(Runtime::OpenVino, 320);
    args.augment = true;
    const fs::path folder = kFolder / "shapes-val/images/val";
    const auto one_by_one = model.predict(folder.string(), args).all();
    args.batch = 3;
    args.rect = false;
    const auto batched = model.predict(folder.string(), args).all();
    args.batch = 1;
    const auto whole = model.predict(folder.string(), args).all();
    ASSERT_EQ(batched.size(), whole.size());
    ASSERT_GT(batched.size(), 4U);
    EXPECT_EQ(one_by_one.size(), whole.size());
    const Predictor predictor = model.predictor(args);
    for (std::size_t i = 0; i < batched.size(); ++i) {
        ASSERT_EQ(batched[i].boxes.size(), whole[i].boxes.size()) << i;
        for (std::size_t k = 0; k < whole[i].boxes.size(); ++k)
            EXPECT_NEAR(batched[i].boxes[k].x1, whole[i].boxes[k].x1, test::kBoxPx) << i;
        EXPECT_EQ(predictor(whole[i].orig_img.view()).boxes.size(), whole[i].boxes.size()) << i;
    }
}

TEST(Augment, AnExportIgnoresItInEveryFormat) {
    const test::TempFolder exports;
    const std::string image = (kFolder / "shapes-val/images/val/0000.jpg").string();
    for (const auto& [format, runtime] : {std::pair{"openvino", Runtime::OpenVino}, {"onnx", Runtime::OnnxRuntime}}) {
        const fs::path file = Model(test::kSample)
                                  .export_to({.format = format,
                                              .imgsz = ImageSize{320, 320},
                                              .verbose = false,
                                              .output_folder = exports.path()});
        PredictArgs args = args_of(runtime, 320);
        if (runtime == Runtime::OnnxRuntime) args.runtime = {.kind = runtime};
        const auto plain = Model(file).predict(image, args).all();
        args.augment = true;
        EXPECT_EQ(Model(file).predict(image, args).all().front().boxes, plain.front().boxes) << format;
    }
}

void expect_refused(const fs::path& model, const PredictArgs& args, const std::string& message) {
    try {
        Model(model).predict((kFolder / "shapes-val/images/val/0000.jpg").string(), args).all();
        FAIL() << "was taken: " << message;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
}

TEST(Embed, RefusesLayersThatTheCheckpointDoesNotHave) {
    PredictArgs args = args_of(Runtime::OpenVino, 320);
    args.embed = std::vector<int>{22};
    expect_refused(test::kSample, args, "embed holds 22, the layers below the head are 0 to 21");
    args.embed = std::vector<int>{};
    expect_refused(test::kSample, args, "embed holds no layer");
    args.embed = std::vector<int>{4};
    args.augment = true;
    expect_refused(test::kSample, args, "exclude each other");
}

TEST(Embed, RefusesAnOpenvinoExport) {
    const test::TempFolder exports;
    const fs::path file = Model(test::kSample)
                              .export_to({.format = "openvino",
                                          .imgsz = ImageSize{320, 320},
                                          .verbose = false,
                                          .output_folder = exports.path()});
    PredictArgs args = args_of(Runtime::OpenVino, 320);
    args.embed = std::vector<int>{4};
    expect_refused(file, args, "embed takes layers of a checkpoint");
}

TEST(Embed, BatchesGiveTheMeansOfEachImageInOpenvinoF32OnTheCpu) {
    const Model model(test::kSample);
    PredictArgs args = args_of(Runtime::OpenVino, 320);
    args.embed = std::vector<int>{9};
    args.rect = false;
    const std::string folder = (kFolder / "shapes-val/images/val").string();
    const auto single = model.predict(folder, args).all();
    args.batch = 4;
    const auto batched = model.predict(folder, args).all();
    ASSERT_EQ(single.size(), batched.size());
    ASSERT_GT(single.size(), 4U);
    for (std::size_t i = 0; i < single.size(); ++i) {
        ASSERT_EQ(single[i].embedding->size(), batched[i].embedding->size());
        for (std::size_t k = 0; k < single[i].embedding->size(); ++k)
            EXPECT_NEAR((*single[i].embedding)[k], (*batched[i].embedding)[k], kFeature);
    }
}

}  // namespace
}  // namespace yolovino
