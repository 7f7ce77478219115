#include "writers/metadata.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>
#include <yaml-cpp/yaml.h>

#include "base/text.hpp"

namespace yolovino::writers {

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

using NameLists = std::vector<std::vector<std::string>>;

Field number_or_none(const std::optional<int>& number) {
    return number ? Field{std::int64_t{*number}} : Field{};
}

/// The arguments that Ultralytics' exporter takes for the format, in its order.
Fields arguments(const Metadata& metadata) {
    Fields out;
    const bool torchscript = metadata.format == Format::TorchScript;
    if (!torchscript) out.push_back({"data", metadata.data.empty() ? Field{} : Field{metadata.data}});
    out.push_back({"batch", {std::int64_t{metadata.batch}}});
    // A number of images is an integer there, too.
    const bool count = metadata.fraction > 1;
    if (!torchscript)
        out.push_back(
            {"fraction", count ? Field{static_cast<std::int64_t>(metadata.fraction)} : Field{metadata.fraction}});
    const Field sixteen = metadata.half ? Field{std::int64_t{16}} : Field{};
    out.push_back({"quantize", metadata.int8 ? Field{std::int64_t{8}} : sixteen});
    out.push_back({"nms", metadata.nms ? Field{*metadata.nms} : Field{}});
    out.push_back({"dynamic", {metadata.dynamic}});
    if (metadata.format == Format::Onnx) {
        out.push_back({"simplify", {metadata.simplify}});
        out.push_back({"opset", number_or_none(metadata.opset)});
    }
    return out;
}

/// True if every YAML 1.1 reader takes the bare word for a string, and not for a truth value, number, date, or null.
bool is_plain_word(std::string_view text) {
    static constexpr std::array<std::string_view, 12> kReserved = {"y",    "n",     "yes",  "no",   "on",  "off",
                                                                   "true", "false", "null", "none", "nan", "inf"};
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text.empty() || !letter(text.front()) || text.back() == ' ') return false;
    if (std::ranges::find(kReserved, base::to_lower(text)) != kReserved.end()) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '-' || c == '.';
    });
}

void put_yaml(YAML::Emitter& out, const std::string& text) {
    if (!is_plain_word(text)) out << YAML::DoubleQuoted;
    out << text;
}

void put_yaml(YAML::Emitter& out, const Field& field) {
    std::visit(
        Overloaded{[&](std::monostate) { out << YAML::Null; }, [&](double number) { out << base::python_repr(number); },
                   [&](const std::string& text) { put_yaml(out, text); },
                   [&](const ClassNames& names) {
                       out << YAML::BeginMap;
                       for (std::size_t i = 0; i < names.size(); ++i) {
                           out << YAML::Key << i << YAML::Value;
                           put_yaml(out, names[i]);
                       }
                       out << YAML::EndMap;
                   },
                   [&](const NameLists& lists) {
                       out << YAML::BeginMap;
                       for (std::size_t i = 0; i < lists.size(); ++i) {
                           out << YAML::Key << i << YAML::Value << YAML::BeginSeq;
                           for (const std::string& name : lists[i]) put_yaml(out, name);
                           out << YAML::EndSeq;
                       }
                       out << YAML::EndMap;
                   },
                   [&](const Fields& map) {
                       out << YAML::BeginMap;
                       for (const auto& [key, value] : map) {
                           out << YAML::Key << key << YAML::Value;
                           put_yaml(out, value);
                       }
                       out << YAML::EndMap;
                   },
                   [&](const auto& plain) { out << plain; }},
        field.value);
}

