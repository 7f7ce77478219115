#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/image.hpp"

namespace yolovino::data {

enum class SourceKind { Image, Video, Stream };

/// One image of a source.
struct Frame {
    Image image;
    std::string path;  ///< file, URL, or stream as the user would recognise it
    SourceKind kind = SourceKind::Image;
    std::size_t item = 0;               ///< 1-based position among the items of the source
    std::size_t items = 0;              ///< number of items, 0 if unknown
    std::int64_t frame = 0;             ///< 1-based, for videos and streams
    std::int64_t frames = 0;            ///< number of frames that will be used, 0 if unknown
    double fps = 0;                     ///< of a video or stream, 0 if unknown
    std::optional<Error> failure = {};  ///< why there is no image; only with SourceArgs::report_failures
};

/// Frames in order. Images come before videos; a batch never mixes images and video, nor two videos.
/// An image that cannot be decoded is logged as a warning and skipped, or reported as a frame without an image.
class FrameSource {
public:
    virtual ~FrameSource() = default;
    /// At most `count` frames; empty at the end. @throws Error IoFailure, NetworkFailure
    virtual std::vector<Frame> next(std::size_t count) = 0;
    /// Number of streams that are read side by side, 1 otherwise; a batch holds one frame of each.
    virtual std::size_t stream_count() const { return 1; }
    /// Number of images and videos that could not be read, or not to their end.
    virtual std::size_t skipped() const = 0;
    /// Whether so many frames can be expected that it pays to try how they are computed fastest.
    virtual bool is_long() const { return false; }
    /// Whether a source that brings nothing is as right as any other.
    virtual bool may_be_empty() const { return false; }
    /// Ends the source early: `next()` brings nothing more, and one that waits returns. From any thread.
    virtual void interrupt() noexcept {}
};

struct SourceArgs {
    int vid_stride = 1;
    bool stream_buffer = false;
    bool strict = false;           ///< an image that cannot be read is an error
    bool report_failures = false;  ///< an image that cannot be read is a frame without an image
    std::string framing = "auto";  ///< of standard input, as PredictArgs::framing
};

}  // namespace yolovino::data
