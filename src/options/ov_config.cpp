#include "options/ov_config.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "options/argument.hpp"
#include "options/text.hpp"

namespace yolovino::options {

namespace {

constexpr std::uintmax_t kLargestBytes = 1 << 20;

/// As OpenVINO reads it; empty for what cannot be a property.
std::string value_of(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "YES" : "NO";
    return value.is_number() ? value.dump() : std::string();
}

void read_file(const std::string& path, OvConfig& target) {
    const auto fail = [&](std::string_view problem) {
        throw UsageError(fmt::format("'ov.config={}' {}", safe(path), problem));
    };
    std::error_code error;
    const std::uintmax_t size_bytes = std::filesystem::file_size(path, error);
    if (error) fail(fmt::format("cannot be read: {}", error.message()));
    if (size_bytes > kLargestBytes) fail(fmt::format("has {} bytes, at most {} are read", size_bytes, kLargestBytes));
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const nlohmann::json root = nlohmann::json::parse(text, nullptr, false);
    if (!root.is_object()) fail("is not a JSON file of the form {\"KEY\": value, \"DEVICE\": {\"KEY\": value}}");
    const auto add = [&](const std::string& key, const nlohmann::json& value) {
        const std::string text_of_value = value_of(value);
        if (text_of_value.empty()) fail(fmt::format("value of '{}' is neither a word nor a number", safe(key)));
        target[base::to_upper(key)] = text_of_value;
    };
    for (const auto& [key, value] : root.items()) {
        if (!value.is_object()) {
            add(key, value);
            continue;
        }
        for (const auto& [property, inner] : value.items()) add(fmt::format("{}:{}", key, property), inner);
    }
}

}  // namespace

bool read_ov_config(std::string_view text, OvConfig& target) {
    target.clear();
    std::string* last = nullptr;
    for (const std::string_view item : split_list(text)) {
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos && item.ends_with(".json")) {
            read_file(std::string(item), target);
            last = nullptr;
        } else if (equals == std::string_view::npos) {
            // The rest of a value such as `GPU,CPU`.
            if (last == nullptr || item.empty()) return false;
            *last += fmt::format(",{}", item);
        } else {
            const std::string_view key = trim(item.substr(0, equals));
            const std::string_view value = trim(item.substr(equals + 1));
            if (key.empty() || value.empty() || key.back() == ':' || key.front() == ':') return false;
            last = &(target[base::to_upper(key)] = value);
        }
    }
    return !target.empty();
}

std::string show_ov_config(const OvConfig& config) {
    if (config.empty()) return "None";
    std::vector<std::string> items;
    for (const auto& [key, value] : config) items.push_back(fmt::format("{}={}", key, value));
    return join(items, ",");
}

}  // namespace yolovino::options
