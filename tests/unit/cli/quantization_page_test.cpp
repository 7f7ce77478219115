#include "cli/quantization_page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace yolovino::cli {
namespace {

QuantizationInfo sample() {
    QuantizationInfo info;
    info.tool = "yolovino 0.2.0";
    info.method = "mse";
    info.data = "coco128.yaml";
    info.images_sha256 = "feed";
    info.images = {{"/a/1.jpg", "01"}};
    info.float_layers = {"2.cv1"};
    info.activations = {{.name = "model.0.act", .group = 3, .scale = 0.25, .zero_point = 12, .low = -3, .high = 60.75}};
    info.convolutions = {{.name = "0", .node = "model.0.conv.without_bias", .channels = 16},
                         {.name = "1\x1b", .node = "model.1.conv", .channels = 32}};
    info.damage = {.images = 32, .anchors = 100, .box_px = 0.5, .score = 0.02};
    return info;
}

std::vector<LayerPrecision> layers() {
    return {{"a", "Reorder", "f32", "jit", {"model.0.conv.without_bias"}},
            {"b", "Convolution", "u8", "jit", {"model.0.conv.without_bias", "model.0.act"}}};
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The line that starts with a word.
std::string line_of(const std::string& page, const std::string& word) {
    const std::size_t at = page.find("\n" + word);
    return at == std::string::npos ? std::string() : page.substr(at + 1, page.find('\n', at + 1) - at - 1);
}

TEST(QuantizationPage, ShowsTheTables) {
    const std::string page = quantization_page(sample(), {});
    EXPECT_TRUE(holds(page, "boxes 0.500 px, scores 0.0200 on 32 images"));
    EXPECT_TRUE(holds(page, "1 images of coco128.yaml, 0 unreadable, sha256 feed"));
    EXPECT_TRUE(holds(page, "left in float  2.cv1"));
    EXPECT_TRUE(holds(line_of(page, "model.0.act"), "0.25000   12"));
    EXPECT_FALSE(holds(page, "runs in"));
    EXPECT_FALSE(holds(page, "\x1b")) << "names come from a file";
}

TEST(QuantizationPage, ShowsWhatTasksFindBesidesBoxes) {
    QuantizationInfo info = sample();
    EXPECT_FALSE(holds(quantization_page(info, {}), "in float only"));
    EXPECT_FALSE(quantization_json(info).contains("objects"));
    info.damage.objects = {.images = 8, .matched = 71, .only_float = 1, .only_int8 = 2, .angle_deg = 0.5};
    const std::string page = quantization_page(info, {});
    EXPECT_TRUE(holds(page, "  objects        71 in both, 1 in float only, 2 in 8 bits only, on 8 images\n")) << page;
    EXPECT_TRUE(holds(page, "  angles         0.500 degrees\n")) << page;
    EXPECT_FALSE(holds(page, "keypoints"));
    const nlohmann::ordered_json objects = quantization_json(info)["objects"];
    EXPECT_EQ(objects["matched"], 71);
    EXPECT_EQ(objects["angle_deg"], 0.5);
    EXPECT_FALSE(objects.contains("mask_iou"));
}

TEST(QuantizationPage, ShowsTheProbabilitiesOfAClassifierAndNoBoxes) {
    QuantizationInfo info = sample();
    info.damage = {.images = 8, .anchors = 8, .box_px = 0, .score = 0.01};
    info.damage.objects = {.images = 8, .matched = 7, .only_float = 1, .only_int8 = 1, .probability = 0.0123};
    const std::string page = quantization_page(info, {});
    EXPECT_TRUE(holds(page, "  damage         scores 0.0100 on 8 images\n")) << page;
    EXPECT_TRUE(holds(page, "  classes        7 of 8 images keep the most likely\n")) << page;
    EXPECT_TRUE(holds(page, "  probabilities  0.0123\n")) << page;
}

TEST(QuantizationPage, ShowsInWhatTheDeviceComputes) {
    const std::string page = quantization_page(sample(), layers());
    EXPECT_TRUE(line_of(page, "0 ").ends_with("u8")) << "the convolution's own layer, not the one that converts";
    EXPECT_TRUE(line_of(page, "1").ends_with("?"));
    EXPECT_TRUE(holds(page, "Reorder         1 f32"));
    EXPECT_TRUE(holds(layers_page(layers()), "Convolution     1 u8"));
}

TEST(QuantizationPage, ALongNameDoesNotRunIntoTheNextColumn) {
    const std::string name = std::string(60, 'n');
    const std::string page = layers_page({{.name = name,
                                           .kind = "FullyConnectedCompressed",
                                           .precision = "compressed",
                                           .primitive = "jit",
                                           .device = "CPU"}});
    EXPECT_TRUE(holds(page, name + " FullyConnectedCompressed compressed CPU\n")) << page;
}

TEST(QuantizationPage, SaysWhereTheDamageIsUnknown) {
    QuantizationInfo info = sample();
    info.damage = {};
    EXPECT_TRUE(holds(quantization_page(info, {}), "unknown"));
    EXPECT_TRUE(quantization_json(info)["box_px"].is_null());
    EXPECT_EQ(quantization_json(info)["convolutions"].size(), 2U);
}

}  // namespace
}  // namespace yolovino::cli
