#include "options/option.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "options/text.hpp"

namespace yolovino::options {

bool Range::holds(double number) const {
    // In this form, what is not a number is out of range.
    return (!lowest || number >= *lowest) && (!highest || number <= *highest) && (rule == nullptr || rule(number));
}

std::string Range::text() const {
    if (!words.empty()) return std::string(words);
    if (lowest && highest) return fmt::format("{} to {}", *lowest, *highest);
    if (lowest) return fmt::format("at least {}", *lowest);
    return {};
}

const Binding* Option::binding(Mode mode) const {
    const auto found = std::ranges::find(bindings, mode, &Binding::mode);
    return found == bindings.end() ? nullptr : &*found;
}

std::string Option::default_text(Mode mode) const {
    const Binding* bound = binding(mode);
    return bound == nullptr ? std::string("None") : bound->show(default_settings());
}

std::string Option::wanted() const {
    const bool is_enumeration = bindings.front().problem != nullptr;
    if (!choices.empty() && !is_enumeration) return "one of " + join(choices, ", ");
    const std::string& type = bindings.front().wanted;
    if (!range.words.empty()) return std::string(range.words);
    if (range.lowest && range.highest) return fmt::format("{} from {}", type, range.text());
    return range.lowest ? fmt::format("{} of {}", type, range.text()) : type;
}

std::string Option::limits() const {
    return choices.empty() ? range.text() : "one of " + join(choices, ", ");
}

void Option::apply(Mode mode, const Argument& argument, Settings& settings) const {
    const auto fail = [&](std::string_view problem) {
        throw UsageError(fmt::format("'{}={}' {}: '{}' must be {}", key, safe(argument.raw), problem, key, wanted()));
    };
    if (takes_none && argument.value.is_none()) return;
    const Binding& bound = *binding(mode);
    if (!bound.set(settings, argument)) fail(bound.type == "str" ? "is not known" : "has the wrong type");
    if (bound.problem && !bound.problem(settings, range).empty()) fail("is out of range");
    // Enumerations and lists of them were checked as they were read.
    const bool checked = choices.empty() || bound.problem || bound.type != "str" || argument.value.is_none();
    if (!checked && std::ranges::find(choices, argument.raw) == choices.end()) fail("is not known");
}

}  // namespace yolovino::options
