#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "yolovino/image.hpp"

#include "base/bytes.hpp"

/// The parts behind decode.hpp. Nothing outside this folder's decoders uses them.
namespace yolovino::vision::detail {

using Bytes = std::span<const std::byte>;

/// Both apply the EXIF orientation.
Image decode_jpeg(Bytes encoded, std::string_view name);
Image decode_png(Bytes encoded, std::string_view name);

/// The size that a JPEG will have once it is decoded, from its header; nothing if that is damaged or not all there.
std::optional<ImageSize> jpeg_size(Bytes encoded);
/// The same. @throws Error CorruptFile, UnsupportedFile, LimitExceeded
ImageSize jpeg_size(Bytes encoded, std::string_view name);

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

/// What a file says before anything of it is decoded.
struct DeclaredPicture {
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t least_bytes = 0;  ///< a whole file of this kind and size has at least as many
    int orientation = 1;            ///< as in EXIF; of AVIF and HEIC, whose decoders turn the image, always 1
};

/// The first picture of a file of the kind that `decode_image` found, as it is stored; nothing if the header is cut or
/// of a variant that only the decoder knows. Does not throw.
std::optional<DeclaredPicture> foreign_size(Bytes encoded, std::string_view kind);

/// AVIF and HEIC: the size of the main image, or of the HEVC sequences if that is larger. Does not throw.
std::optional<DeclaredPicture> isobmff_size(Bytes encoded);

/// What the sequence headers in an `hvcC` box declare. Does not throw.
std::vector<DeclaredPicture> hevc_sizes(Bytes settings);

/// Whether the colours of a HEIC file are stored for four pixels together. Does not throw.
bool hevc_is_420(Bytes encoded);

/// "AVIF" or "HEIC" by the brands of an ISO base media file, empty for all others. Does not throw.
std::string_view isobmff_kind(Bytes encoded);

/// Refuses a picture before anything of it is decoded or allocated.
/// @throws Error CorruptFile if it has no pixels, or many more than its bytes can hold; LimitExceeded above kMaxPixels
void check_declared(const DeclaredPicture& picture, Bytes encoded, std::string_view kind, std::string_view name);

/// `value` if it is one of the eight orientations, otherwise 1.
int checked_orientation(std::optional<std::uint64_t> value) noexcept;

/// The orientation, 1 to 8, that a TIFF structure from an EXIF block states; 1 if it states none. Does not throw.
int exif_orientation(Bytes tiff) noexcept;

/// The picture as it should be seen.
Image apply_orientation(const Image& image, int orientation);

/// Allocates a picture of the size that a file declares. @throws Error LimitExceeded, CorruptFile with the file's name
Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name);

[[noreturn]] void throw_corrupt(std::string_view what, std::string_view name);

}  // namespace yolovino::vision::detail
