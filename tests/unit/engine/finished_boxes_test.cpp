#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <tuple>
#include <vector>
#include <yaml-cpp/yaml.h>

#include "yolovino/error.hpp"
#include "yolovino/model.hpp"

#include "engine/model/loaded_model.hpp"
#include "support/files.hpp"
#include "support/libtorch.hpp"
#include "support/npz.hpp"
#include "support/raw_output.hpp"
#include "support/shared_runs.hpp"
#include "support/tolerances.hpp"

/// Networks that choose boxes themselves: suppression in the graph (nms=True) and the one-to-one head (nms=False), in
/// every format, against what Ultralytics recorded.
namespace yolovino {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kScore = 4;
constexpr std::size_t kClass = 5;

/// Networks of random weights amplify the last bit of other programs' sums.
struct Tolerance {
    double box_px;
    double score;
    double more;  ///< coefficients, keypoints in pixels, angles
};
constexpr Tolerance kOfOpenVino = {0.05, 1e-4, 0.05};
constexpr Tolerance kOfOthers = {test::kRandomRawBoxPx, test::kRandomRawScore, test::kRandomRawBoxPx};
/// ONNX Runtime with AVX-512 computes a score of YOLOv10n that lies 2.2e-4 from PyTorch's.
constexpr Tolerance kOfV10 = {test::kRandomRawBoxPx, 3e-4, test::kRandomRawBoxPx};

Tolerance tolerance_of(const std::string& format) {
    return format == "openvino" ? kOfOpenVino : kOfOthers;
}

Runtime runtime_of(const std::string& format) {
    if (format == "onnx") return Runtime::OnnxRuntime;
    return format == "torchscript" ? Runtime::LibTorch : Runtime::OpenVino;
}

fs::path golden(const std::string& file) {
    return test::shared_dir() / "golden/tasks" / file;
}

/// Where the checkpoint of a name lies, with what was recorded of it.
fs::path folder_of(const std::string& name) {
    return name == "v10n" ? fs::path(YOLOVINO_SOURCE_DIR "/tests/golden/families")
                          : test::shared_dir() / "golden/tasks";
}

/// The distance of two rows of one class in units of the tolerance; 1 or less is equal.
double distance(const float* a, const float* b, std::size_t width, const Tolerance& tolerance) {
    double worst = a[kClass] == b[kClass] ? 0 : 1e9;
    for (std::size_t i = 0; i < width; ++i) {
        const double most = i < kScore ? tolerance.box_px : i == kScore ? tolerance.score : tolerance.more;
        worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) / most);
    }
    return worst;
}

/// Every recorded row has its own among those that were given, and there are no others. Rows of score 0 are no boxes.
void expect_rows(const std::vector<float>& given, const test::NpyArray<float>& wanted, const Tolerance& tolerance) {
    const std::size_t width = wanted.shape.at(2);
    std::vector<const float*> rows;
    for (std::size_t i = 0; i + width <= given.size(); i += width) {
        if (given[i + kScore] > 0) rows.push_back(given.data() + i);
    }
    const auto lower = [](const float* a, const float* b) { return a[kScore] < b[kScore]; };
    EXPECT_TRUE(std::ranges::is_sorted(rows.rbegin(), rows.rend(), lower)) << "rows come by descending score";
    std::size_t count = 0;
    for (std::size_t i = 0; i < wanted.values.size(); i += width) {
        const float* row = wanted.values.data() + i;
        if (!(row[kScore] > 0)) continue;
        ++count;
        const auto nearest = std::ranges::min_element(
            rows, {}, [&](const float* other) { return distance(row, other, width, tolerance); });
        ASSERT_NE(nearest, rows.end()) << "no row is left for recorded row " << i / width;
        EXPECT_LE(distance(row, *nearest, width, tolerance), 1)
            << "row " << i / width << " of class " << row[kClass] << " at " << row[kScore];
        rows.erase(nearest);
    }
    EXPECT_GT(count, 5U) << "the test did not look";
    EXPECT_EQ(rows.size(), 0U) << "rows that were not recorded";
}

struct Exported {
    fs::path file;
    std::vector<float> data;
    std::vector<std::size_t> shape;
};

