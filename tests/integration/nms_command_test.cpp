#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "support/command.hpp"
#include "support/samples.hpp"

/// Who chooses among the boxes, as typed: nms unset, True, and False, on the CPU in f32.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;

const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";
const std::string kData = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

class NmsCommand : public test::Command {
protected:
    void SetUp() override { fs::copy_file(test::kSample, folder.path() / "m.pt"); }

    std::string predict(const std::string& model, const std::string& runtime, const std::string& more = {}) const {
        return "predict model='" + model + "' source='" + kImage +
               "' imgsz=320 device=cpu precision=f32 runtime=" + runtime + " save=False save_json=True verbose=False " +
               more;
    }
    json detections(const std::string& arguments, const std::string& warning = {}) const {
        const Outcome outcome = yolo(arguments);
        EXPECT_EQ(outcome.status, 0) << arguments << "\n" << outcome.err;
        EXPECT_NE(outcome.err.find(warning), std::string::npos) << outcome.err;
        return outcome.status == 0 ? json::parse(outcome.out)["detections"] : json();
    }
    static void expect_near(const json& given, const json& wanted) {
        ASSERT_EQ(given.size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            EXPECT_EQ(given[i]["name"], wanted[i]["name"]) << i;
            EXPECT_NEAR(given[i]["confidence"].get<double>(), wanted[i]["confidence"].get<double>(), 1e-4) << i;
            for (const char* side : {"x1", "y1", "x2", "y2"})
                EXPECT_NEAR(given[i]["box"][side].get<double>(), wanted[i]["box"][side].get<double>(), 0.05) << i;
        }
    }
};

TEST_F(NmsCommand, ExportsWithSuppressionFindWhatSuppressionAfterwardsFinds) {
    ASSERT_EQ(yolo("export model=m.pt format=openvino,onnx imgsz=320 verbose=False").status, 0);
    const json wanted = detections(predict("m_openvino_model", "openvino"));
    EXPECT_GE(wanted.size(), 3U) << "the test did not look";
    const Outcome exported = yolo("export model=m.pt format=openvino,onnx imgsz=320 nms");
    ASSERT_EQ(exported.status, 0) << exported.err;
    EXPECT_NE(exported.out.find("output shape(s) (1, 8, 2100)"), std::string::npos)
        << "as Ultralytics, without the suppression behind the network\n"
        << exported.out;
    expect_near(detections(predict("m_openvino_model", "openvino")), wanted);
    expect_near(detections(predict("m.onnx", "onnxruntime")), wanted);
    expect_near(detections(predict("m.onnx", "openvino", "iou=0.01")), wanted);
    EXPECT_EQ(detections(predict("m.onnx", "onnxruntime", "max_det=1")).size(), 1U);
    EXPECT_TRUE(detections(predict("m.onnx", "onnxruntime", "conf=0.9999")).empty());
    const Outcome val = yolo("val model=m_openvino_model data='" + kData +
                             "' imgsz=320 device=cpu precision=f32 "
                             "plots=False save=False");
    EXPECT_EQ(val.status, 0) << val.err;
    EXPECT_NE(val.out.find("all"), std::string::npos) << val.out;
}

