#include "serve/kserve/infer_request.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "yolovino/error.hpp"

#include "serve/kserve/base64.hpp"
#include "serve/kserve/binary_tensors.hpp"

namespace yolovino::serve {
namespace {

const RawInput kImages = {"images", Datatype::Fp32, {1, 3, 2, 2}};

InferRequest parse(std::string_view body) {
    return parse_infer_request(body, std::nullopt, kImages);
}

InferRequest parse(std::string_view json, std::string_view rest, std::string& body) {
    body = std::string(json) + std::string(rest);
    const std::string length = std::to_string(json.size());
    return parse_infer_request(body, length, kImages);
}

/// The message of the refusal.
std::string refusal(std::string_view body, std::optional<std::string_view> length = {}) {
    try {
        static_cast<void>(parse_infer_request(body, length, kImages));
    } catch (const Error& e) {
        EXPECT_TRUE(e.code() == ErrorCode::InvalidArgument || e.code() == ErrorCode::LimitExceeded) << e.what();
        return e.what();
    }
    ADD_FAILURE() << "taken: " << body;
    return {};
}

std::string little_endian(std::uint32_t value) {
    std::string out;
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xFFU);
    return out;
}

TEST(InferRequest, FlatAndNestedJsonOfFp32HoldTheSameValues) {
    const InferRequest flat =
        parse(R"({"id":"7","inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[1,-2.5,3e2,0.1]}]})");
    const InferRequest nested =
        parse(R"({"inputs":[{"data":[[1,-2.5],[3e2,0.1]],"datatype":"FP32","shape":[2,2],"name":"a"}]})");
    ASSERT_EQ(flat.inputs.size(), 1U);
    EXPECT_EQ(flat.id, "7");
    EXPECT_FALSE(nested.id);
    EXPECT_EQ(flat.inputs[0].numbers, (std::vector<float>{1, -2.5F, 300, 0.1F}));
    EXPECT_EQ(flat.inputs[0].numbers, nested.inputs[0].numbers);
    EXPECT_EQ(flat.inputs[0].shape, (std::vector<std::int64_t>{2, 2}));
    EXPECT_EQ(flat.inputs[0].count, 4U);
    EXPECT_FALSE(flat.outputs);
}

TEST(InferRequest, BinaryFp32AndBytesFollowTheJsonInTheOrderOfTheInputs) {
    const std::string json =
        R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}},)"
        R"({"name":"b","shape":[2],"datatype":"INT8","data":[1,2]},)"
        R"({"name":"c","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}}]})";
    std::string body;
    const float value = 1.5F;
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    const InferRequest request =
        parse(json, bytes + little_endian(3) + std::string("x\0y", 3) + little_endian(0), body);
    ASSERT_EQ(request.inputs.size(), 3U);
    EXPECT_EQ(request.inputs[0].binary, bytes);
    EXPECT_EQ(request.inputs[1].numbers, (std::vector<float>{1, 2}));
    const auto elements = read_bytes_elements(*request.inputs[2].binary, 2, "c");
    EXPECT_EQ(elements, (std::vector<std::string_view>{std::string_view("x\0y", 3), ""}));
}

TEST(InferRequest, OutputsOfTheRequestWinOverItsDefault) {
    const InferRequest request = parse(
        R"({"parameters":{"binary_data_output":true},"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[1]}],)"
        R"("outputs":[{"name":"x"},{"name":"y","parameters":{"binary_data":false}}]})");
    ASSERT_TRUE(request.outputs);
    ASSERT_EQ(request.outputs->size(), 2U);
    EXPECT_TRUE(request.binary_output);
    EXPECT_TRUE((*request.outputs)[0].binary);
    EXPECT_FALSE((*request.outputs)[1].binary);
}

TEST(InferRequest, RawBodyIsTheOnlyInput) {
    const std::string body(2 * 3 * 2 * 2 * sizeof(float), '\0');
    const InferRequest request = parse_infer_request(body, "0", kImages);
    ASSERT_EQ(request.inputs.size(), 1U);
    EXPECT_EQ(request.inputs[0].name, "images");
    EXPECT_EQ(request.inputs[0].shape, (std::vector<std::int64_t>{2, 3, 2, 2}));
    EXPECT_TRUE(request.binary_output);
    EXPECT_NE(refusal(body.substr(1), "0").find("95 bytes"), std::string::npos);
    EXPECT_NE(refusal("", "0").find("0 bytes"), std::string::npos);

    const InferRequest file = parse_infer_request("\xFF\xD8", "0", {"image", Datatype::Bytes, {1}});
    EXPECT_EQ(file.inputs[0].binary, "\xFF\xD8") << "the file itself, without a length";
    EXPECT_TRUE(file.inputs[0].raw);
}

std::string input(std::string_view rest) {
    return R"({"inputs":[{"name":"a",)" + std::string(rest) + "}]}";
}