/// Exports a recorded network and runs it in f32 on the recorded pixels.
Exported run_export(const std::string& name, ExportArgs args, const fs::path& folder) {
    args.verbose = false;
    args.output_folder = folder;
    const fs::path home = folder_of(name);
    Exported out{Model(home / (name + ".pt")).export_to(args), {}, {}};
    const std::string text = test::content(home / "networks.json");
    const nlohmann::json network = nlohmann::json::parse(text).at(name);
    const auto pixels = test::read_npy<std::uint8_t>(home / network.value("input", "image.npy"));
    const auto model = engine::open_model(out.file);
    const test::Run run(model->network(runtime_of(args.format)), pixels);
    out.data = run.data;
    out.shape = run.shape;
    return out;
}

class FinishedExports : public testing::TestWithParam<std::tuple<std::string, std::string>> {
protected:
    const std::string& name() const { return std::get<0>(GetParam()); }
    const std::string& format() const { return std::get<1>(GetParam()); }
    test::TempFolder folder_;
};

std::string name_of_test(const testing::TestParamInfo<std::tuple<std::string, std::string>>& info) {
    return std::get<0>(info.param) + "_" + std::get<1>(info.param) + "_f32_cpu";
}

#define YOLOVINO_NEEDS_FORMAT(format) \
    YOLOVINO_NEEDS_SHARED();          \
    if ((format) == "torchscript") YOLOVINO_NEEDS_LIBTORCH()

class EmbeddedSuppression : public FinishedExports {};

TEST_P(EmbeddedSuppression, GivesTheRowsOfUltralytics) {
    YOLOVINO_NEEDS_FORMAT(format());
    const auto wanted = test::read_npz<float>(golden(name() + ".npz"), "output0_nms");
    const Exported ours = run_export(name(), {.format = format(), .nms = true}, folder_.path());
    EXPECT_EQ(ours.shape, wanted.shape);
    expect_rows(ours.data, wanted, tolerance_of(format()));
}

TEST_P(EmbeddedSuppression, GivesTheSameRowsFromADynamicNetwork) {
    YOLOVINO_NEEDS_FORMAT(format());
    const auto wanted = test::read_npz<float>(golden(name() + ".npz"), "output0_nms");
    const Exported ours = run_export(name(), {.format = format(), .dynamic = true, .nms = true}, folder_.path());
    EXPECT_EQ(ours.shape, wanted.shape);
    expect_rows(ours.data, wanted, tolerance_of(format()));
}

INSTANTIATE_TEST_SUITE_P(Goldens, EmbeddedSuppression,
                         testing::Combine(testing::Values("v8seg", "v8pose", "v8obb", "11det"),
                                          testing::Values("openvino", "onnx", "torchscript")),
                         name_of_test);

class OneToOneHead : public FinishedExports {};

TEST_P(OneToOneHead, GivesTheRowsOfUltralytics) {
    YOLOVINO_NEEDS_FORMAT(format());
    const auto wanted = test::read_npz<float>(golden(name() + ".npz"), "output0_end2end");
    const Exported ours = run_export(name(), {.format = format(), .nms = false}, folder_.path());
    EXPECT_EQ(ours.shape, wanted.shape);
    expect_rows(ours.data, wanted, tolerance_of(format()));
}

TEST_P(OneToOneHead, GivesTheSameRowsFromADynamicNetwork) {
    YOLOVINO_NEEDS_FORMAT(format());
    const auto wanted = test::read_npz<float>(golden(name() + ".npz"), "output0_end2end");
    const Exported ours = run_export(name(), {.format = format(), .dynamic = true, .nms = false}, folder_.path());
    EXPECT_EQ(ours.shape, wanted.shape);
    expect_rows(ours.data, wanted, tolerance_of(format()));
}

TEST_P(OneToOneHead, IsNotTakenByDefault) {
    YOLOVINO_NEEDS_FORMAT(format());
    const auto wanted = test::read_npz<float>(golden(name() + ".npz"), "output0");
    const Exported ours = run_export(name(), {.format = format()}, folder_.path());
    ASSERT_EQ(ours.shape, wanted.shape);
    const test::Drift drift = test::drift(ours.data, ours.shape.at(2), wanted);
    EXPECT_LE(drift.box_px, tolerance_of(format()).box_px);
    EXPECT_LE(drift.score, tolerance_of(format()).more);
}

INSTANTIATE_TEST_SUITE_P(Goldens, OneToOneHead,
                         testing::Combine(testing::Values("26det", "26seg", "26pose", "26obb"),
                                          testing::Values("openvino", "onnx", "torchscript")),
                         name_of_test);

