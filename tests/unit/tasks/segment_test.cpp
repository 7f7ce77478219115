#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "support/npz.hpp"
#include "support/shared.hpp"
#include "tasks/lookup.hpp"
#include "tasks/segment/decode.hpp"
#include "tasks/segment/mask_grid.hpp"

namespace yolovino {
namespace {

using nlohmann::json;
using vision::LetterboxGeometry;

const tasks::Task& segment() {
    return tasks::task_named("segment");
}

/// What Ultralytics gave for one network, and the raw output of its first image.
struct Golden {
    std::string folder;
    std::string network;
    std::string photo;
    ImageSize canvas;
    ClassNames names;

    std::filesystem::path path(const std::string& suffix) const {
        return test::shared_dir() / "golden" / folder / (network + suffix);
    }
    json run(const std::string& name) const {
        const auto bytes = base::read_file(path("_predict.json"), test::kMaxArrayBytes);
        return json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())).at(name).at(photo);
    }
};

const Golden kRandom{"tasks", "v8seg", "bus", {160, 160}, {"cat", "dog", "traffic light"}};
const Golden kTrained{"tasks-trained", "shapes-v8seg", "0000", {128, 128}, {"triangle", "square", "star"}};

void PrintTo(const Golden& golden, std::ostream* out) {
    *out << golden.network;
}

/// Results of the recorded raw output.
Results decoded(const Golden& golden, ImageSize image, const tasks::DecodeArgs& args = {}) {
    const auto rows = test::read_npz<float>(golden.path(".npz"), "output0");
    const auto prototypes = test::read_npz<float>(golden.path(".npz"), "output1");
    const auto shape_of = [](const std::vector<std::size_t>& shape) {
        return graph::Shape(shape.begin(), shape.end());
    };
    const tensors::Outputs outputs{
        {{"output0", shape_of(rows.shape), rows.values}, {"output1", shape_of(prototypes.shape), prototypes.values}}};
    Results results;
    results.orig_shape = image;
    results.input_shape = golden.canvas;
    results.names = std::make_shared<const ClassNames>(golden.names);
    results.task = "segment";
    segment().decode(outputs, 0, args, LetterboxGeometry::fit(image, golden.canvas), results);
    return results;
}

ImageSize shape_of(const json& run) {
    return {run.at("shape")[0].get<int>(), run.at("shape")[1].get<int>()};
}

void expect_boxes(const std::vector<Box>& boxes, const json& wanted, double tolerance_px) {
    ASSERT_EQ(boxes.size(), wanted.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const Box& box = boxes[i];
        const float corners[] = {box.x1, box.y1, box.x2, box.y2};
        for (std::size_t k = 0; k < 4; ++k)
            EXPECT_NEAR(corners[k], wanted[i][k].get<double>(), tolerance_px) << i << ", " << k;
        EXPECT_NEAR(box.conf, wanted[i][4].get<double>(), 1e-5);
        EXPECT_EQ(box.cls, static_cast<int>(wanted[i][5].get<double>()));
    }
}

class SegmentGolden : public testing::TestWithParam<Golden> {};

TEST_P(SegmentGolden, FindsWhatUltralyticsFindsInTheSameRawOutput) {
    YOLOVINO_NEEDS_SHARED();
    const json wanted = GetParam().run("openvino");
    const Results results = decoded(GetParam(), shape_of(wanted));
    expect_boxes(results.boxes, wanted.at("boxes"), 1e-3);
    EXPECT_EQ(segment().summary(results), wanted.at("verbose").get<std::string>());
    ASSERT_TRUE(results.masks);
    EXPECT_EQ(results.masks->shape, GetParam().canvas);
    ASSERT_EQ(results.masks->size(), wanted.at("mask_areas").size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < results.masks->size(); ++i) {
        const auto area = wanted.at("mask_areas")[i].get<double>();
        different += static_cast<double>(results.masks->area_px(i)) == area ? 0 : 1;
        // A logit within rounding of 0 may fall on either side
        EXPECT_NEAR(static_cast<double>(results.masks->area_px(i)), area, 0.001 * area) << i;
    }
    EXPECT_EQ(different, 0U);
}

