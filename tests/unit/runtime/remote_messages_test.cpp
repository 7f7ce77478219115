#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

#include "runtime/remote/messages.hpp"
#include "runtime/remote/network.hpp"

namespace yolovino::runtime {
namespace {

const std::string kUrl = "http://host:8000/m";
const std::vector<std::string> kNames = {"output0"};

RemoteAnswer json_answer(const std::string& body) {
    return {.status = 200, .header_length = {}, .retry_after = {}, .body = body};
}

RemoteAnswer binary_answer(const std::string& head, const std::string& rest) {
    return {.status = 200, .header_length = std::to_string(head.size()), .retry_after = {}, .body = head + rest};
}

TEST(RemoteMessages, DescriptionOfOpenVinoModelServerHoldsShapesAndLabels) {
    const RemoteDescription model = read_description(
        R"({"name":"m","platform":"OpenVINO","inputs":[{"name":"images","datatype":"FP32","shape":[1,3,640,640]}],)"
        R"("outputs":[{"name":"output0","datatype":"FP16","shape":[-1,84,-1]}],)"
        R"("rt_info":{"model_info":{"labels":"person traffic_light"}}})",
        kUrl);
    EXPECT_EQ(model.input_name, "images");
    EXPECT_EQ(model.signature.inputs[0].dims, (graph::Shape{1, 3, 640, 640}));
    EXPECT_EQ(model.signature.outputs[0].dims, (graph::Shape{graph::kDynamic, 84, graph::kDynamic}));
    EXPECT_EQ(model.signature.outputs[0].type, "f16");
    EXPECT_EQ(model.labels, (std::vector<std::string>{"person", "traffic_light"}));
}

TEST(RemoteMessages, WhatIsNoDescriptionIsRefused) {
    for (const char* text :
         {"", "[]", "{}", "7", R"({"inputs":[],"outputs":[]})", R"({"inputs":7,"outputs":[]})",
          R"({"inputs":[7],"outputs":[7]})", R"({"inputs":[{"name":"a","datatype":"FP32","shape":[-2]}],"outputs":[]})",
          R"({"inputs":[{"name":"a","datatype":"FP32","shape":[1e30]}],"outputs":[]})"}) {
        try {
            static_cast<void>(read_description(text, kUrl));
            ADD_FAILURE() << "taken: " << text;
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), ErrorCode::NetworkFailure) << text;
        }
    }
}

TEST(RemoteMessages, MetadataOfAConfigurationMayBeMissing) {
    EXPECT_EQ(read_config_metadata(R"({"parameters":{"metadata":{"string_value":"{'a': 1}"}}})", kUrl), "{'a': 1}");
    for (const char* text : {"{}", "[]", R"({"parameters":[]})", R"({"parameters":{"metadata":"x"}})",
                             R"({"parameters":{"metadata":{"string_value":7}}})"})
        EXPECT_EQ(read_config_metadata(text, kUrl), std::nullopt) << text;
}

TEST(RemoteMessages, PixelsAreTheQuotientsOf255AndGoBackToTheirBytes) {
    std::vector<float> pixels;
    for (int i = 0; i < 256; ++i) pixels.push_back(static_cast<float>(i) / 255.0F);
    ASSERT_TRUE(are_pixels(pixels));
    RemoteDescription model;
    model.input_name = "images";
    model.output_names = kNames;
    const RemoteRequest request = write_request(model, RemoteType::Uint8, {1, 1, 16, 16}, pixels);
    ASSERT_EQ(request.body.size() - request.json_bytes, 256U);
    for (std::size_t i = 0; i < 256; ++i)
        EXPECT_EQ(static_cast<unsigned char>(request.body[request.json_bytes + i]), i);
    const auto head = nlohmann::json::parse(request.body.substr(0, request.json_bytes));
    EXPECT_EQ(head["inputs"][0]["datatype"], "UINT8");
    EXPECT_EQ(head["inputs"][0]["parameters"]["binary_data_size"], 256);
    EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data"], true);
    for (const float other : {0.5F, -0.1F, 1.1F, std::nextafter(pixels[77], 1.0F), std::nanf("")}) {
        pixels[3] = other;
        EXPECT_FALSE(are_pixels(pixels)) << other;
    }
}

TEST(RemoteMessages, AnswersInFp32Fp16AndJsonHoldTheSameValues) {
    const std::vector<float> values = {1, -0.5F};
    std::string fp32(sizeof(float) * 2, '\0');
    std::memcpy(fp32.data(), values.data(), fp32.size());
    const std::string fp16("\x00\x3C\x00\xB8", 4);
    const std::string begin = R"({"outputs":[{"name":"other","shape":[1],"datatype":"FP32","data":[3]},)"
                              R"({"name":"output0","shape":[1,2],)";
    for (const RemoteAnswer& answer :
         {binary_answer(begin + R"("datatype":"FP32","parameters":{"binary_data_size":8}}]})", fp32),
          binary_answer(begin + R"("datatype":"FP16","parameters":{"binary_data_size":4}}]})", fp16),
          json_answer(begin + R"("datatype":"FP32","data":[[1,-0.5]]}]})")}) {
        const std::vector<RemoteOutput> outputs = read_answer(answer, kNames, kUrl);
        ASSERT_EQ(outputs.size(), 1U);
        EXPECT_EQ(outputs[0].shape, (graph::Shape{1, 2}));
        EXPECT_EQ(outputs[0].values, values);
    }
}

