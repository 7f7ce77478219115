#include <array>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "vision/declared_image.hpp"
#include "vision/decode.hpp"
#include "vision/exif.hpp"
#include "vision/image_header.hpp"
#include "vision/isobmff.hpp"
#include "vision/jpeg.hpp"
#include "vision/limits.hpp"
#include "vision/png.hpp"
#include "vision/png_chunks.hpp"

namespace {

using yolovino::fuzz::expect;
namespace vision = yolovino::vision;

/// The kinds that `decode_image` distinguishes; each reader of headers gets every input.
constexpr std::array<std::string_view, 11> kKinds = {
    "BMP", "GIF", "WebP", "TIFF", "BigTIFF", "AVIF", "JPEG 2000", "Sun raster", "Netpbm", "Radiance HDR", "HEIC"};

/// JPEG and PNG have decoders of their own; small ones are decoded, too. Other kinds would go to OpenCV.
void decode_small(std::span<const std::byte> bytes) {
    constexpr std::uint64_t kSmallSide = 256;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto side = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::uint64_t>(bytes[at + i]);
        return value;
    };
    const auto size = vision::detail::jpeg_size(bytes);
    const bool jpeg = text.starts_with("\xFF\xD8\xFF") && size &&
                      static_cast<std::uint64_t>(size->height) <= kSmallSide &&
                      static_cast<std::uint64_t>(size->width) <= kSmallSide;
    const bool png =
        text.starts_with("\x89PNG\r\n\x1A\n") && bytes.size() >= 24 && side(16) <= kSmallSide && side(20) <= kSmallSide;
    try {
        if (png) expect(!vision::detail::decode_png(bytes, "x").empty(), "what is accepted has pixels");
        if (!jpeg) return;
        const yolovino::Image image = vision::detail::decode_jpeg(bytes, "x");
        expect(image.size() == *size, "a JPEG has the size of its header");
    } catch (const yolovino::Error&) {
    }
}

}  // namespace

/// Headers of images: sizes are positive, a refusal is an Error, and nothing is read beyond the end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const std::string_view kind : kKinds) {
        const auto declared = vision::detail::read_image_size(bytes, kind);
        if (!declared) continue;
        expect(declared->height > 0 && declared->width > 0, "an image has pixels");
        expect(declared->orientation >= 1 && declared->orientation <= 8, "an orientation is one of eight");
        try {
            vision::detail::check_declared(*declared, bytes, kind, "x");
            expect(declared->height <= vision::kMaxPixels && declared->width <= vision::kMaxPixels / declared->height,
                   "what is accepted is within the limit");
        } catch (const yolovino::Error&) {
        }
    }
    const int orientation = vision::detail::exif_orientation(bytes);
    expect(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
    vision::detail::isobmff_kind(bytes);
    const auto read = [bytes](std::uint64_t offset, std::size_t count) {
        return vision::detail::read_span(bytes, offset, count);
    };
    const auto png = vision::detail::png_header(bytes.size(), read);
    if (png && png->late_animation) vision::detail::first_png_frame(bytes);
    decode_small(bytes);
    return 0;
}
