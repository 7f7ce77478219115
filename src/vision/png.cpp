#include "vision/png.hpp"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <png.h>
#include <string>
#include <zlib.h>

#include "base/fail.hpp"
#include "vision/declared_image.hpp"
#include "vision/exif.hpp"
#include "vision/png_chunks.hpp"

namespace yolovino::vision {

namespace {

/// Deflate yields at most 1032 bytes for one, so a file that promises more pixels than that is refused before any is
/// touched.
constexpr std::uint64_t kMaxDeflateRatio = 1032;

/// What libpng's callbacks see. Its errors jump back into the method that called it; such methods own nothing that
/// needs a destructor.
struct PngState {
    detail::Bytes unread;
    std::vector<std::byte>* written = nullptr;
    std::array<char, 128> message = {};
};

extern "C" {
static void png_fail(png_structp png, png_const_charp text) {
    auto* state = static_cast<PngState*>(png_get_error_ptr(png));
    std::snprintf(state->message.data(), state->message.size(), "%s", text);
    png_longjmp(png, 1);
}

static void png_stay_silent(png_structp, png_const_charp) {}

static void png_take(png_structp png, png_bytep into, size_t count) {
    auto* state = static_cast<PngState*>(png_get_io_ptr(png));
    if (count > state->unread.size()) png_error(png, "the file ends too early");
    std::memcpy(into, state->unread.data(), count);
    state->unread = state->unread.subspan(count);
}

static void png_put(png_structp png, png_bytep from, size_t count) {
    auto* state = static_cast<PngState*>(png_get_io_ptr(png));
    const auto* bytes = reinterpret_cast<const std::byte*>(from);
    bool stored = true;
    try {  // no exception may cross libpng's frames
        state->written->insert(state->written->end(), bytes, bytes + count);
    } catch (const std::exception&) {
        stored = false;
    }
    if (!stored) png_error(png, "out of memory");
}

static void png_nothing_to_flush(png_structp) {}
}

class PngReader {
public:
    explicit PngReader(detail::Bytes encoded) {
        state_.unread = encoded;
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state_, png_fail, png_stay_silent);
        if (png_ == nullptr) return;
        info_ = png_create_info_struct(png_);
        end_info_ = png_create_info_struct(png_);
    }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;
    ~PngReader() { png_destroy_read_struct(&png_, &info_, &end_info_); }

    bool read_header() {
        if (png_ == nullptr || info_ == nullptr || end_info_ == nullptr) return false;
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        png_set_read_fn(png_, &state_, png_take);
        png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // Image has the limit
        png_read_info(png_, info_);
        return true;
    }

    /// `rows` are row pointers of 3 bytes per pixel. The steps are those of cv::imread's colour mode.
    bool read_pixels(png_bytepp rows, std::size_t row_bytes) {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        const png_byte color = png_get_color_type(png_, info_);
        const png_byte depth = png_get_bit_depth(png_, info_);
        if (depth == 16) png_set_strip_16(png_);
        png_set_strip_alpha(png_);
        if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
        if ((color & PNG_COLOR_MASK_COLOR) != 0) {
            png_set_bgr(png_);
        } else {
            if (depth < 8) png_set_expand_gray_1_2_4_to_8(png_);
            png_set_gray_to_rgb(png_);
        }
        png_set_interlace_handling(png_);
        png_read_update_info(png_, info_);
        if (png_get_rowbytes(png_, info_) != row_bytes) png_error(png_, "rows are not of the expected length");
        png_read_image(png_, rows);
        png_read_end(png_, end_info_);
        return true;
    }