TEST_F(NmsCommand, HalfExportsWithSuppressionRunInOpenVinoAndOnnxRuntime) {
    const Outcome exported = yolo("export model=m.pt format=openvino,onnx imgsz=320 nms=True half=True verbose=False");
    ASSERT_EQ(exported.status, 0) << exported.err;
    const json wanted = detections(predict("m_openvino_model", "openvino"));
    EXPECT_GE(wanted.size(), 3U) << "the test did not look";
    const json given = detections(predict("m.onnx", "onnxruntime"));
    ASSERT_EQ(given.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_NEAR(given[i]["box"]["x1"].get<double>(), wanted[i]["box"]["x1"].get<double>(), 1) << i;
}

TEST_F(NmsCommand, Int8ExportsWithSuppressionFindTheObjectsInOpenVinoAndOnnxRuntime) {
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320 nms verbose=False").status, 0);
    const auto wanted = static_cast<double>(detections(predict("m_openvino_model", "openvino")).size());
    EXPECT_GE(wanted, 3) << "the test did not look";
    const Outcome exported =
        yolo("export model=m.pt format=openvino,onnx imgsz=320 nms int8=True data='" + kData + "' verbose=False");
    ASSERT_EQ(exported.status, 0) << exported.err;
    // 8 bits may lose an object at the threshold.
    const auto found = [&](const char* model, const char* runtime) {
        return static_cast<double>(detections(predict(model, runtime)).size());
    };
    EXPECT_NEAR(found("m_int8_openvino_model", "openvino"), wanted, 1);
    EXPECT_NEAR(found("m_int8.onnx", "onnxruntime"), wanted, 1);
}

TEST_F(NmsCommand, HeadsWithoutOneToOneSayThatTheyUseTheOther) {
    const std::string warning = "This model has no one-to-one head; using one-to-many outputs.";
    const json wanted = detections(predict("m.pt", "openvino"));
    EXPECT_EQ(detections(predict("m.pt", "openvino", "nms=False"), warning), wanted);
    EXPECT_EQ(detections(predict("m.pt", "openvino", "end2end"), warning), wanted);
    EXPECT_EQ(detections(predict("m.pt", "openvino", "end2end"), "'end2end=True' is deprecated, use 'nms=False'"),
              wanted);
    EXPECT_EQ(detections(predict("m.pt", "openvino", "nms")), wanted);
    const Outcome exported = yolo("export model=m.pt format=openvino imgsz=320 nms=False");
    EXPECT_EQ(exported.status, 0) << exported.err;
    EXPECT_NE(exported.err.find(warning), std::string::npos) << exported.err;
    const std::string metadata = test::content(folder.path() / "m_openvino_model/metadata.yaml");
    EXPECT_NE(metadata.find("nms: false"), std::string::npos) << metadata;
    EXPECT_NE(metadata.find("end2end: false"), std::string::npos) << metadata;
}

TEST_F(NmsCommand, WhatCannotBeIsRefusedInOneLine) {
    fs::copy_file(YOLOVINO_SOURCE_DIR "/assets/sample/yolov8-shapes-cls.pt", folder.path() / "c.pt");
    expect_failure("export model=c.pt format=onnx nms=True", 2, "'nms=True' is not valid for classification models");
    EXPECT_FALSE(fs::exists(folder.path() / "c.onnx"));
    expect_failure("export model=m.pt format=onnx nms=True max_det=100000", 2, "max_det is 100000");
    expect_failure("export model=m.pt format=onnx nms=7", 2, "'nms' must be True or False");
    expect_failure("predict model=m.pt source=x.jpg end2end=7", 2, "'end2end' must be True or False");
    ASSERT_EQ(yolo("export model=m.pt format=openvino,onnx imgsz=320 nms verbose=False").status, 0);
    expect_failure("export model=m.onnx format=openvino", 2, "the network chooses boxes itself");
    expect_failure("export model=m_openvino_model format=openvino int8=True data='" + kData + "'", 2,
                   "the network chooses boxes itself");
    // One whose rows are said to be finished, and are not.
    fs::remove_all(folder.path() / "m_openvino_model");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320 verbose=False").status, 0);
    const fs::path metadata = folder.path() / "m_openvino_model/metadata.yaml";
    std::string text = test::content(metadata);
    text.replace(text.find("end2end: false"), 14, "end2end: true");
    std::ofstream(metadata) << text;
    expect_failure(predict("m_openvino_model", "openvino"), 1, "wanted finished boxes");
}

TEST_F(NmsCommand, Yolo26TakesEitherHead) {
    YOLOVINO_NEEDS_SHARED();
    fs::copy_file(test::shared_dir() / "golden/tasks/26det.pt", folder.path() / "26.pt");
    const std::string photo = (test::shared_dir() / "data/images/bus.jpg").string();
    const auto found = [&](const std::string& model, const std::string& more) {
        const Outcome outcome = yolo("predict model=" + model + " source='" + photo +
                                     "' imgsz=192 rect=False device=cpu precision=f32 runtime=openvino save=False "
                                     "save_json=True verbose=False " +
                                     more);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return outcome.status == 0 ? json::parse(outcome.out)["detections"].size() : 0;
    };
    // As recorded of Ultralytics
    EXPECT_EQ(found("26.pt", ""), 26U);
    EXPECT_EQ(found("26.pt", "nms"), 26U);
    EXPECT_EQ(found("26.pt", "nms=False"), 37U);
    EXPECT_EQ(found("26.pt", "nms=False max_det=5"), 5U);
    const Outcome exported = yolo("export model=26.pt format=openvino imgsz=192 nms=False");
    ASSERT_EQ(exported.status, 0) << exported.err;
    EXPECT_NE(exported.out.find("output shape(s) (1, 300, 6)"), std::string::npos) << exported.out;
    EXPECT_EQ(found("26_openvino_model", ""), 37U);
    EXPECT_EQ(found("26_openvino_model", "iou=0"), 37U);
}

}  // namespace
}  // namespace yolovino
