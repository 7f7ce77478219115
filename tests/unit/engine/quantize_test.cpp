#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <stdlib.h>
#include <yaml-cpp/yaml.h>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "quantize/damage.hpp"
#include "runtime/cpu_isa.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/session.hpp"
#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::content;
using test::kSample;
const std::string kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";
const fs::path kDataset = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

ExportArgs int8_args(const fs::path& folder) {
    return {.format = "openvino", .int8 = true, .data = kImages, .verbose = false, .output_folder = folder};
}

class Warnings {
public:
    Warnings() {
        set_log_sink([this](LogLevel level, std::string_view line) {
            if (level == LogLevel::Warning) lines.emplace_back(line);
        });
    }
    Warnings(const Warnings&) = delete;
    Warnings& operator=(const Warnings&) = delete;
    ~Warnings() { set_log_sink({}); }
    bool hold(const std::string& part) const {
        return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != line.npos; });
    }
    std::vector<std::string> lines;
};

/// One export for the tests that only look at it.
class QuantizedSample : public testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_ = new test::TempFolder();
        const Warnings warnings;
        result_ = new fs::path(Model(kSample).export_to(int8_args(folder_->path())));
        warned_ = warnings.hold("32 images are few to calibrate on");
    }
    static void TearDownTestSuite() {
        delete result_;
        delete folder_;
    }
    static test::TempFolder* folder_;
    static fs::path* result_;
    static bool warned_;
};
test::TempFolder* QuantizedSample::folder_ = nullptr;
fs::path* QuantizedSample::result_ = nullptr;
bool QuantizedSample::warned_ = false;

TEST_F(QuantizedSample, IsNamedAsUltralyticsNamesItAndSaysWhatItIs) {
    EXPECT_TRUE(warned_);
    EXPECT_EQ(result_->filename(), "yolov8-shapes_int8_openvino_model");
    for (const char* name :
         {"yolov8-shapes.xml", "yolov8-shapes.bin", "yolov8-shapes.mapping", "metadata.yaml", "quantization.json"})
        EXPECT_TRUE(fs::exists(*result_ / name)) << name;
    const YAML::Node args = YAML::LoadFile((*result_ / "metadata.yaml").string())["args"];
    EXPECT_EQ(args["quantize"].as<int>(), 8);
    EXPECT_EQ(args["data"].as<std::string>(), kImages);
    EXPECT_TRUE(Model(*result_).info().int8);
    EXPECT_FALSE(Model(*result_).info().half);
    EXPECT_NE(content(*result_ / "yolov8-shapes.xml").find("<model_info>"), std::string::npos);
}

TEST_F(QuantizedSample, PlacesTheBitsAsNncfLessTheBranchOfAdds) {
    const QuantizationInfo info = Model(*result_).quantization().value();
    EXPECT_EQ(info.convolutions.size(), 63U) << "all but that of the DFL";
    EXPECT_EQ(info.activations.size(), 58U) << "the input, 51 activations, 6 residual sums";
    EXPECT_EQ(info.images.size(), 32U);
    EXPECT_EQ(info.images.front().sha256.size(), 64U);
    EXPECT_TRUE(info.float_layers.empty());
    std::map<int, std::pair<double, int>> grids;
    for (const QuantizedActivation& each : info.activations) {
        const auto [place, fresh] = grids.emplace(each.group, std::pair{each.scale, each.zero_point});
        EXPECT_EQ(place->second, std::pair(each.scale, each.zero_point)) << each.name << " shares a Concat";
        EXPECT_LT(each.clipped, 0.01) << each.name;
        EXPECT_LT(each.noise, 0.1) << each.name;
        EXPECT_LE(each.low, 0);
        EXPECT_GT(each.high, 0);
    }
    EXPECT_LT(grids.size(), info.activations.size());
    const auto group = [&](const std::string& name) {
        return std::ranges::find(info.activations, name, &QuantizedActivation::name)->group;
    };
    EXPECT_EQ(group("model.2.cv1.act"), group("model.2.m.0")) << "both flow into the Concat of layer 2";
    EXPECT_NE(group("model.2.cv1.act"), group("model.2.cv2.act"));
}

