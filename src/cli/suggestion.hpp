#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"

namespace yolovino::cli {

/// The command line that was meant where files are given without the name of their argument: `yolo predict yolov8n.pt
/// bus.jpg` becomes `yolo predict model=yolov8n.pt source=bus.jpg`. Nothing if a word fits no argument that is free.
/// @param tokens the whole command line without `yolo`
/// @param words  those of the tokens that are no argument
/// @param given  names of the arguments that are there already
/// @param mode   as typed; without one, a model and a source mean predict
std::optional<std::string> suggest_command(const std::vector<std::string>& tokens,
                                           const std::vector<std::string>& words, std::vector<std::string> given,
                                           std::optional<Mode> mode);

}  // namespace yolovino::cli
