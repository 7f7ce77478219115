#include "tracking/settings.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/shared.hpp"

namespace yolovino::tracking {
namespace {

const std::string kByteTrack = R"(tracker_type: bytetrack
track_high_thresh: 0.25
track_low_thresh: 0.1
new_track_thresh: 0.25
track_buffer: 30
match_thresh: 0.8
fuse_score: True
)";

void expect_refusal(const std::string& yaml, const std::string& part) {
    try {
        parse_settings(yaml, {"tracker", "t.yaml"});
        ADD_FAILURE() << yaml << " was taken";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
}

std::string without(const std::string& yaml, const std::string& key) {
    const std::size_t begin = yaml.find(key + ":");
    return yaml.substr(0, begin) + yaml.substr(yaml.find('\n', begin) + 1);
}

TEST(TrackerSettings, BuiltInTrackersHaveTheValuesOfUltralytics) {
    const Settings byte = read_settings("bytetrack.yaml");
    EXPECT_EQ(byte.algorithm, Algorithm::ByteTrack);
    EXPECT_EQ(byte.track_high_thresh, 0.25);
    EXPECT_EQ(byte.track_low_thresh, 0.1);
    EXPECT_EQ(byte.match_thresh, 0.8);
    EXPECT_FALSE(byte.camera_motion);
    const Settings bot = read_settings("botsort.yaml");
    EXPECT_EQ(bot.algorithm, Algorithm::BotSort);
    EXPECT_TRUE(bot.camera_motion);
    EXPECT_TRUE(bot.fuse_score);
    const Settings track = read_settings("tracktrack.yaml");
    EXPECT_EQ(track.algorithm, Algorithm::TrackTrack);
    EXPECT_EQ(track.track_high_thresh, 0.6);
    EXPECT_EQ(track.new_track_thresh, 0.7);
    EXPECT_EQ(track.tai_thr, 0.55);
    EXPECT_EQ(track.min_track_len, 3);
}

TEST(TrackerSettings, TrackTrackHasDefaultsForAllButThreeKeys) {
    const std::string yaml =
        "tracker_type: tracktrack\ntrack_high_thresh: 0.5\ntrack_low_thresh: 0.2\ntrack_buffer: 9\n";
    const Settings settings = parse_settings(yaml, {"tracker", "t.yaml"});
    EXPECT_EQ(settings.track_buffer, 9);
    EXPECT_EQ(settings.penalty_q, 0.4);
    EXPECT_TRUE(settings.camera_motion);
    for (const char* key : {"track_high_thresh", "track_low_thresh", "track_buffer", "tracker_type"})
        expect_refusal(without(yaml, key), std::string("the key ") + key + " is missing");
}

TEST(TrackerSettings, ByteTrackAndBotSortNeedAllTheirKeys) {
    for (const char* key : {"tracker_type", "track_high_thresh", "track_low_thresh", "new_track_thresh", "track_buffer",
                            "match_thresh", "fuse_score"})
        expect_refusal(without(kByteTrack, key), std::string("the key ") + key + " is missing");
    std::string bot = "tracker_type: botsort\n" + without(kByteTrack, "tracker_type");
    expect_refusal(bot, "the key gmc_method is missing");
    bot += "gmc_method: none\nwith_reid: False\nproximity_thresh: 0.5\n";
    expect_refusal(bot, "the key appearance_thresh is missing");
    EXPECT_FALSE(parse_settings(bot + "appearance_thresh: 0.8\n", {"tracker", "t.yaml"}).camera_motion);
}

TEST(TrackerSettings, WhatIsNotSupportedIsRefusedByName) {
    const std::string others = without(kByteTrack, "tracker_type");
    for (const char* type : {"foo", "ocsort", "deepocsort", "fasttrack", "3"})
        expect_refusal(std::string("tracker_type: ") + type + "\n" + others,
                       "supported are bytetrack, botsort, tracktrack");
    const std::string track = "tracker_type: tracktrack\n" + others;
    for (const char* method : {"orb", "sift", "ecc", "foo"})
        expect_refusal(track + "gmc_method: " + method + "\n", "supported are sparseOptFlow and none");
    expect_refusal(track + "with_reid: True\n", "with_reid: True is not supported");
}

TEST(TrackerSettings, ValuesOfTheWrongTypeAreRefusedWithTheirLine) {
    const auto changed = [](const std::string& key, const std::string& value) {
        return without(kByteTrack, key) + key + ": " + value + "\n";
    };
    expect_refusal(changed("match_thresh", "high"), "wanted a number (line 7)");
    expect_refusal(changed("match_thresh", ".nan"), "wanted a number");
    expect_refusal(changed("match_thresh", "[0.8]"), "wanted a number");
    expect_refusal(changed("track_buffer", "2.5"), "wanted a whole number");
    expect_refusal(changed("track_buffer", "-1"), "wanted a whole number");
    expect_refusal(changed("track_buffer", "99999999999999999999"), "wanted a whole number");
    expect_refusal(changed("fuse_score", "maybe"), "wanted True or False");
    expect_refusal("", "the file is not a list of keys with values");
    expect_refusal("- a\n- b\n", "the file is not a list of keys with values");
}

TEST(TrackerSettings, AFileWinsOverABuiltInTracker) {
    const test::TempFolder folder;
    const std::string file = (folder.path() / "mine.yaml").string();
    std::ofstream(file) << without(kByteTrack, "track_buffer") << "track_buffer: 7\nunknown: 3\n";
    EXPECT_EQ(read_settings(file).track_buffer, 7);
}

TEST(TrackerSettings, WhatDoesNotExistIsNamedWithWhatDoes) {
    for (const char* name : {"nope.yaml", "", "/"}) {
        try {
            read_settings(name);
            ADD_FAILURE() << name << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::NotFound);
            EXPECT_NE(error.hint().find("tracktrack.yaml, bytetrack.yaml, botsort.yaml"), std::string::npos);
        }
    }
    for (const char* name : {"ocsort.yaml", "deepocsort.yaml", "fasttrack.yaml"}) {
        try {
            read_settings(name);
            ADD_FAILURE() << name << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
            EXPECT_NE(std::string(error.what()).find("is not supported"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace yolovino::tracking
