/// Images made by hand: orientations, PNG variants, and damage of every kind.
#include <cstdio>  // jpeglib.h needs FILE
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"
#include "vision/exif.hpp"
#include "vision/png_chunks.hpp"

namespace yolovino::vision {
namespace {

using test::Bytes;
using test::code_of;
using test::same;
using test::sample_image;

void put(Bytes& into, std::uint32_t value, int count, bool big_endian) {
    for (int i = 0; i < count; ++i) {
        const int shift = 8 * (big_endian ? count - 1 - i : i);
        into.push_back(static_cast<std::byte>((value >> shift) & 0xFFU));
    }
}

void put(Bytes& into, std::string_view text) {
    for (const char c : text) into.push_back(static_cast<std::byte>(c));
}

/// A TIFF structure with one unrelated entry and then the orientation.
Bytes exif_block(std::uint32_t orientation, bool big_endian) {
    Bytes tiff;
    put(tiff, big_endian ? "MM" : "II");
    put(tiff, 42, 2, big_endian);
    put(tiff, 8, 4, big_endian);
    put(tiff, 2, 2, big_endian);
    for (const auto& [tag, value] : {std::pair<std::uint32_t, std::uint32_t>{0x0100, 7}, {0x0112, orientation}}) {
        put(tiff, tag, 2, big_endian);
        put(tiff, 3, 2, big_endian);
        put(tiff, 1, 4, big_endian);
        put(tiff, value, 2, big_endian);
        put(tiff, 0, 2, big_endian);
    }
    put(tiff, 0, 4, big_endian);
    return tiff;
}

Bytes with_exif(const Bytes& jpeg, const Bytes& tiff) {
    Bytes out(jpeg.begin(), jpeg.begin() + 2);
    put(out, 0xFFE1, 2, true);
    put(out, static_cast<std::uint32_t>(tiff.size() + 8), 2, true);
    put(out, std::string_view("Exif\0\0", 6));
    out.insert(out.end(), tiff.begin(), tiff.end());
    out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
    return out;
}

Bytes png_chunk(std::string_view type, const Bytes& content) {
    Bytes chunk;
    put(chunk, static_cast<std::uint32_t>(content.size()), 4, true);
    put(chunk, type);
    chunk.insert(chunk.end(), content.begin(), content.end());
    const auto* checked = reinterpret_cast<const Bytef*>(chunk.data() + 4);
    put(chunk, static_cast<std::uint32_t>(crc32(0, checked, static_cast<uInt>(chunk.size() - 4))), 4, true);
    return chunk;
}

Bytes png_header(std::uint32_t width, std::uint32_t height) {
    Bytes header;
    put(header, width, 4, true);
    put(header, height, 4, true);
    put(header, std::string_view("\x08\x02\0\0\0", 5));
    Bytes png;
    put(png, std::string_view("\x89PNG\r\n\x1A\n", 8));
    const Bytes chunk = png_chunk("IHDR", header);
    png.insert(png.end(), chunk.begin(), chunk.end());
    return png;
}

struct PngKind {
    int color;
    int depth;
    bool interlaced;
    bool transparency;
};

void append_png(png_structp png, png_bytep data, size_t size) {
    auto* out = static_cast<Bytes*>(png_get_io_ptr(png));
    const auto* from = reinterpret_cast<const std::byte*>(data);
    out->insert(out->end(), from, from + size);
}

void put_colours(png_structp png, png_infop info, const PngKind& kind) {
    std::vector<png_color> palette(std::size_t{1} << kind.depth % 16);
    for (std::size_t i = 0; i < palette.size(); ++i) {
        palette[i] = {static_cast<png_byte>(i * 7), static_cast<png_byte>(255 - i), static_cast<png_byte>(i * 31)};
    }
    if (kind.color == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    if (!kind.transparency) return;
    png_byte alpha[] = {0, 128};
    png_color_16 key = {};
    key.gray = 1;
    png_set_tRNS(png, info, alpha, kind.color == PNG_COLOR_TYPE_PALETTE ? 2 : 0, &key);
}

Bytes make_png(const PngKind& kind, png_uint_32 width, png_uint_32 height) {
    Bytes out;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &out, append_png, nullptr);
    png_set_IHDR(png, info, width, height, kind.depth, kind.color,
                 kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    put_colours(png, info, kind);
    png_write_info(png, info);
    std::mt19937 random(3);
    const std::size_t row_bytes = png_get_rowbytes(png, info);
    std::vector<png_byte> pixels(row_bytes * height);
    for (auto& byte : pixels) byte = static_cast<png_byte>(random());
    std::vector<png_bytep> rows;
    for (png_uint_32 y = 0; y < height; ++y) rows.push_back(pixels.data() + row_bytes * y);
    png_write_image(png, rows.data());
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    return out;
}

TEST(Exif, OrientationsAreAppliedToJpegAsOpenCvDoes) {
    const Bytes jpeg = encode_jpeg(sample_image(48, 80));
    for (const bool big_endian : {false, true}) {
        for (std::uint32_t orientation = 0; orientation <= 9; ++orientation) {
            const Bytes turned = with_exif(jpeg, exif_block(orientation, big_endian));
            const Image image = decode_image(turned, "x");
            EXPECT_TRUE(same(image, test::reference_decode(turned))) << orientation;
            EXPECT_EQ(image.height(), orientation >= 5 && orientation <= 8 ? 80 : 48) << orientation;
        }
    }
}

TEST(Exif, OrientationsAreAppliedToPngAsOpenCvDoes) {
    const Bytes png = encode_png(sample_image(21, 34));
    constexpr std::ptrdiff_t kHeaderBytes = 8 + 25;
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
        Bytes turned = png;
        const Bytes chunk = png_chunk("eXIf", exif_block(orientation, true));
        turned.insert(turned.begin() + kHeaderBytes, chunk.begin(), chunk.end());
        EXPECT_TRUE(same(decode_image(turned, "x"), test::reference_decode(turned))) << orientation;
    }
}

TEST(Exif, DamageMeansNoOrientation) {
    const Bytes whole = exif_block(6, false);
    EXPECT_EQ(detail::exif_orientation(whole), 6);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const int orientation = detail::exif_orientation(std::span(whole).first(size));
        EXPECT_TRUE(orientation == 1 || orientation == 6) << size;
    }
    std::mt19937 random(5);
    for (int round = 0; round < 20000; ++round) {
        Bytes damaged = whole;
        for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<std::byte>(random());
        const int orientation = detail::exif_orientation(damaged);
        EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    }
}

TEST(Png, VariantsEqualOpenCvs) {
    for (const bool interlaced : {false, true}) {
        for (const bool transparency : {false, true}) {
            for (const auto& [color, depths] :
                 std::vector<std::pair<int, std::vector<int>>>{{PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}},
                                                               {PNG_COLOR_TYPE_RGB, {8, 16}},
                                                               {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},
                                                               {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
                                                               {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}}}) {
                if (transparency && (color & PNG_COLOR_MASK_ALPHA) != 0) continue;
                for (const int depth : depths) {
                    const Bytes png = make_png({color, depth, interlaced, transparency}, 37, 29);
                    EXPECT_TRUE(same(decode_image(png, "x"), test::reference_decode(png)))
                        << "color " << color << ", depth " << depth << ", interlaced " << interlaced << ", tRNS "
                        << transparency;
                }
            }
        }
    }
}

