#include "cli/agree.hpp"

#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "yolovino/agree.hpp"
#include "yolovino/error.hpp"

#include "cli/console.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

std::string row(std::string_view label, const std::string& largest, const std::string& mean,
                const std::string& tolerance) {
    return fmt::format("{:<12}{:>10}{:>11}{:>12}\n", label, largest, mean, tolerance);
}

std::string page_of(const Agreement& found, const AgreeArgs& args) {
    std::string page = fmt::format(
        "first   {}, ran on {}\nsecond  {}, ran on {}\n{} images, {} detections on both sides\n", safe(found.first),
        safe(found.first_ran), safe(found.second), safe(found.second_ran), found.images, found.matched);
    const auto fixed = [](double value, int digits) { return fmt::format("{:.{}f}", value, digits); };
    const auto short_text = [](double value) { return fmt::format("{:.4g}", value); };
    page += row("", "largest", "mean", "tolerance");
    page += row("box (px)", fixed(found.max_box_px, 3), fixed(found.mean_box_px, 3), short_text(args.tolerance_box));
    page += row("score", fixed(found.max_score, 4), fixed(found.mean_score, 4), short_text(args.tolerance_score));
    const auto add_spread = [&](const char* label, const std::optional<Spread>& spread, int digits, double tolerance) {
        if (spread)
            page += row(label, fixed(spread->largest, digits), fixed(spread->mean, digits), short_text(tolerance));
    };
    add_spread("1 - mask IoU", found.mask, 4, args.tolerance_mask);
    add_spread("keypoint px", found.keypoint_px, 3, args.tolerance_keypoint);
    add_spread("angle (deg)", found.angle_deg, 3, args.tolerance_angle);
    if (found.raw) {
        page += row("raw box (px)", short_text(found.raw->max_box_px), short_text(found.raw->mean_box_px), "-");
        page += row("raw score", short_text(found.raw->max_score), short_text(found.raw->mean_score), "-");
        if (found.raw->max_other > 0)
            page += row("raw rest", short_text(found.raw->max_other), short_text(found.raw->mean_other), "-");
        if (found.raw->not_finite > 0)
            page += fmt::format("{} values of the raw outputs are infinite or no numbers\n", found.raw->not_finite);
    } else {
        page += fmt::format("raw outputs are not compared: {}\n", found.raw_missing);
    }
    page += fmt::format("only first {}, only second {}, clearly above conf {}\n", found.unmatched_first,
                        found.unmatched_second, found.missed);
    if (found.map_first && found.map_second) {
        page += fmt::format("mAP50-95    {:.4f} and {:.4f}, tolerance {}\n", *found.map_first, *found.map_second,
                            args.tolerance_map);
    }
    if (found.max_box_px > 0) page += fmt::format("largest difference of a box in {}\n", safe(found.worst));
    return page + (found.agrees ? "they agree\n" : "");
}

}  // namespace

void run_agree(const Settings& settings) {
    AgreeArgs args = settings.agree;
    args.source = settings.source;
    drop_repeated_warnings();
    const std::vector<std::string_view> models = split_list(settings.model);
    if (models.size() > args.sides.size()) {
        throw Error(ErrorCode::InvalidArgument, "agree",
                    fmt::format("model names {} sides, wanted one or two", models.size()));
    }
    args.sides[0].model = models.front();
    args.sides[1].model = models.back();
    if (settings.agree_json) connect_console(InfoStream::Error);
    const Agreement found = agree(args);
    print(settings.agree_json ? found.to_json() + "\n" : page_of(found, args));
    if (!found.agrees) throw Error(ErrorCode::RuntimeFailure, "agree", "the two do not agree within the tolerance");
}

}  // namespace yolovino::cli
