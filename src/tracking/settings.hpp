#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "documents/origin.hpp"

namespace yolovino::tracking {

enum class Algorithm { ByteTrack, BotSort, TrackTrack };

/// What a tracker's YAML file says, by its keys. The defaults are those of TrackTrack, whose keys may be left out.
struct Settings {
    Algorithm algorithm = Algorithm::TrackTrack;
    double track_high_thresh = 0.6;  ///< boxes with at least this score enter the first stage
    double track_low_thresh = 0.25;  ///< boxes above this score can continue a track
    double new_track_thresh = 0.7;   ///< boxes with such a score start a track
    std::int64_t track_buffer = 30;  ///< frames that a lost track is kept
    double match_thresh = 0.7;       ///< limit of the costs in the first stage
    bool fuse_score = true;          ///< make boxes of low score dearer; not in TrackTrack
    bool camera_motion = true;       ///< `gmc_method: sparseOptFlow` instead of `none`; not in ByteTrack
    double lost_match_thr = 0;       ///< TrackTrack: limit of a last round with lost tracks; 0: none
    double conf_weight = 0.1;        ///< TrackTrack: weight of the difference of scores
    double angle_weight = 0.05;      ///< TrackTrack: weight of the change of direction
    double penalty_p = 0.2;          ///< TrackTrack: added for boxes of low score
    double penalty_q = 0.4;          ///< TrackTrack: added for recovered boxes
    double reduce_step = 0.05;       ///< TrackTrack: by which the limit falls from round to round
    double tai_thr = 0.55;           ///< TrackTrack: no track starts on a box that overlaps another so much
    std::int64_t min_track_len = 3;  ///< TrackTrack: frames after which a track is reported
};

/// @param tracker a YAML file, or the name of a built-in one: `tracktrack.yaml`, `bytetrack.yaml`, `botsort.yaml`
/// @throws Error NotFound, InvalidArgument for what is missing, has the wrong type, or is not supported, and as
/// documents::parse_yaml
Settings read_settings(const std::string& tracker);

/// The same from a text.
Settings parse_settings(std::string_view yaml, const documents::Origin& origin);

}  // namespace yolovino::tracking
