#include "vision/decode.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <limits>
#include <string>

#include "base/fail.hpp"
#include "base/file.hpp"
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
    {"AVIF", 4, "ftypavif"sv},
    {"HEIC", 4, "ftypheic"sv},
    {"HEIC", 4, "ftypmif1"sv},
};

std::string_view foreign_kind(std::string_view head) {
    for (const Signature& signature : kForeignKinds) {
        if (head.size() > signature.offset && head.substr(signature.offset).starts_with(signature.bytes))
            return signature.kind;
    }
    const bool netpbm = head.size() > 2 && head[0] == 'P' &&
                        (std::string_view("1234567Ff").find(head[1]) != std::string_view::npos) &&
                        std::isspace(static_cast<unsigned char>(head[2])) != 0;
    return netpbm ? "Netpbm" : std::string_view();
}

Image decode_foreign(detail::Bytes encoded, std::string_view kind, std::string_view name) {
    if (const auto picture = detail::foreign_size(encoded, kind)) detail::check_declared(*picture, encoded, kind, name);
    std::optional<Image> image = media().decode(encoded);
    if (image) return *std::move(image);
    throw Error(ErrorCode::UnsupportedFile, "image",
                fmt::format("this {} picture is damaged or of a variant that is not read", kind),
                {.file = std::string(name)}, "convert it to JPEG or PNG");
}

std::string lower_suffix(const std::filesystem::path& path) {
    std::string suffix = path.extension().string();
    std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return suffix;
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
    const std::string_view head(reinterpret_cast<const char*>(encoded.data()),
                                std::min<std::size_t>(encoded.size(), 32));
    if (head.starts_with("\xFF\xD8\xFF"sv)) {
        std::optional<Image> image = detail::decode_jpeg(encoded, name);
        return image ? *std::move(image) : decode_foreign(encoded, "CMYK JPEG", name);
    }
    if (head.starts_with("\x89PNG\r\n\x1A\n"sv)) return detail::decode_png(encoded, name);
    const std::string_view kind = foreign_kind(head);
    if (!kind.empty()) return decode_foreign(encoded, kind, name);
    throw Error(ErrorCode::UnsupportedFile, "image", "the data is not a picture of a kind that is read",
                {.file = std::string(name)}, "use JPEG, PNG, BMP, WebP, or TIFF");
}

Image load_image(const std::filesystem::path& path) {
    return decode_image(base::read_file(path, kMaxEncodedBytes), path.string());
}

ImageHeader read_image_header(const std::filesystem::path& path) {
    constexpr std::uint64_t kHeadBytes = 64U << 10U;  // enough for the header of nearly all photos
    constexpr std::uint64_t kSizeEnd = 24;            // of a PNG: signature, chunk head, width, height
    const base::RandomAccessFile file(path);
    const std::uint64_t bytes = file.size_bytes();
    const std::vector<std::byte> head = file.read(0, std::min(bytes, kHeadBytes));
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (text.starts_with("\xFF\xD8\xFF"sv)) {
        std::optional<ImageSize> size = detail::jpeg_size(head);
        if (!size && bytes > kHeadBytes && bytes <= kMaxEncodedBytes) size = detail::jpeg_size(file.read(0, bytes));
        if (!size) detail::throw_corrupt("the JPEG header is damaged", path.string());
        const std::vector<std::byte> tail = file.read(bytes - 2, 2);
        return {*size, tail[0] == std::byte{0xFF} && tail[1] == std::byte{0xD9}};
    }
    if (text.starts_with("\x89PNG\r\n\x1A\n"sv) && head.size() >= kSizeEnd && text.substr(12, 4) == "IHDR") {
        const auto side = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::uint32_t>(head[at + i]);
            return static_cast<int>(std::min<std::uint32_t>(value, std::numeric_limits<int>::max()));
        };
        return {{side(20), side(16)}, true};
    }
    return {load_image(path).size(), true};
}

void save_image(const Image& image, const std::filesystem::path& path) {
    const std::string suffix = lower_suffix(path);
    if (suffix == ".jpg" || suffix == ".jpeg") return base::write_file(path, encode_jpeg(image));
    if (suffix == ".png") return base::write_file(path, encode_png(image));
    throw Error(ErrorCode::InvalidArgument, "image",
                fmt::format("pictures are not written as '{}'", base::printable(suffix)), {.file = path.string()},
                "use .jpg, .jpeg, or .png");
}

}  // namespace yolovino::vision
