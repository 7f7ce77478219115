#include <gtest/gtest.h>

#include "yolovino/yolovino.hpp"

#include "runtime/openvino/session/network.hpp"
#include "support/npy.hpp"
#include "support/raw_output.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

struct Golden {
    fs::path checkpoint;
    fs::path stem;
    bool trained = true;

    explicit Golden(const std::string& name) {
        const fs::path root = test::shared_dir();
        if (name == "bus" || name == "zidane") {
            checkpoint = root / "models/yolov8n.pt";
            stem = root / "golden" / (name == "bus" ? "bus_640x640" : "zidane_384x640");
        } else if (name == "shapes") {
            checkpoint = test::kSample;
            stem = root / "golden/networks/shapes_320";
        } else {
            trained = false;
            checkpoint = root / "checkpoints/random" / (name + ".pt");
            stem = root / "golden/networks" / (name + "_256");
        }
    }
    test::NpyArray<std::uint8_t> pixels() const { return test::read_npy<std::uint8_t>(stem.string() + "_input.npy"); }
    test::NpyArray<float> output() const { return test::read_npy<float>(stem.string() + "_output.npy"); }
};

/// Exports, reads the file with OpenVINO's own reader, and runs it.
test::Run run_export(const Golden& golden, ExportArgs args) {
    const test::TempFolder folder;
    const auto pixels = golden.pixels();
    args.imgsz = ImageSize{static_cast<int>(pixels.shape[0]), static_cast<int>(pixels.shape[1])};
    args.verbose = false;
    args.output_folder = folder.path();
    fs::path file = Model(golden.checkpoint).export_to(args);
    if (fs::is_directory(file)) file /= golden.checkpoint.stem().string() + ".xml";
    const auto network = runtime::load_openvino(file);
    EXPECT_EQ(network->dynamic(), args.dynamic);
    EXPECT_EQ(network->signature().outputs.at(0).dims.at(1), static_cast<std::int64_t>(golden.output().shape[1]));
    test::Run run(*network, pixels);
    EXPECT_EQ(run.shape, golden.output().shape);
    return run;
}

test::Drift drift_of(const Golden& golden, ExportArgs args) {
    args.format = "onnx";
    return run_export(golden, args).drift_from(golden.output());
}

class OnnxGolden : public testing::TestWithParam<std::string> {};

TEST_P(OnnxGolden, AnswersAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    for (const bool dynamic : {false, true}) {
        const test::Drift worst = drift_of(Golden(GetParam()), {.dynamic = dynamic});
        EXPECT_LE(worst.box_px, test::kRawBoxPx) << "dynamic=" << dynamic;
        EXPECT_LE(worst.score, test::kRawScore) << "dynamic=" << dynamic;
    }
}

/// The other writer leaves the rounding of the weights to OpenVINO, so both must go astray in the same way.
TEST_P(OnnxGolden, HalfIsTheHalfOfOpenVino) {
    YOLOVINO_NEEDS_SHARED();
    const Golden golden(GetParam());
    for (const bool dynamic : {false, true}) {
        const test::Run ours = run_export(golden, {.format = "onnx", .half = true, .dynamic = dynamic});
        const test::Run theirs = run_export(golden, {.format = "openvino", .half = true, .dynamic = dynamic});
        const test::Drift worst = ours.drift_from({theirs.shape, theirs.data});
        EXPECT_LE(worst.box_px, test::kRawBoxPx) << "dynamic=" << dynamic;
        EXPECT_LE(worst.score, test::kRawScore) << "dynamic=" << dynamic;
        const test::Drift moved = ours.drift_from(golden.output());
        EXPECT_GT(moved.box_px, test::kRawBoxPx) << "was it f16 at all?";
        if (!golden.trained) continue;
        EXPECT_LE(moved.box_px, test::kHalfRawBoxPx) << "dynamic=" << dynamic;
        EXPECT_LE(moved.score, test::kHalfRawScore) << "dynamic=" << dynamic;
    }
}

INSTANTIATE_TEST_SUITE_P(Networks, OnnxGolden, testing::Values("bus", "zidane", "p2", "p6", "nc1", "nc3odd", "shapes"),
                         [](const auto& param) { return param.param; });

class OnnxOpset : public testing::TestWithParam<int> {};

TEST_P(OnnxOpset, AnswersAsUltralyticsDoes) {
    YOLOVINO_NEEDS_SHARED();
    for (const bool dynamic : {false, true}) {
        const test::Drift worst = drift_of(Golden("shapes"), {.dynamic = dynamic, .opset = GetParam()});
        EXPECT_LE(worst.box_px, test::kRawBoxPx) << "dynamic=" << dynamic;
        EXPECT_LE(worst.score, test::kRawScore) << "dynamic=" << dynamic;
    }
}

INSTANTIATE_TEST_SUITE_P(All, OnnxOpset, testing::Range(11, 21));

}  // namespace
}  // namespace yolovino
