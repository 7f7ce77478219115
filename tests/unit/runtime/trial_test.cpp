#include "runtime/openvino/import/trial.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace yolovino::runtime {
namespace {

// 64x64 pixels have 8*8 + 4*4 + 2*2 anchors, and maps of 16x16.
constexpr std::size_t kAnchors = 84;
constexpr std::size_t kMapSize = 16;
constexpr std::size_t kClasses = 2;
constexpr ImageSize kSize{64, 64};

const tensors::RowLayout kRows{.text = "[N, 4 + classes + more, anchors]", .box_rows = 4};
const tensors::OutputLayout kDetect{.rows = kRows};
const tensors::OutputLayout kSegment{.rows = kRows, .maps = true};
const tensors::OutputLayout kPose{.rows = kRows, .added_rows = 6, .point_numbers = 3};
const tensors::OutputLayout kObb{.rows = kRows, .added_rows = 1};
const tensors::OutputLayout kClassify{.rows = {.text = "[N, classes]", .box_rows = 0}};

/// `[1, rows, anchors]` where a row has one value.
Trial::Output rows_of(const std::vector<float>& values) {
    Trial::Output output{{1, values.size(), kAnchors}, {}};
    for (const float value : values) output.values.insert(output.values.end(), kAnchors, value);
    return output;
}

Trial::Output transposed(const Trial::Output& from) {
    Trial::Output to{{from.shape[0], from.shape[2], from.shape[1]}, {}};
    for (std::size_t column = 0; column < from.shape[2]; ++column) {
        for (std::size_t row = 0; row < from.shape[1]; ++row)
            to.values.push_back(from.values[row * from.shape[2] + column]);
    }
    return to;
}

Trial::Output maps_of(std::vector<std::size_t> shape) {
    return {std::move(shape), {}};
}

OutputForm form_of(std::vector<Trial::Output> outputs, const tensors::OutputLayout& layout, bool nhwc = false) {
    return runtime::form_of({.outputs = std::move(outputs), .size = kSize, .nhwc = nhwc}, layout, "network.tflite");
}

std::string refusal(std::vector<Trial::Output> outputs, const tensors::OutputLayout& layout) {
    try {
        form_of(std::move(outputs), layout);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::ShapeMismatch);
        return error.what();
    }
    ADD_FAILURE() << "accepted";
    return {};
}

TEST(Trial, BoxesInPixelsAndInSharesAreDistinguished) {
    EXPECT_FALSE(form_of({rows_of({32, 30, 9, 9, 0.1F, 0.9F})}, kDetect).relative_boxes);
    const OutputForm shares = form_of({rows_of({0.5F, 0.4F, 0.1F, 0.1F, 0.1F, 0.9F})}, kDetect);
    EXPECT_TRUE(shares.relative_boxes);
    EXPECT_FALSE(shares.relative_points);
    EXPECT_NE(refusal({rows_of({3000, 30, 9, 9, 0.1F, 0.9F})}, kDetect).find("neither in pixels nor in shares"),
              std::string::npos);
}

TEST(Trial, AnAngleIsNoScoreAndNoShare) {
    for (const bool turn : {false, true}) {
        const Trial::Output rows = rows_of({0.5F, 0.4F, 0.1F, 0.1F, 0.1F, 0.9F, 2.3F});
        const OutputForm form = form_of({turn ? transposed(rows) : rows}, kObb);
        EXPECT_EQ(form.anchors_first, turn);
        EXPECT_EQ(form.classes, 2);
        EXPECT_EQ(form.rows, 7U);
        EXPECT_TRUE(form.relative_boxes);
    }
    EXPECT_NE(refusal({rows_of({32, 30, 9, 9, 0.1F, 2.3F, 0.5F})}, kObb).find("not within 0 to 1"), std::string::npos);
}

