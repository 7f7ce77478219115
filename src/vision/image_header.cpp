#include "vision/image_header.hpp"

/// What images that other libraries decode say of their size, and how many bytes a whole file of that size has at
/// least. A file that leaves its size to be found elsewhere is left to its decoder.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "vision/declared_image.hpp"
#include "vision/exif.hpp"
#include "vision/isobmff.hpp"
#include "vision/numbers.hpp"

namespace yolovino::vision::detail {

namespace {

using Found = std::optional<DeclaredImage>;

// How little a kind spends on plain areas. Measured on 12 million equal pixels: WebP 528 bytes, JPEG 2000 735, GIF
// 9700.
constexpr std::uint64_t kFreePlains = 65'536;  ///< pixels per byte
constexpr std::uint64_t kRuns = 4096;          ///< pixels per byte: run lengths, LZW, Huffman codes
constexpr std::uint64_t kDeflateRatio = 1040;  ///< bytes per byte
constexpr std::uint64_t kLzwRatio = 2048;      ///< the same: 12 bits stand for 3837 bytes at most, growing one by one

std::uint64_t pixels_of(std::uint64_t height, std::uint64_t width) {
    return base::checked_mul(height, width).value_or(~std::uint64_t{0});
}

Found by_pixels(std::uint64_t height, std::uint64_t width, std::uint64_t pixels_per_byte) {
    return DeclaredImage{height, width, pixels_of(height, width) / pixels_per_byte};
}

/// An image whose pixels are stored uncompressed, each in `bits`.
Found plain(std::uint64_t height, std::uint64_t width, std::uint64_t bits) {
    const auto all = base::checked_mul(pixels_of(height, width), bits);
    return DeclaredImage{height, width, all.value_or(~std::uint64_t{0}) / 8};
}

Found bmp_size(const Numbers& file) {
    constexpr std::uint64_t kCoreHeader = 12;
    constexpr std::uint64_t kRle8 = 1;
    constexpr std::uint64_t kRle4 = 2;
    const auto header = file.read(14, 4);
    const bool core = header == kCoreHeader;
    const auto width = core ? file.read(18, 2) : file.read(18, 4);
    const auto height = core ? file.read(20, 2) : file.read(22, 4);
    const auto bits = core ? file.read(24, 2) : file.read(28, 2);
    const auto coding = core ? std::optional<std::uint64_t>(0) : file.read(30, 4);
    if (!header || !width || !height || !bits || !coding) return std::nullopt;
    // A negative height counts the rows from the top.
    const auto rows = static_cast<std::uint64_t>(std::abs(std::int64_t{static_cast<std::int32_t>(*height)}));
    if (*coding == kRle8 || *coding == kRle4) return by_pixels(rows, *width, kRuns);
    return plain(rows, *width, *bits);
}

/// What the EXIF chunk says, if the header announces one.
int webp_orientation(Bytes bytes) {
    constexpr std::uint64_t kExifFlag = 8;
    constexpr std::uint64_t kExifName = 0x46495845;  // "EXIF"
    const Numbers file(bytes, false);
    if ((file.read(20, 4).value_or(0) & kExifFlag) == 0) return 1;
    std::uint64_t at = 12;
    while (const auto size = file.read(at + 4, 4)) {
        const std::uint64_t content = at + 8;
        if (file.read(at, 4) == kExifName) {
            const bool whole = content <= bytes.size() && *size <= bytes.size() - content;
            return whole ? exif_orientation(bytes.subspan(content, *size)) : 1;
        }
        at = content + *size + *size % 2;
    }
    return 1;
}

Found webp_size(Bytes bytes) {
    const Numbers file(bytes, false);
    const auto kind = file.read(12, 4);
    const auto number = [&](std::uint64_t at, std::size_t count) { return file.read(at, count).value_or(0); };
    constexpr std::uint64_t kSideMask = 0x3FFF;
    switch (kind.value_or(0)) {
        case 0x20385056:  // "VP8 "
            return by_pixels(number(28, 2) & kSideMask, number(26, 2) & kSideMask, kFreePlains);
        case 0x4C385056: {  // "VP8L"
            const std::uint64_t sides = number(21, 4);
            return by_pixels((sides >> 14U & kSideMask) + 1, (sides & kSideMask) + 1, kFreePlains);
        }
        case 0x58385056: {  // "VP8X"
            Found found = by_pixels(number(27, 3) + 1, number(24, 3) + 1, kFreePlains);
            found->orientation = webp_orientation(bytes);
            return found;
        }
        default:
            return std::nullopt;
    }
}

/// The first directory of a TIFF, classic or big.
class TiffDirectory {
public:
    TiffDirectory(Bytes bytes, bool big_endian, bool big) : file_(bytes, big_endian), big_(big) {
        offset_ = big ? file_.read(8, 8) : file_.read(4, 4);
    }

