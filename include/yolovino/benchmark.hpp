#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/benchmark_args.hpp"
#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// How far a row of the benchmark got; the signs are Ultralytics'.
enum class BenchmarkStatus {
    Success,      ///< ✅
    NotRun,       ///< ❎ exported, but inference or validation failed
    NotExported,  ///< ❌
};

/// One model in one format. Numbers that were not reached are NaN.
struct YOLOVINO_API BenchmarkRow {
    std::string model;   ///< name of the checkpoint without its suffix
    std::string format;  ///< `PyTorch`, `TorchScript`, `ONNX`, `ONNX INT8`, `OpenVINO`, `OpenVINO INT8`
    BenchmarkStatus status = BenchmarkStatus::NotExported;
    std::string reason;   ///< why the status is not Success
    std::string runtime;  ///< what ran it: name, device, precision
    std::string task;     ///< of the model
    std::string metric;   ///< what `map` is: `mAP50-95(B)`, `(M)`, `(P)`, or `accuracy_top1`
    std::size_t images = 0;

    double size_mb;  ///< of the file or folder, in MiB
    double map;      ///< the accuracy, see `metric`, 0 to 1
    double map_low;  ///< 95 % interval of map, by bootstrap over the images
    double map_high;
    double inference_ms;  ///< per image, mean of the timed inferences
    double median_ms;
    double p95_ms;
    double preprocess_ms;   ///< per image in the validation, without reading the file
    double postprocess_ms;  ///< per image in the validation
    double load_ms;         ///< from the file to a network that is ready to run
    double peak_mb;         ///< peak memory of the process after the export, in MiB

    BenchmarkRow() noexcept;
    /// A row without numbers. @throws Error InvalidArgument for a format that is not one of `benchmark_formats()`
    BenchmarkRow(const std::filesystem::path& checkpoint, const std::string& format_name);
    /// Frames per second as Ultralytics counts them: 1000 / (inference_ms + 0.001).
    double fps() const;

    /// One object, a key per field; `from_json` reads it back.
    std::string to_json() const;
    /// @throws Error CorruptFile
    static BenchmarkRow from_json(std::string_view json);
};

/// Everything that a benchmark found, with what is needed to judge it.
struct BenchmarkReport {
    std::vector<std::string> method;  ///< machine, versions, and how it was measured, a sentence each
    std::string data;
    ImageSize imgsz;
    double seconds = 0;  ///< of the whole run
    std::vector<BenchmarkRow> rows;
};

/// The names that `BenchmarkArgs::formats` takes, in the order of the table.
YOLOVINO_API const std::vector<std::string>& benchmark_formats();

/// The formats of the arguments, one by one. @throws Error InvalidArgument listing the known ones
YOLOVINO_API std::vector<std::string> benchmark_formats(const BenchmarkArgs& args);

/// Exports a checkpoint into a temporary folder, predicts once, times single images, and validates. A failure is
/// reported by the row and not thrown. Everything runs in this process, so that the peak memory is right only for the
/// first row of a process; the command gives each row a process of its own.
/// @throws Error InvalidArgument for a format or a size that cannot be
YOLOVINO_API BenchmarkRow benchmark(const std::filesystem::path& checkpoint, const std::string& format,
                                    const BenchmarkArgs& args);

/// A report without rows: describes machine and method. @throws Error RuntimeFailure
YOLOVINO_API BenchmarkReport start_benchmark(const BenchmarkArgs& args);

/// The table as Ultralytics prints it, with more columns, and below it the reasons of failures, intervals, and method.
YOLOVINO_API std::string to_table(const BenchmarkReport& report);

/// Writes benchmark.md, .csv, .json, and .png, and report.html into a run folder and returns the folder. Without
/// gnuplot there is a warning instead of the image. @throws Error IoFailure
YOLOVINO_API std::filesystem::path save_benchmark(const BenchmarkReport& report, const BenchmarkArgs& args);

}  // namespace yolovino
