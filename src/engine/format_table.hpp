#pragma once

#include <optional>
#include <string_view>

#include "engine/runtime_choice.hpp"
#include "runtime/import.hpp"

namespace yolovino::engine {

/// What is known of a kind of file.
struct FormatRow {
    ModelFormat format;
    std::string_view name;  ///< `saved_model`, as Ultralytics calls it
    std::string_view text;  ///< `TensorFlow model`, as messages call it
    runtime::Framework framework;
    bool foreign;                  ///< comes from a framework that is not run itself
    Runtime usual;                 ///< what runs it
    std::optional<Runtime> other;  ///< what runs it as well
};

const FormatRow& row_of(ModelFormat format);

}  // namespace yolovino::engine
