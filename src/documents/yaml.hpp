#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "documents/origin.hpp"

namespace yolovino::documents {

struct YamlLimits {
    std::size_t depth = 64;        ///< of lists and mappings in each other, aliases followed
    std::size_t values = 300'000;  ///< those of an alias count again
};

/// What any YAML needs at most: 100,000 classes with long names.
inline constexpr std::uint64_t kMaxYamlBytes = 4U << 20U;

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

/// The only document of a text, read as Ultralytics reads a file with PyYAML: bytes that are not UTF-8 and control
/// characters are left out, of equal keys the last one counts, `<<` merges mappings. Before a tree is made, its size is
/// known. Functions may walk over it recursively.
/// @param warnings gets a line for each key that stands again. This room logs nothing: the command has a copy of it,
/// and would have one of the log, too.
/// @throws Error CorruptFile, also for a value that holds itself, and for tags that stand for neither text, number,
/// truth value, list, nor mapping; LimitExceeded
Yaml parse_yaml(std::string_view text, const Origin& origin, std::vector<std::string>& warnings,
                const YamlLimits& limits = {});

}  // namespace yolovino::documents
