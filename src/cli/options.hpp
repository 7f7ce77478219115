#pragma once

#include "options/argument.hpp"
#include "options/modes.hpp"
#include "options/option.hpp"
#include "options/schema.hpp"
#include "options/settings.hpp"
#include "options/value.hpp"

/// The schema of the options, by plain names: the command speaks of little else.
namespace yolovino::cli {

using options::Argument;
using options::Binding;
using options::default_settings;
using options::describe;
using options::find_mode;
using options::find_option;
using options::InfoArgs;
using options::Mode;
using options::mode_names;
using options::ModeInfo;
using options::modes;
using options::Option;
using options::parse_value;
using options::schema;
using options::Settings;
using options::UsageError;
using options::Value;

}  // namespace yolovino::cli
