#include "vision/jpeg.hpp"

#include <cstdio>  // jpeglib.h needs FILE
#include <jpeglib.h>
// jerror.h after jpeglib.h: it is not self-contained
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <jerror.h>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "vision/declared_image.hpp"
#include "vision/exif.hpp"

namespace yolovino::vision {

namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr std::array<char, 6> kExifPrefix = {'E', 'x', 'i', 'f', '\0', '\0'};
/// Real progressive files have about ten scans; a forged one can make each cost a pass over the whole image.
constexpr int kMaxScans = 100;
/// Huffman coding spends at least one bit on a block of 64 pixels per channel, so a whole file stays far below this.
constexpr std::uint64_t kMaxPixelsPerByte = 4096;
constexpr JDIMENSION kLastRows = 32;  // two rows of the largest blocks

/// libjpeg reports an error by calling error_exit, which must not return. It jumps back into the method that called
/// libjpeg; such methods own nothing that needs a destructor.
struct ErrorManager {
    jpeg_error_mgr base;  // first, since libjpeg hands back a pointer to it
    std::jmp_buf back;
    std::array<char, JMSG_LENGTH_MAX> message;
    int code;
    bool cut_off;  ///< the data ended before the image
};

extern "C" {
static void jpeg_exit_by_jump(j_common_ptr info) {
    auto* errors = reinterpret_cast<ErrorManager*>(info->err);
    errors->base.format_message(info, errors->message.data());
    errors->code = errors->base.msg_code;
    std::longjmp(errors->back, 1);
}

static void jpeg_stay_silent(j_common_ptr) {}

static void jpeg_count_warning(j_common_ptr info, int level) {
    if (level >= 0) return;
    ++info->err->num_warnings;
    if (info->err->msg_code == JWRN_JPEG_EOF) reinterpret_cast<ErrorManager*>(info->err)->cut_off = true;
}

static void jpeg_limit_scans(j_common_ptr info) {
    auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
    if (info->is_decompressor != 0 && decoder->input_scan_number > kMaxScans) ERREXIT(info, JERR_BAD_PROGRESSION);
}
}

jpeg_error_mgr* prepare(ErrorManager& errors) {
    jpeg_std_error(&errors.base);
    errors.base.error_exit = jpeg_exit_by_jump;
    errors.base.output_message = jpeg_stay_silent;
    errors.base.emit_message = jpeg_count_warning;
    errors.message[0] = '\0';
    errors.cut_off = false;
    errors.code = 0;
    return &errors.base;
}

class JpegReader {
public:
    JpegReader() {
        info_.err = prepare(errors_);
        progress_.progress_monitor = jpeg_limit_scans;
    }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;
    ~JpegReader() { jpeg_destroy_decompress(&info_); }

    bool read_header(detail::Bytes encoded) {
        if (setjmp(errors_.back) != 0) return false;
        jpeg_create_decompress(&info_);
        info_.progress = &progress_;
        jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(encoded.data()),
                     static_cast<unsigned long>(encoded.size()));
        jpeg_save_markers(&info_, kExifMarker, 0xFFFF);
        jpeg_read_header(&info_, TRUE);
        return true;
    }

    /// Fills rows of 3 bytes per pixel, `stride` apart; `inks` has room for a row of four, if they are four.
    /// An image that ends early is refused, as OpenCV 5 does; libjpeg itself would fill the rest with gray.
    bool read_pixels(std::uint8_t* pixels, std::size_t stride, std::uint8_t* inks) {
        if (setjmp(errors_.back) != 0) return false;
        info_.out_color_space = is_cmyk() ? JCS_CMYK : JCS_EXT_BGR;
        jpeg_start_decompress(&info_);
        while (info_.output_scanline < info_.output_height) {
            std::uint8_t* into = pixels + stride * info_.output_scanline;
            JSAMPROW row = is_cmyk() ? inks : into;
            jpeg_read_scanlines(&info_, &row, 1);
            if (is_cmyk()) mix_inks(inks, into, info_.output_width);
            // A file that lacks nothing but its end marker shows the same warning with its last rows.
            if (errors_.cut_off && info_.output_scanline + kLastRows < info_.output_height) {
                std::snprintf(errors_.message.data(), errors_.message.size(), "it is truncated at row %u of %u",
                              info_.output_scanline, info_.output_height);
                return false;
            }
        }
        jpeg_finish_decompress(&info_);
        return true;
    }

    std::uint64_t height() const { return info_.image_height; }
    std::uint64_t width() const { return info_.image_width; }
    bool is_cmyk() const { return info_.num_components == 4; }
    const char* message() const { return errors_.message.data(); }
    bool too_big() const { return errors_.code == JERR_IMAGE_TOO_BIG; }
    /// Whole, but of a process that libjpeg lacks: lossless, hierarchical, or of more than 8 bits.
    bool unsupported() const { return errors_.code == JERR_SOF_UNSUPPORTED || errors_.code == JERR_BAD_PRECISION; }

    int orientation() const {
        for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
            const std::size_t prefix = kExifPrefix.size();
            if (marker->marker != kExifMarker || marker->data_length <= prefix) continue;
            if (std::memcmp(marker->data, kExifPrefix.data(), prefix) != 0) continue;
            return detail::exif_orientation(
                std::as_bytes(std::span(marker->data + prefix, marker->data_length - prefix)));
        }
        return 1;
    }

