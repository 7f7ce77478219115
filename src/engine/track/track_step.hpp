#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/predict/batch_runner.hpp"
#include "tracking/camera_motion.hpp"
#include "tracking/settings.hpp"
#include "tracking/tracker.hpp"

namespace yolovino::engine {

/// Gives the objects of results ids. Each stream has a tracker of its own; videos and images share one, which begins
/// anew with each of them.
class TrackStep final : public ResultStep {
public:
    /// Overlap of the suppression whose boxes TrackTrack recovers.
    static constexpr double kSecondIou = 0.95;

    /// @param persist whether a tracker goes on from one video or image to the next
    TrackStep(const tracking::Settings& settings, bool persist) : settings_(settings), persist_(persist) {}

    void apply(Predicted& item) override;
    /// Forgets all objects.
    void reset() noexcept { followers_.clear(); }

private:
    /// What follows the objects of one stream.
    struct Follower {
        std::unique_ptr<tracking::Tracker> tracker;
        std::unique_ptr<tracking::CameraMotion> motion;  ///< null if the tracker does not ask for it
        std::string path;                                ///< of the video or image that is followed
        bool warned = false;
    };

    Follower& follower_of(const Predicted& item);
    std::optional<tracking::Warp> warp_of(Follower& follower, const Image& image) const;

    const tracking::Settings settings_;
    const bool persist_;
    std::map<std::size_t, Follower> followers_;  ///< by item for streams, else the one with the key 0
};

}  // namespace yolovino::engine
