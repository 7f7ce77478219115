#pragma once

#include <string>
#include <string_view>

#include "documents/yaml_value.hpp"

namespace yolovino::documents {

/// A scalar that YAML 1.1 gives a type but PyYAML cannot make, as `0x_` or the 32nd of a month.
struct BadScalar {
    std::string why;
};

/// The tag that YAML 1.1 gives to a bare scalar, without `tag:yaml.org,2002:` before it: "int", "str", "merge", …
std::string_view implicit_tag(std::string_view text);

/// The value of a scalar under one of the tags of implicit_tag() but "merge" and "value".
/// @throws BadScalar
Yaml make_scalar(std::string_view tag, std::string_view text);

}  // namespace yolovino::documents
