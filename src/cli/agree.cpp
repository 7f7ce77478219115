#include "cli/agree.hpp"

#include <fmt/format.h>
#include <string_view>

#include "yolovino/agree.hpp"
#include "yolovino/error.hpp"

#include "cli/console.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

void run_agree(const Settings& settings) {
    AgreeArgs args = settings.agree;
    args.source = settings.source;
    for (const std::string_view model : split_list(settings.model)) args.model.emplace_back(model);
    if (settings.agree_json) connect_console(InfoStream::Error);
    const Agreement found = agree(args);
    if (settings.agree_json) {
        print(found.to_json() + "\n");
    } else {
        std::string page = fmt::format("first   {}\nsecond  {}\n{} images, {} detections on both sides\n",
                                       safe(found.first), safe(found.second), found.images, found.matched);
        page += fmt::format("{:<12}{:>10}{:>10}{:>12}\n", "", "largest", "mean", "tolerance");
        page += fmt::format("{:<12}{:>10.3f}{:>10.3f}{:>12}\n", "box (px)", found.max_box_px, found.mean_box_px,
                            args.tolerance_box);
        page += fmt::format("{:<12}{:>10.4f}{:>10.4f}{:>12}\n", "score", found.max_score, found.mean_score,
                            args.tolerance_score);
        page += fmt::format("only first {}, only second {}, clearly above conf {}\n", found.unmatched_first,
                            found.unmatched_second, found.missed);
        if (found.map_first && found.map_second)
            page += fmt::format("mAP50-95    {:.4f} and {:.4f}, tolerance {}\n", *found.map_first, *found.map_second,
                                args.tolerance_map);
        if (found.max_box_px > 0) page += fmt::format("largest difference of a box in {}\n", safe(found.worst));
        print(page + (found.agrees ? "they agree\n" : ""));
    }
    if (!found.agrees) throw Error(ErrorCode::RuntimeFailure, "agree", "the two do not agree within the tolerance");
}

}  // namespace yolovino::cli
