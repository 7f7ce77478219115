#include "serve/kserve/protocol.hpp"

#include <chrono>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "serve/kserve/binary_tensors.hpp"
#include "unit/serve/served_sample.hpp"

namespace yolovino::serve {
namespace {

using nlohmann::json;

std::string bytes_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Request request_of(const std::string& method, const std::string& path, std::string body = {},
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {.method = method,
            .path = path,
            .query = {},
            .headers = std::move(headers),
            .body = std::move(body),
            .peer = "127.0.0.1",
            .received = std::chrono::steady_clock::now()};
}

Request with_binary(const std::string& path, const std::string& head, const std::string& rest) {
    return request_of("POST", path, head + rest, {{std::string(kHeaderLength), std::to_string(head.size())}});
}

std::string header_of(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

class KserveProtocol : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        generations_ = new Generations();
        generations_->put(load_generation("shapes", test::sample_model(), test::on_openvino_cpu_f32(), 1));
    }
    static void TearDownTestSuite() {
        delete generations_;
        generations_ = nullptr;
    }

    Response get(const std::string& path) { return protocol_.handle(request_of("GET", path)); }
    Response post(const std::string& path, const std::string& body) {
        return protocol_.handle(request_of("POST", path, body));
    }

    static Generations* generations_;
    Protocol protocol_{*generations_, nullptr, false};
};

Generations* KserveProtocol::generations_ = nullptr;

TEST_F(KserveProtocol, MetadataNameInputsAndOutputs) {
    const json server = json::parse(get("/v2").body);
    EXPECT_EQ(server["name"], "yolovino");
    const json raw = json::parse(get("/v2/models/shapes/").body);
    EXPECT_EQ(raw["inputs"], json::parse(R"([{"name":"images","datatype":"FP32","shape":[-1,3,-1,-1]}])"));
    EXPECT_EQ(raw["outputs"], json::parse(R"([{"name":"output0","datatype":"FP32","shape":[-1,8,-1]}])"));
    EXPECT_EQ(raw["versions"], json::parse(R"(["1"])"));
    EXPECT_EQ(raw["rt_info"]["model_info"]["labels"], "circle square triangle star");
    const json boxes = json::parse(get("/v2/models/shapes_boxes/versions/1").body);
    EXPECT_EQ(boxes["inputs"][0]["datatype"], "BYTES");
    EXPECT_EQ(get("/v2/models/shapes/ready").status, 200U);
    EXPECT_EQ(get("/v2/models/shapes/versions/2/ready").status, 404U);
    EXPECT_EQ(get("/v2/models/other").status, 404U);
    EXPECT_EQ(get("/v2/models/_boxes").status, 404U);
    EXPECT_EQ(get("/v2/models/shapes/weights").status, 404U);
    EXPECT_EQ(get("/v2/models/shapes/infer").status, 405U);
    EXPECT_EQ(header_of(get("/v2/models/shapes/infer"), "Allow"), "POST");
}

TEST_F(KserveProtocol, ConfigurationHoldsTheNamesAsALiteralOfPython) {
    const json config = json::parse(get("/v2/models/shapes/config").body);
    EXPECT_EQ(config["input"][0]["data_type"], "TYPE_FP32");
    EXPECT_EQ(config["output"][0]["name"], "output0");
    const std::string metadata = config["parameters"]["metadata"]["string_value"];
    EXPECT_NE(metadata.find("'names': {0: 'circle', 1: 'square', 2: 'triangle', 3: 'star'}"), std::string::npos);
    EXPECT_NE(metadata.find("'stride': 32"), std::string::npos);
    EXPECT_NE(metadata.find("'task': 'detect'"), std::string::npos);
}

TEST_F(KserveProtocol, RawFp32OnOpenVinoCpuGivesTheBytesOfThePredictor) {
    const auto generation = generations_->find("shapes");
    std::vector<float> image(2 * 3 * 64 * 64);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 251) / 251.0F;
    const std::vector<Tensor> wanted = generation->predictor.infer(image, 2, {64, 64});
    std::string bytes(image.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), image.data(), bytes.size());
    // Once at every alignment: the bytes behind the JSON begin anywhere.
    for (const char* id : {"a", "ab", "abc", "abcd"}) {
        const std::string head =
            std::string(R"({"id":")") + id +
            R"(","parameters":{"binary_data_output":true},"inputs":[{"name":"images","shape":[2,3,64,64],)"
            R"("datatype":"FP32","parameters":{"binary_data_size":)" +
            std::to_string(bytes.size()) + "}}]}";
        const Response response = protocol_.handle(with_binary("/v2/models/shapes/infer", head, bytes));
        ASSERT_EQ(response.status, 200U) << response.body;
        const std::size_t split = std::stoul(header_of(response, "Inference-Header-Content-Length"));
        const json answer = json::parse(response.body.substr(0, split));
        EXPECT_EQ(answer["id"], id);
        EXPECT_EQ(answer["model_name"], "shapes");
        EXPECT_EQ(answer["parameters"]["sha256"], generation->sha256);
        EXPECT_EQ(answer["outputs"][0]["shape"], json(wanted[0].shape));
        ASSERT_EQ(response.body.size() - split, wanted[0].data.size() * sizeof(float));
        EXPECT_EQ(std::memcmp(response.body.data() + split, wanted[0].data.data(), response.body.size() - split), 0);
    }
}