TEST(InferRequest, HostileJsonIsRefusedWithTheReason) {
    const std::string one = R"("shape":[1],"datatype":"FP32")";
    const std::pair<std::string, const char*> cases[] = {
        {"", "not JSON"},
        {"[]", "no JSON object"},
        {"{}", "'inputs' is missing"},
        {R"({"inputs":{}})", "no list"},
        {R"({"inputs":[1]})", "no JSON object"},
        {input(one), "has no data"},
        {input(one + R"(,"data":[1,2])"), "holds 2 values"},
        {input(one + R"(,"data":7)"), "no list"},
        {input(one + R"(,"data":[null])"), "null"},
        {input(one + R"(,"data":[{}])"), "JSON object"},
        {input(one + R"(,"data":["1"])"), "must be numbers"},
        {input(one + R"(,"data":[1],"parameters":{"binary_data_size":4})"), "without the header"},
        {input(one + R"(,"data":[1],"parameters":[])"), "no JSON object"},
        {input(R"("shape":[-1],"datatype":"FP32","data":[1])"), "wanted whole numbers"},
        {input(R"("shape":[1.5],"datatype":"FP32","data":[1])"), "wanted whole numbers"},
        {input(R"("shape":[18446744073709551615],"datatype":"FP32","data":[1])"), "wanted whole numbers"},
        {input(R"("shape":[4294967296,4294967296,4],"datatype":"FP32","data":[1])"), "does not fit 64 bits"},
        {input(R"("shape":"1","datatype":"FP32","data":[1])"), "'shape'"},
        {input(R"("shape":[1],"datatype":"fp32","data":[1])"), "no datatype 'fp32'"},
        {input(R"("shape":[1],"datatype":"FP16","data":[1])"), "FP16 has no form in JSON"},
        {input(R"("shape":[1],"datatype":"BYTES","data":[1])"), "must be strings"},
        {R"({"id":7,"inputs":[]})", "'id'"},
        {R"({"inputs":[{"name":7,"shape":[1],"datatype":"FP32","data":[1]}]})", "no string"},
        {R"({"inputs":[{"name":"a","shape":[0],"datatype":"FP32","data":[]},{"name":"a","shape":[0],"datatype":"FP32","data":[]}]})",
         "given twice"},
        {R"({"inputs":[],"outputs":[{"name":"x"},{"name":"x"}]})", "requested twice"},
        {R"({"inputs":[],"outputs":{}})", "'outputs'"},
        {R"({"inputs":[],"parameters":{"binary_data_output":1}})", "neither true nor false"},
    };
    for (const auto& [body, reason] : cases) EXPECT_NE(refusal(body).find(reason), std::string::npos) << refusal(body);
    EXPECT_NE(refusal(std::string(100, '[')).find("nested"), std::string::npos);
}

TEST(InferRequest, HostileLengthsOfTheHeaderAreRefused) {
    const std::string body = R"({"inputs":[]})";
    for (const char* length : {"", "-1", "14", "1e1", " 13", "13 ", "0x0d", "99999999999999999999"})
        EXPECT_NE(refusal(body, length).find("Inference-Header-Content-Length"), std::string::npos) << length;
    EXPECT_NE(refusal(body + "x", "13").find("1 bytes are left"), std::string::npos);
}

TEST(InferRequest, HostileSizesOfBinaryTensorsAreRefused) {
    const auto with = [](const char* shape, const char* type, const char* size) {
        return input(std::string("\"shape\":") + shape + ",\"datatype\":\"" + type +
                     "\",\"parameters\":{\"binary_data_size\":" + size + "}");
    };
    const auto refused = [](const std::string& json, std::string_view rest) {
        const std::string length = std::to_string(json.size());
        return refusal(json + std::string(rest), length);
    };
    EXPECT_NE(refused(with("[2]", "FP32", "8"), "1234").find("4 bytes are left"), std::string::npos);
    EXPECT_NE(refused(with("[1]", "FP32", "5"), "12345").find("take 1 elements"), std::string::npos);
    EXPECT_NE(refused(with("[1]", "FP32", "8"), "12345678").find("take 1 elements"), std::string::npos);
    EXPECT_NE(refused(with("[1]", "FP32", "-4"), "1234").find("no whole number"), std::string::npos);
    EXPECT_NE(refused(with("[1]", "FP32", "\"4\""), "1234").find("no whole number"), std::string::npos);
    EXPECT_NE(refused(with("[4611686018427387904]", "FP32", "0"), "").find("take 4611686018427387904"),
              std::string::npos);
    EXPECT_NE(refused(input(R"("shape":[1],"datatype":"FP32","data":[1],"parameters":{"binary_data_size":4})"), "1234")
                  .find("both"),
              std::string::npos);
}

TEST(BinaryTensors, ElementsOfBytesEndWithTheirTensor) {
    const std::string two = little_endian(1) + "a" + little_endian(0);
    EXPECT_EQ(read_bytes_elements(two, 2, "t").size(), 2U);
    EXPECT_TRUE(read_bytes_elements("", 0, "t").empty());
    EXPECT_THROW(read_bytes_elements(two, 1, "t"), Error) << "more than the shape says";
    EXPECT_THROW(read_bytes_elements(two, 3, "t"), Error) << "fewer";
    EXPECT_THROW(read_bytes_elements(two + "x", 2, "t"), Error) << "a truncated length";
    EXPECT_THROW(read_bytes_elements(little_endian(0xFFFFFFFFU) + "abc", 1, "t"), Error) << "past the end";
    EXPECT_THROW(read_bytes_elements(two, 1ULL << 62U, "t"), Error) << "reserves nothing for a shape alone";
    std::string written;
    append_bytes_element(written, "a");
    append_bytes_element(written, "");
    EXPECT_EQ(written, two);
}

TEST(Base64, OnlyCompleteTextsAreDecoded) {
    EXPECT_EQ(decode_base64("/9j/4A=="), "\xFF\xD8\xFF\xE0");
    EXPECT_EQ(decode_base64("YWI="), "ab");
    EXPECT_EQ(decode_base64("YWJj"), "abc");
    EXPECT_EQ(decode_base64(""), "");
    for (const char* text : {"YWI", "YWI*", "=WI=", "YW=I", "====", "YWJj\n", " YWI=", "YWJj YWJj", "\xFF\xFF\xFF\xFF"})
        EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace yolovino::serve
