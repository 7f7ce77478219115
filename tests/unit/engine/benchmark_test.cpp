#include "yolovino/benchmark.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/error.hpp"
#include "yolovino/model.hpp"

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::content;
using test::kSample;
const fs::path kData = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

BenchmarkArgs sample_args() {
    return {.data = kData, .imgsz = ImageSize{320, 320}, .runtime = {.precision = Precision::F32}};
}

bool is_there(const std::string& runtime) {
    for (const RuntimeInfo& each : available_runtimes()) {
        if (each.name == runtime) return each.missing.empty();
    }
    return false;
}

/// A row that stands for a measured one.
BenchmarkRow made_up(const std::string& model, const std::string& format, double ms) {
    BenchmarkRow row;
    row.model = model;
    row.format = format;
    row.status = BenchmarkStatus::Success;
    row.images = 128;
    row.inference_ms = ms;
    row.task = "detect";
    row.metric = "mAP50-95(B)";
    row.map = 0.4703;
    row.map_low = 0.44;
    row.map_high = 0.53;
    return row;
}

TEST(Benchmark, EveryFormatOfTheSampleHasTheAccuracyThatUltralyticsMeasures) {
    YOLOVINO_NEEDS_SHARED();
    const auto golden = nlohmann::json::parse(content(test::shared_dir() / "golden/val_shapes.json"));
    const double wanted = golden.at("exported, imgsz=320").at("results").at("metrics/mAP50-95(B)").get<double>();
    double float_mb = 0;
    for (const std::string& format : benchmark_formats()) {
        const BenchmarkRow row = benchmark(kSample, format, sample_args());
        const bool torch = format == "pytorch" || format == "torchscript";
        if (torch && !is_there("LibTorch")) {
            EXPECT_EQ(row.status, BenchmarkStatus::NotRun);
            EXPECT_NE(row.reason.find("YOLOVINO_LIBTORCH"), std::string::npos) << row.reason;
            continue;
        }
        ASSERT_EQ(row.status, BenchmarkStatus::Success) << row.format << ": " << row.reason;
        EXPECT_EQ(row.images, 32U);
        const bool int8 = format.ends_with("-int8");
        EXPECT_NEAR(row.map, wanted, int8 ? 0.02 : 1e-3) << row.format;
        EXPECT_EQ(row.format.ends_with(" INT8"), int8);
        if (int8) {
            EXPECT_LT(row.size_mb, 0.4 * float_mb) << row.format;
        }
        float_mb = row.size_mb;
        EXPECT_LE(row.map_low, row.map);
        EXPECT_GE(row.map_high, row.map);
        EXPECT_GT(row.size_mb, 1);
        EXPECT_GT(row.load_ms, 0);
        EXPECT_GT(row.peak_mb, 10);
        EXPECT_LE(row.median_ms, row.p95_ms);
        EXPECT_NEAR(row.fps(), 1000 / row.inference_ms, 1);
    }
}

TEST(Benchmark, FailuresBecomeRowsWithTheirReason) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "broken.pt") << "nothing of the kind\n";
    const BenchmarkRow unexported = benchmark(folder.path() / "broken.pt", "openvino", sample_args());
    EXPECT_EQ(unexported.status, BenchmarkStatus::NotExported);
    EXPECT_NE(unexported.reason.find("broken.pt"), std::string::npos);
    EXPECT_TRUE(std::isnan(unexported.size_mb));
    BenchmarkArgs args = sample_args();
    args.data = folder.path() / "missing.yaml";
    const BenchmarkRow not_run = benchmark(kSample, "openvino", args);
    EXPECT_EQ(not_run.status, BenchmarkStatus::NotRun);
    EXPECT_NE(not_run.reason.find("missing.yaml"), std::string::npos);
    EXPECT_GT(not_run.size_mb, 1);
    EXPECT_TRUE(std::isnan(not_run.map));
}

TEST(Benchmark, RefusesUnknownFormatsAndInvalidSizes) {
    EXPECT_THROW(benchmark(kSample, "edam", sample_args()), Error);
    BenchmarkArgs args = sample_args();
    args.imgsz = ImageSize{320, 256};
    EXPECT_THROW(benchmark(kSample, "openvino", args), Error);
    args.formats = "openvino,gouda";
    EXPECT_THROW(benchmark_formats(args), Error);
    args.formats = "[openvino, 'onnx']";
    EXPECT_EQ(benchmark_formats(args), (std::vector<std::string>{"openvino", "onnx"}));
}

