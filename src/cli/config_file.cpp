#include "cli/config_file.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <utility>

#include "yolovino/error.hpp"

#include "cli/text.hpp"
#include "documents/yaml.hpp"

namespace yolovino::cli {

namespace {

constexpr std::uintmax_t kLargestBytes = 1 << 20;

std::string read_text(const std::string& path) {
    std::error_code error;
    const std::uintmax_t size_bytes = std::filesystem::file_size(path, error);
    if (error) throw UsageError(fmt::format("cfg file '{}' cannot be read: {}", safe(path), error.message()));
    if (size_bytes > kLargestBytes) {
        throw UsageError(
            fmt::format("cfg file '{}' has {} bytes, at most {} are read", safe(path), size_bytes, kLargestBytes));
    }
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) throw UsageError(fmt::format("cfg file '{}' cannot be read", safe(path)));
    return text;
}

/// A value in YAML's types; bare text as the command line takes it, so that `1e-3` is a number and `(640, 480)` a list.
Value scalar(const documents::Yaml& yaml) {
    if (yaml.is_null()) return {};
    if (const auto* truth = yaml.get<bool>()) return Value{*truth};
    if (const auto* integer = yaml.get<std::int64_t>()) return Value{*integer};
    if (const auto* real = yaml.get<double>()) return Value{*real};
    return yaml.bare ? parse_value(yaml.python_text()) : Value{yaml.python_text()};
}

bool is_scalar(const documents::Yaml& yaml) {
    return yaml.get<documents::Yaml::List>() == nullptr && yaml.get<documents::Yaml::Map>() == nullptr;
}

Argument argument(const std::string& key, const documents::Yaml& yaml, const std::string& path) {
    Argument out{key, yaml.python_text(), {}, true};
    if (is_scalar(yaml)) {
        out.value = scalar(yaml);
        return out;
    }
    const auto* items = yaml.get<documents::Yaml::List>();
    if (items == nullptr)
        throw UsageError(fmt::format("line {} of cfg file '{}': '{}' is {}, wanted a value or a list", yaml.line,
                                     safe(path), safe(key), yaml.described()));
    Value::List list;
    std::vector<std::string> texts;
    for (const documents::Yaml& each : *items) {
        if (!is_scalar(each))
            throw UsageError(fmt::format("line {} of cfg file '{}': '{}' holds {}, wanted a list of values", each.line,
                                         safe(path), safe(key), each.described()));
        list.push_back(scalar(each));
        texts.push_back(each.python_text());
    }
    out.raw = fmt::format("[{}]", join(texts, ", "));
    out.value = Value{std::move(list)};
    return out;
}

}  // namespace

std::vector<Argument> read_config_file(const std::string& path, std::vector<std::string>& warnings) {
    const std::string text = read_text(path);
    try {
        const documents::Yaml root = documents::parse_yaml(text, {"cfg", path}, warnings);
        if (root.is_null()) return {};
        const auto* entries = root.get<documents::Yaml::Map>();
        if (entries == nullptr)
            throw UsageError(
                fmt::format("cfg file '{}' holds {}, wanted lines 'key: value'", safe(path), root.described()));
        std::vector<Argument> out;
        for (const auto& [key, value] : *entries) {
            const auto* name = key.get<std::string>();
            if (name == nullptr)
                throw UsageError(fmt::format("line {} of cfg file '{}': the key is {}, wanted a word", key.line,
                                             safe(path), key.described()));
            if (*name != "cfg") out.push_back(argument(*name, value, path));
        }
        return out;
    } catch (const Error& e) {
        throw UsageError(fmt::format("cfg file '{}': {}", safe(path), safe(e.message())));
    }
}

}  // namespace yolovino::cli
