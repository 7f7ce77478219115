// The sample models of the four tasks beside detection, from the checkpoint and in every format, against what
// Ultralytics recorded with them (tests/golden/samples).

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/yolovino.hpp"

#include "base/file.hpp"
#include "support/libtorch.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kFolder = YOLOVINO_SOURCE_DIR "/assets/sample";
constexpr double kPx = 0.05;      // of boxes, corners, and keypoints
constexpr double kScore = 1e-4;   // of scores and probabilities
constexpr double kMetric = 5e-4;  // of what a validation measures

struct Case {
    std::string sample;  ///< `seg`
    std::string task;
    std::string format;  ///< `pytorch` for the checkpoint, built in memory
    Runtime runtime;
};

class Samples : public ::testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        if (GetParam().runtime == Runtime::LibTorch) YOLOVINO_NEEDS_LIBTORCH();
        const json all =
            json::parse(base::read_text_file(YOLOVINO_SOURCE_DIR "/tests/golden/samples/samples.json", 1U << 20U));
        recorded_ = all.at(GetParam().sample);
        size_ = recorded_.at("imgsz").get<int>();
        const fs::path checkpoint = kFolder / fmt::format("yolov8-shapes-{}.pt", GetParam().sample);
        model_ = checkpoint;
        if (GetParam().format == "pytorch") return;
        model_ = Model(checkpoint)
                     .export_to({.format = GetParam().format,
                                 .imgsz = ImageSize{size_, size_},
                                 .dynamic = true,
                                 .verbose = false,
                                 .output_folder = exports_.path()});
    }
    RuntimeOptions runtime() const { return {.kind = GetParam().runtime, .precision = precision()}; }
    Precision precision() const { return GetParam().runtime == Runtime::OpenVino ? Precision::F32 : Precision::Auto; }
    fs::path data_folder() const { return kFolder / ("shapes-val-" + GetParam().sample); }

    json recorded_;
    int size_ = 0;
    fs::path model_;
    test::TempFolder exports_;
};

/// Numbers of both by the same keys; `tolerance` by what a key is called.
void expect_close(const json& ours, const json& theirs, const std::string& where) {
    if (theirs.is_object()) {
        for (const auto& [key, value] : theirs.items()) {
            ASSERT_TRUE(ours.contains(key)) << where << " lacks " << key;
            expect_close(ours.at(key), value, where + "." + key);
        }
    } else if (theirs.is_array()) {
        ASSERT_EQ(ours.size(), theirs.size()) << where;
        for (std::size_t i = 0; i < theirs.size(); ++i)
            expect_close(ours[i], theirs[i], fmt::format("{}[{}]", where, i));
    } else if (theirs.is_number_float()) {
        const bool score = where.ends_with("confidence") || where.find("visible") != std::string::npos;
        EXPECT_NEAR(ours.get<double>(), theirs.get<double>(), score ? kScore : kPx) << where;
    } else {
        EXPECT_EQ(ours, theirs) << where;
    }
}

/// Outlines move by whole pixels of the mask where a value is next to zero: they are compared by their masks.
json without_segments(json summary) {
    for (json& object : summary) object.erase("segments");
    return summary;
}

TEST_P(Samples, PredictionsEqualTheRecordedOnes) {
    const Model model(model_);
    EXPECT_EQ(model.task(), GetParam().task);
    for (const json& wanted : recorded_.at("predictions")) {
        const std::string image = wanted.at("image");
        const std::vector<Results> found =
            model
                .predict((data_folder() / image).string(),
                         {.imgsz = ImageSize{size_, size_}, .runtime = runtime(), .verbose = false})
                .all();
        ASSERT_EQ(found.size(), 1U);
        const Results& results = found.front();
        EXPECT_EQ(results.verbose(), wanted.at("verbose")) << image;
        const json line = json::parse(results.to_json());
        expect_close(without_segments(line.at("detections")), without_segments(wanted.at("summary")), image);
        if (!wanted.contains("mask_areas")) continue;
        ASSERT_TRUE(results.masks.has_value());
        EXPECT_EQ(results.masks->shape, (ImageSize{wanted["mask_shape"][0], wanted["mask_shape"][1]}));
        const json& areas = wanted.at("mask_areas");
        ASSERT_EQ(results.masks->size(), areas.size());
        for (std::size_t i = 0; i < areas.size(); ++i)
            EXPECT_NEAR(static_cast<double>(results.masks->area_px(i)), areas[i].get<double>(), 1) << image;
    }
}

TEST_P(Samples, ValidationMeasuresTheRecordedNumbers) {
    const fs::path data = GetParam().task == "classify"
                              ? data_folder()
                              : data_folder() / fmt::format("shapes-{}.yaml", GetParam().sample);
    const ValResults measured = Model(model_).val({.data = data,
                                                   .imgsz = ImageSize{size_, size_},
                                                   .batch = 16,
                                                   .runtime = runtime(),
                                                   .save = false,
                                                   .plots = false,
                                                   .verbose = false});
    EXPECT_EQ(measured.images, 32U);
    std::size_t compared = 0;
    for (const auto& [key, value] : recorded_.at("results").items()) {
        EXPECT_NEAR(measured[key], value.get<double>(), kMetric) << key;
        ++compared;
    }
    EXPECT_EQ(compared, measured.results_dict.size());
}

std::vector<Case> cases() {
    std::vector<Case> all;
    const std::pair<std::string, std::string> samples[] = {
        {"seg", "segment"}, {"pose", "pose"}, {"obb", "obb"}, {"cls", "classify"}};
    for (const auto& [sample, task] : samples) {
        all.push_back({sample, task, "pytorch", Runtime::OpenVino});
        all.push_back({sample, task, "pytorch", Runtime::LibTorch});
        all.push_back({sample, task, "openvino", Runtime::OpenVino});
        all.push_back({sample, task, "onnx", Runtime::OnnxRuntime});
        all.push_back({sample, task, "torchscript", Runtime::LibTorch});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(EveryFormat, Samples, ::testing::ValuesIn(cases()), [](const auto& each) {
    return fmt::format("{}_{}_in_{}", each.param.task, each.param.format,
                       each.param.runtime == Runtime::OpenVino      ? "OpenVino"
                       : each.param.runtime == Runtime::OnnxRuntime ? "OnnxRuntime"
                                                                    : "LibTorch");
});

}  // namespace
}  // namespace yolovino