TEST(Png, HugeSizesAreRefused) {
    const auto decode = [](std::uint32_t width, std::uint32_t height) {
        return code_of([&] { decode_image(png_header(width, height), "x"); });
    };
    // libpng has read the header once the first pixel data begins, which these files lack
    EXPECT_EQ(decode(0x7FFFFFFF, 0x7FFFFFFF), ErrorCode::CorruptFile);
    for (const auto& [width, height, code] :
         {std::tuple{0x7FFFFFFFU, 0x7FFFFFFFU, ErrorCode::LimitExceeded},
          std::tuple{100000U, 100000U, ErrorCode::LimitExceeded}, std::tuple{16000U, 16000U, ErrorCode::CorruptFile},
          std::tuple{0U, 10U, ErrorCode::CorruptFile}}) {
        Bytes png = png_header(width, height);
        const Bytes data = png_chunk("IDAT", Bytes(40));
        png.insert(png.end(), data.begin(), data.end());
        EXPECT_EQ(code_of([&] { decode_image(png, "x"); }), code) << width << "x" << height;
    }
}

TEST(Jpeg, HugeSizesAreRefused) {
    Bytes jpeg = encode_jpeg(sample_image(16, 16));
    for (std::size_t i = 0; i + 8 < jpeg.size(); ++i) {
        if (jpeg[i] != std::byte{0xFF} || jpeg[i + 1] != std::byte{0xC0}) continue;
        const auto set_size = [&](unsigned height, unsigned width) {
            Bytes size;
            put(size, height, 2, true);
            put(size, width, 2, true);
            std::ranges::copy(size, jpeg.begin() + static_cast<std::ptrdiff_t>(i) + 5);
            return code_of([&] { decode_image(jpeg, "x"); });
        };
        EXPECT_EQ(set_size(65000, 65000), ErrorCode::LimitExceeded);
        EXPECT_EQ(set_size(65535, 65535), ErrorCode::LimitExceeded);
        EXPECT_EQ(set_size(16000, 16000), ErrorCode::CorruptFile);
        EXPECT_EQ(set_size(0, 16), ErrorCode::CorruptFile);
        return;
    }
    FAIL() << "no frame header in the JPEG";
}

