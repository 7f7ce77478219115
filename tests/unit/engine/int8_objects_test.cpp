// What 8 bits cost the tasks that find more than boxes: in the report, against a comparison of the exported files, and
// in what a validation measures.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "yolovino/yolovino.hpp"

#include "base/file.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = YOLOVINO_SOURCE_DIR "/assets/sample";
constexpr std::size_t kSampleStep = 4;  // of the calibration images the damage is measured on

struct Case {
    std::string sample;  ///< `seg`
    std::string format;
    Runtime runtime;  ///< of the validation
};

int size_of(const std::string& sample) {
    return sample == "cls" ? 64 : 128;
}

class Int8Objects : public ::testing::TestWithParam<Case> {
protected:
    fs::path checkpoint() const { return kFolder / fmt::format("yolov8-shapes-{}.pt", GetParam().sample); }
    fs::path labelled() const {
        const fs::path folder = kFolder / ("shapes-val-" + GetParam().sample);
        return GetParam().sample == "cls" ? folder : folder / fmt::format("shapes-{}.yaml", GetParam().sample);
    }
    /// Of classify the folders of the classes.
    fs::path images() const {
        const fs::path folder = kFolder / ("shapes-val-" + GetParam().sample);
        return GetParam().sample == "cls" ? folder / "val" : folder / "images/val";
    }
    fs::path exported(bool int8, const std::string& data, const std::string& format) const {
        const int size = size_of(GetParam().sample);
        return Model(checkpoint())
            .export_to({.format = format,
                        .imgsz = ImageSize{size, size},
                        .int8 = int8,
                        .data = data,
                        .verbose = false,
                        .output_folder = folder_.path()});
    }
    ObjectDamage damage_of(const fs::path& model) const {
        return Model(model).quantization().value().damage.objects.value();
    }

    test::TempFolder folder_;
};

/// The images at the size of the network, where its input is the image; every fourth in a folder of its own, too.
void make_square(const fs::path& images, int size, const fs::path& all, const fs::path& some) {
    fs::create_directories(all);
    fs::create_directories(some);
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(images)) {
        if (entry.path().extension() == ".png") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
        const Image image = vision::load_image(files[i]);
        const Image square =
            vision::letterbox(image, vision::LetterboxGeometry::fit(image.size(), ImageSize{size, size}));
        const std::string name = fmt::format("{:04}.png", i);
        vision::save_image(square, all / name);
        if (i % kSampleStep == 0) vision::save_image(square, some / name);
    }
}

/// Of both models the probabilities of each image.
double mean_change_of_probabilities(const fs::path& first, const fs::path& second, const fs::path& images) {
    const PredictArgs args{.runtime = {.kind = Runtime::OpenVino, .precision = Precision::F32}, .verbose = false};
    const std::vector<Results> one = Model(first).predict(images.string(), args).all();
    const std::vector<Results> other = Model(second).predict(images.string(), args).all();
    double sum = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        double largest = 0;
        for (std::size_t cls = 0; cls < one[i].probs->data.size(); ++cls)
            largest = std::max(
                largest, std::abs(static_cast<double>(one[i].probs->data[cls]) - other.at(i).probs->data.at(cls)));
        sum += largest;
    }
    return sum / static_cast<double>(one.size());
}

