#pragma once

#include <string>
#include <string_view>

/// The only place that parses JSON and YAML from outside: caps hold while the text is read, not when a tree is there.
namespace yolovino::documents {

/// Who asks for which file, for messages.
struct Origin {
    std::string_view area;
    std::string file;
};

}  // namespace yolovino::documents
