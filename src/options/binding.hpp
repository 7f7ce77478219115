#pragma once

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "options/convert.hpp"
#include "options/option.hpp"
#include "options/text.hpp"

/// From a member of an argument struct to the Binding of its mode.
namespace yolovino::options {

/// Where the settings hold the arguments of a mode.
template <typename Args>
struct Place;
template <>
struct Place<PredictArgs> {
    static constexpr Mode kMode = Mode::Predict;
    static constexpr auto kArgs = &Settings::predict;
};
template <>
struct Place<TrackArgs> {
    static constexpr Mode kMode = Mode::Track;
    static constexpr auto kArgs = &Settings::track;
};
template <>
struct Place<ValArgs> {
    static constexpr Mode kMode = Mode::Val;
    static constexpr auto kArgs = &Settings::val;
};
template <>
struct Place<ExportArgs> {
    static constexpr Mode kMode = Mode::Export;
    static constexpr auto kArgs = &Settings::export_args;
};
template <>
struct Place<BenchmarkArgs> {
    static constexpr Mode kMode = Mode::Benchmark;
    static constexpr auto kArgs = &Settings::benchmark;
};
template <>
struct Place<InfoArgs> {
    static constexpr Mode kMode = Mode::Info;
    static constexpr auto kArgs = &Settings::info;
};
template <>
struct Place<AgreeArgs> {
    static constexpr Mode kMode = Mode::Agree;
    static constexpr auto kArgs = &Settings::agree;
};

template <>
struct Place<ServeArgs> {
    static constexpr Mode kMode = Mode::Serve;
    static constexpr auto kArgs = &Settings::serve;
};

/// @param field from the settings, constant or not, to the field
template <typename Field>
Binding bind(Mode mode, std::string_view area, Field field) {
    using T = std::remove_cvref_t<decltype(field(std::declval<Settings&>()))>;
    Binding binding{.mode = mode,
                    .area = std::string(area),
                    .type = std::string(Convert<T>::kType),
                    .wanted = wanted_of<T>(),
                    .set = [=](Settings& settings,
                               const Argument& argument) { return Convert<T>::read(argument, field(settings)); },
                    .show = [=](const Settings& settings) { return Convert<T>::show(field(settings)); }};
    if constexpr (kHasRange<T>)
        binding.problem = [=](const Settings& settings, const Range& range) {
            return problem_of(field(settings), range);
        };
    return binding;
}

/// A field of the settings themselves.
template <typename T>
Binding general(Mode mode, T Settings::*member) {
    return bind(
        mode, area_of(mode), [=](auto& settings) -> auto& { return settings.*member; });
}

/// A field of a mode's arguments; the type of the arguments says which mode.
template <typename Args, typename T>
Binding at(T Args::*member) {
    constexpr Mode kMode = Place<Args>::kMode;
    return bind(
        kMode, area_of(kMode), [=](auto& settings) -> auto& { return settings.*Place<Args>::kArgs.*member; });
}

/// A runtime option of the modes with these arguments, and what other modes make of it.
template <typename... Args, typename T>
std::vector<Binding> runtime_of(T RuntimeOptions::*member, std::vector<Binding> others = {}) {
    std::vector<Binding> bindings = {bind(
        Place<Args>::kMode,
        "runtime", [=](auto& settings) -> auto& { return (settings.*Place<Args>::kArgs).runtime.*member; })...};
    bindings.insert(bindings.end(), others.begin(), others.end());
    return bindings;
}

/// The words of a list; nothing for a list with gaps.
inline std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    return Convert<std::vector<std::string>>::read({{}, std::string(text), Value{std::string(text)}}, words)
               ? words
               : std::vector<std::string>();
}

/// One value for both sides of `agree`, or one for each.
/// @param field from a side to the field
template <typename Field>
Binding both_sides(Field field, std::vector<std::string> (*split)(std::string_view) = split_words) {
    using T = std::remove_cvref_t<decltype(field(std::declval<AgreeSide&>()))>;
    const auto set = [=](Settings& settings, const Argument& argument) {
        auto& sides = settings.agree.sides;
        if (argument.value.is_none()) {
            for (AgreeSide& side : sides) field(side) = T{};
            return true;
        }
        const std::vector<std::string> words = split(argument.raw);
        if (words.size() > sides.size()) {
            throw UsageError(fmt::format("'{}={}' has {} values, wanted one or two", argument.key, safe(argument.raw),
                                         words.size()));
        }
        for (std::size_t i = 0; i < sides.size() && !words.empty(); ++i) {
            const std::string& word = words[std::min(i, words.size() - 1)];
            if (!Convert<T>::read({argument.key, word, Value{word}}, field(sides[i])))
                throw UsageError(fmt::format("'{}={}' is not known: '{}' must be {}", argument.key, safe(word),
                                             argument.key, wanted_of<T>()));
        }
        return !words.empty();
    };
    const auto show = [=](const Settings& settings) {
        const auto& sides = settings.agree.sides;
        const std::string first = Convert<T>::show(field(sides[0]));
        const std::string second = Convert<T>::show(field(sides[1]));
        return first == second ? first : fmt::format("{};{}", first, second);
    };
    return {.mode = Mode::Agree,
            .area = std::string(area_of(Mode::Agree)),
            .type = "str or list",
            .wanted = "one value for both sides, or two with a comma between",
            .set = set,
            .show = show};
}

}  // namespace yolovino::options
