#include "c_api/arguments.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "yolovino/error.hpp"

#include "c_api/call.hpp"
#include "cli/text.hpp"
#include "cli/unsupported.hpp"
#include "options/schema.hpp"
#include "options/value.hpp"

namespace yolovino::c_api {

namespace {

using options::Argument;
using options::Mode;
using options::Option;

[[noreturn]] void fail_unknown(Mode mode, const std::string& key) {
    const std::string_view name = options::describe(mode).name;
    if (cli::is_unsupported(key) && !cli::reason_of(key).empty()) {
        throw Error(ErrorCode::InvalidArgument, "options",
                    fmt::format("option '{}' of Ultralytics has no effect in {}: it is {}", options::safe(key), name,
                                cli::reason_of(key)));
    }
    std::vector<std::string> known;
    for (const Option& option : options::schema()) {
        if (takes(mode, option)) known.push_back(option.key);
    }
    const std::vector<std::string> close = cli::close_matches(key, known);
    throw Error(ErrorCode::InvalidArgument, "options",
                fmt::format("option '{}' is not one of {}", options::safe(key), name), {},
                close.empty() ? "yv_options_json lists them" : fmt::format("did you mean '{}'?", close.front()));
}

}  // namespace

std::vector<Argument> arguments_of(const yv_option* pairs, std::size_t count) {
    if (count > 0) expect(pairs, "options");
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < count; ++i) {
        expect(pairs[i].key, "the key of an option");
        expect(pairs[i].value, "the value of an option");
        arguments.push_back({pairs[i].key, pairs[i].value, options::parse_value(pairs[i].value)});
    }
    return arguments;
}

std::vector<Argument> take_out(std::vector<Argument>& arguments, std::string_view key) {
    const auto rest = std::stable_partition(arguments.begin(), arguments.end(),
                                            [&](const Argument& each) { return each.key != key; });
    std::vector<Argument> taken(rest, arguments.end());
    arguments.erase(rest, arguments.end());
    return taken;
}

bool takes(Mode mode, const Option& option) {
    // The call, the handle, or the function says them.
    constexpr std::array<std::string_view, 4> kNever = {"mode", "task", "kpt_shape", "merge"};
    constexpr std::array<std::string_view, 2> kOfCompare = {"model", "source"};
    if (option.binding(mode) == nullptr || std::ranges::find(kNever, option.key) != kNever.end()) return false;
    return mode == Mode::Agree || std::ranges::find(kOfCompare, option.key) == kOfCompare.end();
}

options::Settings settings_of(Mode mode, const std::vector<Argument>& arguments) {
    for (const Argument& argument : arguments) {
        const Option* option = options::find_option(argument.key);
        if (option == nullptr || !takes(mode, *option)) fail_unknown(mode, argument.key);
    }
    options::Settings settings;
    settings.mode = options::describe(mode).name;
    // In the order of the schema: some options decide over others.
    for (const Option& option : options::schema()) {
        const auto last = std::find_if(arguments.rbegin(), arguments.rend(),
                                       [&](const Argument& each) { return each.key == option.key; });
        if (last != arguments.rend()) option.apply(mode, *last, settings);
    }
    return settings;
}

std::string key_of(Mode mode, const std::vector<Argument>& arguments) {
    std::string key(options::describe(mode).name);
    for (const Argument& argument : arguments) {
        key += '\0';
        key += argument.key;
        key += '\0';
        key += argument.raw;
    }
    return key;
}

}  // namespace yolovino::c_api
