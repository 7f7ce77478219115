#include "vision/isobmff.hpp"

/// The boxes of ISO base media files, as far as they declare kind and size of AVIF and HEIC images.
#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.hpp"
#include "vision/declared_image.hpp"
#include "vision/hevc.hpp"
#include "vision/numbers.hpp"

namespace yolovino::vision::detail {

namespace {

constexpr std::uint64_t kPixelsPerByte = 65'536;  ///< 12 million equal pixels take 631 bytes in AVIF, 3140 in HEIC
constexpr int kMaxBoxes = 10'000;                 ///< of one level
constexpr std::size_t kMaxProperties = 255;       ///< of one item

constexpr std::uint64_t name_of(std::string_view text) {
    std::uint64_t value = 0;
    for (const char c : text) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

struct Box {
    std::uint64_t name = 0;
    Bytes content;
};

/// The consecutive boxes in `bytes`; a damaged one ends them.
class Boxes {
public:
    explicit Boxes(Bytes bytes) : rest_(bytes) {}

    std::optional<Box> next() {
        const Numbers numbers(rest_, true);
        const auto name = numbers.read(4, 4);
        if (!name || ++count_ > kMaxBoxes) return std::nullopt;
        std::uint64_t size = *numbers.read(0, 4);
        std::size_t head = 8;
        if (size == 1) {
            size = numbers.read(8, 8).value_or(0);
            head = 16;
        } else if (size == 0) {
            size = rest_.size();  // up to the end
        }
        if (size < head || size > rest_.size()) return std::nullopt;
        const Box box = {*name, rest_.subspan(head, static_cast<std::size_t>(size) - head)};
        rest_ = rest_.subspan(static_cast<std::size_t>(size));
        return box;
    }

    std::optional<Bytes> find(std::string_view name) {
        while (const auto box = next()) {
            if (box->name == name_of(name)) return box->content;
        }
        return std::nullopt;
    }

private:
    Bytes rest_;
    int count_ = 0;
};

std::optional<Bytes> child(const std::optional<Bytes>& parent, std::string_view name, std::size_t skipped = 0) {
    if (!parent || parent->size() < skipped) return std::nullopt;
    return Boxes(parent->subspan(skipped)).find(name);
}

/// Adds the numbers, from 1, of the properties of one item.
void add_properties(Bytes associations, std::uint64_t item, std::vector<std::uint64_t>& found) {
    const Numbers numbers(associations, true);
    const auto head = numbers.read(0, 4);
    const std::uint64_t entries = numbers.read(4, 4).value_or(0);
    const std::size_t id_bytes = head.value_or(0) >> 24U == 0 ? 2 : 4;
    const std::size_t index_bytes = (head.value_or(0) & 1U) != 0 ? 2 : 1;
    const std::uint64_t index_mask = index_bytes == 2 ? 0x7FFF : 0x7F;
    std::uint64_t at = 8;
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto id = numbers.read(at, id_bytes);
        const auto count = numbers.read(at + id_bytes, 1);
        if (!id || !count) break;
        at += id_bytes + 1;
        for (std::uint64_t k = 0; k < *count && *id == item && found.size() < kMaxProperties; ++k)
            found.push_back(numbers.read(at + k * index_bytes, index_bytes).value_or(0) & index_mask);
        at += *count * index_bytes;
    }
}

/// Sides of up to 32 bits; coded ones are up to a block larger than declared.
void take_larger(std::optional<DeclaredImage>& largest, const DeclaredImage& size) {
    constexpr std::uint64_t kMaxSide = 0xFFFFFFFF;
    DeclaredImage taken;
    taken.height = std::min(size.height, kMaxSide);
    taken.width = std::min(size.width, kMaxSide);
    if (!largest || taken.height * taken.width > largest->height * largest->width) largest = taken;
}

}  // namespace

std::optional<DeclaredImage> isobmff_size(Bytes encoded) {
    constexpr std::size_t kFullBoxHead = 4;
    const auto meta = Boxes(encoded).find("meta");
    const auto primary = child(meta, "pitm", kFullBoxHead);
    const auto properties = child(meta, "iprp", kFullBoxHead);
    const auto list = child(properties, "ipco");
    if (!primary || !list) return std::nullopt;
    const Numbers primary_numbers(*primary, true);
    const bool short_id = primary_numbers.read(0, 1) == 0U;
    const auto item = primary_numbers.read(4, short_id ? 2 : 4);
    if (!item) return std::nullopt;
    // A decoder believes the sequence headers, not the boxes.
    std::vector<std::uint64_t> wanted;
    Boxes parts(*properties);
    while (const auto part = parts.next()) {
        if (part->name == name_of("ipma")) add_properties(part->content, *item, wanted);
    }
    std::optional<DeclaredImage> largest;
    Boxes boxes(*list);
    for (std::uint64_t number = 1; const auto box = boxes.next(); ++number) {
        if (box->name == name_of("ispe") && std::ranges::find(wanted, number) != wanted.end()) {
            const Numbers size(box->content, true);
            take_larger(largest, {size.read(8, 4).value_or(0), size.read(4, 4).value_or(0)});
        }
        if (box->name != name_of("hvcC")) continue;
        for (const DeclaredImage& size : hevc_sizes(box->content)) take_larger(largest, size);
    }
    if (largest) largest->least_bytes = largest->height * largest->width / kPixelsPerByte;
    return largest;
}

bool hevc_is_420(Bytes encoded) {
    constexpr std::size_t kFullBoxHead = 4;
    constexpr std::uint64_t kChromaFormatAt = 16;
    const auto properties = child(Boxes(encoded).find("meta"), "iprp", kFullBoxHead);
    const auto settings = child(child(properties, "ipco"), "hvcC");
    return settings && (Numbers(*settings, true).read(kChromaFormatAt, 1).value_or(0) & 3U) == 1;
}

std::string_view isobmff_kind(Bytes encoded) {
    constexpr std::array<std::uint64_t, 2> kAvif = {name_of("avif"), name_of("avis")};
    constexpr std::array<std::uint64_t, 8> kHeic = {name_of("heic"), name_of("heix"), name_of("heim"), name_of("heis"),
                                                    name_of("hevc"), name_of("hevx"), name_of("hevm"), name_of("hevs")};
    const auto brands = Boxes(encoded.first(std::min<std::size_t>(encoded.size(), 4096))).next();
    if (!brands || brands->name != name_of("ftyp")) return {};
    const Numbers numbers(brands->content, true);
    // The major brand, a version, and the compatible ones.
    for (std::uint64_t at = 0; const auto brand = numbers.read(at, 4); at += at == 0 ? 8 : 4) {
        if (std::ranges::find(kAvif, *brand) != kAvif.end()) return "AVIF";
        if (std::ranges::find(kHeic, *brand) != kHeic.end()) return "HEIC";
    }
    return {};
}

}  // namespace yolovino::vision::detail
