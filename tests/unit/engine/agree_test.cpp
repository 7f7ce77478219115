#include "yolovino/agree.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "support/libtorch.hpp"
#include "support/raw_output.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

const std::string kSample = YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes.pt";
const fs::path kPictures = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
const std::string kPicture = kPictures / "0004.jpg";
constexpr ImageSize kSize{160, 160};

AgreeArgs sample() {
    AgreeArgs args;
    args.model = {kSample};
    args.source = kPicture;
    args.imgsz = kSize;
    args.precision = {"f32"};
    return args;
}

/// Two programs that compute in f32: apart by the order of sums only, but not bit for bit the same.
void expect_exact(const Agreement& found) {
    EXPECT_TRUE(found.agrees);
    EXPECT_GT(found.matched, 0U);
    ASSERT_TRUE(found.raw.has_value()) << found.raw_missing;
    EXPECT_LE(found.raw->max_box_px, test::kRawBoxPx);
    EXPECT_LE(found.raw->max_score, test::kRawScore);
    EXPECT_GT(found.raw->max_box_px, 0) << "two programs give the same bits?";
    EXPECT_GT(found.raw->mean_box_px, 0);
    EXPECT_LT(found.raw->mean_box_px, found.raw->max_box_px);
    EXPECT_LT(found.raw->mean_score, found.raw->max_score);
    EXPECT_EQ(found.raw->not_finite, 0U);
}

TEST(Agree, OnnxRuntimeWithOpenVino) {
    AgreeArgs args = sample();
    args.format = {"onnx", "openvino"};
    expect_exact(agree(args));
}

TEST(Agree, TorchScriptInLibTorchWithOpenVino) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path script = Model(kSample).export_to(
        {.format = "torchscript", .imgsz = kSize, .verbose = false, .output_folder = folder.path()});
    args.model = {script.string(), kSample};
    args.runtime = {"libtorch", "openvino"};
    expect_exact(agree(args));
    args.model = {kSample};
    const Agreement eager = agree(args);
    expect_exact(eager);
    EXPECT_NE(eager.first.find(" libtorch f32"), std::string::npos) << eager.first;
}

TEST(Agree, TwoDevices) {
    AgreeArgs args = sample();
    args.device = {"CPU", "AUTO:CPU"};
    const Agreement found = agree(args);
    EXPECT_TRUE(found.agrees);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_EQ(found.raw->max_box_px, 0) << "the same network on the same device";
    EXPECT_EQ(found.raw->max_score, 0);
}

/// Half weights move raw outputs by much more than the order of sums does, whatever the CPU computes in.
TEST(Agree, HalfWeightsWithFloats) {
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path half = Model(kSample).export_to(
        {.format = "onnx", .imgsz = kSize, .half = true, .verbose = false, .output_folder = folder.path()});
    args.model = {kSample, half.string()};
    const Agreement found = agree(args);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_GT(found.raw->max_score, test::kRawScore);
    EXPECT_LE(found.raw->max_score, test::kHalfRawScore);
    EXPECT_GT(found.raw->max_box_px, test::kRawBoxPx);
    EXPECT_LE(found.raw->max_box_px, test::kHalfRawBoxPx);
    EXPECT_TRUE(found.agrees);
    args.conf = 1;
    const Agreement unseen = agree(args);
    EXPECT_EQ(unseen.matched + unseen.unmatched_first + unseen.unmatched_second, 0U);
    ASSERT_TRUE(unseen.raw.has_value());
    EXPECT_EQ(unseen.raw->max_score, found.raw->max_score) << "raw outputs do not depend on conf";
}

/// The numbers are those of the two networks' outputs for the letterboxed picture.
TEST(Agree, RawDriftIsThatOfTheOutputs) {
    const test::TempFolder folder;
    const Model model(kSample);
    const fs::path full =
        model.export_to({.format = "onnx", .imgsz = kSize, .verbose = false, .output_folder = folder.path() / "full"});
    const fs::path half = model.export_to(
        {.format = "onnx", .imgsz = kSize, .half = true, .verbose = false, .output_folder = folder.path() / "half"});
    const Image image = vision::load_image(kPicture);
    const auto geometry = vision::LetterboxGeometry::fit(image.size(), kSize);
    test::NpyArray<std::uint8_t> pixels{{160, 160, 3}, {}};
    const Image kept = vision::letterbox(image, geometry);
    for (std::size_t i = 0; i < kept.size_bytes(); i += 3) {
        for (std::size_t c = 3; c-- > 0;) pixels.values.push_back(kept.data()[i + c]);  // BGR → RGB
    }
    const test::Run first(*runtime::load_onnxruntime(full), pixels);
    const test::Run second(*runtime::load_onnxruntime(half), pixels);
    const test::Drift wanted = first.drift_from({second.shape, second.data});
    AgreeArgs args = sample();
    args.model = {full.string(), half.string()};
    args.imgsz.reset();
    const Agreement found = agree(args);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_GT(wanted.box_px, 0);
    EXPECT_NEAR(found.raw->max_box_px, wanted.box_px, 1e-4);
    EXPECT_NEAR(found.raw->max_score, wanted.score, 1e-7);
}

