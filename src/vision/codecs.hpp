#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "yolovino/image.hpp"

#include "base/bytes.hpp"

/// The parts behind decode.hpp. Nothing outside this folder's decoders uses them.
namespace yolovino::vision::detail {

using Bytes = std::span<const std::byte>;

/// Decodes a JPEG, EXIF orientation applied; nothing for CMYK pictures, which the media module converts.
std::optional<Image> decode_jpeg(Bytes encoded, std::string_view name);
Image decode_png(Bytes encoded, std::string_view name);

/// The size that a JPEG will have once it is decoded, from its header; nothing if that is damaged or not all there.
std::optional<ImageSize> jpeg_size(Bytes encoded);

/// What a file says before anything of it is decoded.
struct DeclaredPicture {
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t least_bytes = 0;  ///< a whole file of this kind and size has at least as many
};

/// The first picture of a file of the kind that `decode_image` found; nothing if the header is cut or of a variant that
/// only the decoder knows. Does not throw.
std::optional<DeclaredPicture> foreign_size(Bytes encoded, std::string_view kind);

/// Refuses a picture before anything of it is decoded or allocated.
/// @throws Error CorruptFile if it has no pixels, or many more than its bytes can hold; LimitExceeded above kMaxPixels
void check_declared(const DeclaredPicture& picture, Bytes encoded, std::string_view kind, std::string_view name);

/// The orientation, 1 to 8, that a TIFF structure from an EXIF block states; 1 if it states none. Does not throw.
int exif_orientation(Bytes tiff) noexcept;

/// The picture as it should be seen.
Image apply_orientation(const Image& image, int orientation);

/// Allocates a picture of the size that a file declares. @throws Error LimitExceeded, CorruptFile with the file's name
Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name);

[[noreturn]] void throw_corrupt(std::string_view what, std::string_view name);

}  // namespace yolovino::vision::detail