    std::uint64_t height() const { return png_get_image_height(png_, info_); }
    std::uint64_t width() const { return png_get_image_width(png_, info_); }
    std::uint64_t stored_bytes() const { return height() * png_get_rowbytes(png_, info_); }
    const char* message() const { return state_.message.data(); }

private:
    PngState state_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    png_infop end_info_ = nullptr;
};

class PngWriter {
public:
    explicit PngWriter(std::vector<std::byte>& into) {
        state_.written = &into;
        png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state_, png_fail, png_stay_silent);
        if (png_ != nullptr) info_ = png_create_info_struct(png_);
    }
    PngWriter(const PngWriter&) = delete;
    PngWriter& operator=(const PngWriter&) = delete;
    ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

    bool write(png_bytepp rows, ImageSize size) {
        if (png_ == nullptr || info_ == nullptr) return false;
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
        png_set_write_fn(png_, &state_, png_put, png_nothing_to_flush);
        png_set_compression_level(png_, Z_BEST_SPEED);
        png_set_compression_strategy(png_, Z_RLE);
        png_set_filter(png_, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
        png_set_IHDR(png_, info_, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height), 8,
                     PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png_, info_);
        png_set_bgr(png_);
        png_write_image(png_, rows);
        png_write_end(png_, info_);
        return true;
    }

    const char* message() const { return state_.message.data(); }

private:
    PngState state_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
};

/// libpng's interface has no const; when writing, it only reads the rows.
std::vector<png_bytep> row_pointers(const Image& image) {
    std::vector<png_bytep> rows;
    rows.reserve(static_cast<std::size_t>(image.height()));
    for (int y = 0; y < image.height(); ++y) rows.push_back(const_cast<png_bytep>(image.row(y)));
    return rows;
}

}  // namespace

namespace detail {

namespace {

/// As it is stored.
Image read_png(Bytes encoded, std::string_view name) {
    PngReader reader(encoded);
    if (!reader.read_header()) throw_corrupt(std::string("the PNG header is damaged: ") + reader.message(), name);
    const std::uint64_t least_bytes = reader.stored_bytes() / kMaxDeflateRatio;
    check_declared({reader.height(), reader.width(), least_bytes}, encoded, "PNG", name);
    Image image = allocate_declared(reader.height(), reader.width(), name);
    std::vector<png_bytep> rows = row_pointers(image);
    if (!reader.read_pixels(rows.data(), image.stride_bytes())) {
        throw_corrupt(std::string("the PNG data is damaged: ") + reader.message(), name);
    }
    return image;
}

/// The first frame of an animation to which the image before it does not belong, on a black canvas.
Image read_first_frame(const PngFrame& frame, ImageSize canvas_size, std::string_view name) {
    const Image image = read_png(frame.png, name);
    if (frame.left > canvas_size.width - image.width() || frame.top > canvas_size.height - image.height())
        throw_corrupt("the first frame of the animation is larger than the image", name);
    if (image.size() == canvas_size) return image;
    Image canvas(canvas_size.height, canvas_size.width);
    std::memset(canvas.data(), 0, canvas.size_bytes());
    for (int y = 0; y < image.height(); ++y)
        std::memcpy(canvas.row(frame.top + y) + std::ptrdiff_t{3} * frame.left, image.row(y), image.stride_bytes());
    return canvas;
}

}  // namespace

Image decode_png(Bytes encoded, std::string_view name) {
    const Image image = read_png(encoded, name);
    const auto header = png_header(encoded.size(), [encoded](std::uint64_t offset, std::size_t count) {
        return read_span(encoded, offset, count);
    });
    const auto frame = header && header->late_animation ? first_png_frame(encoded) : std::nullopt;
    return apply_orientation(frame ? read_first_frame(*frame, image.size(), name) : image,
                             header ? header->orientation : 1);
}

}  // namespace detail

std::vector<std::byte> encode_png(const Image& image) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "an empty image cannot be encoded");
    std::vector<std::byte> encoded;
    std::vector<png_bytep> rows = row_pointers(image);
    PngWriter writer(encoded);
    if (!writer.write(rows.data(), image.size())) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    std::string("the image cannot be encoded as PNG: ") + writer.message());
    }
    return encoded;
}

}  // namespace yolovino::vision
