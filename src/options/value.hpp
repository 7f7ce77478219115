#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace yolovino::options {

struct None {
    friend bool operator==(None, None) = default;
};

/// A value as Python would read it; tuples are lists.
struct Value {
    using List = std::vector<Value>;
    std::variant<None, bool, std::int64_t, double, std::string, List> data = None{};

    template <typename T>
    const T* get() const {
        return std::get_if<T>(&data);
    }
    bool is_none() const { return get<None>() != nullptr; }
    friend bool operator==(const Value&, const Value&) = default;
};

/// Reads `none`, `true`, and `false` in any case, then Python literals; anything else is the text itself.
Value parse_value(std::string_view text);

}  // namespace yolovino::options
