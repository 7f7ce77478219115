#include "writers/metadata.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace yolovino::writers {
namespace {

const ClassNames kOddNames = {
    "it's", "say \"hi\", twice", "d'oeil \"x\"", "naïve 猫", "back\\slash", "two\nlines", "yes", "12", "a: b", ""};

Metadata sample(Format format) {
    Metadata metadata;
    metadata.format = format;
    metadata.description = "Ultralytics YOLOv8n model trained on coco.yaml";
    metadata.date = "2026-01-01T00:00:00+00:00";
    metadata.version = "0.1.0";
    metadata.license = "AGPL-3.0 License (https://ultralytics.com/license)";
    metadata.task = "detect";
    metadata.head = "Detect";
    metadata.imgsz = {640, 480};
    metadata.names = kOddNames;
    metadata.source = "yolov8n.pt";
    metadata.source_sha256 = "abc";
    return metadata;
}

std::vector<std::string> keys(const Metadata& metadata) {
    std::vector<std::string> out;
    for (const auto& [key, value] : fields(metadata)) out.push_back(key);
    return out;
}

TEST(Metadata, AllSpellingsHaveTheSameKeysInTheSameOrder) {
    for (const Format format : {Format::OpenVino, Format::Onnx, Format::TorchScript}) {
        const Metadata metadata = sample(format);
        std::vector<std::string> yaml;
        const YAML::Node loaded = YAML::Load(to_yaml(metadata));
        for (const auto& item : loaded) yaml.push_back(item.first.as<std::string>());
        std::vector<std::string> python;
        for (const auto& [key, value] : to_properties(metadata)) python.push_back(key);
        std::vector<std::string> json;
        const auto parsed = nlohmann::ordered_json::parse(to_json(metadata));
        for (const auto& [key, value] : parsed.items()) json.push_back(key);
        EXPECT_EQ(yaml, keys(metadata));
        EXPECT_EQ(python, keys(metadata));
        EXPECT_EQ(json, keys(metadata));
    }
}

TEST(Metadata, PropertiesAreWhatPythonsStrPrints) {
    Metadata metadata = sample(Format::Onnx);
    metadata.half = true;
    metadata.dynamic = true;
    metadata.batch = 2;
    metadata.opset = 13;
    const auto list = to_properties(metadata);
    const std::map<std::string, std::string> properties(list.begin(), list.end());
    EXPECT_EQ(properties.at("description"), metadata.description);
    EXPECT_EQ(properties.at("stride"), "32");
    EXPECT_EQ(properties.at("imgsz"), "[640, 480]");
    EXPECT_EQ(properties.at("end2end"), "False");
    EXPECT_EQ(properties.at("channels"), "3");
    EXPECT_EQ(properties.at("args"),
              "{'data': None, 'batch': 2, 'fraction': 1.0, 'quantize': 16, 'nms': None, 'dynamic': True, "
              "'simplify': True, 'opset': 13}");
    EXPECT_EQ(properties.at("names"),
              "{0: \"it's\", 1: 'say \"hi\", twice', 2: 'd\\'oeil \"x\"', 3: 'naïve 猫', 4: 'back\\\\slash', "
              "5: 'two\\nlines', 6: 'yes', 7: '12', 8: 'a: b', 9: ''}");
}

TEST(Metadata, KeypointsFollowEnd2endInAllSpellings) {
    Metadata metadata = sample(Format::OpenVino);
    metadata.task = "pose";
    metadata.kpt_shape = {2, 3};
    metadata.kpt_names = {{"nose", "it's"}, {"1", "2"}};
    const std::vector<std::string> all = keys(metadata);
    const auto end2end = std::ranges::find(all, "end2end");
    ASSERT_GE(all.end() - end2end, 3);
    EXPECT_EQ(end2end[1], "kpt_shape");
    EXPECT_EQ(end2end[2], "kpt_names");
    const YAML::Node yaml = YAML::Load(to_yaml(metadata));
    EXPECT_EQ(yaml["kpt_shape"].as<std::vector<int>>(), (std::vector<int>{2, 3}));
    EXPECT_EQ(yaml["kpt_names"][1].as<std::vector<std::string>>(), (std::vector<std::string>{"1", "2"}));
    const auto list = to_properties(metadata);
    const std::map<std::string, std::string> properties(list.begin(), list.end());
    EXPECT_EQ(properties.at("kpt_shape"), "[2, 3]");
    EXPECT_EQ(properties.at("kpt_names"), R"({0: ['nose', "it's"], 1: ['1', '2']})");
    const auto json = nlohmann::ordered_json::parse(to_json(metadata));
    EXPECT_EQ(json.at("kpt_shape").dump(), "[2,3]");
    EXPECT_EQ(json.at("kpt_names").dump(), R"({"0":["nose","it's"],"1":["1","2"]})");
    metadata.kpt_names.clear();
    EXPECT_EQ(std::ranges::count(keys(metadata), "kpt_names"), 0) << "of a network that does not name them";
}

TEST(Metadata, JsonIsThatOfUltralytics) {
    const auto json = nlohmann::ordered_json::parse(to_json(sample(Format::TorchScript)));
    EXPECT_EQ(json.at("args").dump(), R"({"batch":1,"quantize":null,"nms":null,"dynamic":false})");
    EXPECT_EQ(json.at("imgsz").dump(), "[640,480]");
    EXPECT_EQ(json.at("stride"), 32);
    EXPECT_EQ(json.at("end2end"), false);
    ASSERT_EQ(json.at("names").size(), kOddNames.size());
    for (std::size_t i = 0; i < kOddNames.size(); ++i) EXPECT_EQ(json.at("names").at(std::to_string(i)), kOddNames[i]);
    const std::string text = to_json(sample(Format::TorchScript));
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
}

TEST(Metadata, YamlGivesTheNamesBack) {
    const std::string text = to_yaml(sample(Format::OpenVino));
    const YAML::Node yaml = YAML::Load(text);
    for (std::size_t i = 0; i < kOddNames.size(); ++i) EXPECT_EQ(yaml["names"][i].as<std::string>(), kOddNames[i]);
    EXPECT_EQ(yaml["args"]["fraction"].Scalar(), "1.0");
    EXPECT_TRUE(yaml["args"]["quantize"].IsNull());
    // Not every reader accepts YAML's other word for it, "~".
    EXPECT_NE(text.find("quantize: null\n"), std::string::npos) << text;
}

TEST(Metadata, TextThatIsNotUtf8DoesNoHarm) {
    Metadata metadata = sample(Format::TorchScript);
    metadata.names = {"\xFF\xFE"};
    EXPECT_TRUE(nlohmann::json::accept(to_json(metadata)));
    for (const auto& [key, value] : to_properties(metadata)) EXPECT_EQ(value.find('\xFF'), std::string::npos) << key;
}

}  // namespace
}  // namespace yolovino::writers