TEST_F(QuantizedSample, RunsEveryConvolutionInInt8) {
    const Model model(*result_);
    std::map<std::string, std::map<std::string, int>> counts;
    for (const LayerPrecision& layer : model.layer_precisions("cpu")) ++counts[layer.kind][layer.precision];
    EXPECT_EQ(counts["Convolution"]["u8"] + counts["Convolution"]["i8"], 63);
    EXPECT_EQ(counts["Pooling"], (std::map<std::string, int>{{"u8", 3}}));
    EXPECT_EQ(counts["Interpolate"], (std::map<std::string, int>{{"u8", 2}}));
    EXPECT_EQ(counts["Concatenation"]["u8"], 13);
    EXPECT_EQ(counts["Split"]["u8"], 8);
}

TEST_F(QuantizedSample, KeepsTheAccuracyAndAQuarterOfTheBytes) {
    const test::TempFolder runs;
    ValArgs args;
    args.data = kDataset;
    args.plots = false;
    args.verbose = false;
    args.project = runs.path().string();
    const Model float_model(
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = runs.path()}));
    const double wanted = float_model.val(args).map;
    EXPECT_GT(wanted, 0.5);
    EXPECT_NEAR(Model(*result_).val(args).map, wanted, 0.02);
    const auto bytes = [](const fs::path& folder) {
        return static_cast<double>(fs::file_size(folder / "yolov8-shapes.bin"));
    };
    EXPECT_LT(bytes(*result_), 0.3 * bytes(runs.path() / "yolov8-shapes_openvino_model"));
}

TEST_F(QuantizedSample, CannotBeQuantizedAgain) {
    const test::TempFolder folder;
    try {
        Model(*result_).export_to(int8_args(folder.path()));
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("quantized already"), std::string::npos) << error.what();
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Quantize, TwoExportsAreIdenticalWithAFixedDate) {
    const test::TempFolder folder;
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    std::vector<std::string> results;
    for (const char* where : {"a", "b"}) {
        ExportArgs args = int8_args(folder.path() / where);
        args.fraction = 0.25;
        args.imgsz = ImageSize{96, 160};
        const fs::path result = Model(kSample).export_to(args);
        for (const char* file : {"yolov8-shapes.xml", "yolov8-shapes.bin", "metadata.yaml", "quantization.json"})
            results.push_back(content(result / file));
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(results[i], results[i + 4]) << i;
    EXPECT_EQ(YAML::Load(results[2])["args"]["fraction"].as<double>(), 0.25);
}

TEST(Quantize, LeavesTheLayersOfFloatLayersInFloat) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.fraction = 0.25;
    args.float_layers = {"2.cv1", "22.cv3"};
    const Model model(Model(kSample).export_to(args));
    const QuantizationInfo info = model.quantization().value();
    EXPECT_EQ(info.convolutions.size(), 63U - 10U);
    EXPECT_EQ(info.float_layers.size(), 10U);
    int floats = 0;
    for (const LayerPrecision& layer : model.layer_precisions("cpu"))
        floats += layer.kind == "Convolution" && layer.precision != "u8" ? 1 : 0;
    EXPECT_EQ(floats, 11) << "and the DFL";
    args.float_layers = {"2.cv9"};
    try {
        Model(kSample).export_to(args);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(error.message().find("'2.cv9'"), std::string::npos);
        EXPECT_NE(error.message().find("22.cv3.2.2"), std::string::npos) << "the names are listed";
    }
}

TEST(Quantize, GivesTheSameFromAFloatExportAsFromTheCheckpoint) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path() / "direct");
    args.fraction = 0.25;
    const fs::path direct = Model(kSample).export_to(args);
    const Model plain(
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()}));
    args.output_folder.clear();
    const fs::path result = plain.export_to(args);
    EXPECT_EQ(result, folder.path() / "yolov8-shapes_int8_openvino_model");
    EXPECT_EQ(content(result / "yolov8-shapes.bin"), content(direct / "yolov8-shapes.bin"));
    EXPECT_EQ(content(result / "quantization.json"), content(direct / "quantization.json"));
    const Model model(result);
    EXPECT_EQ(model.names(), plain.names());
    EXPECT_EQ(model.info().source_sha256, plain.info().source_sha256);
    EXPECT_TRUE(model.info().int8);
    args.imgsz = ImageSize{640, 320};
    EXPECT_THROW(plain.export_to(args), Error);
    args.imgsz.reset();
    args.format = "torchscript";
    EXPECT_THROW(plain.export_to(args), Error);
}