TEST(RemoteMessages, AnswersThatContradictThemselvesAreRefused) {
    const std::string begin = R"({"outputs":[{"name":"output0","shape":[1,2],"datatype":"FP32")";
    std::vector<RemoteAnswer> answers = {
        json_answer(""),
        json_answer("{}"),
        json_answer(R"({"outputs":[]})"),
        json_answer(R"({"outputs":[7]})"),
        json_answer(begin + R"(,"data":[1]}]})"),
        json_answer(begin + R"(,"data":["1","2"]}]})"),
        json_answer(begin + "}]}"),
        json_answer(begin + R"(,"parameters":{"binary_data_size":8}}]})"),
        binary_answer(begin + R"(,"parameters":{"binary_data_size":-8}}]})", "12345678"),
        binary_answer(begin + R"(,"parameters":{"binary_data_size":18446744073709551615}}]})", "12345678"),
        binary_answer(begin + R"(,"parameters":{"binary_data_size":7}}]})", "12345678"),
        json_answer(R"({"outputs":[{"name":"output0","shape":[-1],"datatype":"FP32","data":[1]}]})"),
        json_answer(R"({"outputs":[{"name":"output0","shape":[1],"datatype":"INT64","data":[1]}]})"),
        json_answer(
            R"({"outputs":[{"name":"output0","shape":[1073741824,1073741824,1073741824],"datatype":"FP32","data":[]}]})")};
    answers.push_back({.status = 200, .header_length = "99", .retry_after = {}, .body = "{}"});
    answers.push_back({.status = 200, .header_length = "-1", .retry_after = {}, .body = "{}"});
    for (const RemoteAnswer& answer : answers) {
        try {
            static_cast<void>(read_answer(answer, kNames, kUrl));
            ADD_FAILURE() << "taken: " << answer.body;
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), ErrorCode::NetworkFailure) << answer.body;
        }
    }
}

/// A server in this process: each image's sum as its only output, at most three images in a request.
class SumServer final : public RemoteConnection {
public:
    explicit SumServer(std::vector<std::size_t>& batches, int& busy) : batches_(batches), busy_(busy) {}

    RemoteAnswer get(const std::string& path) override {
        EXPECT_EQ(path, "/v2/models/m");
        return json_answer(R"({"inputs":[{"name":"images","datatype":"FP32","shape":[-1,3,-1,-1]}],)"
                           R"("outputs":[{"name":"output0","datatype":"FP32","shape":[-1,5,1]}]})");
    }
    RemoteAnswer post(const std::string&, std::size_t json_bytes, std::string_view body) override {
        if (busy_ > 0) {
            --busy_;
            return {.status = 503, .header_length = {}, .retry_after = {}, .body = R"({"error":"busy"})"};
        }
        const auto shape = nlohmann::json::parse(body.substr(0, json_bytes))["inputs"][0]["shape"];
        const auto images = shape[0].get<std::size_t>();
        batches_.push_back(images);
        const std::size_t each = (body.size() - json_bytes) / sizeof(float) / images;
        std::string rest;
        for (std::size_t i = 0; i < images; ++i) {
            float first = 0;
            std::memcpy(&first, body.data() + json_bytes + i * each * sizeof(float), sizeof first);
            const std::vector<float> row(5, first);
            rest.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float));
        }
        return binary_answer(R"({"outputs":[{"name":"output0","datatype":"FP32","shape":[)" + std::to_string(images) +
                                 R"(,5,1],"parameters":{"binary_data_size":)" + std::to_string(rest.size()) + "}}]}",
                             rest);
    }

private:
    std::vector<std::size_t>& batches_;
    int& busy_;
};

TEST(RemoteSession, LargeBatchesOfF32GoInPartsAndBusyServersAreAskedAgain) {
    std::vector<std::size_t> batches;
    int busy = 2;
    const RemotePlace place = {
        .url = kUrl, .path = "/v2/models/m", .connect = [&] { return std::make_unique<SumServer>(batches, busy); }};
    const auto loaded = load_remote(place, {});
    EXPECT_TRUE(loaded->dynamic());
    const auto session = loaded->compile({}, {})->new_session();
    constexpr int kImages = 7;
    // 12 MB each: two fit into a request.
    const std::span<float> input = session->input({kImages, {1024, 1024}});
    const std::size_t each = input.size() / kImages;
    for (std::size_t i = 0; i < kImages; ++i) input[i * each] = static_cast<float>(i) + 0.25F;
    const tensors::Outputs& outputs = session->infer();
    EXPECT_EQ(batches, (std::vector<std::size_t>{2, 2, 2, 1}));
    EXPECT_EQ(busy, 0);
    ASSERT_EQ(outputs.tensors.size(), 1U);
    EXPECT_EQ(outputs.tensors[0].shape, (graph::Shape{kImages, 5, 1}));
    for (std::size_t i = 0; i < kImages; ++i) EXPECT_EQ(outputs.tensors[0].image(i)[4], static_cast<float>(i) + 0.25F);
}

}  // namespace
}  // namespace yolovino::runtime