std::string python_repr(const Field& field) {
    return std::visit(
        Overloaded{[](std::monostate) { return std::string("None"); },
                   [](bool truth) { return std::string(truth ? "True" : "False"); },
                   [](std::int64_t number) { return std::to_string(number); },
                   [](double number) { return base::python_repr(number); },
                   [](const std::string& text) { return base::python_repr(text); },
                   [](const std::vector<std::int64_t>& list) { return fmt::format("[{}]", fmt::join(list, ", ")); },
                   [](const ClassNames& names) {
                       std::vector<std::string> items;
                       for (std::size_t i = 0; i < names.size(); ++i)
                           items.push_back(fmt::format("{}: {}", i, base::python_repr(names[i])));
                       return fmt::format("{{{}}}", fmt::join(items, ", "));
                   },
                   [](const NameLists& lists) {
                       std::vector<std::string> items;
                       for (const std::vector<std::string>& list : lists) {
                           std::vector<std::string> names;
                           for (const std::string& name : list) names.push_back(base::python_repr(name));
                           items.push_back(fmt::format("{}: [{}]", items.size(), fmt::join(names, ", ")));
                       }
                       return fmt::format("{{{}}}", fmt::join(items, ", "));
                   },
                   [](const Fields& map) {
                       std::vector<std::string> items;
                       for (const auto& [key, value] : map)
                           items.push_back(base::python_repr(key) + ": " + python_repr(value));
                       return fmt::format("{{{}}}", fmt::join(items, ", "));
                   }},
        field.value);
}

using Json = nlohmann::ordered_json;

Json json_of(const Field& field) {
    return std::visit(Overloaded{[](std::monostate) { return Json(); },
                                 [](const ClassNames& names) {
                                     Json out = Json::object();
                                     for (std::size_t i = 0; i < names.size(); ++i) out[std::to_string(i)] = names[i];
                                     return out;
                                 },
                                 [](const NameLists& lists) {
                                     Json out = Json::object();
                                     for (std::size_t i = 0; i < lists.size(); ++i) out[std::to_string(i)] = lists[i];
                                     return out;
                                 },
                                 [](const Fields& map) {
                                     Json out = Json::object();
                                     for (const auto& [key, value] : map) out[key] = json_of(value);
                                     return out;
                                 },
                                 [](const auto& plain) { return Json(plain); }},
                      field.value);
}

}  // namespace

Fields fields(const Metadata& metadata) {
    Fields out = {{"description", {metadata.description}},
                  {"author", {std::string("Ultralytics")}},
                  {"date", {metadata.date}},
                  {"version", {metadata.version}},
                  {"license", {metadata.license}},
                  {"docs", {std::string("https://docs.ultralytics.com")}},
                  {"stride", {std::int64_t{metadata.stride}}},
                  {"task", {metadata.task}},
                  {"head", {metadata.head}},
                  {"batch", {std::int64_t{metadata.batch}}},
                  {"imgsz", {std::vector<std::int64_t>{metadata.imgsz.height, metadata.imgsz.width}}},
                  {"names", {metadata.names}},
                  {"args", {arguments(metadata)}},
                  {"channels", {std::int64_t{3}}},
                  {"end2end", {metadata.end2end}}};
    if (metadata.kpt_shape.count > 0)
        out.push_back({"kpt_shape", {std::vector<std::int64_t>{metadata.kpt_shape.count, metadata.kpt_shape.dims}}});
    if (!metadata.kpt_names.empty()) out.push_back({"kpt_names", {metadata.kpt_names}});
    out.push_back({"exporter", {"yolovino " + metadata.version}});
    out.push_back({"source", {metadata.source}});
    out.push_back({"source_sha256", {metadata.source_sha256}});
    return out;
}

std::string to_yaml(const Metadata& metadata) {
    YAML::Emitter out;
    out.SetNullFormat(YAML::LowerNull);  // as PyYAML; Ultralytics' Rust command accepts no other
    put_yaml(out, Field{fields(metadata)});
    out << YAML::Newline;
    return out.c_str();
}

std::vector<std::pair<std::string, std::string>> to_properties(const Metadata& metadata) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [key, field] : fields(metadata)) {
        const auto* text = std::get_if<std::string>(&field.value);
        out.emplace_back(key, text != nullptr ? *text : python_repr(field));
    }
    return out;
}

std::string to_json(const Metadata& metadata) {
    constexpr bool kEscapeNonAscii = true;
    return json_of(Field{fields(metadata)}).dump(-1, ' ', kEscapeNonAscii, Json::error_handler_t::replace);
}

}  // namespace yolovino::writers
