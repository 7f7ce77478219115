#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "yolovino/runtime_options.hpp"
#include "yolovino/spellings.hpp"
#include "yolovino/types.hpp"

#include "options/argument.hpp"
#include "options/option.hpp"
#include "options/ov_config.hpp"
#include "options/text.hpp"

namespace yolovino::options {

/// How a type is named, read from the command line, and written back.
template <typename T>
struct Convert;

inline std::optional<double> as_double(const Value& value) {
    if (const auto* integer = value.get<std::int64_t>()) return static_cast<double>(*integer);
    if (const auto* real = value.get<double>()) return *real;
    return std::nullopt;
}

/// An integer, or a real number without a fraction, as `640.0`.
inline std::optional<int> as_int(const Value& value) {
    const double number = as_double(value).value_or(0.5);
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) return std::nullopt;
    const int whole = static_cast<int>(number);
    if (static_cast<double>(whole) != number) return std::nullopt;
    return whole;
}

/// One integer or a list of integers.
inline std::optional<std::vector<int>> as_ints(const Value& value) {
    std::vector<int> out;
    const auto* list = value.get<Value::List>();
    for (const Value& each : list != nullptr ? *list : Value::List{value}) {
        const std::optional<int> number = as_int(each);
        if (!number) return std::nullopt;
        out.push_back(*number);
    }
    return out;
}

template <>
struct Convert<bool> {
    static constexpr std::string_view kType = "bool";
    static constexpr std::string_view kWanted = "True or False";
    static bool read(const Argument& argument, bool& target) {
        const auto* value = argument.value.get<bool>();
        if (value != nullptr) target = *value;
        return value != nullptr;
    }
    static std::string show(bool value) { return value ? "True" : "False"; }
};

template <>
struct Convert<int> {
    static constexpr std::string_view kType = "int";
    static constexpr std::string_view kWanted = "an integer";
    static bool read(const Argument& argument, int& target) {
        const std::optional<int> value = as_int(argument.value);
        if (value) target = *value;
        return value.has_value();
    }
    static std::string show(int value) { return std::to_string(value); }
};

template <>
struct Convert<double> {
    static constexpr std::string_view kType = "float";
    static constexpr std::string_view kWanted = "a number";
    static bool read(const Argument& argument, double& target) {
        const std::optional<double> number = as_double(argument.value);
        if (number) target = *number;
        return number.has_value();
    }
    static std::string show(double value) { return fmt::format("{}", value); }
};

/// Text keeps its spelling: `source=007` and `name=1.10` are not numbers.
template <>
struct Convert<std::string> {
    static constexpr std::string_view kType = "str";
    static constexpr std::string_view kWanted = "text";
    static bool read(const Argument& argument, std::string& target) {
        const auto* text = argument.value.get<std::string>();
        target = argument.value.is_none() ? std::string() : text != nullptr ? *text : argument.raw;
        return true;
    }
    static std::string show(const std::string& value) { return value.empty() ? "None" : value; }
};

template <>
struct Convert<std::filesystem::path> {
    static constexpr std::string_view kType = "path";
    static constexpr std::string_view kWanted = "a path";
    static bool read(const Argument& argument, std::filesystem::path& target) {
        std::string text;
        Convert<std::string>::read(argument, text);
        target = text;
        return true;
    }
    static std::string show(const std::filesystem::path& value) { return value.empty() ? "None" : value.string(); }
};

/// A number, or None.
template <typename T>
requires std::is_arithmetic_v<T>
struct Convert<std::optional<T>> {
    static constexpr std::string_view kType = Convert<T>::kType;
    static constexpr std::string_view kWanted = Convert<T>::kWanted;
    static bool read(const Argument& argument, std::optional<T>& target) {
        T value{};
        const bool is_number = Convert<T>::read(argument, value);
        target = is_number ? std::optional(value) : std::nullopt;
        return is_number || argument.value.is_none();
    }
    static std::string show(const std::optional<T>& value) { return value ? Convert<T>::show(*value) : "None"; }
};

template <>
struct Convert<std::optional<ImageSize>> {
    static constexpr std::string_view kType = "int or list";
    static constexpr std::string_view kWanted = "an integer or [height, width]";
    static bool read(const Argument& argument, std::optional<ImageSize>& target) {
        target.reset();
        if (argument.value.is_none()) return true;
        const auto sizes = as_ints(argument.value);
        if (!sizes || sizes->empty() || sizes->size() > 2) return false;
        target = ImageSize{sizes->front(), sizes->back()};
        return true;
    }
    static std::string show(const std::optional<ImageSize>& value) {
        return value ? fmt::format("[{}, {}]", value->height, value->width) : "None";
    }
};

template <>
struct Convert<std::optional<std::vector<int>>> {
    static constexpr std::string_view kType = "int or list";
    static constexpr std::string_view kWanted = "an integer or a list of integers";
    static bool read(const Argument& argument, std::optional<std::vector<int>>& target) {
        target = argument.value.is_none() ? std::nullopt : as_ints(argument.value);
        return target || argument.value.is_none();
    }
    static std::string show(const std::optional<std::vector<int>>& value) {
        return value ? fmt::format("[{}]", fmt::join(*value, ", ")) : "None";
    }
};

