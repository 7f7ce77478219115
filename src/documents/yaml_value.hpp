#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace yolovino::documents {

struct YamlEntry;

/// A value as PyYAML's safe loader makes it: YAML 1.1, where `yes` is true, `017` is 15, and `1e3` is text.
struct Yaml {
    /// A whole number beyond 64 bits, in decimal digits.
    struct BigInteger {
        std::string digits;
        friend bool operator==(const BigInteger&, const BigInteger&) = default;
    };
    /// A date or a time, as Python's str() writes it.
    struct Time {
        std::string text;
        friend bool operator==(const Time&, const Time&) = default;
    };
    using Null = std::monostate;
    using List = std::vector<Yaml>;
    using Map = std::vector<YamlEntry>;  ///< in the order of the text; no two keys are equal

    std::variant<Null, bool, std::int64_t, BigInteger, double, std::string, Time, List, Map> data;
    std::size_t line = 0;  ///< where it begins, from 1
    bool bare = false;     ///< text without quotes: it is text because it is nothing else

    template <typename T>
    const T* get() const {
        return std::get_if<T>(&data);
    }
    bool is_null() const { return get<Null>() != nullptr; }
    /// The value under a text key of a mapping, or null.
    const Yaml* find(std::string_view key) const;
    /// A whole number: also true (1), 3.0, and text that Python's int() takes.
    std::optional<std::int64_t> as_int() const;
    /// What Python's str() makes of it.
    std::string python_text() const;
    /// What it is, for messages: "the number 3", "a list".
    std::string described() const;
};

struct YamlEntry {
    Yaml key;
    Yaml value;
};

}  // namespace yolovino::documents
