// Arguments of predict and val through the real command.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "support/command.hpp"
#include "support/files.hpp"
#include "support/make_video.hpp"
#include "support/samples.hpp"

namespace yolovino::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0000.jpg";
const std::string kPredict = "predict model=" + kSample + " source=" + kImage + " imgsz=320 precision=f32 device=cpu ";

TEST_F(Command, PredictsWithAugmentInTheCheckpointInOpenvinoF32) {
    const Outcome plain = yolo(kPredict + "conf=0.1 save=False save_json=True name=plain");
    const Outcome augmented = yolo(kPredict + "conf=0.1 save=False save_json=True name=augmented augment=True");
    ASSERT_EQ(augmented.status, 0) << augmented.err;
    const json before = json::parse(plain.out).at("detections");
    const json after = json::parse(augmented.out).at("detections");
    EXPECT_NE(before, after);
    ASSERT_EQ(after.size(), 3U);
    EXPECT_EQ(after[0].at("name"), "star");
    EXPECT_NEAR(after[0].at("confidence").get<double>(), 0.94369, 1e-4);
}

TEST_F(Command, EmbedWritesNothingButLinesOfJson) {
    const Outcome quiet = yolo(kPredict + "embed=[15] save_txt=True save_crop=True");
    ASSERT_EQ(quiet.status, 0) << quiet.err;
    EXPECT_NE((quiet.out + quiet.err).find("256x320 embedding of "), std::string::npos) << quiet.out;
    EXPECT_FALSE(fs::exists(folder.path() / "runs"));
    const Outcome written = yolo(kPredict + "embed=[15,9] save_json=True");
    ASSERT_EQ(written.status, 0) << written.err;
    const json line = json::parse(written.out);
    EXPECT_GT(line.at("embedding").size(), 32U);
    EXPECT_FALSE(line.contains("detections"));
    EXPECT_EQ(written.out, content(folder.path() / "runs/detect/predict/predictions.jsonl"));
}

TEST_F(Command, EmbedIsRefusedInOneLineForLayersAndFilesThatCannotGiveIt) {
    expect_failure(kPredict + "embed=[22]", 2, "embed holds 22, the layers below the head are 0 to 21");
    expect_failure(kPredict + "embed=[-1]", 2, "'embed=[-1]' is out of range");
    expect_failure(kPredict + "embed=[4] augment=True", 2, "exclude each other");
    fs::copy(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320").status, 0);
    expect_failure("predict model=m_openvino_model source=" + kImage + " embed=[4]", 2,
                   "embed takes layers of a checkpoint");
}

TEST_F(Command, VisualizeWritesAMapBesideTheAnnotatedImage) {
    const Outcome outcome = yolo(kPredict + "visualize=True");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(folder.path() / "runs/detect/predict/0000.jpg"));
    EXPECT_TRUE(fs::exists(folder.path() / "runs/detect/predict/0000_cam.jpg"));
    EXPECT_NE((outcome.out + outcome.err).find("0000_cam.jpg... (LayerCAM)"), std::string::npos) << outcome.out;
}

TEST_F(Command, VisualizeIsRefusedInValAndIgnoredWithAWarningBesideAugment) {
    expect_failure("val model=" + kSample + " data=d.yaml visualize=True", 2,
                   "not supported by this version of yolovino: val: hits and misses are not drawn");
    const Outcome outcome = yolo(kPredict + "visualize=True augment=True name=both");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE((outcome.out + outcome.err).find("visualize=True is ignored"), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(folder.path() / "runs/detect/both/0000_cam.jpg"));
}

/// Microseconds between two frames, as the header of an AVI file says.
std::uint32_t frame_us(const std::string& avi) {
    constexpr std::size_t kOffset = 32;
    std::uint32_t us = 0;
    if (avi.size() >= kOffset + sizeof us) std::memcpy(&us, avi.data() + kOffset, sizeof us);
    return us;
}

TEST_F(Command, StridesThroughAVideoAndSavesItsFrames) {
    YOLOVINO_NEEDS_FFMPEG();
    const Film film{.width = 64, .height = 48, .frames = 10};
    ASSERT_TRUE(run_ffmpeg(folder.path(), raw_input(folder.path(), film, "30000/1001") + " -c:v mjpeg v.avi"));
    const Outcome outcome = yolo("predict model=" + kSample + " source=v.avi vid_stride=3 save_frames=True imgsz=64");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const fs::path run = folder.path() / "runs/detect/predict";
    for (const int frame : {1, 2, 3}) EXPECT_TRUE(fs::exists(run / fmt::format("v_frames/v_{}.jpg", frame))) << frame;
    EXPECT_FALSE(fs::exists(run / "v_frames/v_4.jpg"));
    EXPECT_NEAR(frame_us(content(run / "v.avi")), 3 * 1001.0 / 30 * 1000, 200);
    const Outcome bare =
        yolo("predict model=" + kSample + " source=v.avi save=False save_frames=True imgsz=64 name=bare");
    ASSERT_EQ(bare.status, 0) << bare.err;
    EXPECT_TRUE(fs::exists(folder.path() / "runs/detect/bare/v_frames/v_10.jpg"));
    EXPECT_FALSE(fs::exists(folder.path() / "runs/detect/bare/v.avi"));
}

TEST_F(Command, ArgumentsWithoutEffectSayWhy) {
    expect_failure(kPredict + "dnn=True", 2, "of OpenCV's DNN module; runtime= chooses what runs an .onnx");
}

}  // namespace
}  // namespace yolovino::test