TEST(Trial, KeypointsAreMeasuredApartFromBoxes) {
    const OutputForm shares =
        form_of({rows_of({0.5F, 0.4F, 0.1F, 0.1F, 0.1F, 0.9F, 0.4F, 0.5F, 0.9F, 0.7F, 0.2F, 0.1F})}, kPose);
    EXPECT_TRUE(shares.relative_boxes);
    EXPECT_TRUE(shares.relative_points);
    EXPECT_EQ(shares.classes, 2);
    const OutputForm mixed =
        form_of({rows_of({0.5F, 0.4F, 0.1F, 0.1F, 0.1F, 0.9F, 25, 31, 0.9F, 45, 12, 0.1F})}, kPose);
    EXPECT_TRUE(mixed.relative_boxes);
    EXPECT_FALSE(mixed.relative_points);
    const OutputForm pixels = form_of({rows_of({32, 30, 9, 9, 0.1F, 0.9F, 25, 31, 0.9F, -45, 12, 0.1F})}, kPose);
    EXPECT_FALSE(pixels.relative_boxes);
}

TEST(Trial, MapsLeadToTheNumberOfClasses) {
    const std::vector<float> three = {32, 30, 9, 9, 0.1F, 0.9F, -5, 7, 3};
    const OutputForm first = form_of({rows_of(three), maps_of({1, 3, kMapSize, kMapSize})}, kSegment);
    EXPECT_FALSE(first.maps_last);
    EXPECT_EQ(first.classes, static_cast<int>(kClasses));
    const OutputForm last = form_of({rows_of(three), maps_of({1, kMapSize, kMapSize, 3})}, kSegment);
    EXPECT_TRUE(last.maps_last);
    EXPECT_EQ(last.classes, static_cast<int>(kClasses));
    const OutputForm p2 = form_of({rows_of(three), maps_of({1, 2 * kMapSize, 2 * kMapSize, 3})}, kSegment);
    EXPECT_TRUE(p2.maps_last);
}

/// As many maps as each has rows and columns: nothing but the input says which dimension is which.
TEST(Trial, MapsOfOneSizeInAllDimensionsFollowTheInput) {
    std::vector<float> values = {32, 30, 9, 9, 0.1F, 0.9F};
    values.resize(values.size() + kMapSize, -3.0F);
    const std::vector<std::size_t> cube = {1, kMapSize, kMapSize, kMapSize};
    EXPECT_FALSE(form_of({rows_of(values), maps_of(cube)}, kSegment, false).maps_last);
    EXPECT_TRUE(form_of({rows_of(values), maps_of(cube)}, kSegment, true).maps_last);
}

TEST(Trial, MapsThatDoNotFitAreRefusedInOneLine) {
    const Trial::Output rows = rows_of({32, 30, 9, 9, 0.1F, 0.9F, -5, 7, 3});
    for (const std::vector<std::size_t>& shape :
         std::vector<std::vector<std::size_t>>{{1, 3, 7, 7}, {1, 3, 256}, {}, {1, 0, kMapSize, kMapSize}}) {
        const std::string what = refusal({rows, maps_of(shape)}, kSegment);
        EXPECT_NE(what.find("the second output is ["), std::string::npos) << what;
        EXPECT_EQ(what.find('\n'), std::string::npos);
    }
    const std::string what = refusal({rows, maps_of({1, 5, kMapSize, kMapSize})}, kSegment);
    EXPECT_NE(what.find("more than 9 rows"), std::string::npos) << what;
}

TEST(Trial, ProbabilitiesHaveNoAnchors) {
    const OutputForm form = form_of({{{1, 3}, {0.2F, 0.5F, 0.3F}}}, kClassify);
    EXPECT_EQ(form.classes, 3);
    EXPECT_FALSE(form.anchors_first || form.relative_boxes);
    EXPECT_NE(refusal({{{1, 3}, {-2, 5, 0.3F}}}, kClassify).find("not within 0 to 1"), std::string::npos);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NE(refusal({{{1, 2}, {nan, 0.5F}}}, kClassify).find("not within 0 to 1"), std::string::npos);
    EXPECT_NE(refusal({rows_of({32, 30, 9, 9, 0.1F, 0.9F})}, kClassify).find("[1, 6, 84], wanted [N, classes]"),
              std::string::npos);
}

TEST(Trial, RowsThatTheTaskDoesNotHaveAreRefused) {
    EXPECT_NE(refusal({rows_of({32, 30, 9, 9, 0.1F, 0.9F, 25, 31, 0.9F, 45})}, kPose).find("more than 10 rows"),
              std::string::npos);
    EXPECT_NE(refusal({{{1, 3}, {0.2F, 0.5F, 0.3F}}}, kDetect).find("the output is [1, 3]"), std::string::npos);
}

}  // namespace
}  // namespace yolovino::runtime
