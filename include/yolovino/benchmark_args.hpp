#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "yolovino/runtime_options.hpp"
#include "yolovino/types.hpp"

namespace yolovino {

/// Options of `benchmark`. The defaults are defined only here.
struct BenchmarkArgs {
    std::filesystem::path data = {};      ///< dataset YAML: path, val, names
    std::string split = "val";            ///< key of the YAML
    std::string formats = {};             ///< names of `benchmark_formats()` with commas between; empty: all
    std::optional<ImageSize> imgsz = {};  ///< square; unset: the size of the training
    bool half = false;                    ///< export weights as FP16
    bool int8 = false;                    ///< export in 8 bits, calibrated on `data`; the checkpoint's row stays float
    std::optional<bool> nms = {};         ///< as ExportArgs::nms and, of the checkpoint's row, PredictArgs::nms
    /// Of the OpenVINO rows. The benchmark sets `kind`, `half`, `cache_dir`, and `performance` itself.
    RuntimeOptions runtime = {};
    std::string project = {};  ///< root of the run folders; empty: runs/detect
    std::string name = {};     ///< name of the run folder; empty: benchmark
    bool exist_ok = false;     ///< write into an existing run folder
    bool verbose = true;       ///< log what is done
};

}  // namespace yolovino
