#include <gtest/gtest.h>
#include <string>

#include "yolovino/model.hpp"

#include "support/shared.hpp"
#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::failure_of;
using test::OwnedModel;

const std::string kData = (test::kSamples / "shapes-val/shapes.yaml").string();

test::Options quiet_val(test::Options more = {}) {
    test::Options options = {{"data", kData.c_str()}, {"save", "False"},   {"plots", "False"},
                             {"imgsz", "160"},        {"device", "cpu"},   {"precision", "f32"},
                             {"runtime", "openvino"}, {"verbose", "False"}};
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

nlohmann::json val(const OwnedModel& model, const test::Options& options) {
    char* json = nullptr;
    test::expect_ok(
        [&](yv_error** error) { return yv_val(model.get(), options.data(), options.size(), &json, error); });
    return test::json_of(json);
}

TEST(CModes, ExportedOpenVinoModelFindsWhatTheCheckpointFinds) {
    const test::TempFolder folder;
    const fs::path checkpoint = folder.path() / "shapes.pt";
    fs::copy_file(test::sample(), checkpoint);
    const OwnedModel model = test::open_model(checkpoint);
    const test::Options options = {{"format", "openvino"}, {"dynamic", "True"}, {"verbose", "False"}};
    char* path = nullptr;
    test::expect_ok(
        [&](yv_error** error) { return yv_export(model.get(), options.data(), options.size(), &path, error); });
    const std::string written = test::text_of(path);
    EXPECT_EQ(written, (folder.path() / "shapes_openvino_model").string());
    const OwnedModel exported = test::open_model(written);
    EXPECT_EQ(nlohmann::json::parse(yv_model_info_json(exported.get())).at("format"), "openvino");
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const auto wanted = test::predict(model, image, test::on_openvino_cpu_f32());
    const auto got = test::predict(exported, image, test::on_openvino_cpu_f32());
    ASSERT_EQ(yv_result_count(got.get()), yv_result_count(wanted.get()));
    for (std::size_t i = 0; i < 6 * yv_result_count(got.get()); ++i)
        EXPECT_NEAR(yv_result_boxes(got.get())[i], yv_result_boxes(wanted.get())[i], 0.01F);
    const yv_option wrong{"format", "coreml"};
    const auto failure = failure_of([&](yv_error** error) { return yv_export(model.get(), &wrong, 1, &path, error); });
    EXPECT_EQ(failure.status, YV_INVALID_ARGUMENT) << failure.text();
}

TEST(CModes, ValGivesTheNumbersOfTheLibrary) {
    const auto got = val(test::open_model(test::sample()), quiet_val());
    const ValResults wanted =
        Model(test::sample())
            .val({.data = kData,
                  .imgsz = ImageSize{160, 160},
                  .runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32},
                  .save = false,
                  .plots = false,
                  .verbose = false});
    for (const auto& [key, value] : wanted.results_dict) EXPECT_EQ(got.at("results_dict").at(key), value) << key;
    EXPECT_GT(got.at("box").at("map").get<double>(), 0.1);
    EXPECT_EQ(got.at("classes").size(), 4U);
    EXPECT_EQ(got.at("classes").at(0).at("name"), "circle");
    EXPECT_EQ(got.at("classes").at(0).at("ap"), wanted.classes[0].ap);
    EXPECT_EQ(got.at("coco").at("AP"), wanted.coco.ap);
    EXPECT_EQ(got.at("confusion_matrix"), wanted.confusion_matrix);
    EXPECT_EQ(got.at("images"), 32);
    EXPECT_EQ(got.at("save_dir"), "");
}

TEST(CModes, ValHasThePartsOfTheTask) {
    const auto yaml = [](const std::string& task) {
        for (const auto& entry : fs::directory_iterator(test::kSamples / ("shapes-val-" + task)))
            if (entry.path().extension() == ".yaml") return entry.path().string();
        return (test::kSamples / ("shapes-val-" + task)).string();
    };
    for (const auto& [task, part] : {std::pair("seg", "seg"), std::pair("pose", "pose"), std::pair("cls", "top1")}) {
        const std::string file = yaml(task);
        const auto json = val(test::open_model(test::sample(task)), quiet_val({{"data", file.c_str()}}));
        EXPECT_TRUE(json.contains(part)) << task << ": " << json.dump();
    }
}

TEST(CModes, MergedShardsAreTheWhole) {
    const test::TempFolder folder;
    const OwnedModel model = test::open_model(test::sample());
    const auto whole = val(model, quiet_val());
    const std::string project = folder.path().string();
    std::vector<std::string> parts;
    for (const char* shard : {"1/2", "2/2"}) {
        const auto part = val(model, quiet_val({{"shard", shard}, {"project", project.c_str()}}));
        parts.push_back(part.at("shard_file"));
        ASSERT_TRUE(fs::exists(parts.back())) << parts.back();
    }
    const std::vector<const char*> files = {parts[0].c_str(), parts[1].c_str()};
    const test::Options options = {{"save", "False"}, {"plots", "False"}, {"verbose", "False"}};
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_val_merge(files.data(), files.size(), options.data(), options.size(), &json, error);
    });
    EXPECT_EQ(test::json_of(json).at("results_dict"), whole.at("results_dict"));
    EXPECT_NE(yv_val_merge(files.data(), 1, options.data(), options.size(), &json, nullptr), YV_OK)
        << "a part is missing";
    EXPECT_EQ(json, nullptr);
}

TEST(CModes, BenchmarkMeasuresTheCheckpointAndAnExport) {
    const test::TempFolder folder;
    const std::string project = folder.path().string();
    const test::Options options = {{"data", kData.c_str()}, {"format", "pytorch,openvino"},
                                   {"imgsz", "64"},         {"device", "cpu"},
                                   {"verbose", "False"},    {"project", project.c_str()}};
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_benchmark(test::sample().c_str(), options.data(), options.size(), &json, error);
    });
    const auto report = test::json_of(json);
    ASSERT_EQ(report.at("rows").size(), 2U) << report.dump();
    EXPECT_EQ(report.at("rows").at(1).at("format"), "OpenVINO");
    EXPECT_EQ(report.at("rows").at(1).at("status"), "✅");
    EXPECT_GT(report.at("rows").at(1).at("inference_ms").get<double>(), 0);
    EXPECT_TRUE(fs::exists(fs::path(report.at("save_dir").get<std::string>()) / "benchmark.json"));
}

TEST(CModes, CompareSaysHowFarTwoSidesAre) {
    const std::string model = test::sample().string();
    const std::string source = (test::kImages / "0004.jpg").string();
    const test::Options options = {{"model", model.c_str()}, {"source", source.c_str()}, {"format", "pytorch,openvino"},
                                   {"device", "cpu"},        {"precision", "f32"},       {"imgsz", "160"}};
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_compare(options.data(), options.size(), &json, error); });
    const auto found = test::json_of(json);
    EXPECT_EQ(found.at("agrees"), true) << found.dump();
    EXPECT_EQ(found.at("images"), 1);
}

TEST(CModes, AuditReportsAHarmlessCheckpoint) {
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_audit(test::sample().c_str(), &json, error); });
    EXPECT_GT(test::json_of(json).at("names").size(), 3U);
    EXPECT_EQ(yv_audit("no/such/file", &json, nullptr), YV_NOT_FOUND);
}

}  // namespace
}  // namespace yolovino
