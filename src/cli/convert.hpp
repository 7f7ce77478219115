#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/spellings.hpp"

#include "cli/options.hpp"
#include "cli/ov_config.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

/// How a type is named, read from the command line, and written back.
template <typename T>
struct Convert;

/// An integer, or a real number without a fraction, as `640.0`.
inline std::optional<int> as_int(const Value& value) {
    double number = 0;
    if (const auto* integer = value.get<std::int64_t>()) {
        number = static_cast<double>(*integer);
    } else if (const auto* real = value.get<double>()) {
        number = *real;
    } else {
        return std::nullopt;
    }
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
        if (const auto* real = argument.value.get<double>()) {
            target = *real;
        } else if (const auto* integer = argument.value.get<std::int64_t>()) {
            target = static_cast<double>(*integer);
        } else {
            return false;
        }
        return true;
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

template <>
struct Convert<std::optional<int>> {
    static constexpr std::string_view kType = "int";
    static constexpr std::string_view kWanted = "an integer";
    static bool read(const Argument& argument, std::optional<int>& target) {
        target = as_int(argument.value);
        return target.has_value() || argument.value.is_none();
    }
    static std::string show(const std::optional<int>& value) { return value ? std::to_string(*value) : "None"; }
};

template <>
struct Convert<std::optional<double>> {
    static constexpr std::string_view kType = "float";
    static constexpr std::string_view kWanted = "a number";
    static bool read(const Argument& argument, std::optional<double>& target) {
        target.reset();
        if (argument.value.is_none()) return true;
        double number = 0;
        if (!Convert<double>::read(argument, number)) return false;
        target = number;
        return true;
    }
    static std::string show(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "None"; }
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

/// `a,b` or `[a, b]`; quotes may stand around each.
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

template <>
struct Convert<Performance> {
    static constexpr std::string_view kType = "str";
    static constexpr std::string_view kWanted = "auto, latency, or throughput";
    static bool read(const Argument& argument, Performance& target) {
        const std::string text = lower(argument.raw);
        for (const Performance each : {Performance::Auto, Performance::Latency, Performance::Throughput}) {
            if (show(each) != text) continue;
            target = each;
            return true;
        }
        return false;
    }
    static std::string show(Performance value) {
        switch (value) {
            case Performance::Auto:
                return "auto";
            case Performance::Latency:
                return "latency";
            case Performance::Throughput:
                return "throughput";
        }
        return {};
    }
};

template <>
struct Convert<Precision> {
    static constexpr std::string_view kType = "str";
    static constexpr std::string_view kWanted = "auto, f32, bf16, or f16";
    static bool read(const Argument& argument, Precision& target) {
        std::string text = lower(argument.raw);
        for (const std::string_view name : {"fp32", "fp16"}) {
            if (text == name) text.erase(1, 1);
        }
        for (const Precision each : {Precision::Auto, Precision::F32, Precision::Bf16, Precision::F16}) {
            if (show(each) != text) continue;
            target = each;
            return true;
        }
        return false;
    }
    static std::string show(Precision value) { return std::string(name_of(value)); }
};

template <>
struct Convert<Runtime> {
    static constexpr std::string_view kType = "str";
    static constexpr std::string_view kWanted = "auto, openvino, onnxruntime, or libtorch";
    static bool read(const Argument& argument, Runtime& target) {
        const std::string text = lower(argument.raw);
        for (const Runtime each : {Runtime::Auto, Runtime::OpenVino, Runtime::OnnxRuntime, Runtime::LibTorch}) {
            if (show(each) != text) continue;
            target = each;
            return true;
        }
        return false;
    }
    static std::string show(Runtime value) { return std::string(name_of(value)); }
};

}  // namespace yolovino::cli
