#include <algorithm>
#include <avif/avif.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "vision/exif.hpp"
#include "vision/limits.hpp"
#include "vision/media_module/image_codecs.hpp"

namespace yolovino::vision::module {

namespace {

struct DecoderDeleter {
    void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};
using Decoder = std::unique_ptr<avifDecoder, DecoderDeleter>;
struct FrameDeleter {
    void operator()(avifImage* image) const { avifImageDestroy(image); }
};
using Frame = std::unique_ptr<avifImage, FrameDeleter>;

bool succeeded(const Decoder& decoder, avifResult result, std::string& reason) {
    if (result == AVIF_RESULT_OK) return true;
    reason = avifResultToString(result);
    if (decoder->diag.error[0] != '\0') reason.append(" (").append(decoder->diag.error).append(")");
    return false;
}

/// Reads the boxes; nothing is decoded.
Decoder parse(Bytes encoded, std::string& reason) {
    Decoder decoder(avifDecoderCreate());
    if (!decoder) return {};
    decoder->ignoreExif = AVIF_TRUE;
    decoder->ignoreXMP = AVIF_TRUE;
    decoder->imageSizeLimit = static_cast<std::uint32_t>(kMaxPixels);
    decoder->imageDimensionLimit = 0;  // only the product counts
    // Ultralytics reads AVIF through Pillow, which tolerates these two.
    decoder->strictFlags &= ~static_cast<avifStrictFlags>(AVIF_STRICT_PIXI_REQUIRED | AVIF_STRICT_CLAP_VALID);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(encoded.data());
    if (!succeeded(decoder, avifDecoderSetIOMemory(decoder.get(), bytes, encoded.size()), reason) ||
        !succeeded(decoder, avifDecoderParse(decoder.get()), reason))
        return {};
    // A coded frame must not be larger than the boxes say. Below a million pixels it costs little.
    constexpr std::uint64_t kSmallImage = 1U << 20U;
    const std::uint64_t pixels = std::uint64_t{decoder->image->width} * decoder->image->height;
    decoder->imageSizeLimit = static_cast<std::uint32_t>(std::clamp(pixels, kSmallImage, kMaxPixels));
    return succeeded(decoder, avifDecoderReset(decoder.get()), reason) ? std::move(decoder) : Decoder();
}

/// Turned and mirrored as the item says; EXIF does not count in AVIF.
int orientation_of(const avifImage& image) {
    const bool mirrored = (image.transformFlags & AVIF_TRANSFORM_IMIR) != 0;
    const int quarters = (image.transformFlags & AVIF_TRANSFORM_IROT) != 0 ? image.irot.angle % 4 : 0;
    constexpr int kTurned[] = {1, 8, 3, 6};  // counter-clockwise
    // The mirror comes after the turn: across the horizontal axis (mode 0) or the vertical one.
    constexpr int kTurnedAndMirrored[2][4] = {{4, 5, 2, 7}, {2, 7, 4, 5}};
    return mirrored ? kTurnedAndMirrored[image.imir.mode % 2][quarters] : kTurned[quarters];
}

std::uint32_t chroma_side(std::uint32_t side, bool halved) {
    return halved ? side / 2 + side % 2 : side;
}

/// The colours in 8 bits, the lower ones cut off, as libavif 1 does before it converts; 0.11 would go another way,
/// which differs by up to 3. Gray images and those of 10 bits with alpha go the same way in both.
Frame in_eight_bits(const avifImage& deep) {
    Frame image(avifImageCreate(deep.width, deep.height, 8, deep.yuvFormat));
    if (!image) return {};
    image->yuvRange = deep.yuvRange;
    image->matrixCoefficients = deep.matrixCoefficients;
    image->colorPrimaries = deep.colorPrimaries;
    image->transferCharacteristics = deep.transferCharacteristics;
    avifImageAllocatePlanes(image.get(), AVIF_PLANES_YUV);
    const auto shift = [&](const std::uint8_t* from, std::uint32_t from_bytes, std::uint8_t* to, std::uint32_t to_bytes,
                           std::uint32_t width, std::uint32_t height) {
        for (std::uint32_t y = 0; y < height; ++y, from += from_bytes, to += to_bytes) {
            for (std::uint32_t x = 0; x < width; ++x) {
                std::uint16_t value = 0;
                std::memcpy(&value, from + std::size_t{x} * 2, sizeof value);
                to[x] = static_cast<std::uint8_t>(std::min(value >> (deep.depth - 8), 255));
            }
        }
    };
    for (int i = 0; i < 3; ++i) {
        if (deep.yuvPlanes[i] == nullptr) continue;
        if (image->yuvPlanes[i] == nullptr) return {};
        const bool luma = i == AVIF_CHAN_Y;
        shift(deep.yuvPlanes[i], deep.yuvRowBytes[i], image->yuvPlanes[i], image->yuvRowBytes[i],
              luma ? deep.width : chroma_side(deep.width, deep.yuvFormat != AVIF_PIXEL_FORMAT_YUV444),
              luma ? deep.height : chroma_side(deep.height, deep.yuvFormat == AVIF_PIXEL_FORMAT_YUV420));
    }
    return image;
}

}  // namespace

std::optional<Image> decode_avif(Bytes encoded, std::string& reason) {
    const Decoder decoder = parse(encoded, reason);
    if (!decoder) return std::nullopt;
    const auto declared = std::pair(decoder->image->width, decoder->image->height);
    if (!succeeded(decoder, avifDecoderNextImage(decoder.get()), reason)) return std::nullopt;
    if (declared != std::pair(decoder->image->width, decoder->image->height)) {
        reason = "its pixels are not of the declared size";
        return std::nullopt;
    }
    const bool with_alpha = decoder->alphaPresent != AVIF_FALSE;
    const bool cut_first = decoder->image->depth > (with_alpha ? 10U : 8U) &&
                           decoder->image->alphaPremultiplied == AVIF_FALSE &&
                           decoder->image->yuvFormat != AVIF_PIXEL_FORMAT_YUV400;
    const Frame eight = cut_first ? in_eight_bits(*decoder->image) : Frame();
    if (cut_first && !eight) return std::nullopt;
    const avifImage* frame = eight ? eight.get() : decoder->image;
    avifRGBImage pixels;
    avifRGBImageSetDefaults(&pixels, frame);
    pixels.depth = 8;
    pixels.format = AVIF_RGB_FORMAT_BGRA;  // with alpha, which is dropped, but for which colours may be premultiplied
    if (!with_alpha) pixels.format = AVIF_RGB_FORMAT_BGR;
    Image image(static_cast<int>(pixels.height), static_cast<int>(pixels.width));
    std::vector<std::uint8_t> four(with_alpha ? std::size_t{pixels.width} * pixels.height * 4 : 0);
    pixels.pixels = with_alpha ? four.data() : image.data();
    pixels.rowBytes = pixels.width * (with_alpha ? 4 : 3);
    if (!succeeded(decoder, avifImageYUVToRGB(frame, &pixels), reason)) return std::nullopt;
    if (with_alpha) image = Image(ImageView{four.data(), image.height(), image.width(), 0, PixelFormat::Bgra});
    return detail::apply_orientation(image, orientation_of(*decoder->image));
}

std::optional<ImageSize> avif_size(Bytes encoded, std::string& reason) {
    const Decoder decoder = parse(encoded, reason);
    if (!decoder) return std::nullopt;
    const ImageSize stored = {static_cast<int>(decoder->image->height), static_cast<int>(decoder->image->width)};
    return orientation_of(*decoder->image) < 5 ? stored : ImageSize{stored.width, stored.height};
}

}  // namespace yolovino::vision::module