TEST(Segment, RetinaMasksHaveUltralyticsAreas) {
    YOLOVINO_NEEDS_SHARED();
    // Its minimal rectangle is the square of the recorded raw output.
    const json wanted = kTrained.run("checkpoint_retina");
    const ImageSize image = shape_of(kTrained.run("checkpoint"));
    const Results results = decoded(kTrained, image, {.retina_masks = true});
    expect_boxes(results.boxes, wanted.at("boxes"), 1e-3);
    ASSERT_TRUE(results.masks);
    EXPECT_EQ(results.masks->shape, image);
    ASSERT_EQ(results.masks->size(), wanted.at("mask_areas").size());
    for (std::size_t i = 0; i < results.masks->size(); ++i)
        EXPECT_EQ(results.masks->area_px(i), wanted.at("mask_areas")[i].get<std::size_t>()) << i;
}

/// The recorded masks of the checkpoint's run, on its minimal rectangle.
Results recorded(const Golden& golden) {
    const json run = golden.run("checkpoint");
    const auto packed = test::read_npz<std::uint8_t>(golden.path(".npz"), "masks_" + golden.photo);
    const auto count = run.at("mask_shape")[0].get<std::size_t>();
    const ImageSize grid{run.at("mask_shape")[1].get<int>(), run.at("mask_shape")[2].get<int>()};
    const auto width = static_cast<std::size_t>(grid.width);
    const auto height = static_cast<std::size_t>(grid.height);
    const std::size_t row_bytes = packed.values.size() / count / height;
    Results results;
    results.task = "segment";
    results.orig_shape = shape_of(run);
    results.names = std::make_shared<const ClassNames>(golden.names);
    results.masks = Masks{grid, results.orig_shape, {}};
    for (std::size_t i = 0; i < count; ++i) {
        const json& box = run.at("boxes")[i];
        results.boxes.push_back({box[0], box[1], box[2], box[3], box[4], static_cast<int>(box[5].get<double>())});
        Masks::Instance mask{0, 0, grid.height, grid.width, {}};
        const std::size_t words = (width + 63) / 64;
        mask.bits.resize(words * height);
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                const unsigned byte = packed.values[(i * height + y) * row_bytes + x / 8];
                mask.bits[y * words + x / 64] |= std::uint64_t{byte >> (7 - x % 8) & 1U} << (x % 64);
            }
        }
        results.masks->instances.push_back(std::move(mask));
    }
    return results;
}

TEST_P(SegmentGolden, OutlinesOfRecordedMasksAreUltralyticsOwn) {
    YOLOVINO_NEEDS_SHARED();
    const json wanted = GetParam().run("checkpoint").at("segments_of_first_three");
    const Results results = recorded(GetParam());
    ASSERT_EQ(wanted.size(), 3U);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::vector<Point> line = results.masks->xy(i);
        ASSERT_EQ(line.size(), wanted[i].size()) << i;
        for (std::size_t k = 0; k < line.size(); ++k) {
            EXPECT_EQ(line[k].x, wanted[i][k][0].get<float>()) << i << ", " << k;
            EXPECT_EQ(line[k].y, wanted[i][k][1].get<float>()) << i << ", " << k;
        }
    }
}

TEST_P(SegmentGolden, LinesAndJsonAreUltralyticsOwn) {
    YOLOVINO_NEEDS_SHARED();
    const json run = GetParam().run("checkpoint");
    const Results results = recorded(GetParam());
    const std::string lines = segment().label_lines(results, true);
    const auto wanted_lines = run.at("txt_with_conf").get<std::string>();  // of the first two
    EXPECT_EQ(lines.substr(0, wanted_lines.size()), wanted_lines);
    EXPECT_EQ(segment().summary(results), run.at("verbose").get<std::string>());
    nlohmann::ordered_json line;
    segment().append_json(line, results, false, 5);
    ASSERT_EQ(line.at("detections").size(), run.at("summary").size());
    EXPECT_EQ(json::parse(line.at("detections")[0].dump()), run.at("summary")[0]);
}

