#include "vision/png_chunks.hpp"

/// What the chunks of a PNG declare without decoding: size, orientation, and where an animation begins.
#include <algorithm>
#include <limits>
#include <string_view>
#include <zlib.h>

#include "base/bytes.hpp"
#include "vision/exif.hpp"
#include "vision/numbers.hpp"

namespace yolovino::vision::detail {

namespace {

constexpr std::uint64_t kSignatureBytes = 8;
constexpr std::size_t kHeadBytes = 8;  ///< length and name
constexpr std::size_t kCrcBytes = 4;
constexpr int kMaxChunks = 200'000;
constexpr std::uint64_t kMaxExifBytes = 1U << 20U;
constexpr std::size_t kFrameControlBytes = 26;

struct Chunk {
    std::string name;
    std::uint64_t content = 0;  ///< offset
    std::uint64_t bytes = 0;
};

/// The chunks of a file from its signature to IEND or damage.
class Chunks {
public:
    Chunks(std::uint64_t file_bytes, const ReadAt& read) : file_bytes_(file_bytes), read_(read) {}

    std::optional<Chunk> next() {
        if (ended_ || at_ > file_bytes_ || file_bytes_ - at_ < kHeadBytes || ++count_ > kMaxChunks) return std::nullopt;
        const std::vector<std::byte> head = read_(at_, kHeadBytes);
        if (head.size() < kHeadBytes) return std::nullopt;
        Chunk chunk = {std::string(base::as_text(head).substr(4)), at_ + kHeadBytes, *Numbers(head, true).read(0, 4)};
        at_ = chunk.content + chunk.bytes + kCrcBytes;
        ended_ = chunk.name == "IEND" || at_ > file_bytes_;
        return chunk;
    }

private:
    std::uint64_t file_bytes_;
    const ReadAt& read_;
    std::uint64_t at_ = kSignatureBytes;
    int count_ = 0;
    bool ended_ = false;
};

std::uint32_t crc_of(Bytes bytes) {
    return static_cast<std::uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// The content of an eXIf chunk whose check sum is right.
std::vector<std::byte> exif_of(const Chunk& chunk, const ReadAt& read) {
    if (chunk.bytes > kMaxExifBytes) return {};
    const auto size = static_cast<std::size_t>(chunk.bytes);
    std::vector<std::byte> all = read(chunk.content - 4, 4 + size + kCrcBytes);
    if (all.size() < 4 + size + kCrcBytes) return {};
    if (Numbers(all, true).read(4 + size, 4) != crc_of(std::span(all).first(4 + size))) return {};
    return {all.begin() + 4, all.begin() + 4 + static_cast<std::ptrdiff_t>(size)};
}

int side(std::optional<std::uint64_t> value) {
    return static_cast<int>(std::min<std::uint64_t>(value.value_or(0), std::numeric_limits<int>::max()));
}

void append(std::vector<std::byte>& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_number(std::vector<std::byte>& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::byte>(value >> shift & 0xFFU));
}

void append_chunk(std::vector<std::byte>& to, std::string_view name, Bytes content) {
    append_number(to, static_cast<std::uint32_t>(content.size()));
    const std::size_t start = to.size();
    append(to, std::as_bytes(std::span(name)));
    append(to, content);
    append_number(to, crc_of(std::span(to).subspan(start)));
}

}  // namespace

std::optional<PngHeader> png_header(std::uint64_t file_bytes, const ReadAt& read) {
    constexpr std::uint64_t kSizeBytes = 8;
    PngHeader header;
    Chunks chunks(file_bytes, read);
    const auto first = chunks.next();
    if (!first || first->name != "IHDR" || first->bytes < kSizeBytes) return std::nullopt;
    const std::vector<std::byte> sides = read(first->content, kSizeBytes);
    header.size = {side(Numbers(sides, true).read(4, 4)), side(Numbers(sides, true).read(0, 4))};
    bool exif_seen = false;
    bool animated = false;
    bool pixels_seen = false;
    bool frame_seen = false;
    while (const auto chunk = chunks.next()) {
        if (chunk->name == "eXIf" && !exif_seen) {
            const std::vector<std::byte> exif = exif_of(*chunk, read);
            exif_seen = !exif.empty();
            header.orientation = exif_orientation(exif);
        }
        // OpenCV takes one frame for no animation.
        if (chunk->name == "acTL" && !pixels_seen)
            animated = Numbers(read(chunk->content, 4), true).read(0, 4).value_or(0) > 1;
        frame_seen = frame_seen || (chunk->name == "fcTL" && !pixels_seen);
        pixels_seen = pixels_seen || chunk->name == "IDAT";
    }
    header.late_animation = animated && !frame_seen;
    return header;
}

std::optional<PngFrame> first_png_frame(Bytes encoded) {
    constexpr std::uint64_t kSequenceBytes = 4;  // a number in front of a frame's data
    const ReadAt read = [encoded](std::uint64_t offset, std::size_t count) {
        return read_span(encoded, offset, count);
    };
    const Numbers numbers(encoded, true);
    Chunks chunks(encoded.size(), read);
    PngFrame frame;
    std::vector<std::byte> pixels;
    bool found = false;
    append(frame.png, encoded.first(std::min<std::size_t>(encoded.size(), kSignatureBytes)));
    const std::size_t header_at = frame.png.size() + kHeadBytes;
    while (const auto chunk = chunks.next()) {
        const std::vector<std::byte> content = read(chunk->content, static_cast<std::size_t>(chunk->bytes));
        if (content.size() < chunk->bytes) break;
        if (chunk->name == "IHDR" || ((chunk->name == "PLTE" || chunk->name == "tRNS") && !found)) {
            append_chunk(frame.png, chunk->name, content);
        } else if (chunk->name == "fcTL" && (found || content.size() < kFrameControlBytes)) {
            break;
        } else if (chunk->name == "fcTL") {
            found = true;
            const std::span<std::byte> sides = std::span(frame.png).subspan(header_at);
            if (sides.size() < 17) break;
            std::ranges::copy(std::span(content).subspan(4, 8), sides.begin());
            const std::span<std::byte> named = std::span(frame.png).subspan(header_at - 4, 17);
            std::vector<std::byte> sum;
            append_number(sum, crc_of(named));
            std::ranges::copy(sum, sides.begin() + 13);
            frame.left = side(numbers.read(chunk->content + 12, 4));
            frame.top = side(numbers.read(chunk->content + 16, 4));
        } else if (chunk->name == "fdAT" && found && chunk->bytes > kSequenceBytes) {
            append(pixels, std::span(content).subspan(kSequenceBytes));
        }
    }
    if (pixels.empty()) return std::nullopt;
    append_chunk(frame.png, "IDAT", pixels);
    append_chunk(frame.png, "IEND", {});
    return frame;
}

std::vector<std::byte> read_span(Bytes bytes, std::uint64_t offset, std::size_t count) {
    if (offset >= bytes.size()) return {};
    const Bytes part = bytes.subspan(static_cast<std::size_t>(offset));
    const Bytes taken = part.first(std::min(count, part.size()));
    return {taken.begin(), taken.end()};
}

}  // namespace yolovino::vision::detail
