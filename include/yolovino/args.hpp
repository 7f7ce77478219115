#pragma once

/// The options of all functions.

#include "yolovino/benchmark_args.hpp"
#include "yolovino/export_args.hpp"
#include "yolovino/plot_args.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/runtime_options.hpp"
#include "yolovino/track_args.hpp"
#include "yolovino/val_args.hpp"