/// The arguments with which tests/golden/finished/record.py recorded rows.
ExportArgs recorded_arguments(const std::string& key) {
    if (key == "nms_agnostic") return {.nms = true, .conf = 0.1, .iou = 0.45, .max_det = 20, .agnostic_nms = true};
    if (key == "nms_few") return {.nms = true, .conf = 0.3, .iou = 0.3, .max_det = 7};
    if (key == "nms_many") return {.nms = true, .conf = 0.01, .iou = 0.9, .max_det = 900};
    if (key == "end2end_agnostic") return {.nms = false, .max_det = 40, .agnostic_nms = true};
    return {.nms = false, .max_det = 9};
}

using OtherArguments = FinishedExports;

TEST_P(OtherArguments, GiveTheRowsOfUltralytics) {
    YOLOVINO_NEEDS_FORMAT(format());
    const fs::path file = YOLOVINO_SOURCE_DIR "/tests/golden/finished/rows.npz";
    for (const std::string key : {"nms_agnostic", "nms_few", "nms_many", "end2end_agnostic", "end2end_few"}) {
        if (key.starts_with("end2end") && !name().starts_with("26") && name() != "v10n") continue;
        SCOPED_TRACE(key);
        const auto wanted = test::read_npz<float>(file, name() + "_" + key);
        ExportArgs args = recorded_arguments(key);
        args.format = format();
        const Exported ours = run_export(name(), args, folder_.path());
        const auto rows = static_cast<std::size_t>(args.max_det);
        EXPECT_EQ(ours.shape, (std::vector<std::size_t>{1, rows, wanted.shape.at(2)}));
        // PyTorch recorded them, whose sums lie as far from OpenVINO's as ours do.
        expect_rows(ours.data, wanted, name() == "v10n" ? kOfV10 : kOfOthers);
    }
}

INSTANTIATE_TEST_SUITE_P(Goldens, OtherArguments,
                         testing::Combine(testing::Values("11det", "v8seg", "v8pose52", "v8obb", "26det", "26obb",
                                                          "v10n"),
                                          testing::Values("openvino", "onnx", "torchscript")),
                         name_of_test);

TEST(SuppressedBatch, GivesEachImageItsOwnRowsInAllFormats) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    const auto pixels = test::read_npy<std::uint8_t>(golden("bus_192_input.npy"));
    const std::vector<float> bus = test::as_tensor(pixels);
    std::vector<float> turned(bus.rbegin(), bus.rend());
    for (const std::string name : {"v8pose", "v8obb"}) {
        const auto wanted = test::read_npz<float>(golden(name + ".npz"), "output0_nms");
        for (const std::string format : {"openvino", "onnx", "torchscript"}) {
            for (const bool dynamic : {false, true}) {
                SCOPED_TRACE(fmt::format("{} {} dynamic={}", name, format, dynamic));
                const fs::path file = Model(golden(name + ".pt"))
                                          .export_to({.format = format,
                                                      .dynamic = dynamic,
                                                      .batch = 3,
                                                      .nms = true,
                                                      .verbose = false,
                                                      .output_folder = folder.path()});
                const auto model = engine::open_model(file);
                const auto compiled =
                    model->network(runtime_of(format))
                        .compile({.device = "CPU", .precision = Precision::F32, .cache_dir = {}}, {0, {}});
                const auto session = compiled->new_session();
                const auto input = session->input({3, {192, 192}});
                // The image in the middle finds other boxes, or none.
                for (std::size_t i = 0; i < 3; ++i)
                    std::ranges::copy(i == 1 ? turned : bus,
                                      input.begin() + static_cast<std::ptrdiff_t>(i * bus.size()));
                const tensors::OutputTensor& output = session->infer().first();
                ASSERT_EQ(output.shape, (graph::Shape{3, 300, static_cast<std::int64_t>(wanted.shape.at(2))}));
                for (const std::size_t i : {0U, 2U}) {
                    const std::span<const float> rows = output.image(i);
                    expect_rows({rows.begin(), rows.end()}, wanted, tolerance_of(format));
                }
            }
        }
    }
}

/// What is recorded as text: a missing key, another order, or another value is a difference.
void expect_metadata(const fs::path& written, const fs::path& recorded) {
    const YAML::Node ours = YAML::LoadFile((written / "metadata.yaml").string());
    const YAML::Node theirs = YAML::LoadFile(recorded.string());
    auto own = ours.begin();
    for (const auto& item : theirs) {
        const auto key = item.first.as<std::string>();
        ASSERT_NE(own, ours.end()) << key;
        EXPECT_EQ(own->first.as<std::string>(), key);
        const auto text = [](const YAML::Node& node) {
            YAML::Emitter out;
            out << YAML::Flow << node;
            return std::string(out.c_str());
        };
        EXPECT_TRUE(key == "date" || key == "version" || text(own->second) == text(item.second))
            << key << ": " << own->second;
        ++own;
    }
}