/// A network's outputs for one class: rows cx, cy, w, h, score, and one coefficient for each of one or more prototypes.
struct Raw {
    std::vector<std::vector<float>> anchors;
    std::vector<float> prototypes;
    graph::Shape prototypes_shape;
    std::vector<float> rows = {};

    tensors::Outputs outputs() {
        const std::size_t count = anchors.front().size();
        rows.clear();
        for (std::size_t row = 0; row < count; ++row) {
            for (const auto& anchor : anchors) rows.push_back(anchor[row]);
        }
        return {{{"output0", {1, static_cast<std::int64_t>(count), static_cast<std::int64_t>(anchors.size())}, rows},
                 {"output1", prototypes_shape, prototypes}}};
    }
};

/// One object in the left half of a grid of 4 x 4 cells, input 16 x 16: the prototype is 1 to the left and -1 to the
/// right.
Raw half() {
    Raw raw{{{8, 8, 12, 8, 0.9F, 2}}, {}, {1, 1, 4, 4}};
    for (int i = 0; i < 16; ++i) raw.prototypes.push_back(i % 4 < 2 ? 1.0F : -1.0F);
    return raw;
}

Results results_of(Raw raw, const tasks::DecodeArgs& args = {}, ImageSize image = {16, 16}) {
    Results results;
    results.orig_shape = image;
    segment().decode(raw.outputs(), 0, args, LetterboxGeometry::fit(image, {16, 16}), results);
    return results;
}

TEST(Segment, MasksAreEnlargedAndCroppedByTheBox) {
    const Results results = results_of(half());
    ASSERT_TRUE(results.masks);
    EXPECT_EQ(results.masks->shape, (ImageSize{16, 16}));
    const std::vector<std::uint8_t> pixels = results.masks->data(0);
    // The box covers columns 2 to 13 and rows 4 to 11; the logit changes its sign between columns 7 and 8.
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const std::size_t y = i / 16;
        const std::size_t x = i % 16;
        EXPECT_EQ(pixels[i], y >= 4 && y < 12 && x >= 2 && x < 8 ? 1 : 0) << y << ", " << x;
    }
}

TEST(Segment, MasksAtTheSizeOfTheImageKeepOutOfTheBorders) {
    const Results results = results_of(half(), {.retina_masks = true}, {32, 64});
    ASSERT_TRUE(results.masks);
    EXPECT_EQ(results.masks->shape, (ImageSize{32, 64}));
    EXPECT_EQ(results.boxes[0].x1, 8);
    EXPECT_EQ(results.masks->area_px(0), 24U * 32U);  // columns 8 to 31, all rows
}

TEST(Segment, ThePrototypesOwnGridIsCroppedByTheScaledBox) {
    Raw raw = half();
    const tensors::Outputs outputs = raw.outputs();
    const tasks::ModelSegments found = tasks::segment_in_model(outputs, 0, {});
    ASSERT_EQ(found.detections.size(), 1U);
    const auto grid = tasks::MaskGrid::at_prototypes(found.prototypes, LetterboxGeometry::fit({16, 16}, {16, 16}));
    const Masks::Instance mask = grid.mask(found.coefficients_of(0), found.detections[0].box);
    EXPECT_EQ(mask, (Masks::Instance{1, 1, 2, 3, {1, 1}}));  // from 0.5 to 3.5 across, 1 to 3 down
}

