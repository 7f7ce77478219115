#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "yolovino/image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

using Bytes = std::span<const std::byte>;

/// What a file says before anything of it is decoded.
struct DeclaredImage {
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t least_bytes = 0;  ///< a whole file of this kind and size has at least as many
    int orientation = 1;            ///< as in EXIF; of AVIF and HEIC, whose decoders turn the image, always 1
};

/// Refuses an image before anything of it is decoded or allocated.
/// @throws Error CorruptFile if it has no pixels, or many more than its bytes can hold; LimitExceeded above kMaxPixels
void check_declared(const DeclaredImage& declared, Bytes encoded, std::string_view kind, std::string_view name);

/// Allocates an image of the size that a file declares. @throws Error LimitExceeded, CorruptFile with the file's name
Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name);

[[noreturn]] void throw_corrupt(std::string_view what, std::string_view name);

}  // namespace yolovino::vision::detail
