#include "vision/decode.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <string>

#include "base/api_call.hpp"
#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "vision/declared_image.hpp"
#include "vision/exif.hpp"
#include "vision/image_header.hpp"
#include "vision/isobmff.hpp"
#include "vision/jpeg.hpp"
#include "vision/limits.hpp"
#include "vision/media.hpp"
#include "vision/png.hpp"
#include "vision/png_chunks.hpp"

namespace yolovino::vision {

namespace {

struct Signature {
    std::string_view kind;
    std::size_t offset;
    std::string_view bytes;
};

using namespace std::string_view_literals;

constexpr std::string_view kJpegStart = "\xFF\xD8\xFF";
constexpr std::string_view kPngStart = "\x89PNG\r\n\x1A\n";

/// What is handed to the media module. Only kinds that are known by their first bytes: its codecs include some that
/// would take any text as a recipe and open the files it names.
constexpr Signature kMediaKinds[] = {
    {"BMP", 0, "BM"sv},
    {"GIF", 0, "GIF8"sv},
    {"WebP", 8, "WEBP"sv},
    {"TIFF", 0, "II*\0"sv},
    {"TIFF", 0, "MM\0*"sv},
    {"BigTIFF", 0, "II+\0"sv},
    {"BigTIFF", 0, "MM\0+"sv},
    {"JPEG 2000", 0, "\0\0\0\x0CjP  "sv},
    {"JPEG 2000", 0, "\xFF\x4F\xFF\x51"sv},
    {"OpenEXR", 0, "\x76\x2F\x31\x01"sv},
    {"Radiance HDR", 0, "#?RADIANCE"sv},
    {"Radiance HDR", 0, "#?RGBE"sv},
    {"Sun raster", 0, "\x59\xA6\x6A\x95"sv},
};

std::string_view media_kind(detail::Bytes encoded) {
    const std::string_view head = base::as_text(encoded.first(std::min<std::size_t>(encoded.size(), 32)));
    for (const Signature& signature : kMediaKinds) {
        if (head.size() > signature.offset && head.substr(signature.offset).starts_with(signature.bytes))
            return signature.kind;
    }
    const bool netpbm = head.size() > 2 && head[0] == 'P' &&
                        (std::string_view("1234567Ff").find(head[1]) != std::string_view::npos) &&
                        std::isspace(static_cast<unsigned char>(head[2])) != 0;
    return netpbm ? "Netpbm" : detail::isobmff_kind(encoded);
}

constexpr std::string_view kConvert = "convert it to JPEG or PNG";

[[noreturn]] void throw_unread(std::string_view kind, std::string_view reason, std::string_view name) {
    std::string what = fmt::format("this {} image is damaged or of a variant that is not read", kind);
    const std::size_t end = reason.find_last_not_of(" \n.");
    if (end != std::string_view::npos) what.append(": ").append(reason.substr(0, end + 1));
    throw Error(ErrorCode::UnsupportedFile, "image", what, {.file = std::string(name)}, kConvert);
}

/// Kinds whose decoders turn the image themselves: the file says how to, with crops and turns in any order.
bool turns_itself(std::string_view kind) {
    return kind == "AVIF" || kind == "HEIC";
}

Image decode_media(detail::Bytes encoded, std::string_view kind, std::string_view name) {
    const auto declared = detail::read_image_size(encoded, kind);
    if (declared) detail::check_declared(*declared, encoded, kind, name);
    constexpr std::array<std::string_view, 6> kOwnLibrary = {"WebP", "GIF", "TIFF", "BigTIFF", "AVIF", "HEIC"};
    std::optional<Image> image;
    std::string reason;
    if (std::ranges::find(kOwnLibrary, kind) != kOwnLibrary.end())
        image = media().decode_kind(encoded, kind, reason);
    else if (declared)  // OpenCV's own limit is wider: it gets no image of unknown size
        image = media().decode(encoded);
    if (!image) throw_unread(kind, reason, name);
    return declared ? detail::apply_orientation(*image, declared->orientation) : *std::move(image);
}

ImageSize turned(ImageSize size, int orientation) {
    constexpr int kFirstTurned = 5;  // from there on, width and height change places
    return orientation < kFirstTurned ? size : ImageSize{size.width, size.height};
}

ImageSize media_header(detail::Bytes encoded, std::string_view kind, std::string_view name) {
    const auto declared = detail::read_image_size(encoded, kind);
    if (!declared) return decode_image(encoded, name).size();
    detail::check_declared(*declared, encoded, kind, name);
    if (turns_itself(kind)) {
        std::string reason;
        const std::optional<ImageSize> size = media().size_of_kind(encoded, kind, reason);
        if (!size) throw_unread(kind, reason, name);
        return *size;
    }
    return turned({static_cast<int>(declared->height), static_cast<int>(declared->width)}, declared->orientation);
}

}  // namespace

Image decode_image(std::span<const std::byte> encoded, std::string_view name) {
    if (encoded.empty()) detail::throw_corrupt("the image is empty", name);
    if (encoded.size() > kMaxEncodedBytes) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    fmt::format("{} bytes, at most {} are read", encoded.size(), kMaxEncodedBytes),
                    {.file = std::string(name)});
    }
    if (base::as_text(encoded).starts_with(kJpegStart)) return detail::decode_jpeg(encoded, name);
    if (base::as_text(encoded).starts_with(kPngStart)) return detail::decode_png(encoded, name);
    const std::string_view kind = media_kind(encoded);
    if (!kind.empty()) return decode_media(encoded, kind, name);
    throw Error(ErrorCode::UnsupportedFile, "image", "the data is not an image of a kind that is read",
                {.file = std::string(name)}, "use JPEG, PNG, BMP, WebP, TIFF, AVIF, or HEIC");
}