TEST(Segment, AnObjectWithAnEmptyMaskDisappears) {
    Raw raw = half();
    raw.anchors.push_back({8, 8, 4, 4, 0.8F, 0});      // no logit above 0
    raw.anchors.push_back({14, 4, 4, 4, 0.7F, -1});    // to the right, with the sign turned
    raw.anchors.push_back({100, 100, 4, 4, 0.6F, 1});  // beyond the grid
    const Results results = results_of(raw);
    ASSERT_EQ(results.boxes.size(), 2U);
    EXPECT_EQ(results.boxes[1].conf, 0.7F);
    ASSERT_TRUE(results.masks);
    EXPECT_EQ(results.masks->size(), 2U);
    raw.anchors = {{8, 8, 4, 4, 0.8F, 0}};
    EXPECT_TRUE(results_of(raw).boxes.empty());
    EXPECT_FALSE(results_of(raw).masks);
}

TEST(Segment, NumbersThatAreNoneGiveNoMasks) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float strange : {nan, infinity, -infinity, 1e30F, -1e30F}) {
        for (const std::size_t row : {0U, 2U, 5U}) {
            Raw raw = half();
            raw.anchors.front()[row] = strange;
            const Results results = results_of(raw);
            EXPECT_EQ(results.boxes.size(), results.masks ? results.masks->size() : 0);
            for (std::size_t i = 0; i < results.boxes.size(); ++i) EXPECT_GT(results.masks->area_px(i), 0U);
        }
    }
}

ErrorCode decode_code(Raw raw) {
    try {
        results_of(std::move(raw));
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::RuntimeFailure;
}

TEST(Segment, AWrongShapeIsAnErrorNotAnEmptyResult) {
    Raw raw = half();
    raw.prototypes_shape = {1, 2, 4, 2};  // two prototypes, so that no row is left for a class
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    raw.prototypes_shape = {1, 4, 4};
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    raw.prototypes_shape = {1, 1, 0, 16};
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    raw.prototypes_shape = {1, 1, 1 << 20, 1 << 20};
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    raw.prototypes_shape = {1, 1, 4, 5};  // more than there are values
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    raw.prototypes_shape = {0, 1, 4, 4};
    EXPECT_EQ(decode_code(raw), ErrorCode::ShapeMismatch);
    Results results;
    raw = half();
    tensors::Outputs one = raw.outputs();
    one.tensors.pop_back();
    EXPECT_THROW(segment().decode(one, 0, {}, LetterboxGeometry::fit({16, 16}, {16, 16}), results), Error);
    EXPECT_THROW(segment().check(one, 1, {}, {}, "model"), Error);
    EXPECT_THROW(segment().check(raw.outputs(), 2, {}, {}, "model"), Error);
    EXPECT_THROW(segment().check(raw.outputs(), 1, {.least = 2}, {}, "model"), Error);
    EXPECT_NO_THROW(segment().check(raw.outputs(), 1, {.least = 1, .most = 1}, {}, "model"));
}

std::string refusal(const tensors::Signature& signature) {
    try {
        segment().check(signature, {}, "model", "x.onnx");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::ShapeMismatch);
        return error.what();
    }
    return {};
}