/// Keypoints and their numbers.
template <>
struct Convert<KeypointShape> {
    static constexpr std::string_view kType = "list";
    static constexpr std::string_view kWanted = "[keypoints, 2 or 3], for example [17, 3]";
    static bool read(const Argument& argument, KeypointShape& target) {
        target = {};
        if (argument.value.is_none()) return true;
        const auto numbers = as_ints(argument.value);
        if (!numbers || numbers->size() != 2) return false;
        target = {.count = numbers->front(), .dims = numbers->back()};
        return target.count > 0 && (target.dims == 2 || target.dims == 3);
    }
    static std::string show(const KeypointShape& value) {
        return value.count == 0 ? "None" : fmt::format("[{}, {}]", value.count, value.dims);
    }
};

/// `a,b` or `[a, b]`; each may be quoted.
template <>
struct Convert<std::vector<std::string>> {
    static constexpr std::string_view kType = "str or list";
    static constexpr std::string_view kWanted = "names with commas between";
    static bool read(const Argument& argument, std::vector<std::string>& target) {
        target.clear();
        if (argument.value.is_none()) return true;
        std::vector<std::string_view> names = split_list(argument.raw);
        if (names.size() > 1 && names.back().empty()) names.pop_back();  // a comma at the end
        for (std::string_view name : names) {
            const bool quoted = name.size() >= 2 && (name.front() == '\'' || name.front() == '"');
            if (quoted && name.back() == name.front()) name = name.substr(1, name.size() - 2);
            if (name.empty()) return false;
            target.emplace_back(name);
        }
        return !target.empty();
    }
    static std::string show(const std::vector<std::string>& value) {
        return value.empty() ? std::string("None") : fmt::format("{}", fmt::join(value, ","));
    }
};

/// `KEY=VALUE,KEY=VALUE`, or the name of a JSON file.
template <>
struct Convert<OvConfig> {
    static constexpr std::string_view kType = "KEY=VALUE";
    static constexpr std::string_view kWanted = "KEY=VALUE, DEVICE:KEY=VALUE, several with commas, or a .json file";
    static bool read(const Argument& argument, OvConfig& target) {
        if (argument.value.is_none()) {
            target.clear();
            return true;
        }
        return read_ov_config(argument.raw, target);
    }
    static std::string show(const OvConfig& value) { return show_ov_config(value); }
};

/// The values of an enumeration, in the order of help.
/// Auto comes first; behind the last value its name comes again.
template <typename Enum>
inline constexpr auto kValues = [] {
    constexpr std::size_t kCount = [] {
        std::size_t count = 1;
        while (name_of(static_cast<Enum>(count)) != name_of(Enum::Auto)) ++count;
        return count;
    }();
    std::array<Enum, kCount> values{};
    for (std::size_t i = 0; i < kCount; ++i) values[i] = static_cast<Enum>(i);
    return values;
}();

template <typename Enum>
std::vector<std::string> names_of_values() {
    std::vector<std::string> names;
    names.reserve(kValues<Enum>.size());
    for (const Enum each : kValues<Enum>) names.emplace_back(name_of(each));
    return names;
}

/// By name, in any case of letters; a precision also as `fp32` and `fp16`.
template <typename Enum>
requires std::is_enum_v<Enum>
struct Convert<Enum> {
    static constexpr std::string_view kType = "str";
    static bool read(const Argument& argument, Enum& target) {
        std::string text = lower(argument.raw);
        if (std::is_same_v<Enum, Precision> && (text == "fp32" || text == "fp16")) text.erase(1, 1);
        const auto found = std::ranges::find(kValues<Enum>, text, [](Enum each) { return std::string(name_of(each)); });
        if (found == kValues<Enum>.end()) return false;
        target = *found;
        return true;
    }
    static std::string show(Enum value) { return std::string(name_of(value)); }
};

/// As errors write it: `an integer`, `auto, latency, or throughput`.
template <typename T>
std::string wanted_of() {
    if constexpr (std::is_enum_v<T>) {
        std::vector<std::string> names = names_of_values<T>();
        names.back().insert(0, "or ");
        return join(names, ", ");
    } else {
        return std::string(Convert<T>::kWanted);
    }
}

/// Whether a range is defined for the type.
template <typename T>
inline constexpr bool kHasRange = std::is_enum_v<T> || std::is_same_v<T, int> || std::is_same_v<T, double> ||
                                  std::is_same_v<T, ImageSize> || std::is_same_v<T, std::vector<int>>;
template <typename T>
inline constexpr bool kHasRange<std::optional<T>> = kHasRange<T>;

/// What is wrong with a value, such as `is 2, wanted 0 to 1`; empty: nothing.
template <typename T>
requires kHasRange<T> std::string problem_of(const T& value, const Range& range) {
    if constexpr (std::is_enum_v<T>) {
        if (std::ranges::find(kValues<T>, value) != kValues<T>.end()) return {};
        return "is not one of " + join(names_of_values<T>(), ", ");
    } else if constexpr (std::is_same_v<T, int> || std::is_same_v<T, double>) {
        const auto number = static_cast<double>(value);
        return range.holds(number) ? std::string() : fmt::format("is {}, wanted {}", number, range.text());
    } else if constexpr (std::is_same_v<T, ImageSize>) {
        const int wrong = range.holds(value.height) ? value.width : value.height;
        return range.holds(wrong) ? std::string() : fmt::format("holds {}, wanted {}", wrong, range.text());
    } else if constexpr (std::is_same_v<T, std::vector<int>>) {
        const auto wrong = std::ranges::find_if_not(value, [&](int each) { return range.holds(each); });
        return wrong == value.end() ? std::string() : fmt::format("holds {}, wanted {}", *wrong, range.text());
    } else {
        return value ? problem_of(*value, range) : std::string();
    }
}

}  // namespace yolovino::options
