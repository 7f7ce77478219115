#pragma once

#include "yolovino/agree.hpp"
#include "yolovino/benchmark_args.hpp"
#include "yolovino/export_args.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/track_args.hpp"
#include "yolovino/val_args.hpp"

namespace yolovino::options {

/// Check every number and enumeration of the arguments against its range in the schema. What depends on a model, a
/// file, or several options at once is not checked here.
/// @throws Error InvalidArgument, as `conf is 2, wanted 0 to 1`
void check(const PredictArgs& args);
void check(const TrackArgs& args);
void check(const ValArgs& args);
void check(const ExportArgs& args);
void check(const BenchmarkArgs& args);
void check(const AgreeArgs& args);

}  // namespace yolovino::options