TEST(Segment, ChecksWhatAFileDeclares) {
    const std::int64_t any = graph::kDynamic;
    const tensors::TensorSignature image{"f32", true, {1, 3, 160, 160}};
    const tensors::TensorSignature rows{"f32", true, {1, 39, 525}};
    const tensors::TensorSignature prototypes{"f32", true, {1, 32, 40, 40}};
    EXPECT_EQ(refusal({{image}, {rows, prototypes}}), "");
    EXPECT_EQ(segment().classes_of({{image}, {rows, prototypes}}, {}), 3);
    // The runtime may know more than the file.
    EXPECT_EQ(refusal({{image}, {{"f32", true, {any, any, any}}, {"f32", true, {any, any, any, any}}}}), "");
    EXPECT_EQ(refusal({{image}, {{"f32", false, {}}, {"f32", false, {}}}}), "");
    EXPECT_EQ(segment().classes_of({{image}, {rows, {"f32", false, {}}}}, {}), 0);
    EXPECT_NE(refusal({{image}, {rows}}).find("1 inputs and 1 outputs, wanted 1 and 2"), std::string::npos);
    EXPECT_NE(refusal({{image}, {prototypes, rows}}).find("[N, 4 + classes + masks, anchors]"), std::string::npos);
    EXPECT_NE(refusal({{image}, {rows, rows}}).find("[N, masks, height, width]"), std::string::npos);
    EXPECT_NE(refusal({{image}, {{"f32", true, {1, 36, 525}}, prototypes}}), "");
    EXPECT_NE(refusal({{image}, {prototypes, rows}}).find("yolo export with format=openvino puts the outputs in order"),
              std::string::npos);
    const tensors::TensorSignature finished{"f32", true, {1, 300, 38}};
    EXPECT_NE(refusal({{image}, {finished, prototypes}}).find("finished boxes of an export with nms=True"),
              std::string::npos);
}

TEST(Segment, DrawsMasksBelowBoxesAndEachAlone) {
    Results results;
    results.task = "segment";
    results.orig_shape = {20, 20};
    results.boxes = {{4, 4, 12, 12, 0.5F, 0}};
    results.masks = Masks{{20, 20}, {20, 20}, {{4, 4, 8, 8, std::vector<std::uint64_t>(8, 0xFF)}}};
    const auto blue_at = [&](const PlotArgs& args, int y, int x) {
        Image image(20, 20);
        std::fill_n(image.data(), image.size_bytes(), std::uint8_t{90});
        segment().draw(image, results, args);
        return static_cast<int>(image.row(y)[std::ptrdiff_t{3} * x]);
    };
    const PlotArgs plain{.conf = false, .labels = false};
    // Class 0 is 042AFF: boxes are drawn with it, masks blended by half.
    EXPECT_EQ(blue_at(plain, 8, 8), 45 + 255 / 2);
    EXPECT_EQ(blue_at(plain, 4, 8), 255);
    EXPECT_EQ(blue_at({.boxes = false}, 4, 8), 45 + 255 / 2);
    EXPECT_EQ(blue_at({.conf = false, .labels = false, .masks = false}, 8, 8), 90);
    EXPECT_EQ(blue_at({.conf = false, .labels = false, .masks = false}, 4, 8), 255);
}

TEST(Segment, LinesLeaveOutWhatHasFewerThanThreePoints) {
    Results results;
    results.task = "segment";
    results.orig_shape = {8, 8};
    results.boxes = {{1, 3, 3, 5, 0.5F, 4}, {0, 0, 1, 1, 0.4F, 2}};
    results.masks = Masks{{8, 8}, {8, 8}, {{3, 1, 2, 2, {3, 3}}, {0, 0, 1, 1, {1}}}};
    EXPECT_EQ(segment().label_lines(results, false), "4 0.125 0.375 0.125 0.5 0.25 0.5 0.25 0.375\n");
    EXPECT_EQ(segment().label_lines(results, true), "4 0.125 0.375 0.125 0.5 0.25 0.5 0.25 0.375 0.5\n");
    nlohmann::ordered_json line;
    segment().append_json(line, results, true, 5);
    EXPECT_EQ(line["detections"][1]["segments"].dump(), R"({"x":[0.0],"y":[0.0]})");
    results.masks.reset();
    EXPECT_EQ(segment().label_lines(results, false), "4 0.25 0.5 0.25 0.25\n2 0.0625 0.0625 0.125 0.125\n");
}

INSTANTIATE_TEST_SUITE_P(RandomWeights, SegmentGolden, testing::Values(kRandom));
INSTANTIATE_TEST_SUITE_P(Trained, SegmentGolden, testing::Values(kTrained));

}  // namespace
}  // namespace yolovino
