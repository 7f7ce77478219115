#pragma once

#include <string>

namespace yolovino::cli {

/// docs/options.md: all options of the schema as one table of Markdown.
std::string options_page();

}  // namespace yolovino::cli
