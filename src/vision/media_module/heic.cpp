#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <libheif/heif.h>
#include <memory>

#include "vision/isobmff.hpp"
#include "vision/limits.hpp"
#include "vision/media_module/image_codecs.hpp"

namespace yolovino::vision::module {

namespace {

template <auto Release>
struct Releaser {
    template <typename T>
    void operator()(T* object) const {
        Release(object);
    }
};
using Context = std::unique_ptr<heif_context, Releaser<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Releaser<heif_image_handle_release>>;
using Options = std::unique_ptr<heif_decoding_options, Releaser<heif_decoding_options_free>>;
using Pixels = std::unique_ptr<heif_image, Releaser<heif_image_release>>;

bool succeeded(const heif_error& error, std::string& reason) {
    if (error.code == heif_error_Ok) return true;
    reason = error.message != nullptr ? error.message : "unknown error";
    return false;
}

/// The main image and what owns it.
struct Opened {
    Context context;
    Handle handle;
    ImageSize size;
};

std::optional<Opened> open(Bytes encoded, std::string& reason) {
    // Photos of phones are grids of tiles; one thread decodes them, since images are read on many threads already.
    constexpr int kMaxSide = 1 << 16;
    Opened opened;
    opened.context.reset(heif_context_alloc());
    if (!opened.context) return std::nullopt;
    heif_context_set_maximum_image_size_limit(opened.context.get(), kMaxSide);
    heif_context_set_max_decoding_threads(opened.context.get(), 0);
    heif_image_handle* handle = nullptr;
    if (!succeeded(
            heif_context_read_from_memory_without_copy(opened.context.get(), encoded.data(), encoded.size(), nullptr),
            reason) ||
        !succeeded(heif_context_get_primary_image_handle(opened.context.get(), &handle), reason))
        return std::nullopt;
    opened.handle.reset(handle);
    opened.size = {heif_image_handle_get_height(handle), heif_image_handle_get_width(handle)};
    const std::int64_t pixels = std::int64_t{opened.size.height} * opened.size.width;
    if (opened.size.height <= 0 || opened.size.width <= 0 || pixels > static_cast<std::int64_t>(kMaxPixels)) {
        reason = "its size is beyond the limit";
        return std::nullopt;
    }
    return opened;
}

ImageSize size_of(const heif_image& image, heif_channel channel) {
    return {heif_image_get_height(&image, channel), heif_image_get_width(&image, channel)};
}

Pixels decode(const Opened& opened, heif_colorspace colours, heif_chroma chroma, std::string& reason) {
    const Options options(heif_decoding_options_alloc());
    if (!options) return {};
    options->convert_hdr_to_8bit = colours == heif_colorspace_RGB ? 1 : 0;
    heif_image* decoded = nullptr;
    const bool done =
        succeeded(heif_decode_image(opened.handle.get(), &decoded, colours, chroma, options.get()), reason);
    return Pixels(done ? decoded : nullptr);
}

/// Whether the file names the matrix and range that images without a profile have.
bool has_usual_matrix(const heif_image_handle& handle) {
    heif_color_profile_nclx* profile = nullptr;
    if (heif_image_handle_get_nclx_color_profile(&handle, &profile).code != heif_error_Ok || profile == nullptr)
        return true;
    const bool usual =
        profile->full_range_flag != 0 && profile->matrix_coefficients == heif_matrix_coefficients_ITU_R_BT_601_6;
    heif_nclx_color_profile_free(profile);
    return usual;
}

/// One of the three planes of more than 8 bits.
struct DeepPlane {
    DeepPlane(const heif_image& image, heif_channel channel)
        : data(heif_image_get_plane_readonly(&image, channel, &stride)),
          bits(heif_image_get_bits_per_pixel_range(&image, channel)),
          size(size_of(image, channel)) {}

