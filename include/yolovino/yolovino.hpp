#pragma once

/// The whole interface of the library.

#include "yolovino/agree.hpp"
#include "yolovino/args.hpp"
#include "yolovino/audit.hpp"
#include "yolovino/benchmark.hpp"
#include "yolovino/error.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/image.hpp"
#include "yolovino/log.hpp"
#include "yolovino/model.hpp"
#include "yolovino/quantization.hpp"
#include "yolovino/results.hpp"
#include "yolovino/spellings.hpp"
#include "yolovino/val.hpp"
#include "yolovino/version.hpp"
