#include "tracking/make_tracker.hpp"

#include "tracking/bot_sort.hpp"
#include "tracking/byte_tracker.hpp"
#include "tracking/track_track.hpp"

namespace yolovino::tracking {

std::unique_ptr<Tracker> make_tracker(const Settings& settings, bool rotated) {
    switch (settings.algorithm) {
        case Algorithm::ByteTrack:
            return std::make_unique<ByteTracker>(settings, rotated);
        case Algorithm::BotSort:
            return std::make_unique<BotSort>(settings, rotated);
        case Algorithm::TrackTrack:
            break;
    }
    return std::make_unique<TrackTrack>(settings, rotated);
}

}  // namespace yolovino::tracking
