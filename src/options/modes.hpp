#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::options {

enum class Mode { Predict, Track, Val, Export, Benchmark, Info, Agree, Serve };

struct ModeInfo {
    Mode mode;
    std::string_view name;
    std::string_view summary;
    std::string_view example;
    std::string_view alias = {};  ///< another name that is taken, but not offered
};

/// In the order of help.
const std::vector<ModeInfo>& modes();
const ModeInfo& describe(Mode mode);
/// What messages begin with in this mode: the name with which it was released.
std::string_view area_of(Mode mode);
std::optional<Mode> find_mode(std::string_view name);
std::vector<std::string> mode_names();

}  // namespace yolovino::options