Image load_image(const std::filesystem::path& path) {
    return decode_image(base::read_file(path, kMaxEncodedBytes), path.string());
}

ImageHeader read_image_header(const std::filesystem::path& path) {
    constexpr std::uint64_t kHeadBytes = 64U << 10U;  // enough for the header of nearly all photos
    const base::RandomAccessFile file(path);
    const std::uint64_t bytes = file.size_bytes();
    const std::vector<std::byte> head = file.read(0, std::min(bytes, kHeadBytes));
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (text.starts_with(kJpegStart)) {
        std::optional<ImageSize> size = detail::jpeg_size(head);
        if (!size) size = detail::jpeg_size(file.read(0, std::min(bytes, kMaxEncodedBytes)), path.string());
        const std::vector<std::byte> tail = file.read(bytes - 2, 2);
        return {*size, true, tail[0] == std::byte{0xFF} && tail[1] == std::byte{0xD9}};
    }
    if (text.starts_with(kPngStart)) {
        const auto read = [&](std::uint64_t offset, std::size_t count) {
            return file.read(offset, std::min<std::uint64_t>(count, bytes - std::min(offset, bytes)));
        };
        if (const auto header = detail::png_header(bytes, read)) {
            constexpr std::string_view kEnd = "\0\0\0\0IEND\xAE\x42\x60\x82"sv;
            const std::vector<std::byte> tail = file.read(bytes - kEnd.size(), kEnd.size());
            return {turned(header->size, header->orientation), false, base::as_text(tail) == kEnd};
        }
    }
    const std::string_view kind = media_kind(head);
    if (!kind.empty()) return {media_header(base::read_file(path, kMaxEncodedBytes), kind, path.string()), false, true};
    return {load_image(path).size(), false, true};
}

}  // namespace yolovino::vision

namespace yolovino {

// Not in image.cpp, which the media module compiles for itself.
Image Image::decode(std::span<const std::byte> encoded) {
    return base::api_call("image", [&] { return vision::decode_image(encoded, "encoded image"); });
}

}  // namespace yolovino
