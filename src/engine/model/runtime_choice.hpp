#pragma once

#include <filesystem>
#include <string>

#include "yolovino/runtime_options.hpp"

#include "engine/model/format.hpp"

namespace yolovino::engine {

struct RuntimeChoice {
    Runtime runtime = Runtime::OpenVino;  ///< never Auto
    std::string remark;                   ///< why it is not the usual one; empty otherwise
};

/// What runs a file of this format.
/// @throws Error InvalidArgument if the requested runtime does not run such files
RuntimeChoice choose_runtime(ModelFormat format, Runtime requested, const std::filesystem::path& path);

}  // namespace yolovino::engine
