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

/// What the server takes besides the options of predictions, which are defaults of its requests.
struct ServeArgs {
    std::string host = "127.0.0.1";
    int port = 8000;             ///< 0: a free one
    double max_body = 32;        ///< of a request, in MB
    int queue = 64;              ///< requests that may wait for a worker
    double timeout = 10;         ///< seconds that a request may wait
    int connections = 2048;      ///< at once
    int per_address = 1536;      ///< at once from one client
    std::string cert;            ///< PEM file; empty: no TLS
    std::string key;             ///< PEM file of its private key
    std::string token;           ///< file with the bearer token; empty: nobody is asked for one
    std::string access_log;      ///< file of JSON lines, `-` for standard output; empty: none
    std::string live;            ///< `NAME=SOURCE`, several with commas: what may be watched live
    double drain = 5;            ///< seconds in which connections are still accepted after a signal
    bool model_control = false;  ///< requests may load and unload models
    bool probe = false;          ///< ask a running server whether it is ready, instead of being one
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
    ServeArgs serve = {};
};

/// The library's defaults, except that the command saves images.
Settings default_settings();

}  // namespace yolovino::options