TEST(Quantize, TakesAFloatExportWithSixteenBitWeights) {
    const test::TempFolder folder;
    const Model half(Model(kSample).export_to(
        {.format = "openvino", .half = true, .verbose = false, .output_folder = folder.path() / "half"}));
    ExportArgs args = int8_args(folder.path());
    args.fraction = 0.25;
    const Model model(half.export_to(args));
    EXPECT_EQ(model.quantization()->convolutions.size(), 63U);
    EXPECT_TRUE(model.info().int8);
    EXPECT_FALSE(model.info().half);
}

TEST(Quantize, GuardLeavesLayersInFloatWhereThatHelps) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.imgsz = ImageSize{96, 96};
    // Few layers are left to try, so that the test is quick.
    args.float_layers = {"4", "5", "6", "7", "8", "9", "12", "15", "16", "18", "19", "21", "22"};
    const QuantizationInfo plain = Model(Model(kSample).export_to(args)).quantization().value();
    args.guard = true;
    const QuantizationInfo guarded = Model(Model(kSample).export_to(args)).quantization().value();
    ASSERT_GT(plain.damage.anchors, 0U);
    const std::size_t added = guarded.float_layers.size() - plain.float_layers.size();
    EXPECT_GE(added, 1U);
    EXPECT_LE(added, 3U);
    EXPECT_EQ(guarded.convolutions.size() + added, plain.convolutions.size());
    EXPECT_LT(guarded.damage.total(), 0.98 * plain.damage.total());
    EXPECT_FALSE(plain.convolutions.front().damage_without);
    for (const QuantizedConvolution& each : guarded.convolutions) EXPECT_TRUE(each.damage_without) << each.name;
}

TEST(Quantize, StaysDynamicWhereTheExportIs) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.fraction = 0.25;
    args.dynamic = true;
    const Model model(Model(kSample).export_to(args));
    EXPECT_TRUE(model.info().dynamic);
    EXPECT_EQ(model.quantization()->activations.size(), 58U);
    EXPECT_EQ(model.predict(kImages, {.imgsz = ImageSize{256, 256}, .batch = 3, .verbose = false}).all().size(), 32U);
}

TEST(Quantize, AcceptsBatchesWhereTheExportDoes) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.fraction = 0.25;
    args.batch = 2;
    const Model model(Model(kSample).export_to(args));
    EXPECT_EQ(model.info().batch, 2);
    EXPECT_EQ(model.quantization()->convolutions.size(), 63U);
}

/// What is said about images that cannot calibrate; nothing may be written.
std::string refusal(ErrorCode code, const std::string& data, double fraction = 1) {
    const test::TempFolder folder;
    ExportArgs args = int8_args(folder.path());
    args.data = data;
    args.fraction = fraction;
    std::string line = "accepted";
    try {
        Model(kSample).export_to(args);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        line = error.what();
    }
    EXPECT_TRUE(fs::is_empty(folder.path())) << data;
    return line;
}

TEST(Quantize, SaysWhatToGiveWithoutData) {
    const std::string line = refusal(ErrorCode::InvalidArgument, "");
    EXPECT_NE(line.find("int8=True needs data"), std::string::npos) << line;
    EXPECT_NE(line.find("data=coco128.yaml"), std::string::npos) << line;
}

TEST(Quantize, RefusesImagesThatCannotCalibrate) {
    const test::TempFolder folder;
    EXPECT_NE(refusal(ErrorCode::NotFound, folder.path().string()).find("no image"), std::string::npos);
    EXPECT_NE(refusal(ErrorCode::NotFound, (folder.path() / "none.yaml").string()), "accepted");
    EXPECT_NE(refusal(ErrorCode::NotFound, "/nonexistent/pictures"), "accepted");
    for (const double fraction : {0.0, -1.0, 1.5, 1e300, std::nan("")}) {
        EXPECT_NE(refusal(ErrorCode::InvalidArgument, kImages, fraction).find("a share above 0 to 1 or a whole"),
                  std::string::npos)
            << fraction;
    }
    for (const char* name : {"a.jpg", "b.png"}) std::ofstream(folder.path() / name) << "no image";
    const Warnings warnings;
    EXPECT_NE(
        refusal(ErrorCode::CorruptFile, folder.path().string()).find("none of the 2 calibration images can be read"),
        std::string::npos);
    EXPECT_EQ(std::ranges::count_if(warnings.lines, [](const auto& line) { return line.find("skipped") != line.npos; }),
              2)
        << "each is reported once";
}

