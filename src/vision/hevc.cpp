#include "vision/hevc.hpp"

/// The size that an HEVC sequence header (H.265, 7.3.2.2) declares, whatever the boxes around it say.
#include <algorithm>
#include <vector>

#include "vision/declared_image.hpp"
#include "vision/numbers.hpp"

namespace yolovino::vision::detail {

namespace {

/// Bits from the highest to the lowest; beyond the end all are 0.
class Bits {
public:
    explicit Bits(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

    std::uint64_t take(unsigned count) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) {
            const std::size_t byte = at_ / 8;
            const unsigned bit = byte < bytes_.size() ? bytes_[byte] >> (7 - at_ % 8) & 1U : 0U;
            value = value << 1U | bit;
        }
        return value;
    }
    void skip(std::size_t count) { at_ += count; }
    /// An Exp-Golomb code.
    std::uint64_t take_code() {
        unsigned zeros = 0;
        while (zeros < 32 && take(1) == 0) ++zeros;
        return (std::uint64_t{1} << zeros) - 1 + take(zeros);
    }

private:
    std::vector<std::uint8_t> bytes_;
    std::size_t at_ = 0;
};

/// Without the bytes that keep start codes out.
std::vector<std::uint8_t> payload_of(Bytes unit) {
    std::vector<std::uint8_t> payload;
    int zeros = 0;
    for (const std::byte byte : unit) {
        const auto value = std::to_integer<std::uint8_t>(byte);
        if (zeros >= 2 && value == 3) {
            zeros = 0;
            continue;
        }
        zeros = value == 0 ? zeros + 1 : 0;
        payload.push_back(value);
    }
    return payload;
}

DeclaredImage size_of_sequence(Bytes unit) {
    constexpr std::size_t kHeaderBits = 16;
    constexpr std::size_t kProfileBits = 88;
    constexpr std::size_t kLevelBits = 8;
    constexpr std::size_t kMostBytes = 256;  // the sizes are in the first 110
    Bits bits(payload_of(unit.first(std::min(unit.size(), kMostBytes))));
    bits.skip(kHeaderBits + 4);
    const auto layers = static_cast<unsigned>(bits.take(3));  // besides the first
    bits.skip(1 + kProfileBits + kLevelBits);
    std::size_t skipped = 0;
    for (unsigned i = 0; i < (layers > 0 ? 8U : 0U); ++i) {
        const bool profile = bits.take(1) == 1;
        const bool level = bits.take(1) == 1;
        if (i < layers) skipped += (profile ? kProfileBits : 0) + (level ? kLevelBits : 0);
    }
    bits.skip(skipped);
    bits.take_code();
    constexpr std::uint64_t kSeparatePlanes = 3;
    if (bits.take_code() == kSeparatePlanes) bits.skip(1);
    DeclaredImage size;
    size.width = bits.take_code();
    size.height = bits.take_code();
    return size;
}

}  // namespace

std::vector<DeclaredImage> hevc_sizes(Bytes settings) {
    constexpr std::uint64_t kSequenceHeader = 33;
    constexpr std::size_t kMostHeaders = 16;  // as many as may have a number of their own
    const Numbers numbers(settings, true);
    std::vector<DeclaredImage> sizes;
    std::uint64_t at = 23;
    const std::uint64_t arrays = numbers.read(22, 1).value_or(0);
    for (std::uint64_t array = 0; array < arrays; ++array) {
        const std::uint64_t kind = numbers.read(at, 1).value_or(0) & 0x3FU;
        const std::uint64_t units = numbers.read(at + 1, 2).value_or(0);
        at += 3;
        for (std::uint64_t unit = 0; unit < units; ++unit) {
            const auto bytes = numbers.read(at, 2);
            if (!bytes || at + 2 + *bytes > settings.size()) return sizes;
            if (kind == kSequenceHeader && sizes.size() < kMostHeaders) {
                const auto start = static_cast<std::size_t>(at + 2);
                sizes.push_back(size_of_sequence(settings.subspan(start, static_cast<std::size_t>(*bytes))));
            }
            at += 2 + *bytes;
        }
    }
    return sizes;
}

}  // namespace yolovino::vision::detail