TEST(Benchmark, Int8SelectsTheInt8RowsAndReportsFormatsWithoutOne) {
    BenchmarkArgs args = sample_args();
    EXPECT_EQ(benchmark_formats(args).size(), benchmark_formats().size());
    args.int8 = true;
    EXPECT_EQ(benchmark_formats(args),
              (std::vector<std::string>{"pytorch", "torchscript", "onnx-int8", "openvino-int8"}));
    args.formats = "openvino,openvino-int8";
    EXPECT_EQ(benchmark_formats(args), (std::vector<std::string>{"openvino-int8"}));
    const BenchmarkRow row = benchmark(kSample, "torchscript", args);
    EXPECT_EQ(row.status, BenchmarkStatus::NotExported);
    EXPECT_NE(row.reason.find("'int8' is not supported for format 'torchscript'"), std::string::npos) << row.reason;
}

TEST(Benchmark, RowsSurviveJson) {
    BenchmarkRow row = made_up("a \"model\"", "ONNX", 12.5);
    row.reason = "line\nbreak";
    row.runtime = "ONNX Runtime: CPU";
    const BenchmarkRow read = BenchmarkRow::from_json(row.to_json());
    EXPECT_EQ(read.to_json(), row.to_json());
    EXPECT_EQ(read.model, row.model);
    EXPECT_EQ(read.status, row.status);
    EXPECT_TRUE(std::isnan(read.load_ms));
    EXPECT_THROW(BenchmarkRow::from_json("{}"), Error);
    EXPECT_THROW(BenchmarkRow::from_json("never mind"), Error);
}

TEST(Benchmark, TheTableHasEveryRowAndColumn) {
    BenchmarkReport report;
    report.data = "coco128.yaml";
    report.imgsz = {640, 640};
    report.method = {"Machine: a test."};
    report.rows = {made_up("yolov8n", "PyTorch", 24.36), made_up("yolov8n", "OpenVINO", 11.34)};
    BenchmarkRow failed;
    failed.model = "yolov8s";
    failed.format = "ONNX";
    failed.status = BenchmarkStatus::NotRun;
    failed.reason = "no such runtime";
    report.rows.push_back(failed);
    const std::string table = to_table(report);
    for (const char* text :
         {"Benchmarks complete for yolov8n, yolov8s on coco128.yaml at imgsz=640", "| mAP50-95(B) |", "| 0.4703 ",
          "| 11.34 ", "| 88.18 ", "❎ yolov8s ONNX: no such runtime", "0.4400 to 0.5300", "Machine: a test."}) {
        EXPECT_NE(table.find(text), std::string::npos) << text << "\n" << table;
    }
    EXPECT_EQ(table.find("nan"), std::string::npos);
    EXPECT_EQ(table.find("are few"), std::string::npos);
    report.rows.front().images = 32;
    EXPECT_NE(to_table(report).find("32 images are few"), std::string::npos);
}

TEST(Benchmark, FilesHoldTheRows) {
    const test::TempFolder folder;
    BenchmarkReport report;
    report.rows = {made_up("yolov8n", "PyTorch", 24.36), made_up("yolov8n", "OpenVINO", 11.34)};
    BenchmarkArgs args;
    args.project = folder.path().string();
    const fs::path run = save_benchmark(report, args);
    const auto json = nlohmann::json::parse(content(run / "benchmark.json"));
    EXPECT_EQ(json.at("rows").size(), 2U);
    EXPECT_EQ(json.at("rows")[1].at("inference_ms").get<double>(), 11.34);
    EXPECT_TRUE(json.at("rows")[1].at("load_ms").is_null());
    const std::string csv = content(run / "benchmark.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
    EXPECT_NE(content(run / "benchmark.md").find("| OpenVINO "), std::string::npos);
    EXPECT_GT(fs::file_size(run / "benchmark.png"), 5000U);
}

}  // namespace
}  // namespace yolovino