    bool usable(ImageSize wanted) const {
        return data != nullptr && stride > 0 && bits > 8 && bits <= 16 && size == wanted;
    }
    int at(int y, int x) const {
        std::uint16_t value = 0;
        std::memcpy(&value, data + std::ptrdiff_t{y} * stride + std::ptrdiff_t{x} * 2, sizeof value);
        return value;
    }

    int stride = 0;  // before `data`, whose initialiser sets it
    const std::uint8_t* data;
    int bits;
    ImageSize size;
};

/// As libheif 1.23 in Pillow, measured: always BT.601 of full range, whatever the file says; 4:2:0 is cut to 8 bits
/// before it is mixed, all others behind it. libheif 1.15 does the former behind it, too, which differs by 2.
std::optional<Image> decode_deep(const Opened& opened, bool cut_first) {
    std::string ignored;
    const Pixels pixels = decode(opened, heif_colorspace_YCbCr, heif_chroma_undefined, ignored);
    if (!pixels || heif_image_get_chroma_format(pixels.get()) != heif_chroma_444) return std::nullopt;
    const DeepPlane luma(*pixels, heif_channel_Y);
    const DeepPlane to_blue(*pixels, heif_channel_Cb);
    const DeepPlane to_red(*pixels, heif_channel_Cr);
    if (!luma.usable(opened.size) || !to_blue.usable(opened.size) || !to_red.usable(opened.size)) return std::nullopt;
    if (luma.bits != to_blue.bits || luma.bits != to_red.bits) return std::nullopt;
    const int surplus = luma.bits - 8;
    const int first = cut_first ? surplus : 0;
    const int then = surplus - first;
    const auto middle = static_cast<float>(128 << then);
    const auto byte_of = [&](float value) {
        return static_cast<std::uint8_t>(std::clamp(static_cast<int>(std::floor(value + 0.5F)) >> then, 0, 255));
    };
    Image image(opened.size.height, opened.size.width);
    for (int y = 0; y < image.height(); ++y) {
        std::uint8_t* bgr = image.row(y);
        for (int x = 0; x < image.width(); ++x, bgr += 3) {
            const auto light = static_cast<float>(luma.at(y, x) >> first);
            const float blue = static_cast<float>(to_blue.at(y, x) >> first) - middle;
            const float red = static_cast<float>(to_red.at(y, x) >> first) - middle;
            bgr[0] = byte_of(light + 1.772F * blue);
            bgr[1] = byte_of(light - 0.344136F * blue - 0.714136F * red);
            bgr[2] = byte_of(light + 1.402F * red);
        }
    }
    return image;
}

}  // namespace

std::optional<Image> decode_heic(Bytes encoded, std::string& reason) {
    const auto opened = open(encoded, reason);
    if (!opened) return std::nullopt;
    if (heif_image_handle_get_luma_bits_per_pixel(opened->handle.get()) > 8) {
        const bool cut_first = detail::hevc_is_420(encoded) && has_usual_matrix(*opened->handle);
        if (auto image = decode_deep(*opened, cut_first)) return image;
    }
    const Pixels pixels = decode(*opened, heif_colorspace_RGB, heif_chroma_interleaved_RGB, reason);
    if (!pixels) return std::nullopt;
    int stride = 0;
    const std::uint8_t* plane = heif_image_get_plane_readonly(pixels.get(), heif_channel_interleaved, &stride);
    if (plane == nullptr || stride <= 0 || size_of(*pixels, heif_channel_interleaved) != opened->size) {
        reason = "its pixels are not of the declared size";
        return std::nullopt;
    }
    return Image(
        ImageView{plane, opened->size.height, opened->size.width, static_cast<std::size_t>(stride), PixelFormat::Rgb});
}

std::optional<ImageSize> heic_size(Bytes encoded, std::string& reason) {
    const auto opened = open(encoded, reason);
    return opened ? std::optional(opened->size) : std::nullopt;
}

}  // namespace yolovino::vision::module
