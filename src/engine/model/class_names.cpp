#include "engine/model/class_names.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>

#include "base/fail.hpp"
#include "base/log.hpp"

namespace yolovino::engine {

namespace {

using checkpoint::Checkpoint;
using checkpoint::Dict;
using checkpoint::Value;

constexpr std::size_t kMaxNameBytes = 256;

[[noreturn]] void bad_names(const Checkpoint& checkpoint, const std::string& message,
                            ErrorCode code = ErrorCode::CorruptFile) {
    throw Error(code, "checkpoint", message, {.file = checkpoint.path().string()},
                "set model.names to {0: 'first', 1: 'second', …} in Python and save the checkpoint again");
}

/// A name as Python's str() shows it, which is what Ultralytics makes of all names.
std::string class_name(const Checkpoint& checkpoint, std::int64_t id, const Value& value) {
    if (const Value* part = value.unreadable()) {
        bad_names(checkpoint, fmt::format("the name of class {} cannot be read as text: it holds {}", id,
                                          base::printable(part->to_text())));
    }
    std::string name = value.to_text();
    if (name.size() > kMaxNameBytes) {
        bad_names(checkpoint,
                  fmt::format("the name of class {} has {} bytes, at most {} are read", id, name.size(), kMaxNameBytes),
                  ErrorCode::LimitExceeded);
    }
    return name;
}

/// The names by class id. Of two equal ids the last wins, as in Python.
std::map<std::int64_t, const Value*> stored_names(const Checkpoint& checkpoint, const Value& stored) {
    std::map<std::int64_t, const Value*> names;
    const checkpoint::List* list = stored.as_list();
    const Dict* dict = std::get_if<Dict>(&stored.data);
    if (list != nullptr && !stored.set) {
        for (const Value& name : *list) names.emplace(static_cast<std::int64_t>(names.size()), &name);
    } else if (dict != nullptr) {
        for (const auto& [key, name] : *dict) {
            const auto id = class_id(key);
            if (!id) bad_names(checkpoint, fmt::format("class id {} is no number", base::printable(key.to_text(), 80)));
            names[*id] = &name;
        }
        const auto count = static_cast<std::int64_t>(names.size());
        if (count > 0 && names.rbegin()->first >= count) {
            bad_names(checkpoint, fmt::format("{} class names have ids from {} to {}, wanted 0 to {}", count,
                                              names.begin()->first, names.rbegin()->first, count - 1));
        }
    } else {
        bad_names(checkpoint,
                  fmt::format("class names are {}, wanted a list or a dict",
                              stored.set ? "a set, which has no order" : base::printable(stored.to_text(), 80)));
    }
    return names;
}

}  // namespace

std::optional<std::int64_t> class_id(const Value& key) {
    if (const auto flag = key.as_bool()) return *flag ? 1 : 0;
    if (const auto number = key.as_number()) {
        constexpr double kLargest = 1e15;  // exact as a double
        return std::abs(*number) < kLargest ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
    }
    const std::string* text = key.as_string();
    if (text == nullptr) return std::nullopt;
    constexpr std::string_view kSpace = " \t\n\r\f\v";
    const std::size_t first = text->find_first_not_of(kSpace);
    if (first == std::string::npos) return std::nullopt;
    std::string_view digits = std::string_view(*text).substr(first, text->find_last_not_of(kSpace) - first + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return id;
}

ClassNames names_of(const Checkpoint& checkpoint, std::int64_t classes) {
    const Value* stored = checkpoint.model().attribute("names");
    std::map<std::int64_t, const Value*> known;
    const bool named = stored != nullptr && !stored->is_none();
    if (named) known = stored_names(checkpoint, *stored);
    // Negative ids stand for no class; below the largest id some may be missing for them.
    const std::int64_t count = !named          ? classes
                               : known.empty() ? 0
                                               : std::max<std::int64_t>(known.rbegin()->first + 1, 0);
    ClassNames names;
    for (std::int64_t i = 0; i < std::min(count, classes); ++i) {
        const auto found = known.find(i);
        names.push_back(found == known.end() ? fmt::format("class{}", i) : class_name(checkpoint, i, *found->second));
    }
    for (std::int64_t i = classes; i < count; ++i) names.emplace_back();  // counted only
    return names;
}

std::vector<std::vector<std::string>> keypoint_names_of(const Checkpoint& checkpoint, std::int64_t classes) {
    const Value* stored = checkpoint.model().attribute("kpt_names");
    const Dict* dict = stored == nullptr ? nullptr : std::get_if<Dict>(&stored->data);
    if (dict == nullptr || dict->empty()) return {};
    std::vector<std::vector<std::string>> names(static_cast<std::size_t>(classes));
    for (const auto& [key, value] : *dict) {
        const auto id = class_id(key);
        const checkpoint::List* list = value.as_list();
        if (!id || *id < 0 || *id >= classes || list == nullptr) return {};
        std::vector<std::string>& of_class = names[static_cast<std::size_t>(*id)];
        of_class.clear();
        for (const Value& name : *list) of_class.push_back(class_name(checkpoint, *id, name));
    }
    return names;
}

void fit_names(ModelInfo& info, int classes) {
    const auto wanted = static_cast<std::size_t>(std::max(classes, 0));
    if (wanted == 0 || wanted == info.names.size()) return;
    base::warn("{} class names for the {} classes of the network in {}: {}", info.names.size(), wanted,
               base::printable(info.path.string()),
               info.names.size() > wanted ? "those without a class are ignored"
                                          : "the others are named class0, class1, … by id");
    const std::size_t named = std::min(info.names.size(), wanted);
    info.names.resize(wanted);
    for (std::size_t i = named; i < wanted; ++i) info.names[i] = fmt::format("class{}", i);
}

}  // namespace yolovino::engine