TEST(Quantize, RefusesImagesOfOneColour) {
    const test::TempFolder folder;
    Image gray(160, 160);
    std::fill_n(gray.data(), gray.size_bytes(), std::uint8_t{114});
    vision::save_image(gray, folder.path() / "gray.png");
    const std::string line = refusal(ErrorCode::InvalidArgument, folder.path().string());
    EXPECT_NE(line.find("on all 1 calibration images"), std::string::npos) << line;
    EXPECT_NE(line.find("images"), std::string::npos);
}

TEST(Quantize, LeavesOutImagesThatCannotBeRead) {
    const test::TempFolder folder;
    const test::TempFolder out;
    std::ofstream(folder.path() / "a.jpg") << "no image";
    for (const char* name : {"0000.jpg", "0001.jpg"}) fs::copy_file(fs::path(kImages) / name, folder.path() / name);
    ExportArgs args = int8_args(out.path());
    args.data = folder.path().string();
    const QuantizationInfo info = Model(Model(kSample).export_to(args)).quantization().value();
    EXPECT_EQ(info.images.size(), 2U);
    EXPECT_EQ(info.unreadable, 1U);
}

QuantizationDamage damage(runtime::LoadedNetwork& network, const std::vector<std::string>& files,
                          std::vector<quantize::ConfidentAnchors>& reference) {
    runtime::RuntimeArgs args;
    args.device = "cpu";
    args.precision = Precision::F32;
    const runtime::InputShape shape = {1, {640, 640}};
    const auto session = network.compile(args, shape)->new_session();
    const bool first = reference.empty();
    std::vector<quantize::DamageSum> sums;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const Image image = vision::load_image(files[i]);
        vision::letterbox_to_tensor(image, vision::LetterboxGeometry::fit(image.size(), shape.size),
                                    session->input(shape));
        const tensors::OutputTensor& out = session->infer().first();
        const std::size_t rows = out.dimension(1);
        const std::size_t anchors = out.dimension(2);
        if (first) reference.push_back(quantize::confident_anchors(out.data, rows, anchors, {.box = 4, .scores = 0}));
        sums.push_back(quantize::compare(reference[i], out.data, rows, anchors));
    }
    return quantize::mean_of(sums);
}

TEST(Quantize, LosesLessAccuracyThanNncf) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const fs::path images = test::shared_dir() / "data/coco128/images/train2017";
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(images)) files.push_back(entry.path().string());
    std::ranges::sort(files);
    // The variable makes this the measurement of the documentation: all images for both steps.
    const std::size_t measured = std::getenv("YOLOVINO_ALL_PICTURES") != nullptr ? files.size() : 16;
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    ExportArgs args = int8_args(folder.path());
    args.data = images.string();
    args.fraction = measured == files.size() ? 1 : 0.1875;
    // As docs/quantize.md advises: sums in 16 bits overflow in the first convolution.
    const bool vnni = runtime::has_vnni();
    if (!vnni) args.float_layers = {"0"};
    const Model own(model.export_to(args));
    EXPECT_EQ(own.quantization()->convolutions.size(), vnni ? 63U : 62U);
    const auto bytes = static_cast<double>(fs::file_size(fs::path(own.info().path).parent_path() / "yolov8n.bin"));
    EXPECT_NEAR(bytes, 3.293e6, 0.01 * 3.293e6);
    const fs::path plain = model.export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});

    files.erase(files.begin(), files.end() - static_cast<std::ptrdiff_t>(measured));
    std::vector<quantize::ConfidentAnchors> reference;
    damage(*runtime::load_openvino(plain / "yolov8n.xml"), files, reference);
    const QuantizationDamage ours = damage(*runtime::load_openvino(own.info().path), files, reference);
    const QuantizationDamage theirs =
        damage(*runtime::load_openvino(test::shared_dir() / "models/yolov8n_int8_openvino_model/yolov8n.xml"), files,
               reference);
    RecordProperty("ours", std::to_string(ours.box_px) + " px " + std::to_string(ours.score));
    RecordProperty("nncf", std::to_string(theirs.box_px) + " px " + std::to_string(theirs.score));
    std::ostringstream figures;  // shown where an expectation fails
    figures << "ours " << ours.box_px << " px, " << ours.score << "; NNCF " << theirs.box_px << " px, " << theirs.score;
    EXPECT_GT(ours.anchors, 100U);
    EXPECT_LT(ours.box_px, 0.8 * theirs.box_px) << figures.str();
    EXPECT_LT(ours.score, 0.8 * theirs.score) << figures.str();
    EXPECT_LT(ours.box_px, 0.75) << figures.str();
    EXPECT_LT(ours.score, 0.035) << figures.str();
}

}  // namespace
}  // namespace yolovino