private:
    /// As OpenCV: the four are taken as stored by Adobe, inverted, whatever the markers say.
    static void mix_inks(const std::uint8_t* inks, std::uint8_t* bgr, JDIMENSION width) {
        for (JDIMENSION x = 0; x < width; ++x, inks += 4, bgr += 3) {
            const int black = inks[3];
            for (int i = 0; i < 3; ++i)
                bgr[2 - i] = static_cast<std::uint8_t>(black - (((255 - inks[i]) * black) >> 8));
        }
    }

    jpeg_decompress_struct info_ = {};
    jpeg_progress_mgr progress_ = {};
    ErrorManager errors_ = {};
};

class JpegWriter {
public:
    JpegWriter() { info_.err = prepare(errors_); }
    JpegWriter(const JpegWriter&) = delete;
    JpegWriter& operator=(const JpegWriter&) = delete;
    ~JpegWriter() {
        jpeg_destroy_compress(&info_);
        std::free(buffer_);
    }

    bool write(const std::uint8_t* pixels, ImageSize size, int quality, bool subsample) {
        if (setjmp(errors_.back) != 0) return false;
        jpeg_create_compress(&info_);
        jpeg_mem_dest(&info_, &buffer_, &size_bytes_);
        info_.image_width = static_cast<JDIMENSION>(size.width);
        info_.image_height = static_cast<JDIMENSION>(size.height);
        info_.input_components = 3;
        info_.in_color_space = JCS_EXT_BGR;
        jpeg_set_defaults(&info_);
        jpeg_set_quality(&info_, quality, TRUE);
        info_.comp_info[0].h_samp_factor = subsample ? 2 : 1;
        info_.comp_info[0].v_samp_factor = subsample ? 2 : 1;
        jpeg_start_compress(&info_, TRUE);
        const std::size_t stride = static_cast<std::size_t>(size.width) * 3;
        while (info_.next_scanline < info_.image_height) {
            // libjpeg's interface has no const; it only reads the row
            JSAMPROW row = const_cast<JSAMPROW>(pixels + stride * info_.next_scanline);
            jpeg_write_scanlines(&info_, &row, 1);
        }
        jpeg_finish_compress(&info_);
        return true;
    }

    std::span<const std::byte> result() const { return std::as_bytes(std::span(buffer_, size_bytes_)); }
    const char* message() const { return errors_.message.data(); }

private:
    jpeg_compress_struct info_ = {};
    ErrorManager errors_ = {};
    unsigned char* buffer_ = nullptr;
    unsigned long size_bytes_ = 0;
};

/// @throws Error for a header that cannot be read
void read_header(JpegReader& reader, detail::Bytes encoded, std::string_view name) {
    if (reader.read_header(encoded)) return;
    if (reader.too_big()) throw Error(ErrorCode::LimitExceeded, "image", reader.message(), {.file = std::string(name)});
    if (reader.unsupported()) {
        throw Error(ErrorCode::UnsupportedFile, "image",
                    std::string("this JPEG is of a variant that is not read: ") + reader.message(),
                    {.file = std::string(name)}, "convert it to baseline JPEG or PNG");
    }
    detail::throw_corrupt(std::string("the JPEG header is damaged: ") + reader.message(), name);
}

}  // namespace

namespace detail {

std::optional<ImageSize> jpeg_size(Bytes encoded) {
    try {
        return jpeg_size(encoded, {});
    } catch (const Error&) {
        return std::nullopt;
    }
}

ImageSize jpeg_size(Bytes encoded, std::string_view name) {
    JpegReader reader;
    read_header(reader, encoded, name);
    const ImageSize size = {static_cast<int>(reader.height()), static_cast<int>(reader.width())};
    constexpr int kFirstTurned = 5;  // from there on, width and height change places
    return reader.orientation() < kFirstTurned ? size : ImageSize{size.width, size.height};
}

Image decode_jpeg(Bytes encoded, std::string_view name) {
    JpegReader reader;
    read_header(reader, encoded, name);
    const std::uint64_t least_bytes = reader.height() * reader.width() / kMaxPixelsPerByte;
    check_declared({reader.height(), reader.width(), least_bytes}, encoded, "JPEG", name);
    Image image = allocate_declared(reader.height(), reader.width(), name);
    std::vector<std::uint8_t> inks(reader.is_cmyk() ? static_cast<std::size_t>(image.width()) * 4 : 0);
    const int orientation = reader.orientation();  // libjpeg forgets the markers with the last row
    if (!reader.read_pixels(image.data(), image.stride_bytes(), inks.data())) {
        throw_corrupt(std::string("the JPEG data is damaged: ") + reader.message(), name);
    }
    return apply_orientation(image, orientation);
}

}  // namespace detail

std::vector<std::byte> encode_jpeg(const Image& image, int quality, bool subsample) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "an empty image cannot be encoded");
    JpegWriter writer;
    if (!writer.write(image.data(), image.size(), quality, subsample)) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    std::string("the image cannot be encoded as JPEG: ") + writer.message());
    }
    const auto encoded = writer.result();
    return {encoded.begin(), encoded.end()};
}

}  // namespace yolovino::vision
