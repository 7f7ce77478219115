#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <tiffio.h>
#include <vector>

#include "vision/limits.hpp"
#include "vision/media_module/image_codecs.hpp"

namespace yolovino::vision::module {

namespace {

/// What libtiff reads through; its messages come here, not to handlers of the whole process.
struct Source {
    Bytes bytes;
    std::uint64_t at = 0;
    std::string message;
};

extern "C" {
static tmsize_t tiff_read(thandle_t handle, void* into, tmsize_t count) {
    auto* source = static_cast<Source*>(handle);
    const std::uint64_t left = source->bytes.size() - std::min<std::uint64_t>(source->at, source->bytes.size());
    const auto taken =
        static_cast<std::size_t>(std::min(left, static_cast<std::uint64_t>(std::max<tmsize_t>(count, 0))));
    if (taken > 0) std::memcpy(into, source->bytes.data() + source->at, taken);
    source->at += taken;
    return static_cast<tmsize_t>(taken);
}

static tmsize_t tiff_write(thandle_t, void*, tmsize_t) {
    return 0;
}

static toff_t tiff_seek(thandle_t handle, toff_t offset, int whence) {
    auto* source = static_cast<Source*>(handle);
    const std::uint64_t base = whence == SEEK_CUR ? source->at : whence == SEEK_END ? source->bytes.size() : 0;
    source->at = base + offset;
    return source->at;
}

static int tiff_close(thandle_t) {
    return 0;
}

static toff_t tiff_size(thandle_t handle) {
    return static_cast<Source*>(handle)->bytes.size();
}

/// A file in memory counts as mapped: libtiff 4.5 refuses tiles that are stored as they are in any other.
static int tiff_map(thandle_t handle, void** base, toff_t* size) {
    const Bytes bytes = static_cast<Source*>(handle)->bytes;
    *base = const_cast<std::byte*>(bytes.data());  // libtiff only reads
    *size = bytes.size();
    return 1;
}

static void tiff_unmap(thandle_t, void*, toff_t) {}

static int tiff_keep_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    auto* source = static_cast<Source*>(user);
    char text[256] = {};
    std::vsnprintf(text, sizeof text, format, arguments);
    if (source->message.empty()) source->message = text;
    return 1;
}

static int tiff_drop_warning(TIFF*, void*, const char*, const char*, va_list) {
    return 1;
}
}

/// IEEE 754's half precision.
float from_half(std::uint16_t bits) {
    const int exponent = bits >> 10U & 0x1F;
    const int fraction = bits & 0x3FF;
    constexpr int kAllOnes = 31;
    float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    if (exponent == kAllOnes)
        value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    return (bits & 0x8000U) != 0 ? -value : value;
}

template <typename T>
std::uint8_t clipped(T value) {
    if constexpr (std::is_floating_point_v<T>) {
        return value > 0 ? static_cast<std::uint8_t>(std::lrint(std::min<T>(value, 255)))
                         : std::uint8_t{0};  // NaN is 0
    } else {
        return static_cast<std::uint8_t>(std::clamp<T>(value, 0, 255));
    }
}

template <typename T>
std::uint8_t clipped_at(const std::uint8_t* sample) {
    T value;
    std::memcpy(&value, sample, sizeof value);
    return clipped(value);
}

std::uint8_t half_at(const std::uint8_t* sample) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, sample, sizeof bits);
    return clipped(from_half(bits));
}

std::uint8_t high_byte_at(const std::uint8_t* sample) {
    std::uint16_t value = 0;
    std::memcpy(&value, sample, sizeof value);
    return static_cast<std::uint8_t>(value >> 8U);
}

constexpr std::uint16_t kLinearRaw = 34892;  ///< of DNG

using ToByte = std::uint8_t (*)(const std::uint8_t*);

/// How the sample of a file becomes a byte; null if there is no such kind.
ToByte conversion(std::uint16_t bits, std::uint16_t format) {
    const bool real = format == SAMPLEFORMAT_IEEEFP;
    const bool is_signed = format == SAMPLEFORMAT_INT;
    switch (bits) {
        case 16:
            return real ? half_at : is_signed ? clipped_at<std::int16_t> : high_byte_at;
        case 32:
            return real ? clipped_at<float> : is_signed ? clipped_at<std::int32_t> : clipped_at<std::uint32_t>;
        case 64:
            return real ? clipped_at<double> : is_signed ? clipped_at<std::int64_t> : clipped_at<std::uint64_t>;
        default:
            return nullptr;
    }
}

