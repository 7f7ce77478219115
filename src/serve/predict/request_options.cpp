#include "serve/predict/request_options.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "options/argument.hpp"
#include "options/schema.hpp"
#include "options/settings.hpp"
#include "options/text.hpp"
#include "options/value.hpp"

namespace yolovino::serve {

namespace {

using options::Mode;
using options::Option;

/// What runs the network is the server's matter, and so is what it writes to disk.
constexpr std::array<std::string_view, 14> kOfRequests = {
    "imgsz",   "conf", "iou",          "nms",       "classes",    "max_det",     "agnostic_nms",
    "augment", "rect", "retina_masks", "show_conf", "show_boxes", "show_labels", "line_width"};

void expect_known(const std::string& name) {
    if (std::ranges::find(kOfRequests, name) != kOfRequests.end()) return;
    throw options::UsageError(fmt::format("option '{}' is not one of a request; known: {}", options::safe(name),
                                          options::join(request_option_names(), ", ")));
}

void expect_size(const PredictArgs& args, const PredictArgs& defaults) {
    if (!args.imgsz || args.imgsz == defaults.imgsz) return;
    const ImageSize own = defaults.imgsz.value_or(ImageSize{});
    const int most = std::max({kMostRequestImgszPx, own.height, own.width});
    const int wanted = std::max(args.imgsz->height, args.imgsz->width);
    if (wanted > most)
        throw options::UsageError(
            fmt::format("'imgsz={}' is out of range: a request may ask for 1 to {}", wanted, most));
}

}  // namespace

std::vector<std::string> request_option_names() {
    std::vector<std::string> names;
    for (const Option& option : options::schema()) {
        if (std::ranges::find(kOfRequests, option.key) != kOfRequests.end()) names.push_back(option.key);
    }
    return names;
}

PredictArgs apply_request_options(const std::vector<std::pair<std::string, std::string>>& pairs,
                                  const PredictArgs& defaults) {
    if (pairs.empty()) return defaults;
    for (const auto& [name, value] : pairs) expect_known(name);
    options::Settings settings;
    settings.predict = defaults;
    // In the order of the schema: some options decide over others.
    for (const Option& option : options::schema()) {
        const auto last =
            std::find_if(pairs.rbegin(), pairs.rend(), [&](const auto& each) { return each.first == option.key; });
        if (last == pairs.rend()) continue;
        const std::string raw = last->second.empty() && option.is_bool() ? "True" : last->second;
        if (raw.empty()) throw options::UsageError(fmt::format("option '{}' has no value", option.key));
        option.apply(Mode::Predict, {option.key, raw, options::parse_value(raw)}, settings);
    }
    expect_size(settings.predict, defaults);
    return settings.predict;
}

}  // namespace yolovino::serve
