#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "yolovino/image.hpp"
#include "yolovino/log.hpp"
#include "yolovino/predictions.hpp"
#include "yolovino/results.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

namespace engine {
class TrackerCore;
}

/// A model with a tracker whose memory lasts from call to call, as with `persist=True` in Ultralytics:
/// `Model::tracker` makes it. For programs that have the frames of one video.
///
/// Not thread-safe: the frames come one after the other. Several trackers may work at the same time. Copies share the
/// memory.
class YOLOVINO_API Tracker {
public:
    /// The next frame of the video, which is copied into the result. Writes no files, whatever the options say.
    /// @throws Error InvalidArgument, LimitExceeded, DeviceUnavailable, RuntimeFailure, ShapeMismatch, MissingComponent
    Results operator()(const ImageView& frame, const CallSinks& sinks = {});

    /// The next frame as an encoded image (JPEG, PNG, …).
    /// @throws Error UnsupportedFile, CorruptFile, LimitExceeded, MissingComponent, DeviceUnavailable, RuntimeFailure,
    /// ShapeMismatch
    Results operator()(std::span<const std::byte> encoded, const CallSinks& sinks = {});

    /// Goes on with a source, as if its images and videos continued what came before. Writes what the options ask for.
    /// The tracker must not be used for anything else until the predictions are destroyed.
    /// @param source as `Model::predict` takes it
    /// @param sinks are kept until the predictions are destroyed
    /// @throws Error InvalidArgument, NotFound, IoFailure, UnsupportedFile, DeviceUnavailable, RuntimeFailure,
    /// NetworkFailure, MissingComponent, CorruptFile, ShapeMismatch
    Predictions stream(const std::string& source, const CallSinks& sinks = {});

    /// Forgets all objects; ids begin with 1 again.
    void reset() noexcept;

private:
    friend class Model;
    explicit Tracker(std::shared_ptr<engine::TrackerCore> core);

    std::shared_ptr<engine::TrackerCore> core_;
};

}  // namespace yolovino
