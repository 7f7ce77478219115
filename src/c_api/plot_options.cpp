#include "c_api/plot_options.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "yolovino/error.hpp"

#include "cli/text.hpp"
#include "options/convert.hpp"

namespace yolovino::c_api {

namespace {

using options::Argument;

struct PlotOption {
    std::string key;
    std::string type;
    std::string wanted;
    std::string help;
    std::function<bool(PlotArgs&, const Argument&)> set;
    std::function<std::string(const PlotArgs&)> show;
};

template <typename T>
PlotOption row(std::string key, T PlotArgs::*member, std::string help) {
    return {.key = std::move(key),
            .type = std::string(options::Convert<T>::kType),
            .wanted = options::wanted_of<T>(),
            .help = std::move(help),
            .set = [member](PlotArgs& args,
                            const Argument& argument) { return options::Convert<T>::read(argument, args.*member); },
            .show = [member](const PlotArgs& args) { return options::Convert<T>::show(args.*member); }};
}

const std::vector<PlotOption>& table() {
    static const std::vector<PlotOption> kTable = {
        row("conf", &PlotArgs::conf, "write the score"),
        row("labels", &PlotArgs::labels, "write the class name"),
        row("boxes", &PlotArgs::boxes, "draw the boxes"),
        row("masks", &PlotArgs::masks, "segment: draw the masks"),
        row("probs", &PlotArgs::probs, "classify: write the five most likely classes"),
        row("kpt_radius", &PlotArgs::kpt_radius, "pose: radius of a keypoint in pixels"),
        row("kpt_line", &PlotArgs::kpt_line, "pose: join the keypoints of persons"),
        row("line_width", &PlotArgs::line_width, "width of lines in pixels; None: from the size of the image"),
    };
    return kTable;
}

const PlotOption& find(const std::string& key) {
    const auto found = std::ranges::find(table(), key, &PlotOption::key);
    if (found != table().end()) return *found;
    std::vector<std::string> known;
    for (const PlotOption& each : table()) known.push_back(each.key);
    throw Error(ErrorCode::InvalidArgument, "options", fmt::format("option '{}' is not one of plot", cli::safe(key)),
                {}, fmt::format("plot takes {}", cli::join(known, ", ")));
}

}  // namespace

PlotArgs plot_args_of(const std::vector<Argument>& arguments) {
    PlotArgs args;
    for (const Argument& argument : arguments) {
        const PlotOption& option = find(argument.key);
        if (!option.set(args, argument)) {
            throw options::UsageError(fmt::format("'{}={}' has the wrong type: '{}' must be {}", option.key,
                                                  cli::safe(argument.raw), option.key, option.wanted));
        }
    }
    const auto at_least = [](std::string_view key, int value, int lowest) {
        if (value < lowest)
            throw options::UsageError(
                fmt::format("'{}={}' is out of range: '{}' must be at least {}", key, value, key, lowest));
    };
    at_least("kpt_radius", args.kpt_radius, 0);
    at_least("line_width", args.line_width.value_or(1), 1);
    return args;
}

nlohmann::ordered_json plot_options_json() {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const PlotOption& each : table()) {
        rows.push_back({{"key", each.key},
                        {"type", each.type},
                        {"default", each.show(PlotArgs())},
                        {"help", each.help},
                        {"wanted", each.wanted}});
    }
    return rows;
}

}  // namespace yolovino::c_api
