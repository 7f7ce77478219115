#include "documents/yaml_value.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "documents/text.hpp"

namespace yolovino::documents {

const Yaml* Yaml::find(std::string_view key) const {
    const auto* map = get<Map>();
    if (map == nullptr) return nullptr;
    const auto found = std::ranges::find_if(*map, [&](const YamlEntry& entry) {
        const auto* text = entry.key.get<std::string>();
        return text != nullptr && *text == key;
    });
    return found == map->end() ? nullptr : &found->value;
}

std::optional<std::int64_t> Yaml::as_int() const {
    if (const auto* integer = get<std::int64_t>()) return *integer;
    if (const auto* truth = get<bool>()) return *truth ? 1 : 0;
    if (const auto* text = get<std::string>()) return python_int(*text);
    const auto* real = get<double>();
    if (real == nullptr || *real != std::trunc(*real) || std::abs(*real) >= 0x1p63) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

std::string Yaml::python_text() const {
    if (const auto* text = get<std::string>()) return *text;
    if (const auto* truth = get<bool>()) return *truth ? "True" : "False";
    if (const auto* integer = get<std::int64_t>()) return std::to_string(*integer);
    if (const auto* big = get<BigInteger>()) return big->digits;
    if (const auto* real = get<double>()) return base::python_repr(*real);
    if (const auto* time = get<Time>()) return time->text;
    const auto inner = [](const Yaml& value) {
        const auto* text = value.get<std::string>();
        return text == nullptr ? value.python_text() : base::python_repr(*text);
    };
    if (const auto* list = get<List>()) {
        std::string out = "[";
        for (const Yaml& each : *list) out += (out.size() > 1 ? ", " : "") + inner(each);
        return out + "]";
    }
    if (const auto* map = get<Map>()) {
        std::string out = "{";
        for (const YamlEntry& each : *map)
            out += (out.size() > 1 ? ", " : "") + inner(each.key) + ": " + inner(each.value);
        return out + "}";
    }
    return "None";
}

std::string Yaml::described() const {
    if (is_null()) return "nothing";
    if (get<List>() != nullptr) return "a list";
    if (get<Map>() != nullptr) return "a mapping";
    const std::string_view kind = get<std::string>() != nullptr ? "text"
                                  : get<bool>() != nullptr      ? "truth value"
                                  : get<Time>() != nullptr      ? "date"
                                                                : "number";
    return fmt::format("the {} '{}'", kind, base::printable(python_text(), 64));
}

}  // namespace yolovino::documents
