#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "yolovino/image.hpp"

/// What the media module offers: rare image formats, video, cameras, windows. It lives in a shared object of its own,
/// since merely linking these libraries adds 0.13 s to the start of a process.
namespace yolovino::vision {

class VideoReader {
public:
    virtual ~VideoReader() = default;
    virtual double fps() const = 0;  ///< 0 if unknown
    /// What the file says, or an estimate from its duration; 0 if unknown, as for cameras and streams.
    virtual std::int64_t frame_count() const = 0;
    /// How many frames the file would give if it were whole: those that an edit list leaves out do not count. Reads
    /// through the whole file, without decoding. 0 if unknown.
    virtual std::int64_t whole_frame_count() const = 0;
    virtual ImageSize size() const = 0;
    /// Steps to the next frame without decoding it; false at the end.
    virtual bool grab() = 0;
    /// Decodes the frame that was grabbed; nothing if that fails.
    virtual std::optional<Image> retrieve() = 0;
};

/// Motion JPEG.
class VideoWriter {
public:
    virtual ~VideoWriter() = default;
    virtual ImageSize size() const = 0;
    /// One frame, a JPEG of that size. @throws Error IoFailure; no more can be written then
    virtual void write_jpeg(std::span<const std::byte> jpeg) = 0;
    /// Finishes the file. @throws Error IoFailure
    virtual void close() = 0;
};

class Media {
public:
    virtual ~Media() = default;
    /// Decodes with OpenCV's codecs; nothing if no codec accepts it.
    virtual std::optional<Image> decode(std::span<const std::byte> encoded) = 0;
    /// Decodes a WebP, GIF, TIFF, BigTIFF, AVIF, or HEIC file, the first image of an animation. What EXIF or TIFF say
    /// of the orientation is left to the caller. Nothing, and a reason that may be empty, if it cannot be read.
    virtual std::optional<Image> decode_kind(std::span<const std::byte> encoded, std::string_view kind,
                                             std::string& reason) = 0;
    /// The size that an AVIF or HEIC file will have once it is decoded.
    virtual std::optional<ImageSize> size_of_kind(std::span<const std::byte> encoded, std::string_view kind,
                                                  std::string& reason) = 0;
    /// @param location a file or a URL. @throws Error CorruptFile, NetworkFailure
    virtual std::unique_ptr<VideoReader> open_video(const std::string& location) = 0;
    /// What comes out of a pipe, which must stay open as long as the reader. @throws Error NetworkFailure
    virtual std::unique_ptr<VideoReader> open_pipe(int descriptor) = 0;
    /// @throws Error NotFound
    virtual std::unique_ptr<VideoReader> open_camera(int index) = 0;
    /// An AVI file. @throws Error InvalidArgument, IoFailure
    virtual std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& file, double fps,
                                                      ImageSize size) = 0;
    /// Shows an image in a window; returns the key that was pressed within `wait_ms`, or -1.
    /// @throws Error RuntimeFailure without a display
    virtual int show(const std::string& window, const Image& image, int wait_ms) = 0;
};

/// Encodes and writes one frame. @throws Error ShapeMismatch if it is not of the video's size, IoFailure
void write_frame(VideoWriter& video, const Image& frame);

/// The module, loaded at the first call. @throws Error MissingComponent
Media& media();

}  // namespace yolovino::vision