Agreement agree_with_warnings(const AgreeArgs& args, std::string& warnings) {
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level == LogLevel::Warning) warnings += std::string(line) + "\n";
    });
    const Agreement found = agree(args);
    set_log_sink({});
    return found;
}

TEST(Agree, SaysWhatEachSideRanIn) {
    AgreeArgs args = sample();
    args.device = {"cpu"};
    args.precision = {"f32", "f16"};
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_EQ(found.first_ran, "CPU in f32");
    EXPECT_EQ(nlohmann::json::parse(found.to_json()).at("first_ran"), "CPU in f32");
    // Where the device has no f16, it takes another precision, and a side must not claim it.
    if (found.second_ran == found.first_ran) {
        EXPECT_NE(warnings.find("both sides ran in f32, though f32 and f16 were asked: the device has no f16; nothing "
                                "was compared"),
                  std::string::npos)
            << warnings;
    } else {
        EXPECT_EQ(warnings, "");
        EXPECT_GT(found.raw->max_score, test::kRawScore) << found.second_ran;
    }
}

TEST(Agree, WarnsIfTheDeviceGivesBothSidesTheSamePrecision) {
    AgreeArgs args = sample();
    args.device = {"cpu"};
    args.precision = {};
    args.half = true;
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_TRUE(found.first_ran.starts_with("CPU in ")) << found.first_ran;
    EXPECT_EQ(found.first_ran == found.second_ran, warnings.find("nothing was compared") != std::string::npos)
        << found.second_ran << "\n"
        << warnings;
    args.half = false;
    args.precision = {"fp16", "f16"};
    EXPECT_THROW(static_cast<void>(agree(args)), Error) << "two spellings of one precision";
}

TEST(Agree, HalfReachesTheExport) {
    AgreeArgs args = sample();
    args.precision = {};
    args.format = {"onnx"};
    args.half = true;
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_GT(found.raw->max_score, test::kRawScore);
    EXPECT_LE(found.raw->max_score, test::kHalfRawScore);
    EXPECT_EQ(warnings.find("half=True is ignored"), std::string::npos) << warnings;
    EXPECT_EQ(warnings.find("nothing was compared"), std::string::npos) << warnings;
    EXPECT_NE(found.second_ran.find(" in f32"), std::string::npos) << found.second_ran;
}

TEST(Agree, WarnsIfOneSideAloneIsPutIntoSixteenBits) {
    AgreeArgs args = sample();
    args.precision = {};
    args.format = {"pytorch", "onnx"};
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_EQ(found.first_ran == "CPU in f32", warnings.find("precision=f32 compares the rest") == std::string::npos)
        << found.first_ran << "\n"
        << warnings;
}

TEST(Agree, TwoModels) {
    AgreeArgs args = sample();
    const test::TempFolder folder;
    const fs::path copy = folder.path() / "copy.pt";
    fs::copy_file(kSample, copy);
    args.model = {kSample, copy.string()};
    args.source = kPictures.string();
    const Agreement found = agree(args);
    EXPECT_EQ(found.images, static_cast<std::size_t>(std::distance(fs::directory_iterator(kPictures), {})));
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_EQ(found.raw->max_box_px, 0);
    EXPECT_TRUE(found.agrees);
}

TEST(Agree, InputsOfDifferentSizesAreNotCompared) {
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path small = Model(kSample).export_to(
        {.format = "openvino", .imgsz = ImageSize{96, 128}, .verbose = false, .output_folder = folder.path()});
    args.model = {kSample, small.string()};
    const Agreement found = agree(args);
    EXPECT_FALSE(found.raw.has_value());
    EXPECT_EQ(found.raw_missing, "the inputs are 160x160 and 96x128");
    const auto json = nlohmann::json::parse(found.to_json());
    EXPECT_EQ(json.at("raw_missing"), found.raw_missing);
    EXPECT_FALSE(json.contains("raw"));
}

TEST(Agree, JsonHoldsTheRawDrift) {
    Agreement found;
    found.raw = RawDrift{.max_box_px = 2, .mean_box_px = 1, .max_score = 0.5, .mean_score = 0.25, .not_finite = 3};
    const auto json = nlohmann::json::parse(found.to_json());
    EXPECT_EQ(json.at("raw").dump(),
              R"({"max_box_px":2.0,"max_score":0.5,"mean_box_px":1.0,"mean_score":0.25,"not_finite":3})");
    EXPECT_FALSE(json.contains("raw_missing"));
}

TEST(Agree, APictureThatNoSideSeesIsAnError) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "broken.jpg") << "no picture";
    AgreeArgs args = sample();
    args.device = {"CPU", "AUTO:CPU"};
    args.source = folder.path().string();
    try {
        static_cast<void>(agree(args));
        FAIL() << "nothing was compared";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), ErrorCode::NotFound) << e.what();
    }
}

}  // namespace
}  // namespace yolovino