TEST_F(KserveProtocol, JsonFp32AndUint8OnOpenVinoCpuGiveTheValuesOfThePredictor) {
    std::vector<float> image(3 * 32 * 32);
    json pixels = json::array();
    for (std::size_t i = 0; i < image.size(); ++i) {
        pixels.push_back(i % 256);
        image[i] = static_cast<float>(i % 256) / 255.0F;
    }
    const std::vector<Tensor> wanted = generations_->find("shapes")->predictor.infer(image, 1, {32, 32});
    for (const char* datatype : {"UINT8", "FP32"}) {
        const json values = std::string(datatype) == "UINT8" ? pixels : json(image);
        const json body = {
            {"inputs", {{{"name", "images"}, {"shape", {1, 3, 32, 32}}, {"datatype", datatype}, {"data", values}}}},
            {"outputs", {{{"name", "output0"}}}}};
        const Response response = post("/v2/models/shapes/infer", body.dump());
        ASSERT_EQ(response.status, 200U) << response.body;
        EXPECT_EQ(json::parse(response.body)["outputs"][0]["data"].get<std::vector<float>>(), wanted[0].data)
            << datatype;
    }
}

TEST_F(KserveProtocol, WhatTheModelDoesNotTakeIsRefusedWith400) {
    const auto body = [](const char* name, const char* shape, const char* type, const char* more = "") {
        return std::string(R"({"inputs":[{"name":")") + name + R"(","shape":)" + shape + R"(,"datatype":")" + type +
               R"(","data":[]}])" + more + "}";
    };
    for (const std::string& each :
         {body("image", "[0,3,32,32]", "FP32"), body("images", "[0,3,32,32]", "FP32"), body("images", "[0]", "FP32"),
          body("images", "[0,3,32,32]", "INT64"), body("images", "[0,3,32,32]", "FP32", R"(,"outputs":[{"name":"x"}])"),
          std::string("{"), std::string()}) {
        const Response response = post("/v2/models/shapes/infer", each);
        EXPECT_EQ(response.status, 400U) << each;
        EXPECT_FALSE(json::parse(response.body)["error"].get<std::string>().empty());
    }
    const std::string odd =
        std::string(R"({"inputs":[{"name":"images","shape":[1,3,1,1],"datatype":"FP32","data":[1,2,3]}]})");
    EXPECT_EQ(post("/v2/models/shapes/infer", odd).status, 400U) << "no multiple of the stride";
    EXPECT_EQ(post("/v2/models/shapes_boxes/infer", body("image", "[0]", "BYTES")).status, 400U);
    const std::string text = R"({"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["no base64"]}]})";
    EXPECT_EQ(post("/v2/models/shapes_boxes/infer", text).status, 400U);
    const Response broken = protocol_.handle(
        request_of("POST", "/v2/models/shapes_boxes/infer", "no image", {{std::string(kHeaderLength), "0"}}));
    EXPECT_EQ(broken.status, 400U) << broken.body;
}