TEST(Jpeg, TruncatedDataIsRefusedAsByOpenCv5) {
    const Bytes jpeg = encode_jpeg(sample_image(200, 160));
    for (const std::size_t size : {jpeg.size() / 2, jpeg.size() * 3 / 4}) {
        const Bytes cut(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_THROW(decode_image(cut, "x"), Error) << size;
    }
    const Bytes unmarked(jpeg.begin(), jpeg.end() - 2);
    EXPECT_TRUE(same(decode_image(unmarked, "x"), decode_image(jpeg, "x"))) << "only the end marker is missing";
}

Bytes make_cmyk_jpeg(unsigned height, unsigned width) {
    jpeg_compress_struct info = {};
    jpeg_error_mgr errors = {};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* buffer = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &buffer, &size);
    info.image_height = height;
    info.image_width = width;
    info.input_components = 4;
    info.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<JSAMPLE> row(width * 4);
    for (unsigned y = 0; y < height; ++y) {
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<JSAMPLE>(i * 3 + y * 5);
        JSAMPROW pointer = row.data();
        jpeg_write_scanlines(&info, &pointer, 1);
    }
    jpeg_finish_compress(&info);
    const auto encoded = std::as_bytes(std::span(buffer, size));
    Bytes out(encoded.begin(), encoded.end());
    jpeg_destroy_compress(&info);
    std::free(buffer);
    return out;
}

TEST(Jpeg, CmykEqualsOpenCvs) {
    const Bytes jpeg = make_cmyk_jpeg(30, 40);
    EXPECT_TRUE(same(decode_image(jpeg, "x"), test::reference_decode(jpeg)));
}

/// Whatever the damage, the answer is an image or an Error.
TEST(Damage, DamagedImagesOnlyThrow) {
    constexpr unsigned kSeed = 99;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    std::vector<std::uint8_t> progressive;
    cv::imencode(".jpg", test::as_matrix(sample_image(40, 56)), progressive, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
    const std::vector<Bytes> originals = {encode_jpeg(sample_image(40, 56)), test::to_bytes(progressive),
                                          encode_png(sample_image(20, 30)),
                                          with_exif(encode_jpeg(sample_image(16, 24)), exif_block(6, true)),
                                          make_png({PNG_COLOR_TYPE_PALETTE, 4, true, true}, 37, 29)};
    for (const Bytes& original : originals) {
        for (int round = 0; round < 1500; ++round) {
            Bytes damaged = original;
            if (round % 3 == 0) damaged.resize(random() % original.size());
            for (unsigned i = 0; !damaged.empty() && i < random() % 4 + 1; ++i) {
                damaged[random() % damaged.size()] = static_cast<std::byte>(random());
            }
            try {
                EXPECT_FALSE(decode_image(damaged, "x").empty());
            } catch (const Error&) {
                continue;
            }
        }
    }
}

}  // namespace
}  // namespace yolovino::vision
