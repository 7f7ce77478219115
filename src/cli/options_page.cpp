#include "cli/options_page.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/options.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

constexpr std::string_view kIntroduction = R"(# Options

Every option of `yolo` is written `name=value`; options that are True or False may be given by name alone. `None` means
that nothing is set. The C++ library has the same names and defaults in `yolovino/args.hpp`; those of the runtime are
members of `RuntimeOptions`, and only the command saves annotated images by default. `yolo help MODE` shows the options
of one mode, `yolo cfg` all of them as a file that `cfg=` reads.

This page is generated from the table in `src/options/schema.cpp`: after a change, build the target `options_page`.
)";

/// The texts of all modes, such as "predict, val `True`; info `False`"; without modes where all have the same.
std::string by_mode(const Option& option, const std::function<std::string(const Binding&)>& text_of) {
    std::vector<std::pair<std::string, std::vector<std::string>>> groups;
    for (const Binding& binding : option.bindings) {
        const std::string text = text_of(binding);
        auto group = std::ranges::find(groups, text, [](const auto& each) { return each.first; });
        if (group == groups.end()) group = groups.insert(groups.end(), {text, {}});
        group->second.emplace_back(describe(binding.mode).name);
    }
    if (groups.size() == 1) return fmt::format("`{}`", groups.front().first);
    std::vector<std::string> cells;
    cells.reserve(groups.size());
    for (const auto& [text, modes] : groups) cells.push_back(fmt::format("{} `{}`", join(modes, ", "), text));
    return join(cells, "; ");
}

std::string modes_of(const Option& option) {
    if (option.bindings.size() == modes().size()) return "all";
    std::vector<std::string> names;
    for (const ModeInfo& mode : modes()) {
        if (option.binding(mode.mode) != nullptr) names.emplace_back(mode.name);
    }
    return join(names, ", ");
}

std::string row(const Option& option) {
    const std::string type = by_mode(option, [](const Binding& binding) { return binding.type; });
    const std::string defaults =
        by_mode(option, [&](const Binding& binding) { return option.default_text(binding.mode); });
    return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", option.key, type, defaults, option.limits(),
                       modes_of(option), option.help);
}

}  // namespace

std::string options_page() {
    std::string page = std::string(kIntroduction) +
                       "\n| option | type | default | accepts | modes | meaning |\n|---|---|---|---|---|---|\n";
    for (const Option& option : schema()) {
        if (option.key != "mode") page += row(option);
    }
    return page + "| `cfg` | `path` | `None` | | all | file of options, `name: value` in each line; later ones win |\n";
}

}  // namespace yolovino::cli
