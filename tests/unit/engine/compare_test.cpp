#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/agree.hpp"
#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "runtime/onnxruntime/network.hpp"
#include "support/libtorch.hpp"
#include "support/raw_output.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
const std::string kImage = kImages / "0004.jpg";
constexpr ImageSize kSize{160, 160};

/// The sample in f32 on both sides.
AgreeArgs sample() {
    AgreeArgs args;
    for (AgreeSide& side : args.sides) side = {.model = kSample, .runtime = {.precision = Precision::F32}};
    args.source = kImage;
    args.imgsz = kSize;
    return args;
}

void set_devices(AgreeArgs& args, const std::string& first, const std::string& second) {
    args.sides[0].runtime.device = first;
    args.sides[1].runtime.device = second;
}

void set_precisions(AgreeArgs& args, Precision first, Precision second) {
    args.sides[0].runtime.precision = first;
    args.sides[1].runtime.precision = second;
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

TEST(Agree, OnnxRuntimeAgreesWithOpenVino) {
    AgreeArgs args = sample();
    args.sides[0].format = "onnx";
    args.sides[1].format = "openvino";
    expect_exact(agree(args));
}

TEST(Agree, TorchScriptInLibTorchAgreesWithOpenVino) {
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path script = Model(kSample).export_to(
        {.format = "torchscript", .imgsz = kSize, .verbose = false, .output_folder = folder.path()});
    args.sides[0].model = script.string();
    args.sides[0].runtime.kind = Runtime::LibTorch;
    args.sides[1].runtime.kind = Runtime::OpenVino;
    expect_exact(agree(args));
    args.sides[0].model = kSample;
    const Agreement eager = agree(args);
    expect_exact(eager);
    EXPECT_NE(eager.first.find(" libtorch f32"), std::string::npos) << eager.first;
}

TEST(Agree, CpuAndAutoCpuAgreeExactly) {
    AgreeArgs args = sample();
    set_devices(args, "CPU", "AUTO:CPU");
    const Agreement found = agree(args);
    EXPECT_TRUE(found.agrees);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_EQ(found.raw->max_box_px, 0) << "the same network on the same device";
    EXPECT_EQ(found.raw->max_score, 0);
}

/// Half weights move raw outputs by much more than the order of sums does, whatever the CPU computes in.
TEST(Agree, HalfWeightsAgreeWithFloatWeights) {
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path half = Model(kSample).export_to(
        {.format = "onnx", .imgsz = kSize, .half = true, .verbose = false, .output_folder = folder.path()});
    args.sides[1].model = half.string();
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

/// The numbers are those of the two networks' outputs for the letterboxed image.
TEST(Agree, RawDifferencesAreThoseOfTheOutputs) {
    const test::TempFolder folder;
    const Model model(kSample);
    const fs::path full =
        model.export_to({.format = "onnx", .imgsz = kSize, .verbose = false, .output_folder = folder.path() / "full"});
    const fs::path half = model.export_to(
        {.format = "onnx", .imgsz = kSize, .half = true, .verbose = false, .output_folder = folder.path() / "half"});
    const Image image = vision::load_image(kImage);
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
    args.sides[0].model = full.string();
    args.sides[1].model = half.string();
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
    set_devices(args, "cpu", "cpu");
    set_precisions(args, Precision::F32, Precision::F16);
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_EQ(found.first_ran, "CPU in f32");
    EXPECT_EQ(nlohmann::json::parse(found.to_json()).at("first_ran"), "CPU in f32");
    // Where the device has no f16, it takes another precision, and a side must not claim it.
    if (found.second_ran == found.first_ran) {
        EXPECT_NE(
            warnings.find("both sides ran in f32, though f32 and f16 were requested: the device has no f16; nothing "
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
    set_devices(args, "cpu", "cpu");
    set_precisions(args, Precision::Auto, Precision::Auto);
    args.sides[1].runtime.half = true;
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_TRUE(found.first_ran.starts_with("CPU in ")) << found.first_ran;
    EXPECT_EQ(found.first_ran == found.second_ran, warnings.find("nothing was compared") != std::string::npos)
        << found.second_ran << "\n"
        << warnings;
    args.sides[1].runtime.half = false;
    EXPECT_THROW(static_cast<void>(agree(args)), Error) << "both sides are the same";
}

TEST(Agree, HalfReachesTheExport) {
    AgreeArgs args = sample();
    set_precisions(args, Precision::Auto, Precision::Auto);
    for (AgreeSide& side : args.sides) side.format = "onnx";
    args.sides[1].runtime.half = true;
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_GT(found.raw->max_score, test::kRawScore);
    EXPECT_LE(found.raw->max_score, test::kHalfRawScore);
    EXPECT_EQ(warnings.find("half=True is ignored"), std::string::npos) << warnings;
    EXPECT_EQ(warnings.find("nothing was compared"), std::string::npos) << warnings;
    EXPECT_NE(found.second_ran.find(" in f32"), std::string::npos) << found.second_ran;
}

TEST(Agree, WarnsIfOnlyOneSideRunsInHalfPrecision) {
    AgreeArgs args = sample();
    set_precisions(args, Precision::Auto, Precision::Auto);
    args.sides[0].format = "pytorch";
    args.sides[1].format = "onnx";
    std::string warnings;
    const Agreement found = agree_with_warnings(args, warnings);
    EXPECT_EQ(found.first_ran == "CPU in f32", warnings.find("precision=f32 compares the rest") == std::string::npos)
        << found.first_ran << "\n"
        << warnings;
}

TEST(Agree, CopyOfACheckpointAgreesWithIt) {
    AgreeArgs args = sample();
    const test::TempFolder folder;
    const fs::path copy = folder.path() / "copy.pt";
    fs::copy_file(kSample, copy);
    args.sides[1].model = copy.string();
    args.source = kImages.string();
    const Agreement found = agree(args);
    EXPECT_EQ(found.images, static_cast<std::size_t>(std::distance(fs::directory_iterator(kImages), {})));
    ASSERT_TRUE(found.raw.has_value());
    EXPECT_EQ(found.raw->max_box_px, 0);
    EXPECT_TRUE(found.agrees);
}

TEST(Agree, InputsOfDifferentSizesAreNotCompared) {
    const test::TempFolder folder;
    AgreeArgs args = sample();
    const fs::path small = Model(kSample).export_to(
        {.format = "openvino", .imgsz = ImageSize{96, 128}, .verbose = false, .output_folder = folder.path()});
    args.sides[1].model = small.string();
    const Agreement found = agree(args);
    EXPECT_FALSE(found.raw.has_value());
    EXPECT_EQ(found.raw_missing, "the inputs are 160x160 and 96x128");
    const auto json = nlohmann::json::parse(found.to_json());
    EXPECT_EQ(json.at("raw_missing"), found.raw_missing);
    EXPECT_FALSE(json.contains("raw"));
}

TEST(Agree, JsonHasTheRawDifferences) {
    Agreement found;
    found.raw = RawOutputDiff{.max_box_px = 2,
                              .mean_box_px = 1,
                              .max_score = 0.5,
                              .mean_score = 0.25,
                              .max_other = 8,
                              .mean_other = 4,
                              .not_finite = 3};
    const auto json = nlohmann::json::parse(found.to_json());
    EXPECT_EQ(
        json.at("raw").dump(),
        R"({"max_box_px":2.0,"max_other":8.0,"max_score":0.5,"mean_box_px":1.0,"mean_other":4.0,"mean_score":0.25,)"
        R"("not_finite":3})");
    EXPECT_FALSE(json.contains("raw_missing"));
}

TEST(Agree, AnImageThatNoSideSeesIsAnError) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "broken.jpg") << "no image";
    AgreeArgs args = sample();
    set_devices(args, "CPU", "AUTO:CPU");
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
