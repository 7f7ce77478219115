#include "c_api/options_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "yolovino/error.hpp"

#include "c_api/arguments.hpp"
#include "c_api/plot_options.hpp"
#include "cli/text.hpp"
#include "options/modes.hpp"
#include "options/schema.hpp"

namespace yolovino::c_api {

namespace {

using Json = nlohmann::ordered_json;
using options::Mode;

Json json_of(const options::Option& option, Mode mode) {
    const options::Binding& binding = *option.binding(mode);
    Json json = {{"key", option.key},
                 {"type", binding.type},
                 {"default", binding.show(options::Settings())},
                 {"help", option.help},
                 {"wanted", option.wanted()}};
    if (!option.choices.empty()) json["choices"] = option.choices;
    if (!option.values.empty()) json["values"] = option.values;
    if (option.range.lowest) json["lowest"] = *option.range.lowest;
    if (option.range.highest) json["highest"] = *option.range.highest;
    return json;
}

}  // namespace

std::string options_json(std::string_view mode) {
    Json rows = Json::array();
    if (mode == "plot") {
        rows = plot_options_json();
    } else {
        const std::optional<Mode> found = options::find_mode(mode);
        if (!found || *found == Mode::Info || *found == Mode::Serve) {
            throw Error(ErrorCode::InvalidArgument, "options", fmt::format("mode '{}' is not known", cli::safe(mode)),
                        {}, "wanted predict, track, val, export, benchmark, compare, or plot");
        }
        for (const options::Option& option : options::schema()) {
            if (takes(*found, option)) rows.push_back(json_of(option, *found));
        }
    }
    return rows.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace yolovino::c_api