    std::optional<std::uint64_t> first_value(std::uint64_t wanted) const {
        if (!offset_) return std::nullopt;
        const std::size_t head = big_ ? 8 : 2;
        const std::uint64_t entry_bytes = big_ ? 20 : 12;
        const std::size_t word = big_ ? 8 : 4;
        const std::uint64_t count = std::min<std::uint64_t>(file_.read(*offset_, head).value_or(0), 65'535);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t entry = *offset_ + head + i * entry_bytes;
            const auto tag = file_.read(entry, 2);
            if (!tag) return std::nullopt;
            if (*tag != wanted) continue;
            const std::size_t size = size_of(file_.read(entry + 2, 2).value_or(0));
            const auto values = file_.read(entry + 4, word);
            if (size == 0 || !values || *values == 0) return std::nullopt;
            const std::uint64_t place = entry + 4 + word;
            if (*values <= word / size) return file_.read(place, size);
            const auto elsewhere = file_.read(place, word);
            return elsewhere ? file_.read(*elsewhere, size) : std::nullopt;
        }
        return std::nullopt;
    }

private:
    static std::size_t size_of(std::uint64_t type) {
        constexpr std::uint64_t kByte = 1;
        constexpr std::uint64_t kShort = 3;
        constexpr std::uint64_t kLong = 4;
        constexpr std::uint64_t kLong8 = 16;
        return type == kByte ? 1 : type == kShort ? 2 : type == kLong ? 4 : type == kLong8 ? 8 : 0;
    }

