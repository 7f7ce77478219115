#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

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
    /// @throws Error InvalidArgument if a dimension is not positive, LimitExceeded above 2^28 pixels
    Image(int height, int width);

    /// Copies pixels of the caller and converts them to BGR; alpha is dropped, gray is repeated.
    /// @throws Error InvalidArgument if the view has no data, a dimension that is not positive, or a stride below a row
    explicit Image(const ImageView& view);

    /// Decodes an image file (JPEG, PNG, …) in memory, turned as its EXIF data says.
    /// @throws Error UnsupportedFile, CorruptFile, LimitExceeded, MissingComponent
    static Image decode(std::span<const std::byte> encoded);

    /// Whether there are no pixels.
    bool empty() const noexcept { return height_ == 0; }
    /// Rows; 0 if empty.
    int height() const noexcept { return height_; }
    /// Pixels of a row; 0 if empty.
    int width() const noexcept { return width_; }
    /// Height and width.
    ImageSize size() const noexcept { return {height_, width_}; }
    /// From one row to the next, `3 * width`.
    std::size_t stride_bytes() const noexcept { return static_cast<std::size_t>(width_) * 3; }
    /// Of all pixels.
    std::size_t size_bytes() const noexcept { return stride_bytes() * static_cast<std::size_t>(height_); }

    /// The first row; nullptr if empty.
    std::uint8_t* data() noexcept { return pixels_.get(); }
    /// @copydoc data()
    const std::uint8_t* data() const noexcept { return pixels_.get(); }
    /// Row `y`, 0 to `height() - 1`, which is not checked.
    std::uint8_t* row(int y) noexcept { return data() + stride_bytes() * static_cast<std::size_t>(y); }
    /// @copydoc row(int)
    const std::uint8_t* row(int y) const noexcept { return data() + stride_bytes() * static_cast<std::size_t>(y); }

    /// The pixels without a copy; valid as long as one copy of the image lives.
    ImageView view() const noexcept { return {data(), height_, width_, stride_bytes(), PixelFormat::Bgr}; }
    /// A copy with pixels of its own.
    Image clone() const;

private:
    std::shared_ptr<std::uint8_t[]> pixels_;
    int height_ = 0;
    int width_ = 0;
};

}  // namespace yolovino
