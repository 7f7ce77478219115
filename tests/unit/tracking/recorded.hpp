#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/shared.hpp"
#include "tracking/detection.hpp"
#include "tracking/make_tracker.hpp"
#include "tracking/settings.hpp"

/// Sequences that Ultralytics 8.4.190 tracked: see golden/tracks/README.md in the folder of reference data.
namespace yolovino::test {

inline std::filesystem::path tracks_dir() {
    return shared_dir() / "golden" / "tracks";
}

inline nlohmann::json read_recorded(const std::string& name) {
    std::ifstream in(tracks_dir() / name);
    return nlohmann::json::parse(in);
}

/// All sequences, by name.
inline std::vector<std::string> recorded_sequences() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(tracks_dir())) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".json") && name != "units.json" && name != "gmc_rich.json") names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

/// The settings of a recorded variant: a built-in tracker with some keys changed.
inline tracking::Settings settings_of(const std::string& variant) {
    const std::string tracker = variant.substr(0, variant.find('_'));
    tracking::Settings settings = tracking::read_settings(tracker + ".yaml");
    const std::string change = variant.size() > tracker.size() ? variant.substr(tracker.size() + 1) : "";
    if (change == "buffer5") settings.track_buffer = 5;
    if (change == "buffer0") settings.track_buffer = 0;
    if (change == "match0.5") settings.match_thresh = 0.5;
    if (change == "nofuse") settings.fuse_score = false;
    if (change == "nofuse" && tracker == "botsort") settings.match_thresh = 0.6;
    if (change == "new0.6") settings.new_track_thresh = 0.6;
    if (change == "high0.6") {
        settings.track_high_thresh = 0.6;
        settings.new_track_thresh = 0.7;
        settings.track_low_thresh = 0.3;
    }
    if (change == "high0.93") {
        settings.track_high_thresh = settings.new_track_thresh = 0.93;
        settings.track_buffer = 1;
    }
    if (change == "nogmc") settings.camera_motion = false;
    if (change == "low") {
        settings.track_high_thresh = 0.3;
        settings.track_low_thresh = 0.1;
        settings.new_track_thresh = 0.4;
        settings.lost_match_thr = 0.9;
        settings.min_track_len = 2;
    }
    return settings;
}

inline std::vector<tracking::Detection> detections_of(const nlohmann::json& rows, bool rotated) {
    std::vector<tracking::Detection> out;
    for (const auto& row : rows) {
        const auto at = [&](std::size_t i) { return row.at(i).get<float>(); };
        tracking::Detection each;
        if (rotated) {
            each = {at(0), at(1), at(2), at(3), at(4), at(5), static_cast<int>(at(6)), 0};
        } else {
            each.cx = (at(0) + at(2)) / 2;
            each.cy = (at(1) + at(3)) / 2;
            each.width = at(2) - at(0);
            each.height = at(3) - at(1);
            each.conf = at(4);
            each.cls = static_cast<int>(at(5));
        }
        each.index = static_cast<int>(out.size());
        out.push_back(each);
    }
    return out;
}

/// Rows of centre, width, height, score, class.
inline std::vector<tracking::Detection> recovered_of(const nlohmann::json& rows) {
    std::vector<tracking::Detection> out;
    if (rows.is_null()) return out;
    for (const auto& row : rows) {
        const auto at = [&](std::size_t i) { return row.at(i).get<float>(); };
        out.push_back({at(0), at(1), at(2), at(3), 0, at(4), static_cast<int>(at(5)), 0});
    }
    return out;
}

}  // namespace yolovino::test
