#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "yolovino/export.hpp"

namespace yolovino {

/// Height and width in pixels, in the order in which Ultralytics writes them.
struct ImageSize {
    int height = 0;
    int width = 0;

    friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// Order of the bytes of one pixel in memory, 8 bits each.
enum class PixelFormat { Bgr, Rgb, Bgra, Rgba, Gray };

/// Pixels that belong to the caller: rows from top to bottom, `stride_bytes` apart.
struct ImageView {
    const std::uint8_t* data = nullptr;
    int height = 0;
    int width = 0;
    std::size_t stride_bytes = 0;  ///< 0 means rows without gaps
    PixelFormat format = PixelFormat::Bgr;
};

/// An image: `[height, width, 3]`, u8, BGR, rows without gaps. Copies share the pixels; `clone()` does not.
///
/// Reading one image from several threads is safe, writing to its pixels is not.
class YOLOVINO_API Image {
public:
    Image() = default;

    /// Allocates pixels that are not initialised.
    /// @throws Error InvalidArgument if a side is not positive, LimitExceeded above 2^28 pixels
    Image(int height, int width);

    /// Copies foreign pixels and converts them to BGR; alpha is dropped, gray is repeated.
    /// @throws Error InvalidArgument if the view has no data, a side that is not positive, or a stride below a row
    explicit Image(const ImageView& view);

    bool empty() const noexcept { return height_ == 0; }
    int height() const noexcept { return height_; }
    int width() const noexcept { return width_; }
    ImageSize size() const noexcept { return {height_, width_}; }
    std::size_t stride_bytes() const noexcept { return static_cast<std::size_t>(width_) * 3; }
    std::size_t size_bytes() const noexcept { return stride_bytes() * static_cast<std::size_t>(height_); }

    std::uint8_t* data() noexcept { return pixels_.get(); }
    const std::uint8_t* data() const noexcept { return pixels_.get(); }
    std::uint8_t* row(int y) noexcept { return data() + stride_bytes() * static_cast<std::size_t>(y); }
    const std::uint8_t* row(int y) const noexcept { return data() + stride_bytes() * static_cast<std::size_t>(y); }

    ImageView view() const noexcept { return {data(), height_, width_, stride_bytes(), PixelFormat::Bgr}; }
    Image clone() const;

private:
    std::shared_ptr<std::uint8_t[]> pixels_;
    int height_ = 0;
    int width_ = 0;
};

}  // namespace yolovino