TEST_F(KserveProtocol, StatisticsCountRequestsThatSucceedAndFail) {
    static_cast<void>(post("/v2/models/shapes_boxes/infer", "{"));
    const Response response = protocol_.handle(request_of(
        "POST", "/v2/models/shapes_boxes/infer", bytes_of(test::kSampleImage), {{std::string(kHeaderLength), "0"}}));
    ASSERT_EQ(response.status, 200U) << response.body;
    const json stats = json::parse(get("/v2/models/shapes_boxes/stats").body)["model_stats"][0];
    EXPECT_EQ(stats["inference_count"], 1);
    EXPECT_EQ(stats["inference_stats"]["success"]["count"], 1);
    EXPECT_EQ(stats["inference_stats"]["fail"]["count"], 1);
    EXPECT_GT(stats["inference_stats"]["compute_infer"]["ns"], 0);
    EXPECT_EQ(stats["batch_stats"][0]["batch_size"], 1);
    EXPECT_EQ(json::parse(get("/v2/models/stats").body)["model_stats"].size(), 2U);
}

TEST_F(KserveProtocol, IndexListsWhatIsReadyAndControlIsForbidden) {
    const json index = json::parse(post("/v2/repository/index", "").body);
    ASSERT_EQ(index.size(), 2U);
    EXPECT_EQ(index[0]["name"], "shapes");
    EXPECT_EQ(index[0]["state"], "READY");
    EXPECT_EQ(get("/v2/repository/index").status, 405U);
    EXPECT_EQ(post("/v2/repository/models/shapes/load", "").status, 403U);
}

/// Each task through `_boxes` says what the library's own result says.
class KserveBoxes : public ::testing::TestWithParam<const char*> {};

TEST_P(KserveBoxes, EncodedImageOnOpenVinoCpuF32GivesTheLibrarysResult) {
    Generations generations;
    const std::string suffix = *GetParam() == '\0' ? "" : std::string("-") + GetParam();
    generations.put(load_generation("m", test::sample_model(suffix), test::on_openvino_cpu_f32(), 1));
    Protocol protocol(generations, nullptr, false);
    const std::string image = bytes_of(test::kSampleImage);
    const auto generation = generations.find("m");
    const Results wanted = generation->predictor(std::as_bytes(std::span(image.data(), image.size())));

    const std::string head =
        R"({"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":)" +
        std::to_string(2 * (4 + image.size())) + "}}]}";
    std::string rest;
    append_bytes_element(rest, image);
    append_bytes_element(rest, image);
    const Response response = protocol.handle(with_binary("/v2/models/m_boxes/infer", head, rest));
    ASSERT_EQ(response.status, 200U) << response.body;
    const json answer = json::parse(response.body);
    json outputs;
    for (const json& each : answer["outputs"]) outputs[each["name"].get<std::string>()] = each;
    json got = json::parse(outputs["results"]["data"][1].get<std::string>());
    json reference = json::parse(wanted.to_json());
    got.erase("speed");
    reference.erase("speed");
    EXPECT_EQ(got, reference);
    if (wanted.probs) {
        EXPECT_EQ(outputs["probs"]["shape"], json({2, wanted.probs->data.size()}));
        return;
    }
    const std::size_t objects = wanted.obb ? wanted.obb->size() : wanted.boxes.size();
    ASSERT_GT(objects, 0U);
    EXPECT_EQ(outputs["scores"]["shape"], json({2 * objects}));
    EXPECT_EQ(outputs["image_index"]["data"].back(), 1);
    if (wanted.obb) {
        EXPECT_EQ(outputs["obb"]["data"][4].get<float>(), wanted.obb->front().angle);
    } else {
        EXPECT_EQ(outputs["boxes"]["data"][2].get<float>(), wanted.boxes.front().x2);
    }
    EXPECT_EQ(outputs.contains("keypoints"), wanted.keypoints.has_value());
}

INSTANTIATE_TEST_SUITE_P(Tasks, KserveBoxes, ::testing::Values("", "seg", "pose", "obb", "cls"),
                         [](const auto& each) { return *each.param == '\0' ? std::string("detect") : each.param; });

}  // namespace
}  // namespace yolovino::serve
