#include "metadata/syntax.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "base/fail.hpp"

namespace yolovino::metadata {

namespace {

/// Copies a parsed document into the tree.
class Copy {
public:
    explicit Copy(const std::string& file) : file_(file) {}

    Value of(const YAML::Node& node, int depth = 0) {
        pay(depth);
        if (node.IsScalar()) return {node.Scalar()};
        if (node.IsSequence()) {
            Value::List list;
            for (const auto& each : node) list.push_back(of(each, depth + 1));
            return {std::move(list)};
        }
        if (!node.IsMap()) return {};
        Value::Map map;
        for (const auto& each : node) map.push_back({of(each.first, depth + 1), of(each.second, depth + 1)});
        return {std::move(map)};
    }

    Value of(const nlohmann::ordered_json& node, int depth = 0) {
        pay(depth);
        if (node.is_boolean()) return {node.get<bool>()};
        if (node.is_number_integer()) return {node.get<std::int64_t>()};
        if (node.is_number()) return {node.get<double>()};
        if (node.is_string()) return {node.get<std::string>()};
        if (node.is_array()) {
            Value::List list;
            for (const auto& each : node) list.push_back(of(each, depth + 1));
            return {std::move(list)};
        }
        if (!node.is_object()) return {};
        Value::Map map;
        for (const auto& each : node.items()) map.push_back({{each.key()}, of(each.value(), depth + 1)});
        return {std::move(map)};
    }

private:
    void pay(int depth) {
        if (budget_.pay(depth)) return;
        throw Error(ErrorCode::LimitExceeded, "metadata",
                    fmt::format("the metadata is larger than {} values or deeper than {} levels", Budget::kMaxValues,
                                Budget::kMaxDepth),
                    {.file = file_});
    }

    const std::string& file_;
    Budget budget_;
};

}  // namespace

Value parse_yaml(std::string_view text, const std::string& file) {
    try {
        return Copy(file).of(YAML::Load(std::string(text)));
    } catch (const YAML::Exception& e) {
        throw Error(ErrorCode::CorruptFile, "metadata", e.what(), {.file = file});
    }
}

Value parse_json(std::string_view text, const std::string& file) {
    try {
        return Copy(file).of(nlohmann::ordered_json::parse(text));
    } catch (const nlohmann::json::exception& e) {
        throw Error(ErrorCode::CorruptFile, "metadata", e.what(), {.file = file});
    }
}

}  // namespace yolovino::metadata
