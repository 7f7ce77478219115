#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "documents/origin.hpp"

namespace yolovino::documents {

struct JsonLimits {
    std::size_t depth = 64;          ///< of lists and mappings in each other
    std::size_t values = 2'000'000;  ///< of those that are kept
    std::string_view left_out = {};  ///< the value of this key is parsed, but not stored
};

/// Takes what a text holds, in its order.
class JsonSink {
public:
    virtual ~JsonSink() = default;
    /// A value that is neither a list nor a mapping.
    virtual void scalar(nlohmann::json&& value) = 0;
    virtual void begin_list() = 0;
    virtual void begin_map() = 0;
    virtual void key(std::string&& name) = 0;
    virtual void end() = 0;
};

/// @throws Error CorruptFile, LimitExceeded, what the sink throws
void read_json(std::string_view text, const Origin& origin, JsonSink& into, const JsonLimits& limits = {});

/// The tree of a text; of equal keys the last one counts. Functions may walk over it recursively.
/// @throws Error CorruptFile, LimitExceeded
nlohmann::json parse_json(std::string_view text, const Origin& origin, const JsonLimits& limits = {});

}  // namespace yolovino::documents
