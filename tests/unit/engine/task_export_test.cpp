#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <openvino/openvino.hpp>
#include <yaml-cpp/yaml.h>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"

#include "engine/model/export_info.hpp"
#include "engine/model/format.hpp"
#include "support/files.hpp"
#include "support/libtorch.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

/// Exports of segmentation, pose, rotated boxes, and classification say what they are, and are told apart without it.
namespace yolovino {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = YOLOVINO_SOURCE_DIR "/assets/sample";
const std::string kTasks[] = {"segment", "pose", "obb", "classify"};

fs::path sample_of(const std::string& task) {
    const std::map<std::string, std::string> suffixes = {
        {"segment", "seg"}, {"pose", "pose"}, {"obb", "obb"}, {"classify", "cls"}};
    return kSamples / ("yolov8-shapes-" + suffixes.at(task) + ".pt");
}

fs::path exported(const fs::path& checkpoint, const std::string& format, const fs::path& folder, bool dynamic = false) {
    return Model(checkpoint)
        .export_to({.format = format, .dynamic = dynamic, .verbose = false, .output_folder = folder});
}

class TaskExports : public testing::TestWithParam<const char*> {
protected:
    test::TempFolder folder_;
};

TEST_P(TaskExports, HaveTheMetadataOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path golden = test::shared_dir() / "golden/tasks";
    const std::string name = GetParam();
    const fs::path written = exported(golden / (name + ".pt"), "openvino", folder_.path());
    const YAML::Node ours = YAML::LoadFile((written / "metadata.yaml").string());
    const YAML::Node theirs = YAML::LoadFile((golden / (name + "_metadata.yaml")).string());
    auto own = ours.begin();
    for (const auto& item : theirs) {
        const auto key = item.first.as<std::string>();
        ASSERT_NE(own, ours.end()) << key;
        EXPECT_EQ(own->first.as<std::string>(), key);
        const auto as_text = [](const YAML::Node& node) {
            YAML::Emitter out;
            out << YAML::Flow << node;
            return std::string(out.c_str());
        };
        const bool differs = key == "date" || key == "version";
        EXPECT_TRUE(differs || as_text(own->second) == as_text(item.second)) << key << ": " << own->second;
        ++own;
    }
    EXPECT_EQ(own->first.as<std::string>(), "exporter") << "what is ours comes last";
}

TEST_P(TaskExports, AreDescribedAlikeInAllFormats) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path checkpoint = test::shared_dir() / "golden/tasks" / (std::string(GetParam()) + ".pt");
    const ModelInfo wanted = Model(checkpoint).info();
    for (const std::string format : {"openvino", "onnx", "torchscript"}) {
        const fs::path written = exported(checkpoint, format, folder_.path());
        const fs::path file = format == "openvino" ? written / (std::string(GetParam()) + ".xml") : written;
        const ModelInfo info = engine::describe_export(file, engine::format_of(file)).info;
        EXPECT_EQ(info.task, wanted.task) << format;
        EXPECT_EQ(info.head, wanted.head) << format;
        EXPECT_EQ(info.names, wanted.names) << format;
        EXPECT_EQ(info.strides, std::vector<int>{wanted.strides.back()}) << format;
        EXPECT_EQ(info.imgsz, wanted.imgsz) << format;
        EXPECT_EQ(info.kpt_shape, wanted.kpt_shape) << format;
        EXPECT_EQ(info.kpt_names, wanted.kpt_names) << format;
    }
}

INSTANTIATE_TEST_SUITE_P(Goldens, TaskExports,
                         testing::Values("v8seg", "v8pose", "v8pose52", "v8obb", "v8cls", "11det", "11seg"));

class TaskSamples : public testing::TestWithParam<std::string> {
protected:
    test::TempFolder folder_;
    fs::path checkpoint_ = sample_of(GetParam());
};

TEST_P(TaskSamples, ModelInfoOfOpenVinoNamesAReader) {
    const std::map<std::string, std::string> types = {
        {"segment", "YOLO-seg"}, {"pose", "yolo_v8_pose"}, {"obb", "yolo_v8_obb"}, {"classify", "Classification"}};
    const fs::path written = exported(checkpoint_, "openvino", folder_.path());
    const auto model = ov::Core().read_model(written / (checkpoint_.stem().string() + ".xml"));
    EXPECT_EQ(model->get_rt_info<std::string>("model_info", "model_type"), types.at(GetParam()));
    EXPECT_EQ(model->has_rt_info("model_info", "resize_type"), GetParam() != "classify");
    EXPECT_EQ(model->get_rt_info<std::string>("model_info", "scale_values"), "255");
}

TEST_P(TaskSamples, EveryOutputIsInTheMapping) {
    const fs::path written = exported(checkpoint_, "openvino", folder_.path());
    const std::string mapping = test::content(written / (checkpoint_.stem().string() + ".mapping"));
    EXPECT_NE(mapping.find("\"output0\""), std::string::npos);
    EXPECT_EQ(mapping.find("\"output1\"") != std::string::npos, GetParam() == "segment");
}

