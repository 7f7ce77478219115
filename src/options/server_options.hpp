#pragma once

#include <vector>

#include "options/option.hpp"

namespace yolovino::options {

/// The options of the server, and those of predict that are defaults of its requests.
void add_server_options(std::vector<Option>& table);

}  // namespace yolovino::options
