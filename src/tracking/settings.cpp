#include "tracking/settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "documents/yaml.hpp"
#include "tracking/presets.hpp"

namespace yolovino::tracking {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kArea = "tracker";
constexpr std::string_view kSupported = "bytetrack, botsort, tracktrack";

/// Values of one file by key.
class Reader {
public:
    Reader(const documents::Yaml& root, const documents::Origin& origin) : root_(root), origin_(origin) {}

    [[noreturn]] void fail(const std::string& message, std::string_view hint = {}) const {
        throw Error(ErrorCode::InvalidArgument, kArea, message, {.file = origin_.file}, hint);
    }

    /// Null if the key is not there; with `required` that is an error.
    const documents::Yaml* find(std::string_view key, bool required) const {
        const documents::Yaml* value = root_.find(key);
        if (value == nullptr && required)
            fail(fmt::format("the key {} is missing", key), "the tracker has no default for it");
        return value;
    }

    void read(std::string_view key, bool required, double& target) const {
        const documents::Yaml* value = find(key, required);
        if (value == nullptr) return;
        if (const double* real = value->get<double>(); real != nullptr && std::isfinite(*real)) {
            target = *real;
        } else if (const auto* whole = value->get<std::int64_t>()) {
            target = static_cast<double>(*whole);
        } else {
            fail_type(key, *value, "a number");
        }
    }

    void read(std::string_view key, bool required, std::int64_t& target) const {
        constexpr std::int64_t kMost = 1'000'000'000;
        const documents::Yaml* value = find(key, required);
        if (value == nullptr) return;
        const auto* whole = value->get<std::int64_t>();
        if (whole == nullptr || *whole < 0 || *whole > kMost)
            fail_type(key, *value, fmt::format("a whole number from 0 to {}", kMost));
        target = *whole;
    }

    void read(std::string_view key, bool required, bool& target) const {
        const documents::Yaml* value = find(key, required);
        if (value == nullptr) return;
        const bool* truth = value->get<bool>();
        if (truth == nullptr) fail_type(key, *value, "True or False");
        target = *truth;
    }

    std::string text(std::string_view key, bool required, std::string_view otherwise) const {
        const documents::Yaml* value = find(key, required);
        return value == nullptr ? std::string(otherwise) : value->python_text();
    }

private:
    [[noreturn]] void fail_type(std::string_view key, const documents::Yaml& value, std::string_view wanted) const {
        fail(fmt::format("{} is {}, wanted {} (line {})", key, base::printable(value.described()), wanted, value.line));
    }

    const documents::Yaml& root_;
    const documents::Origin& origin_;
};

Algorithm algorithm_of(const Reader& reader) {
    const std::string type = reader.text("tracker_type", true, {});
    if (type == "bytetrack") return Algorithm::ByteTrack;
    if (type == "botsort") return Algorithm::BotSort;
    if (type == "tracktrack") return Algorithm::TrackTrack;
    reader.fail(fmt::format("tracker_type is '{}', supported are {}", base::printable(type), kSupported));
}

/// Whether the movement of the camera is estimated.
bool camera_motion_of(const Reader& reader, bool required) {
    const std::string method = reader.text("gmc_method", required, "sparseOptFlow");
    if (method == "sparseOptFlow") return true;
    if (method == "none" || method == "None") return false;
    reader.fail(fmt::format("gmc_method is '{}', supported are sparseOptFlow and none", base::printable(method)));
}

void refuse_reid(const Reader& reader, bool required) {
    bool with_reid = false;
    reader.read("with_reid", required, with_reid);
    if (with_reid) reader.fail("with_reid: True is not supported", "set with_reid: False");
}

/// A file of Ultralytics whose tracker is not offered here.
bool is_other_preset(std::string_view file) {
    constexpr auto kOthers = std::to_array<std::string_view>({"ocsort.yaml", "deepocsort.yaml", "fasttrack.yaml"});
    return std::ranges::find(kOthers, file) != kOthers.end();
}

}  // namespace

Settings parse_settings(std::string_view yaml, const documents::Origin& origin) {
    std::vector<std::string> warnings;
    const documents::Yaml root = documents::parse_yaml(yaml, origin, warnings);
    for (const std::string& each : warnings) base::warn("{}", each);
    const Reader reader(root, origin);
    if (root.get<documents::Yaml::Map>() == nullptr)
        reader.fail("the file is not a list of keys with values", "begin with tracker_type: bytetrack");
    Settings out;
    out.algorithm = algorithm_of(reader);
    const bool strict = out.algorithm != Algorithm::TrackTrack;
    reader.read("track_high_thresh", true, out.track_high_thresh);
    reader.read("track_low_thresh", true, out.track_low_thresh);
    reader.read("track_buffer", true, out.track_buffer);
    reader.read("new_track_thresh", strict, out.new_track_thresh);
    reader.read("match_thresh", strict, out.match_thresh);
    if (out.algorithm == Algorithm::ByteTrack) {
        reader.read("fuse_score", true, out.fuse_score);
        out.camera_motion = false;
        return out;
    }
    out.camera_motion = camera_motion_of(reader, strict);
    refuse_reid(reader, strict);
    if (out.algorithm == Algorithm::BotSort) {
        double unused = 0;
        reader.read("fuse_score", true, out.fuse_score);
        reader.read("proximity_thresh", true, unused);
        reader.read("appearance_thresh", true, unused);
        return out;
    }
    reader.read("lost_match_thr", false, out.lost_match_thr);
    reader.read("conf_weight", false, out.conf_weight);
    reader.read("angle_weight", false, out.angle_weight);
    reader.read("penalty_p", false, out.penalty_p);
    reader.read("penalty_q", false, out.penalty_q);
    reader.read("reduce_step", false, out.reduce_step);
    reader.read("tai_thr", false, out.tai_thr);
    reader.read("min_track_len", false, out.min_track_len);
    return out;
}

Settings read_settings(const std::string& tracker) {
    std::error_code ignored;
    const bool usable = !tracker.empty() && tracker.find('\0') == std::string::npos;
    if (usable && fs::is_regular_file(tracker, ignored))
        return parse_settings(base::read_text_file(tracker, documents::kMaxYamlBytes), {kArea, tracker});
    if (const auto built_in = preset(tracker)) return parse_settings(*built_in, {kArea, tracker});
    if (is_other_preset(tracker))
        throw Error(ErrorCode::InvalidArgument, kArea, fmt::format("tracker={} is not supported", tracker), {},
                    fmt::format("supported are {}", preset_names()));
    throw Error(ErrorCode::NotFound, kArea, "the file does not exist", {.file = tracker},
                fmt::format("give a YAML file, or one of {}", preset_names()));
}

}  // namespace yolovino::tracking
