#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "yolovino/model.hpp"

#include "base/file.hpp"
#include "support/npy.hpp"
#include "support/shared.hpp"

namespace yolovino::test {

/// @param file below the folder of reference data, as the others
inline nlohmann::json read_shared_json(const std::filesystem::path& file) {
    const auto bytes = base::read_file(shared_dir() / file, kMaxArrayBytes);
    return nlohmann::json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// What a checkpoint finds in one image, in f32.
inline Results predicted(const std::filesystem::path& checkpoint, const std::filesystem::path& image,
                         PredictArgs args) {
    args.runtime.precision = Precision::F32;
    args.verbose = false;
    const Model model((shared_dir() / checkpoint).string());
    Results found;
    for (const Results& results : model.predict((shared_dir() / image).string(), args)) found = results;
    return found;
}

}  // namespace yolovino::test
