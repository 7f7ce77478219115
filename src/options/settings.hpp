#pragma once

#include <string>

#include "yolovino/agree.hpp"
#include "yolovino/benchmark_args.hpp"
#include "yolovino/export_args.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/track_args.hpp"
#include "yolovino/val_args.hpp"

namespace yolovino::options {

struct InfoArgs {
    bool verbose = false;
    bool save_json = false;
    bool audit = false;   ///< look for what Python would run, instead of reading the model
    bool strict = false;  ///< the audit fails for unknown names, too
    std::string device;   ///< whose precision of each layer is shown; empty: none
};

/// Everything that a run needs: the owners of all fields of the schema.
struct Settings {
    std::string mode;
    std::string task;
    std::string model;
    std::string source;
    KeypointShape kpt_shape;  ///< of a model that does not say it
    bool int8 = false;        ///< the model must be one of 8 bits; predict and val
    PredictArgs predict = {};
    TrackArgs track = {};
    ValArgs val = {};
    std::string merge;  ///< parts of a validation to put together
    ExportArgs export_args = {};
    BenchmarkArgs benchmark = {};
    InfoArgs info = {};
    AgreeArgs agree = {};
    bool agree_json = false;
};

/// The library's defaults, except that the command saves images.
Settings default_settings();

}  // namespace yolovino::options
