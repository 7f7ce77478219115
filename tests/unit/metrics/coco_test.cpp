#include "metrics/coco.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "support/shared.hpp"

namespace yolovino::metrics {
namespace {

using Json = nlohmann::json;

Json read(const std::filesystem::path& path) {
    std::ifstream stream(path);
    return Json::parse(stream);
}

CocoBox box_of(const Json& box) {
    return {box[0].get<double>(), box[1].get<double>(), box[2].get<double>(), box[3].get<double>()};
}

CocoMetrics numbers_of(const CocoImage& image) {
    const CocoImage* const images[] = {&image};
    return summarize_coco(images);
}

TEST(Coco, EqualsPycocotoolsOnTheGoldenPredictions) {
    YOLOVINO_NEEDS_SHARED();
    struct LabelledImage {
        std::vector<CocoDetection> detections;
        std::vector<CocoTruth> truths;
    };
    std::map<std::int64_t, LabelledImage> by_id;  // by id, as pycocotools sorts them
    const Json instances = read(test::shared_dir() / "data/coco128/instances_coco128.json");
    const Json predictions = read(test::shared_dir() / "golden/predictions_exported.json");
    ASSERT_EQ(predictions.size(), 22386U);
    for (const Json& each : instances.at("annotations")) {
        by_id[each["image_id"].get<std::int64_t>()].truths.push_back(
            {box_of(each["bbox"]), each["category_id"].get<int>(), each["area"].get<double>(), false});
    }
    for (const Json& each : predictions) {
        by_id[each["image_id"].get<std::int64_t>()].detections.push_back(
            {box_of(each["bbox"]), each["category_id"].get<int>(), each["score"].get<double>()});
    }
    std::vector<CocoImage> images;
    for (const auto& [id, labelled] : by_id) images.push_back(match_coco(labelled.detections, labelled.truths));
    std::vector<const CocoImage*> pointers;
    for (const CocoImage& image : images) pointers.push_back(&image);
    const CocoMetrics ours = summarize_coco(pointers);
    const Json golden = read(test::shared_dir() / "golden/coco_exported.json");
    const std::map<std::string, double> numbers = {{"AP", ours.ap},
                                                   {"AP50", ours.ap50},
                                                   {"AP75", ours.ap75},
                                                   {"APsmall", ours.ap_small},
                                                   {"APmedium", ours.ap_medium},
                                                   {"APlarge", ours.ap_large},
                                                   {"AR1", ours.ar1},
                                                   {"AR10", ours.ar10},
                                                   {"AR100", ours.ar100},
                                                   {"ARsmall", ours.ar_small},
                                                   {"ARmedium", ours.ar_medium},
                                                   {"ARlarge", ours.ar_large}};
    ASSERT_EQ(golden.size(), numbers.size());
    for (const auto& [name, value] : numbers) EXPECT_NEAR(value, golden.at(name).get<double>(), 1e-9) << name;
}

TEST(Coco, DetectionsInACrowdCountNeitherWay) {
    const std::vector<CocoTruth> truths = {{{0, 0, 50, 50}, 1, 2500, false}, {{100, 0, 200, 200}, 1, 40000, true}};
    const std::vector<CocoDetection> detections = {{{110, 10, 40, 40}, 1, 0.95},  // in the crowd
                                                   {{160, 10, 40, 40}, 1, 0.9},   // in the crowd, too
                                                   {{0, 0, 50, 50}, 1, 0.5}};
    EXPECT_NEAR(numbers_of(match_coco(detections, truths)).ap, 1, 1e-12);
    std::vector<CocoTruth> no_crowd = {truths.front()};
    EXPECT_NEAR(numbers_of(match_coco(detections, no_crowd)).ap, 1.0 / 3, 1e-12);  // two false alarms before it
}

TEST(Coco, LabelsOutsideTheAreaRangeAreIgnored) {
    const std::vector<CocoTruth> truths = {{{0, 0, 20, 20}, 1, 400, false}, {{100, 0, 200, 200}, 1, 40000, false}};
    const CocoMetrics numbers = numbers_of(match_coco(std::vector<CocoDetection>{{{0, 0, 20, 20}, 1, 0.9}}, truths));
    EXPECT_NEAR(numbers.ap_small, 1, 1e-12);
    EXPECT_EQ(numbers.ap_medium, -1);
    EXPECT_EQ(numbers.ap_large, 0);
    EXPECT_NEAR(numbers.ar100, 0.5, 1e-12);
}

TEST(Coco, TakesAHundredDetectionsPerCategory) {
    std::vector<CocoDetection> detections;
    for (int i = 0; i < 100; ++i) detections.push_back({{500, 500, 10, 10}, 1, 0.9});
    detections.push_back({{0, 0, 20, 20}, 1, 0.1});
    const std::vector<CocoTruth> truths = {{{0, 0, 20, 20}, 1, 400, false}};
    EXPECT_EQ(numbers_of(match_coco(detections, truths)).ar100, 0);
}

TEST(Coco, WithoutLabelsThereIsNoNumber) {
    EXPECT_EQ(numbers_of({}).ap, -1);
}

}  // namespace
}  // namespace yolovino::metrics
