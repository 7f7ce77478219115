#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

#include "yolovino/error.hpp"

#include "tasks/lookup.hpp"
#include "unit/tasks/recorded.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

using test::Recorded;

const tasks::Task& classify() {
    return tasks::task_named("classify");
}

void expect_recorded(const std::string& set, const std::string& name) {
    SCOPED_TRACE(name);
    const Recorded recorded = test::decode_recorded(set, name);
    const nlohmann::json& expected = recorded.expected;
    ASSERT_TRUE(recorded.results.probs.has_value());
    EXPECT_EQ(recorded.results.probs->data, expected.at("probs").get<std::vector<float>>());
    EXPECT_EQ(recorded.results.probs->top5(), expected.at("top5").get<std::vector<int>>());
    EXPECT_EQ(classify().summary(recorded.results), expected.at("verbose"));
    test::expect_written_as_recorded(set, name, [](const nlohmann::json& each, Results& results) {
        results.probs = Probs{each.at("probs").get<std::vector<float>>()};
    });
}

TEST(Classify, ARandomNetworkEqualsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks", "v8cls");
}

TEST(Classify, ATrainedNetworkEqualsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks-trained", "shapes-v8cls");
}

Results results_of(std::vector<float> probabilities) {
    Results results;
    results.task = "classify";
    results.names = std::make_shared<ClassNames>(ClassNames{"cat", "dog", "a\nb"});
    results.probs = Probs{std::move(probabilities)};
    return results;
}

TEST(Classify, WritesTheMostLikelyClasses) {
    const Results results = results_of({0.125F, 0.5F, 0.375F});
    EXPECT_EQ(classify().summary(results), "dog 0.50, a\\x0ab 0.38, cat 0.12, ");
    EXPECT_EQ(classify().label_lines(results, false), "0.50 dog\n0.38 a\\x0ab\n0.12 cat\n");
    nlohmann::ordered_json line;
    classify().append_json(line, results, true, 2);
    EXPECT_EQ(line.at("detections")[0].dump(), R"({"name":"dog","class":1,"confidence":0.5})");
    EXPECT_TRUE(classify().crops(results).empty());
}

TEST(Classify, NumbersThatAreNoneComeLast) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Results results = results_of({nan, 0.1F, nan, 0.7F, std::numeric_limits<float>::infinity(), nan, 0.2F});
    EXPECT_EQ(results.probs->top5(), (std::vector<int>{4, 3, 6, 1, 0}));
    EXPECT_EQ(results.probs->top1(), 4);
    EXPECT_FALSE(classify().summary(results).empty());
}

TEST(Classify, DrawsTheMostLikelyClassesInTheUpperLeft) {
    Image image(200, 300);
    std::fill_n(image.data(), image.size_bytes(), std::uint8_t{200});
    const Results results = results_of({0.125F, 0.5F, 0.375F});
    classify().draw(image, results, {.probs = false});
    EXPECT_TRUE(std::all_of(image.data(), image.data() + image.size_bytes(), [](int v) { return v == 200; }));
    classify().draw(image, results, {});
    EXPECT_EQ(image.row(5)[3 * 5], 200) << "the margin is 3 % of the height";
    EXPECT_EQ(image.row(6)[3 * 6], 132) << "half of the field's gray";
    EXPECT_EQ(image.row(190)[3 * 290], 200);
    EXPECT_TRUE(std::any_of(image.data(), image.data() + image.size_bytes(), [](int v) { return v > 240; }))
        << "white text";
}

TEST(Classify, AnInputIsCroppedNotLetterboxed) {
    Image image(40, 80);
    std::fill_n(image.data(), image.size_bytes(), std::uint8_t{50});
    const auto geometry = vision::LetterboxGeometry::fit(image.size(), {32, 32});
    const Image seen = classify().network_image(image, geometry);
    ASSERT_EQ(seen.size(), (ImageSize{32, 32}));
    EXPECT_TRUE(std::all_of(seen.data(), seen.data() + seen.size_bytes(), [](int v) { return v == 50; }));
    std::vector<float> tensor(3 * 32 * 32);
    classify().write_input(image, geometry, tensor);
    EXPECT_TRUE(std::ranges::all_of(tensor, [](float v) { return v == 50 / 255.0F; }));
    tensor.pop_back();
    EXPECT_THROW(classify().write_input(image, geometry, tensor), Error);
    EXPECT_FALSE(classify().traits().letterboxed);
}

TEST(Classify, OutputsThatDoNotFitAreRefused) {
    const std::vector<float> values(12);
    const auto check = [&](graph::Shape shape) {
        const tensors::Outputs outputs{{{.name = "output0", .shape = std::move(shape), .data = values}}};
        classify().check(outputs, 1, {.most = 12}, {}, "test");
    };
    EXPECT_NO_THROW(check({1, 12}));
    EXPECT_THROW(check({1, 3, 4}), Error);
    EXPECT_THROW(check({12}), Error);
    EXPECT_THROW(classify().check({}, 1, {}, {}, "test"), Error);
    const auto signature = [](graph::Shape shape) {
        return tensors::Signature{{{"f32", true, {1, 3, 64, 64}}}, {{"f32", true, std::move(shape)}}};
    };
    EXPECT_NO_THROW(classify().check(signature({1, 12}), {}, "test", "x.onnx"));
    EXPECT_EQ(classify().classes_of(signature({1, 12}), {}), 12);
    EXPECT_EQ(classify().classes_of(signature({1, graph::kDynamic}), {}), 0);
    EXPECT_THROW(classify().check(signature({1, 84, 12}), {}, "test", "x.onnx"), Error);
    EXPECT_THROW(classify().check(signature({1, 0}), {}, "test", "x.onnx"), Error);
}

}  // namespace
}  // namespace yolovino