TEST_P(TaskSamples, AreOfTheirTaskByTheNameOfTheFileWithoutMetadata) {
    const fs::path written = exported(checkpoint_, "openvino", folder_.path());
    fs::remove(written / "metadata.yaml");
    // A network of keypoints does not say how many numbers each has.
    if (GetParam() == "pose") {
        EXPECT_THROW(Model{written}, Error);
        const KeypointShape shape = Model(checkpoint_).info().kpt_shape;
        EXPECT_EQ(Model(written, {}, shape).info().kpt_shape, shape);
        EXPECT_THROW(Model(written, {}, {shape.count, 4}), Error);
        EXPECT_THROW(Model(written, {}, {shape.count + 9, 3}), Error) << "more rows than the network has";
        return;
    }
    EXPECT_EQ(Model(written).task(), GetParam());
}

TEST_P(TaskSamples, AreOfTheTaskThatIsGivenWithoutMetadata) {
    const fs::path written = exported(checkpoint_, "openvino", folder_.path());
    const fs::path renamed = folder_.path() / "network";
    fs::rename(written, renamed);
    for (const auto& each : fs::directory_iterator(renamed)) {
        const fs::path file = each.path();
        if (file.extension() == ".yaml") fs::remove(file);
        if (file.extension() == ".xml" || file.extension() == ".bin")
            fs::rename(file, renamed / fs::path("network").replace_extension(file.extension()));
    }
    // Rows of boxes alone look like a detector's.
    if (GetParam() == "obb" || GetParam() == "pose") {
        EXPECT_EQ(Model(renamed).task(), "detect");
    } else {
        EXPECT_THROW(Model{renamed}, Error);
    }
    if (GetParam() == "pose") {
        EXPECT_THROW(Model(renamed, GetParam()), Error) << "its keypoints are unknown";
        const KeypointShape shape = Model(checkpoint_).info().kpt_shape;
        EXPECT_EQ(Model(renamed, GetParam(), shape).task(), "pose");
        return;
    }
    EXPECT_EQ(Model(renamed, GetParam()).task(), GetParam());
}

TEST_P(TaskSamples, AnswerWithOutputsThatHaveOtherNames) {
    const std::string image = (kSamples / "shapes-val/images/val/0001.jpg").string();
    PredictArgs args;
    args.runtime.precision = Precision::F32;
    args.verbose = false;
    const fs::path written = exported(checkpoint_, "openvino", folder_.path());
    const auto answer = [&](const fs::path& folder) {
        Results results = Model(folder).predict(image, args).all().at(0);
        results.speed = {};
        return results.to_json();
    };
    const fs::path copy = folder_.path() / "copy";
    fs::create_directory(copy);
    fs::copy_file(written / "metadata.yaml", copy / "metadata.yaml");
    const auto model = ov::Core().read_model(written / (checkpoint_.stem().string() + ".xml"));
    // As in Ultralytics' own exports.
    model->output(0).set_names({});
    if (model->outputs().size() > 1) model->output(1).set_names({"input"});
    for (std::size_t i = 0; i < model->outputs().size(); ++i)
        model->output(i).get_node()->set_friendly_name("Result_" + std::to_string(4711 + i));
    ov::save_model(model, copy / "copy.xml", false);
    EXPECT_EQ(answer(copy), answer(written));
}

TEST_P(TaskSamples, AreQuantizedUpToTheirDecodingWithLittleDamage) {
    const fs::path written = Model(checkpoint_)
                                 .export_to({.format = "openvino",
                                             .int8 = true,
                                             .data = (kSamples / "shapes-val/images/val").string(),
                                             .verbose = false,
                                             .output_folder = folder_.path()});
    const std::optional<QuantizationInfo> quantization = Model(written).quantization();
    ASSERT_TRUE(quantization.has_value());
    const auto has = [&](const std::string& name) {
        return std::ranges::count(quantization->convolutions, name, &QuantizedConvolution::name) == 1;
    };
    if (GetParam() == "classify") {
        EXPECT_TRUE(has("9.linear"));
    } else {
        EXPECT_TRUE(has("22.cv4.0.0"));
        EXPECT_TRUE(has("22.cv4.2.2"));
        EXPECT_FALSE(has("22.dfl"));
    }
    EXPECT_EQ(has("22.proto.cv3"), GetParam() == "segment");
    EXPECT_GT(quantization->damage.anchors, 0U);
    EXPECT_GT(quantization->damage.score, 0);
    EXPECT_LT(quantization->damage.score, 0.05) << "measured: 0.022";
    EXPECT_LT(quantization->damage.box_px, 0.5) << "measured: 0.18";
}

INSTANTIATE_TEST_SUITE_P(Tasks, TaskSamples, testing::ValuesIn(kTasks), [](const auto& each) { return each.param; });

TEST(TaskRequest, LosesWithAWarningWhereTheFileSaysOtherwise) {
    std::vector<std::string> warnings;
    set_log_sink([&](LogLevel level, std::string_view text) {
        if (level == LogLevel::Warning) warnings.emplace_back(text);
    });
    const Model model(kSamples / "yolov8-shapes-seg.pt", "pose");
    set_log_sink({});
    EXPECT_EQ(model.task(), "segment");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0],
              "conflicting 'task=pose' passed with 'task=segment' model. Ignoring 'task=pose' and updating to "
              "'task=segment' to match model.");
}

TEST(TaskRequest, IsRefusedIfThereIsNoSuchTask) {
    try {
        const Model model(test::kSample, "tracking");
        ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(std::string(error.what()).find("task is 'tracking', wanted 'detect'"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace yolovino
