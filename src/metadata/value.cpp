#include "metadata/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace yolovino::metadata {

const Value* Value::find(std::string_view key) const {
    const auto* map = get<Map>();
    if (map == nullptr) return nullptr;
    const auto found = std::ranges::find_if(*map, [&](const Item& item) {
        const auto* text = item.key.get<std::string>();
        return text != nullptr && *text == key;
    });
    return found == map->end() ? nullptr : &found->value;
}

std::optional<std::int64_t> Value::as_int() const {
    if (const auto* number = get<std::int64_t>()) return *number;
    if (const auto* real = get<double>(); real != nullptr && *real == std::trunc(*real) && std::abs(*real) < 0x1p53)
        return static_cast<std::int64_t>(*real);
    const auto* text = get<std::string>();
    if (text == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return number;
}

std::optional<bool> Value::as_bool() const {
    if (const auto* truth = get<bool>()) return *truth;
    const auto* text = get<std::string>();
    if (text == nullptr) return std::nullopt;
    if (*text == "true" || *text == "True") return true;
    if (*text == "false" || *text == "False") return false;
    return std::nullopt;
}

std::string Value::as_text() const {
    if (const auto* text = get<std::string>()) return *text;
    if (const auto* truth = get<bool>()) return *truth ? "True" : "False";
    if (const auto* integer = get<std::int64_t>()) return std::to_string(*integer);
    if (const auto* real = get<double>()) return base::python_repr(*real);
    return {};
}

}  // namespace yolovino::metadata