TEST_P(Int8Objects, AreReportedAsAComparisonOfTheFilesMeasuresThem) {
    const fs::path all = folder_.path() / "all";
    const fs::path some = folder_.path() / "some";
    make_square(images(), size_of(GetParam().sample), all, some);
    const fs::path in_float = exported(false, {}, "openvino");
    const fs::path in_int8 = exported(true, all.string(), GetParam().format);
    const ObjectDamage objects = damage_of(in_int8);
    const RuntimeOptions runtime{.kind = Runtime::OpenVino, .precision = Precision::F32};
    const Agreement measured = agree({.sides = {AgreeSide{.model = in_float.string(), .runtime = runtime},
                                                AgreeSide{.model = in_int8.string(), .runtime = runtime}},
                                      .source = some.string()});
    EXPECT_EQ(objects.images, 8U);
    EXPECT_EQ(measured.images, 8U);
    EXPECT_GT(objects.matched, 0U);
    EXPECT_EQ(objects.matched, measured.matched);
    EXPECT_EQ(objects.only_float, measured.unmatched_first);
    EXPECT_EQ(objects.only_int8, measured.unmatched_second);
    EXPECT_EQ(objects.mask_iou.has_value(), GetParam().sample == "seg");
    EXPECT_EQ(objects.keypoint_px.has_value(), GetParam().sample == "pose");
    EXPECT_EQ(objects.angle_deg.has_value(), GetParam().sample == "obb");
    EXPECT_EQ(objects.probability.has_value(), GetParam().sample == "cls");
    constexpr double kSame = 1e-3;  // streams and graphs of another batch may change the last bits
    if (objects.mask_iou) {
        EXPECT_NEAR(1 - *objects.mask_iou, measured.mask.value().mean, kSame);
    }
    if (objects.keypoint_px) {
        EXPECT_NEAR(*objects.keypoint_px, measured.keypoint_px.value().mean, kSame);
    }
    if (objects.angle_deg) {
        EXPECT_NEAR(*objects.angle_deg, measured.angle_deg.value().mean, kSame);
    }
    if (objects.probability) {
        EXPECT_NEAR(*objects.probability, mean_change_of_probabilities(in_float, in_int8, some), kSame);
    }
}

TEST_P(Int8Objects, KeepTheAccuracyOfTheFloats) {
    const auto measured = [&](const fs::path& model, Runtime runtime) {
        const int size = size_of(GetParam().sample);
        return Model(model).val(
            {.data = labelled(),
             .imgsz = ImageSize{size, size},
             .batch = 1,
             .rect = false,
             .runtime = {.kind = runtime, .precision = runtime == Runtime::OpenVino ? Precision::F32 : Precision::Auto},
             .save = false,
             .plots = false,
             .verbose = false});
    };
    const ValResults in_float = measured(checkpoint(), Runtime::OpenVino);
    const ValResults in_int8 = measured(exported(true, images().string(), GetParam().format), GetParam().runtime);
    constexpr double kMost = 0.01;  // measured: at most 0.005
    std::size_t compared = 0;
    for (const auto& [key, value] : in_float.results_dict) {
        const bool ranks = key.find("mAP50-95") != key.npos || key.find("accuracy_top1") != key.npos;
        if (!ranks) continue;
        EXPECT_GT(value, 0.4) << key;
        EXPECT_GT(in_int8[key], value - kMost) << key;
        ++compared;
    }
    EXPECT_GT(compared, 0U) << "the test did not look";
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const char* sample : {"seg", "pose", "obb", "cls"}) {
        all.push_back({sample, "openvino", Runtime::OpenVino});
        all.push_back({sample, "onnx", Runtime::OnnxRuntime});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(EveryTask, Int8Objects, ::testing::ValuesIn(cases()), [](const auto& each) {
    return fmt::format("{}_in_{}", each.param.sample, each.param.format);
});

TEST(Int8ObjectsOfDetect, AreNotCompared) {
    const test::TempFolder folder;
    for (const char* format : {"openvino", "onnx"}) {
        const fs::path model = Model(kFolder / "yolov8-shapes.pt")
                                   .export_to({.format = format,
                                               .imgsz = ImageSize{96, 96},
                                               .int8 = true,
                                               .data = (kFolder / "shapes-val/images/val").string(),
                                               .fraction = 4,
                                               .verbose = false,
                                               .output_folder = folder.path()});
        EXPECT_FALSE(Model(model).quantization().value().damage.objects.has_value()) << format;
    }
    const std::string report =
        base::read_text_file(folder.path() / "yolov8-shapes_int8_openvino_model/quantization.json", 1U << 20U);
    EXPECT_EQ(report.find("objects"), std::string::npos) << "as before there were other tasks";
}

}  // namespace
}  // namespace yolovino