    Numbers file_;
    bool big_;
    std::optional<std::uint64_t> offset_;
};

Found tiff_size(Bytes bytes, bool big) {
    const TiffDirectory directory(bytes, bytes[0] == std::byte{'M'}, big);
    const auto width = directory.first_value(256);
    const auto height = directory.first_value(257);
    if (!width || !height) return std::nullopt;
    // In YCbCr, the colours may be stored for a few pixels together.
    constexpr std::uint64_t kYcbcr = 6;
    const std::uint64_t stored = directory.first_value(262) == kYcbcr ? 1 : directory.first_value(277).value_or(1);
    const std::uint64_t samples = std::min<std::uint64_t>(stored, 65'535);
    const std::uint64_t bits = std::min<std::uint64_t>(directory.first_value(258).value_or(1), 64) * samples;
    Found found = plain(*height, *width, bits);
    found->orientation = checked_orientation(directory.first_value(274));
    switch (directory.first_value(259).value_or(1)) {
        case 1:
            break;
        case 5:
            found->least_bytes /= kLzwRatio;
            break;
        case 8:
        case 32'946:
            found->least_bytes /= kDeflateRatio;
            break;
        case 6:
        case 7:  // JPEG
            found->least_bytes = pixels_of(*height, *width) / kRuns;
            break;
        case 32'773:  // PackBits: two bytes stand for 128
            found->least_bytes /= 64;
            break;
        default:
            found->least_bytes = pixels_of(*height, *width) / kFreePlains;
            break;
    }
    return found;
}

Found jpeg2000_size(Bytes bytes) {
    const Numbers file(bytes, true);
    // SIZ follows the start of the codestream; in a file of boxes, whose names precede it, that is looked for.
    constexpr std::string_view kStart("\xFF\x4F\xFF\x51", 4);
    const std::size_t start = base::as_text(bytes).find(kStart);
    if (start == std::string_view::npos) return std::nullopt;
    const auto right = file.read(start + 8, 4);
    const auto bottom = file.read(start + 12, 4);
    const auto left = file.read(start + 16, 4);
    const auto top = file.read(start + 20, 4);
    if (!top || *left > *right || *top > *bottom) return std::nullopt;
    return by_pixels(*bottom - *top, *right - *left, kFreePlains);
}

Found sun_raster_size(const Numbers& file) {
    constexpr std::uint64_t kRunLengths = 2;
    const auto width = file.read(4, 4);
    const auto height = file.read(8, 4);
    const auto depth = file.read(12, 4);
    const auto type = file.read(20, 4);
    if (!type) return std::nullopt;
    return *type == kRunLengths ? by_pixels(*height, *width, kRuns) : plain(*height, *width, *depth);
}

/// Words of a text header; '#' begins a comment.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {}

    std::string_view next() {
        while (!text_.empty() && (is_space(text_.front()) || text_.front() == '#')) {
            const std::size_t skipped = text_.front() == '#' ? text_.find('\n') : 1;
            text_.remove_prefix(std::min(skipped, text_.size()));
        }
        std::size_t end = 0;
        while (end < text_.size() && !is_space(text_[end]) && text_[end] != '#') ++end;
        const std::string_view word = text_.substr(0, end);
        text_.remove_prefix(end);
        return word;
    }
    std::optional<std::uint64_t> number() {
        const std::string_view word = next();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        return error == std::errc() && !word.empty() ? std::optional(value) : std::nullopt;
    }

private:
    static bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

    std::string_view text_;
};

constexpr std::size_t kTextHeadBytes = 4096;

Found netpbm_size(Bytes bytes) {
    const std::string_view text = base::as_text(bytes.first(std::min(bytes.size(), kTextHeadBytes)));
    Words words(text.substr(2));
    // Eight black or white pixels in a byte are the most that any of them packs.
    constexpr std::uint64_t kBits = 1;
    if (text[1] != '7') {
        const auto width = words.number();
        const auto height = words.number();
        return width && height ? plain(*height, *width, kBits) : std::nullopt;
    }
    std::optional<std::uint64_t> width;
    std::optional<std::uint64_t> height;
    for (std::string_view word = words.next(); !word.empty() && word != "ENDHDR"; word = words.next()) {
        if (word == "WIDTH") width = words.number();
        if (word == "HEIGHT") height = words.number();
    }
    return width && height ? plain(*height, *width, kBits) : std::nullopt;
}

Found radiance_size(Bytes bytes) {
    const std::string_view text = base::as_text(bytes.first(std::min(bytes.size(), kTextHeadBytes)));
    const std::size_t rows = text.find("-Y ");
    if (rows == std::string_view::npos) return std::nullopt;
    Words words(text.substr(rows + 3));
    const auto height = words.number();
    const bool columns = words.next() == "+X";
    const auto width = words.number();
    return columns && width && height ? by_pixels(*height, *width, kRuns) : std::nullopt;
}

Found size_of_kind(Bytes encoded, std::string_view kind) {
    const Numbers little(encoded, false);
    if (kind == "BMP") return bmp_size(little);
    if (kind == "GIF") return by_pixels(little.read(8, 2).value_or(0), *little.read(6, 2), kRuns);
    if (kind == "WebP") return webp_size(encoded);
    if (kind == "TIFF" || kind == "BigTIFF") return tiff_size(encoded, kind == "BigTIFF");
    if (kind == "AVIF" || kind == "HEIC") return isobmff_size(encoded);
    if (kind == "JPEG 2000") return jpeg2000_size(encoded);
    if (kind == "Sun raster") return sun_raster_size(Numbers(encoded, true));
    if (kind == "Netpbm") return netpbm_size(encoded);
    if (kind == "Radiance HDR") return radiance_size(encoded);
    return std::nullopt;
}

}  // namespace

std::optional<DeclaredImage> read_image_size(Bytes encoded, std::string_view kind) {
    constexpr std::size_t kShortestHead = 8;
    if (encoded.size() < kShortestHead) return std::nullopt;
    const Found found = size_of_kind(encoded, kind);
    return found && found->height > 0 && found->width > 0 ? found : std::nullopt;
}

}  // namespace yolovino::vision::detail
