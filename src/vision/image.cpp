#include "yolovino/image.hpp"

#include <cstring>
#include <fmt/format.h>

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "vision/limits.hpp"

namespace yolovino {

namespace {

using vision::kMaxPixels;

int bytes_per_pixel(PixelFormat format) {
    switch (format) {
        case PixelFormat::Gray:
            return 1;
        case PixelFormat::Bgr:
        case PixelFormat::Rgb:
            return 3;
        case PixelFormat::Bgra:
        case PixelFormat::Rgba:
            return 4;
    }
    return 0;
}

void copy_row(const std::uint8_t* from, std::uint8_t* to, int width, PixelFormat format) {
    if (format == PixelFormat::Bgr) {
        std::memcpy(to, from, static_cast<std::size_t>(width) * 3);
        return;
    }
    const int step = bytes_per_pixel(format);
    const bool swap = format == PixelFormat::Rgb || format == PixelFormat::Rgba;
    const int blue = swap ? 2 : 0;
    const int green = step == 1 ? 0 : 1;
    const int red = step == 1 || swap ? 0 : 2;
    for (int x = 0; x < width; ++x, from += step, to += 3) {
        to[0] = from[blue];
        to[1] = from[green];
        to[2] = from[red];
    }
}

}  // namespace

Image::Image(int height, int width) : height_(height), width_(width) {
    base::api_call("image", [&] {
        if (height <= 0 || width <= 0) {
            throw Error(ErrorCode::InvalidArgument, "image",
                        fmt::format("size {}x{}, wanted positive dimensions", height, width));
        }
        if (static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) > kMaxPixels) {
            throw Error(ErrorCode::LimitExceeded, "image",
                        fmt::format("size {}x{}, at most {} pixels are accepted", height, width, kMaxPixels));
        }
        pixels_ = std::make_shared_for_overwrite<std::uint8_t[]>(size_bytes());
    });
}

Image::Image(const ImageView& view) {
    base::api_call("image", [&] {
        if (view.data == nullptr) throw Error(ErrorCode::InvalidArgument, "image", "the view has no data");
        *this = Image(view.height, view.width);
        const std::size_t row_bytes =
            static_cast<std::size_t>(view.width) * static_cast<std::size_t>(bytes_per_pixel(view.format));
        const std::size_t stride = view.stride_bytes == 0 ? row_bytes : view.stride_bytes;
        if (stride < row_bytes) {
            throw Error(ErrorCode::InvalidArgument, "image",
                        fmt::format("stride of {} bytes, a row has {}", stride, row_bytes));
        }
        for (int y = 0; y < height_; ++y)
            copy_row(view.data + stride * static_cast<std::size_t>(y), row(y), width_, view.format);
    });
}

Image Image::clone() const {
    return base::api_call("image", [&] { return empty() ? Image() : Image(view()); });
}

}  // namespace yolovino
