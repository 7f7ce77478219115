#include "serve/model_list.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "yolovino/error.hpp"

#include "options/text.hpp"

namespace yolovino::serve {

namespace {

constexpr std::size_t kMostNameBytes = 64;

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
}

}  // namespace

bool is_model_name(std::string_view name) {
    return !name.empty() && name.size() <= kMostNameBytes && name.front() != '.' &&
           std::ranges::all_of(name, is_name_character);
}

std::string served_name(const std::string& file) {
    std::filesystem::path path = file;
    if (!path.has_filename()) path = path.parent_path();
    std::string name = path.stem().string();
    constexpr std::string_view kSuffix = "_openvino_model";
    if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    for (char& c : name) {
        if (!is_name_character(c)) c = '_';
    }
    return name.substr(0, kMostNameBytes);
}

std::vector<NamedModel> parse_model_list(std::string_view text) {
    std::vector<NamedModel> models;
    std::set<std::string> names;
    for (const std::string_view item : options::split_list(text)) {
        if (item.empty()) continue;
        const std::size_t equals = item.find('=');
        const bool is_named = equals != std::string_view::npos && is_model_name(options::trim(item.substr(0, equals)));
        NamedModel model;
        model.file = options::trim(is_named ? item.substr(equals + 1) : item);
        model.name = is_named ? std::string(options::trim(item.substr(0, equals))) : served_name(model.file);
        if (!is_model_name(model.name) || model.file.empty()) {
            throw Error(ErrorCode::InvalidArgument, "serve", fmt::format("'{}' names no model", options::safe(item)),
                        {},
                        "write model=FILE or model=NAME=FILE, several with commas; a name has letters, digits, - _ .");
        }
        if (!names.insert(model.name).second) {
            throw Error(ErrorCode::InvalidArgument, "serve", fmt::format("two models are called '{}'", model.name), {},
                        "give one of them another name: model=NAME=FILE");
        }
        models.push_back(std::move(model));
    }
    if (models.empty()) throw Error(ErrorCode::InvalidArgument, "serve", "there is no model to serve");
    return models;
}

}  // namespace yolovino::serve
