#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "yolovino/image.hpp"

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// Gives `count` bytes of a file, fewer at its end.
using ReadAt = std::function<std::vector<std::byte>(std::uint64_t offset, std::size_t count)>;
std::vector<std::byte> read_span(Bytes bytes, std::uint64_t offset, std::size_t count);

struct PngHeader {
    ImageSize size;  ///< as stored
    int orientation = 1;
    bool late_animation = false;  ///< the first image is no part of the animation, which OpenCV 5 shows instead
};

/// What the chunks of a PNG tell; nothing if the first is no header.
std::optional<PngHeader> png_header(std::uint64_t file_bytes, const ReadAt& read);

/// The first frame of an animation as a PNG of its own, to be put at a place of the image.
struct PngFrame {
    std::vector<std::byte> png;
    int left = 0;
    int top = 0;
};
std::optional<PngFrame> first_png_frame(Bytes encoded);

}  // namespace yolovino::vision::detail
