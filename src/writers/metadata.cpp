#include "writers/metadata.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <yaml-cpp/yaml.h>

namespace yolovino::writers {

namespace {

/// True if every YAML 1.1 reader takes the bare word for a string, and not for a truth value, number, date, or null.
bool is_plain_word(std::string_view text) {
    static constexpr std::array<std::string_view, 12> kReserved = {"y",    "n",     "yes",  "no",   "on",  "off",
                                                                   "true", "false", "null", "none", "nan", "inf"};
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text.empty() || !letter(text.front()) || text.back() == ' ') return false;
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end()) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '-' || c == '.';
    });
}

void put_string(YAML::Emitter& out, const std::string& text) {
    if (!is_plain_word(text)) out << YAML::DoubleQuoted;
    out << text;
}

void put(YAML::Emitter& out, const char* key, const std::string& text) {
    out << YAML::Key << key << YAML::Value;
    put_string(out, text);
}

}  // namespace

std::string to_yaml(const Metadata& metadata) {
    YAML::Emitter out;
    out << YAML::BeginMap;
    put(out, "description", metadata.description);
    put(out, "author", "Ultralytics");
    put(out, "date", metadata.date);
    put(out, "version", metadata.version);
    put(out, "license", metadata.license);
    put(out, "docs", "https://docs.ultralytics.com");
    out << YAML::Key << "stride" << YAML::Value << metadata.stride;
    put(out, "task", metadata.task);
    put(out, "head", metadata.head);
    out << YAML::Key << "batch" << YAML::Value << metadata.batch;
    out << YAML::Key << "imgsz" << YAML::Value << YAML::BeginSeq << metadata.imgsz.height << metadata.imgsz.width
        << YAML::EndSeq;
    out << YAML::Key << "names" << YAML::Value << YAML::BeginMap;
    for (std::size_t i = 0; i < metadata.names.size(); ++i) {
        out << YAML::Key << i << YAML::Value;
        put_string(out, metadata.names[i]);
    }
    out << YAML::EndMap;
    out << YAML::Key << "args" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "data" << YAML::Value << YAML::Null;
    out << YAML::Key << "batch" << YAML::Value << metadata.batch;
    out << YAML::Key << "fraction" << YAML::Value << "1.0";
    out << YAML::Key << "quantize" << YAML::Value;
    if (metadata.half) {
        out << 16;
    } else {
        out << YAML::Null;
    }
    out << YAML::Key << "nms" << YAML::Value << YAML::Null;
    out << YAML::Key << "dynamic" << YAML::Value << metadata.dynamic << YAML::EndMap;
    out << YAML::Key << "channels" << YAML::Value << 3;
    out << YAML::Key << "end2end" << YAML::Value << false;
    put(out, "exporter", "yolovino " + metadata.version);
    put(out, "source", metadata.source);
    put(out, "source_sha256", metadata.source_sha256);
    out << YAML::EndMap << YAML::Newline;
    return out.c_str();
}

}  // namespace yolovino::writers
