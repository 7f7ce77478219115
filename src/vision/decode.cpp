#include "vision/decode.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <limits>
#include <string>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "vision/codecs.hpp"
#include "vision/limits.hpp"
#include "vision/media.hpp"

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
constexpr Signature kForeignKinds[] = {
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

std::string_view foreign_kind(detail::Bytes encoded) {
    const std::string_view head = base::as_text(encoded.first(std::min<std::size_t>(encoded.size(), 32)));
    for (const Signature& signature : kForeignKinds) {
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

Image decode_foreign(detail::Bytes encoded, std::string_view kind, std::string_view name) {
    const auto declared = detail::foreign_size(encoded, kind);
    if (declared) detail::check_declared(*declared, encoded, kind, name);
    constexpr std::array<std::string_view, 6> kOwnLibrary = {"WebP", "GIF", "TIFF", "BigTIFF", "AVIF", "HEIC"};
    std::optional<Image> image;
    std::string reason;
    if (std::ranges::find(kOwnLibrary, kind) != kOwnLibrary.end())
        image = media().decode_kind(encoded, kind, reason);
    else if (declared)  // OpenCV's own cap is wider: it gets no size that is not known
        image = media().decode(encoded);
    if (!image) throw_unread(kind, reason, name);
    return declared ? detail::apply_orientation(*image, declared->orientation) : *std::move(image);
}

ImageSize turned(ImageSize size, int orientation) {
    constexpr int kFirstTurned = 5;  // from there on, width and height change places
    return orientation < kFirstTurned ? size : ImageSize{size.width, size.height};
}

ImageSize foreign_header(detail::Bytes encoded, std::string_view kind, std::string_view name) {
    const auto declared = detail::foreign_size(encoded, kind);
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

namespace detail {

void throw_corrupt(std::string_view what, std::string_view name) {
    throw Error(ErrorCode::CorruptFile, "image", what, {.file = std::string(name)});
}

void check_declared(const DeclaredPicture& picture, Bytes encoded, std::string_view kind, std::string_view name) {
    constexpr std::uint64_t kSmallPicture = 1U << 20U;  // below this, even a forged size costs little
    if (picture.height == 0 || picture.width == 0) throw_corrupt("the picture has no pixels", name);
    const auto pixels = base::checked_mul(picture.height, picture.width);
    if (!pixels || *pixels > kMaxPixels) {
        throw Error(
            ErrorCode::LimitExceeded, "image",
            fmt::format("size {}x{}, at most {} pixels are accepted", picture.height, picture.width, kMaxPixels),
            {.file = std::string(name)});
    }
    if (*pixels > kSmallPicture && picture.least_bytes > encoded.size())
        throw_corrupt(fmt::format("the {} declares far more pixels than its bytes can hold", kind), name);
}

Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name) {
    if (height == 0 || width == 0) throw_corrupt("the picture has no pixels", name);
    constexpr std::uint64_t kMaxSide = std::numeric_limits<int>::max();
    try {
        return Image(static_cast<int>(std::min(height, kMaxSide)), static_cast<int>(std::min(width, kMaxSide)));
    } catch (const Error& error) {
        throw Error(error.code(), "image", error.message(), {.file = std::string(name)}, error.hint());
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::LimitExceeded, "image", fmt::format("no memory for {}x{} pixels", height, width),
                    {.file = std::string(name)});
    }
}

}  // namespace detail

Image decode_image(std::span<const std::byte> encoded, std::string_view name) {
    if (encoded.empty()) detail::throw_corrupt("the picture is empty", name);
    if (encoded.size() > kMaxEncodedBytes) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    fmt::format("{} bytes, at most {} are read", encoded.size(), kMaxEncodedBytes),
                    {.file = std::string(name)});
    }
    if (base::as_text(encoded).starts_with(kJpegStart)) return detail::decode_jpeg(encoded, name);
    if (base::as_text(encoded).starts_with(kPngStart)) return detail::decode_png(encoded, name);
    const std::string_view kind = foreign_kind(encoded);
    if (!kind.empty()) return decode_foreign(encoded, kind, name);
    throw Error(ErrorCode::UnsupportedFile, "image", "the data is not a picture of a kind that is read",
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
    const std::string_view kind = foreign_kind(head);
    if (!kind.empty())
        return {foreign_header(base::read_file(path, kMaxEncodedBytes), kind, path.string()), false, true};
    return {load_image(path).size(), false, true};
}

void save_image(const Image& image, const std::filesystem::path& path) {
    const std::string suffix = base::to_lower(path.extension().string());
    if (suffix == ".jpg" || suffix == ".jpeg") return base::write_file(path, encode_jpeg(image));
    if (suffix == ".png") return base::write_file(path, encode_png(image));
    throw Error(ErrorCode::InvalidArgument, "image",
                fmt::format("pictures are not written as '{}'", base::printable(suffix)), {.file = path.string()},
                "use .jpg, .jpeg, or .png");
}

}  // namespace yolovino::vision