TEST(FinishedMetadata, OfOpenVinoIsThatOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    for (const std::string name : {"v8seg", "v8pose", "v8obb", "11det"}) {
        SCOPED_TRACE(name);
        const fs::path written =
            Model(golden(name + ".pt"))
                .export_to({.format = "openvino", .nms = true, .verbose = false, .output_folder = folder.path()});
        expect_metadata(written, golden(name + "_nms_metadata.yaml"));
        EXPECT_TRUE(Model(written).info().end2end);
    }
    for (const std::string name : {"26det", "26seg", "26pose", "26obb"}) {
        SCOPED_TRACE(name);
        const auto written = [&](std::optional<bool> nms) {
            return Model(golden(name + ".pt"))
                .export_to({.format = "openvino", .nms = nms, .verbose = false, .output_folder = folder.path()});
        };
        expect_metadata(written(false), golden(name + "_end2end_metadata.yaml"));
        EXPECT_TRUE(Model(written(false)).info().end2end);
        expect_metadata(written({}), golden(name + "_metadata.yaml"));
        EXPECT_FALSE(Model(written({})).info().end2end);
    }
}

TEST(FinishedMetadata, SaysTheSameInAllFormats) {
    YOLOVINO_NEEDS_SHARED();
    YOLOVINO_NEEDS_LIBTORCH();
    const test::TempFolder folder;
    for (const std::string format : {"openvino", "onnx", "torchscript"}) {
        for (const auto& [name, nms] : {std::pair("v8seg", true), {"26seg", false}}) {
            const fs::path written =
                Model(golden(std::string(name) + ".pt"))
                    .export_to({.format = format, .nms = nms, .verbose = false, .output_folder = folder.path()});
            EXPECT_TRUE(Model(written).info().end2end) << format << ' ' << name;
        }
    }
}

/// One object of a result as numbers: box, score, class, and what the task adds.
std::vector<std::vector<float>> numbers_of(const Results& results) {
    std::vector<std::vector<float>> rows;
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        const Box& box = results.boxes[i];
        rows.push_back({box.x1, box.y1, box.x2, box.y2, box.conf, static_cast<float>(box.cls)});
        if (!results.keypoints) continue;
        const std::size_t numbers = results.keypoints->data.size() / results.boxes.size();
        const auto first = results.keypoints->data.begin() + static_cast<std::ptrdiff_t>(i * numbers);
        rows.back().insert(rows.back().end(), first, first + static_cast<std::ptrdiff_t>(numbers));
    }
    if (!results.obb) return rows;
    for (const RotatedBox& box : *results.obb)
        rows.push_back({box.cx, box.cy, box.width, box.height, box.conf, static_cast<float>(box.cls), box.angle});
    return rows;
}

/// The same as recorded.
std::vector<std::vector<float>> numbers_of(const nlohmann::json& recorded) {
    std::vector<std::vector<float>> rows;
    if (recorded.contains("obb")) {
        for (const auto& row : recorded.at("obb"))
            rows.push_back({row[0], row[1], row[2], row[3], row[5], row[6], row[4]});
        return rows;
    }
    for (std::size_t i = 0; i < recorded.at("boxes").size(); ++i) {
        rows.push_back(recorded.at("boxes")[i].get<std::vector<float>>());
        if (!recorded.contains("keypoints")) continue;
        const auto more = recorded.at("keypoints")[i].get<std::vector<float>>();
        rows.back().insert(rows.back().end(), more.begin(), more.end());
    }
    return rows;
}

/// In image pixels, where the difference of the raw output is enlarged with the image: by OpenVINO up to 0.22 px, by
/// LibTorch 1.13 from the recorded PyTorch 2.15, both without OpenVINO's order of sums, up to 1.5 px and 7e-4.
constexpr Tolerance kEnlarged = {0.4, 2e-4, 0.4};
constexpr Tolerance kEnlargedLibTorch = {2, 1e-3, 2};