class TiffReader {
public:
    explicit TiffReader(Bytes encoded) : source_{encoded, 0, {}} {
        constexpr tmsize_t kMaxBlock = tmsize_t{1} << 31U;
        TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
        if (options == nullptr) return;
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMaxBlock);
        TIFFOpenOptionsSetErrorHandlerExtR(options, tiff_keep_error, &source_);
        TIFFOpenOptionsSetWarningHandlerExtR(options, tiff_drop_warning, nullptr);
        file_ = TIFFClientOpenExt("image", "r", &source_, tiff_read, tiff_write, tiff_seek, tiff_close, tiff_size,
                                  tiff_map, tiff_unmap, options);
        TIFFOpenOptionsFree(options);
    }
    TiffReader(const TiffReader&) = delete;
    TiffReader& operator=(const TiffReader&) = delete;
    ~TiffReader() {
        if (file_ != nullptr) TIFFClose(file_);
    }

    std::optional<Image> read(std::string& reason) {
        std::optional<Image> image;
        if (file_ != nullptr && read_header()) image = has_wide_samples() ? read_samples() : read_as_colours();
        if (!image) reason = source_.message;
        return image;
    }

private:
    std::nullopt_t fail(const char* what) {
        if (source_.message.empty()) source_.message = what;
        return std::nullopt;
    }

    bool read_header() {
        TIFFGetField(file_, TIFFTAG_IMAGEWIDTH, &width_);
        TIFFGetField(file_, TIFFTAG_IMAGELENGTH, &height_);
        TIFFGetFieldDefaulted(file_, TIFFTAG_BITSPERSAMPLE, &bits_);
        TIFFGetFieldDefaulted(file_, TIFFTAG_SAMPLESPERPIXEL, &samples_);
        TIFFGetFieldDefaulted(file_, TIFFTAG_SAMPLEFORMAT, &format_);
        TIFFGetFieldDefaulted(file_, TIFFTAG_PLANARCONFIG, &planar_);
        TIFFGetField(file_, TIFFTAG_PHOTOMETRIC, &photometric_);
        const bool sized = width_ > 0 && height_ > 0 && width_ <= kMaxPixels / height_;
        if (!sized) fail("its size is beyond the limit or missing");
        if (samples_ > 4 && photometric_ <= PHOTOMETRIC_RGB) {
            fail("it has more than four channels");
            return false;
        }
        if (photometric_ == PHOTOMETRIC_CFA || photometric_ == kLinearRaw) {
            fail("it holds the raw data of a sensor, which has to be developed first");
            return false;
        }
        return sized;
    }

    /// What libtiff's own conversion to colours lacks or, for 16-bit colours, rounds; Ultralytics cuts those to 8 bits.
    bool has_wide_samples() const {
        const bool colours = samples_ >= 3 && photometric_ == PHOTOMETRIC_RGB;
        return bits_ > 16 || format_ == SAMPLEFORMAT_IEEEFP || (bits_ == 16 && colours);
    }

    /// Everything that libtiff can convert, as OpenCV lets it. In bands of the file's own blocks.
    std::optional<Image> read_as_colours() {
        TIFFRGBAImage colours;
        char message[1024] = {};
        if (TIFFRGBAImageOK(file_, message) == 0 || TIFFRGBAImageBegin(&colours, file_, 1, message) == 0)
            return fail(message);
        const struct End {
            TIFFRGBAImage* image;
            ~End() { TIFFRGBAImageEnd(image); }
        } end{&colours};
        colours.req_orientation = colours.orientation;  // as stored
        std::uint32_t band = height_;
        TIFFGetFieldDefaulted(file_, TIFFIsTiled(file_) != 0 ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP, &band);
        band = std::clamp<std::uint32_t>(band, 1, height_);
        Image image(static_cast<int>(height_), static_cast<int>(width_));
        std::vector<std::uint32_t> pixels(std::size_t{width_} * band);
        for (std::uint32_t top = 0; top < height_; top += band) {
            const std::uint32_t rows = std::min(band, height_ - top);
            colours.row_offset = static_cast<int>(top);
            colours.col_offset = 0;
            if (TIFFRGBAImageGet(&colours, pixels.data(), width_, rows) == 0) return fail("its pixels are damaged");
            std::uint8_t* to = image.row(static_cast<int>(top));
            for (std::size_t i = 0; i < std::size_t{width_} * rows; ++i, to += 3) {
                to[0] = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
                to[1] = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
                to[2] = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
            }
        }
        return image;
    }

    std::optional<Image> read_samples() {
        convert_ = conversion(bits_, format_);
        if (convert_ == nullptr) return fail("samples of this many bits are not read");
        if (photometric_ != PHOTOMETRIC_RGB && photometric_ != PHOTOMETRIC_MINISBLACK)
            return fail("wide samples are read only as RGB or gray");
        Image image(static_cast<int>(height_), static_cast<int>(width_));
        const bool read = TIFFIsTiled(file_) != 0 ? read_tiles(image) : read_rows(image);
        return read ? std::optional(image) : fail("its pixels are damaged");
    }

    bool separate() const { return planar_ == PLANARCONFIG_SEPARATE; }
    int channels() const { return samples_ >= 3 && photometric_ == PHOTOMETRIC_RGB ? 3 : 1; }

    bool read_rows(Image& image) {
        std::vector<std::uint8_t> row(static_cast<std::size_t>(std::max<tmsize_t>(TIFFScanlineSize(file_), 0)));
        if (row.size() < row_bytes(width_)) return false;
        for (int plane = 0; plane < (separate() ? channels() : 1); ++plane) {
            for (std::uint32_t y = 0; y < height_; ++y) {
                if (TIFFReadScanline(file_, row.data(), y, static_cast<std::uint16_t>(plane)) != 1) return false;
                put(row.data(), width_, image.row(static_cast<int>(y)), plane);
            }
        }
        return true;
    }

    bool read_tiles(Image& image) {
        std::uint32_t tile_width = 0;
        std::uint32_t tile_height = 0;
        TIFFGetField(file_, TIFFTAG_TILEWIDTH, &tile_width);
        TIFFGetField(file_, TIFFTAG_TILELENGTH, &tile_height);
        constexpr std::uint64_t kSmallTile = 1U << 24U;
        const std::uint64_t most = std::max<std::uint64_t>(std::uint64_t{width_} * height_, kSmallTile);
        const std::uint64_t bytes = static_cast<std::uint64_t>(std::max<tmsize_t>(TIFFTileSize(file_), 0));
        if (tile_width == 0 || tile_height == 0 || std::uint64_t{tile_width} * tile_height > most) return false;
        if (bytes < row_bytes(tile_width) * tile_height) return false;
        std::vector<std::uint8_t> tile(static_cast<std::size_t>(bytes));
        for (int plane = 0; plane < (separate() ? channels() : 1); ++plane) {
            for (std::uint32_t top = 0; top < height_; top += tile_height) {
                for (std::uint32_t left = 0; left < width_; left += tile_width) {
                    if (TIFFReadTile(file_, tile.data(), left, top, 0, static_cast<std::uint16_t>(plane)) < 0)
                        return false;
                    const std::uint32_t rows = std::min(tile_height, height_ - top);
                    for (std::uint32_t y = 0; y < rows; ++y) {
                        put(tile.data() + row_bytes(tile_width) * y, std::min(tile_width, width_ - left),
                            image.row(static_cast<int>(top + y)) + std::size_t{left} * 3, plane);
                    }
                }
            }
        }
        return true;
    }

    std::size_t row_bytes(std::uint32_t width) const {
        return std::size_t{width} * (separate() ? 1 : samples_) * (bits_ / 8U);
    }

    /// One row: all channels, or the one of this plane.
    void put(const std::uint8_t* from, std::uint32_t width, std::uint8_t* bgr, int plane) const {
        const std::size_t sample = bits_ / 8U;
        const std::size_t step = separate() ? sample : sample * samples_;
        for (std::uint32_t x = 0; x < width; ++x, from += step, bgr += 3) {
            if (channels() == 1) {
                std::memset(bgr, convert_(from), 3);
            } else if (separate()) {
                bgr[2 - plane] = convert_(from);
            } else {
                for (std::size_t i = 0; i < 3; ++i) bgr[2 - i] = convert_(from + i * sample);
            }
        }
    }

    Source source_;
    TIFF* file_ = nullptr;
    std::uint32_t width_ = 0;
    std::uint32_t height_ = 0;
    std::uint16_t bits_ = 1;
    std::uint16_t samples_ = 1;
    std::uint16_t format_ = SAMPLEFORMAT_UINT;
    std::uint16_t planar_ = PLANARCONFIG_CONTIG;
    std::uint16_t photometric_ = PHOTOMETRIC_MINISBLACK;
    ToByte convert_ = nullptr;
};

}  // namespace

std::optional<Image> decode_tiff(Bytes encoded, std::string& reason) {
    return TiffReader(encoded).read(reason);
}

}  // namespace yolovino::vision::module
