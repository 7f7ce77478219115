#include "tracking/presets.hpp"

#include <algorithm>
#include <array>

namespace yolovino::tracking {

namespace {

struct Preset {
    std::string_view file;
    std::string_view yaml;
};

// Keys and values of Ultralytics 8.4.190.
constexpr auto kPresets = std::to_array<Preset>({{"tracktrack.yaml", R"(tracker_type: tracktrack
track_high_thresh: 0.6  # boxes with at least this score come first
track_low_thresh: 0.25  # boxes above this score can continue a track
new_track_thresh: 0.7   # boxes above this score can start a track
track_buffer: 30        # frames that a lost track is kept
match_thresh: 0.7       # limit of the cost of a match
lost_match_thr: 0.0     # limit of a last round with lost tracks; 0: none
iou_weight: 0.5         # with reid only
reid_weight: 0.5        # with reid only
conf_weight: 0.1        # weight of the difference of scores
angle_weight: 0.05      # weight of the change of direction
penalty_p: 0.2          # added to the cost of boxes of low score
penalty_q: 0.4          # added to the cost of recovered boxes
reduce_step: 0.05       # by which the limit falls from round to round
tai_thr: 0.55           # no track starts on a box that overlaps another so much
min_track_len: 3        # frames after which a track is reported
gmc_method: sparseOptFlow
with_reid: False
model: auto
)"},
                                                 {"bytetrack.yaml", R"(tracker_type: bytetrack
track_high_thresh: 0.25  # boxes with at least this score enter the first stage
track_low_thresh: 0.1    # boxes above this score enter the second stage
new_track_thresh: 0.25   # boxes with at least this score start a track
track_buffer: 30         # frames that a lost track is kept
match_thresh: 0.8        # limit of the cost of a match in the first stage
fuse_score: True         # make boxes of low score dearer
)"},
                                                 {"botsort.yaml", R"(tracker_type: botsort
track_high_thresh: 0.25  # boxes with at least this score enter the first stage
track_low_thresh: 0.1    # boxes above this score enter the second stage
new_track_thresh: 0.25   # boxes with at least this score start a track
track_buffer: 30         # frames that a lost track is kept
match_thresh: 0.8        # limit of the cost of a match in the first stage
fuse_score: True         # make boxes of low score dearer
gmc_method: sparseOptFlow
proximity_thresh: 0.5    # with reid only
appearance_thresh: 0.8   # with reid only
with_reid: False
model: auto
)"}});

}  // namespace

std::optional<std::string_view> preset(std::string_view file) {
    const auto found = std::ranges::find(kPresets, file, &Preset::file);
    if (found == kPresets.end()) return std::nullopt;
    return found->yaml;
}

std::string preset_names() {
    std::string names;
    for (const Preset& each : kPresets) {
        if (!names.empty()) names += ", ";
        names += each.file;
    }
    return names;
}

}  // namespace yolovino::tracking