void expect_objects(const Results& results, const nlohmann::json& recorded, const Tolerance& tolerance) {
    const auto given = numbers_of(results);
    const auto wanted = numbers_of(recorded);
    ASSERT_EQ(given.size(), wanted.size());
    std::vector<bool> taken(given.size(), false);
    for (const std::vector<float>& row : wanted) {
        double best = 1e9;
        std::size_t at = 0;
        for (std::size_t i = 0; i < given.size(); ++i) {
            ASSERT_EQ(given[i].size(), row.size());
            const double here = taken[i] ? 1e9 : distance(row.data(), given[i].data(), row.size(), tolerance);
            if (here < best) std::tie(best, at) = std::pair(here, i);
        }
        EXPECT_LE(best, 1) << "class " << row[kClass] << " at " << row[kScore];
        taken[at] = true;
    }
    if (recorded.contains("mask_areas")) {
        ASSERT_TRUE(results.masks.has_value());
        EXPECT_EQ(results.masks->instances.size(), recorded.at("mask_areas").size());
    }
}

void expect_predictions(const fs::path& model, PredictArgs args, const nlohmann::json& run) {
    args.verbose = false;
    args.runtime.precision = Precision::F32;
    ASSERT_EQ(run.size(), 2U);
    const Model loaded(model);
    for (const auto& [photo, recorded] : run.items()) {
        SCOPED_TRACE(photo);
        const fs::path image = test::shared_dir() / "data/images" / (photo + ".jpg");
        const std::vector<Results> results = loaded.predict(image.string(), args).all();
        ASSERT_EQ(results.size(), 1U);
        expect_objects(results.front(), recorded,
                       args.runtime.kind == Runtime::LibTorch ? kEnlargedLibTorch : kEnlarged);
    }
}

TEST_P(EmbeddedSuppression, FindsTheObjectsOfUltralyticsExport) {
    YOLOVINO_NEEDS_FORMAT(format());
    const fs::path written =
        Model(golden(name() + ".pt"))
            .export_to({.format = format(), .nms = true, .verbose = false, .output_folder = folder_.path()});
    const nlohmann::json runs = test::read_shared_json("golden/tasks/" + name() + "_predict.json");
    expect_predictions(written, {.runtime = {.kind = runtime_of(format())}}, runs.at("openvino_nms"));
}

TEST_P(OneToOneHead, FindsTheObjectsOfUltralyticsExport) {
    YOLOVINO_NEEDS_FORMAT(format());
    const fs::path written =
        Model(golden(name() + ".pt"))
            .export_to({.format = format(), .nms = false, .verbose = false, .output_folder = folder_.path()});
    const nlohmann::json runs = test::read_shared_json("golden/tasks/" + name() + "_predict.json");
    expect_predictions(written, {.runtime = {.kind = runtime_of(format())}}, runs.at("openvino_end2end"));
}

class TwoBranches : public testing::TestWithParam<std::tuple<std::string, Runtime>> {};

TEST_P(TwoBranches, OfACheckpointAreChosenByNms) {
    YOLOVINO_NEEDS_SHARED();
    const auto& [name, runtime] = GetParam();
    if (runtime == Runtime::LibTorch) YOLOVINO_NEEDS_LIBTORCH();
    const nlohmann::json runs = test::read_shared_json("golden/tasks/" + name + "_predict.json");
    const fs::path checkpoint = golden(name + ".pt");
    for (const std::optional<bool> nms :
         {std::optional<bool>(), std::optional<bool>(true), std::optional<bool>(false)}) {
        SCOPED_TRACE(nms ? fmt::format("nms={}", *nms) : "nms unset");
        const std::string suffix = nms == false ? "_end2end" : "";
        expect_predictions(checkpoint, {.nms = nms, .runtime = {.kind = runtime}}, runs.at("checkpoint" + suffix));
        expect_predictions(checkpoint, {.nms = nms, .rect = false, .runtime = {.kind = runtime}},
                           runs.at("checkpoint_square" + suffix));
    }
}

INSTANTIATE_TEST_SUITE_P(Goldens, TwoBranches,
                         testing::Combine(testing::Values("26det", "26seg", "26pose", "26obb"),
                                          testing::Values(Runtime::OpenVino, Runtime::LibTorch)),
                         [](const auto& each) {
                             const bool torch = std::get<1>(each.param) == Runtime::LibTorch;
                             return std::get<0>(each.param) + (torch ? "_libtorch_f32_cpu" : "_openvino_f32_cpu");
                         });

}  // namespace
}  // namespace yolovino
