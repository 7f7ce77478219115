#include "cli/config_file.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <utility>
#include <yaml-cpp/yaml.h>

#include "cli/text.hpp"

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

Value scalar(const YAML::Node& node) {
    if (node.IsNull()) return {};
    // yaml-cpp marks quoted scalars with the tag "!".
    if (node.Tag() == "!") return Value{node.Scalar()};
    return parse_value(node.Scalar());
}

Argument argument(const std::string& key, const YAML::Node& node, const std::string& path) {
    Argument out{key, "None", {}, true};
    if (node.IsScalar() || node.IsNull()) {
        out.value = scalar(node);
        if (!node.IsNull()) out.raw = node.Scalar();
        return out;
    }
    if (!node.IsSequence())
        throw UsageError(fmt::format("'{}' in cfg file '{}' must be a value or a list", safe(key), safe(path)));
    Value::List list;
    std::vector<std::string> texts;
    for (const YAML::Node& each : node) {
        if (!each.IsScalar())
            throw UsageError(fmt::format("'{}' in cfg file '{}' must be a list of values", safe(key), safe(path)));
        list.push_back(scalar(each));
        texts.push_back(each.Scalar());
    }
    out.raw = fmt::format("[{}]", join(texts, ", "));
    out.value = Value{std::move(list)};
    return out;
}

}  // namespace

std::vector<Argument> read_config_file(const std::string& path) {
    const std::string text = read_text(path);
    try {
        const YAML::Node root = YAML::Load(text);
        if (root.IsNull()) return {};
        if (!root.IsMap()) throw UsageError(fmt::format("cfg file '{}' must hold lines 'key: value'", safe(path)));
        std::vector<Argument> out;
        for (const auto& pair : root) {
            if (!pair.first.IsScalar())
                throw UsageError(fmt::format("cfg file '{}' has a key that is not a word", safe(path)));
            const std::string key = pair.first.Scalar();
            if (key != "cfg") out.push_back(argument(key, pair.second, path));
        }
        return out;
    } catch (const YAML::Exception& e) {
        throw UsageError(fmt::format("cfg file '{}' is not YAML: {}", safe(path), safe(e.what())));
    }
}

}  // namespace yolovino::cli
