#pragma once

/// The whole interface of the library.
///
/// @mainpage
/// yolovino::Model reads a model and predicts, validates, and exports; yolovino::Results is what was found in one
/// image. yolovino::audit looks through a file without loading it, yolovino::agree compares two ways of running a
/// model, and yolovino::benchmark measures a format. What goes wrong is a yolovino::Error with a code of
/// yolovino::ErrorCode.
///
/// All of it is in the namespace yolovino; include `yolovino/yolovino.hpp`, or only what you need.

/// The interface of the library.
namespace yolovino {}

#include "yolovino/agree.hpp"
#include "yolovino/args.hpp"
#include "yolovino/audit.hpp"
#include "yolovino/benchmark.hpp"
#include "yolovino/devices.hpp"
#include "yolovino/encode.hpp"
#include "yolovino/error.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/image.hpp"
#include "yolovino/keypoints.hpp"
#include "yolovino/log.hpp"
#include "yolovino/masks.hpp"
#include "yolovino/metrics.hpp"
#include "yolovino/model.hpp"
#include "yolovino/predictions.hpp"
#include "yolovino/predictor.hpp"
#include "yolovino/probs.hpp"
#include "yolovino/quantization.hpp"
#include "yolovino/results.hpp"
#include "yolovino/rotated_box.hpp"
#include "yolovino/spellings.hpp"
#include "yolovino/tensor.hpp"
#include "yolovino/tracker.hpp"
#include "yolovino/types.hpp"
#include "yolovino/val.hpp"
#include "yolovino/version.hpp"
