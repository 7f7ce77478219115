#include "quantize/report.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/peak_memory.hpp"

namespace yolovino::quantize {
namespace {

QuantizationInfo sample() {
    QuantizationInfo info;
    info.tool = "yolovino 0.2.0";
    info.engine = "2026.4.1";
    info.method = "mse";
    info.data = "a\"b/coco128.yaml";
    info.split = "val";
    info.imgsz = {320, 640};
    info.unreadable = 2;
    info.images_sha256 = "ff";
    info.images = {{"/a/1.jpg", "01"}, {"/a/2.jpg", "02"}};
    info.float_layers = {"2.cv1"};
    info.activations = {{.name = "images",
                         .group = 3,
                         .scale = 1.0 / 3,
                         .zero_point = 7,
                         .low = -0.1,
                         .high = 1.5,
                         .seen_low = -0.2,
                         .seen_high = 2,
                         .clipped = 0.01,
                         .noise = 0.02}};
    info.convolutions = {{.name = "0",
                          .node = "model.0.conv",
                          .channels = 16,
                          .scale_low = 0.1,
                          .scale_high = 0.2,
                          .noise = 0.005,
                          .damage_without = 1.25}};
    info.damage = {.images = 4, .anchors = 100, .box_px = 0.5, .score = 0.02};
    return info;
}

TEST(Report, IsReadAsItWasWritten) {
    const QuantizationInfo info = sample();
    const std::string text = to_json(info);
    const QuantizationInfo back = parse_json(text, "quantization.json");
    EXPECT_EQ(to_json(back), text);
    EXPECT_EQ(back.data, info.data);
    EXPECT_EQ(back.imgsz, info.imgsz);
    ASSERT_EQ(back.activations.size(), 1U);
    EXPECT_EQ(back.activations[0].scale, 1.0 / 3) << "to the last bit";
    EXPECT_EQ(back.activations[0].seen_high, 2);
    ASSERT_EQ(back.convolutions.size(), 1U);
    EXPECT_EQ(back.convolutions[0].node, "model.0.conv");
    EXPECT_EQ(back.convolutions[0].damage_without, 1.25);
    EXPECT_EQ(back.images[1].sha256, "02");
    EXPECT_EQ(back.unreadable, 2U);
    EXPECT_EQ(back.damage.box_px, 0.5);
}

TEST(Report, LeavesOutADamageThatIsUnknown) {
    QuantizationInfo info = sample();
    info.damage = {.images = 4};
    const std::string text = to_json(info);
    EXPECT_NE(text.find("\"box_px\": null"), std::string::npos);
    EXPECT_EQ(parse_json(text, "").damage.anchors, 0U);
}

TEST(Report, HoldsWhatTasksFindBesidesBoxes) {
    QuantizationInfo info = sample();
    EXPECT_EQ(to_json(info).find("objects"), std::string::npos);
    EXPECT_FALSE(parse_json(to_json(info), "").damage.objects.has_value()) << "as older files are";
    info.damage.objects = {.images = 8, .matched = 71, .only_float = 1, .only_int8 = 2, .mask_iou = 0.9375};
    const std::string text = to_json(info);
    EXPECT_EQ(text.find("keypoint_px"), std::string::npos);
    const ObjectDamage back = parse_json(text, "").damage.objects.value();
    EXPECT_EQ(back.images, 8U);
    EXPECT_EQ(back.matched, 71U);
    EXPECT_EQ(back.only_float, 1U);
    EXPECT_EQ(back.only_int8, 2U);
    EXPECT_EQ(back.mask_iou, 0.9375);
    EXPECT_FALSE(back.keypoint_px.has_value());
    info.damage.objects = {.images = 8, .keypoint_px = 0.25, .angle_deg = 0.5, .probability = 0.125};
    EXPECT_EQ(to_json(parse_json(to_json(info), "")), to_json(info));
}

TEST(Report, RefusesWhatExportDidNotWrite) {
    const std::string text = to_json(sample());
    for (const std::string& bad : {std::string(), std::string("{}"), std::string("[1]"), text.substr(0, 200)}) {
        try {
            parse_json(bad, "x.json");
            FAIL() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile);
            EXPECT_EQ(error.where().file, "x.json");
        }
    }
}

TEST(Report, ManyKeysTakeTimeInProportion) {
    std::string keys = "{";
    for (int i = 0; i < 250'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
    const double before = test::cpu_seconds();
    EXPECT_EQ(parse_json(keys + to_json(sample()).substr(1), "x.json").tool, "yolovino 0.2.0");
    constexpr double kMostSeconds = 10;  // a search along the keys for each takes more than a minute
    EXPECT_LT(test::cpu_seconds() - before, kMostSeconds);
}

}  // namespace
}  // namespace yolovino::quantize
