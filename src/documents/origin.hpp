#pragma once

#include <string>
#include <string_view>

/// The only place that reads JSON, YAML, CSV, lists, and lines of text from outside. Limits apply while a text is read,
/// not when a tree is there.
namespace yolovino::documents {

/// Who asks for which file, for messages.
struct Origin {
    std::string_view area;
    std::string file;
};

}  // namespace yolovino::documents
