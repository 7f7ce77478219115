#pragma once

#include <span>
#include <string_view>

#include "yolovino/export_args.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// A format that `Model::export_to` writes.
struct ExportFormat {
    std::string_view name;                             ///< what ExportArgs::format takes: `onnx`
    std::string_view label;                            ///< as it is written in lines and tables: `ONNX`
    std::string_view suffix;                           ///< follows the checkpoint's stem: `.onnx`
    std::span<const std::string_view> aliases = {};    ///< other names that are taken
    std::span<const std::string_view> arguments = {};  ///< options that only some formats take, and this one does
};

/// All formats, in the order of Ultralytics' table. Does not throw.
YOLOVINO_API std::span<const ExportFormat> export_formats() noexcept;

/// The format of a name or alias, in any case of letters.
/// @throws Error InvalidArgument that lists the known formats, the closest one first
YOLOVINO_API const ExportFormat& find_export_format(std::string_view name);

/// Checks everything that does not depend on the model: the format, ranges, and that the format takes each option.
/// @throws Error InvalidArgument with the name of the option and of the format
YOLOVINO_API void check_export(const ExportArgs& args);

}  // namespace yolovino
