#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace yolovino::base {

/// The IEEE 754 half that is nearest to `value`, ties to even; what is too large becomes ±65504, not infinity.
constexpr std::uint16_t to_half(float value) noexcept {
    constexpr std::uint32_t kInfinity = 0x7F800000;
    constexpr std::uint32_t kLargest = 0x477FE000;         // 65504
    constexpr std::uint32_t kSmallestNormal = 0x38800000;  // 2^-14
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > kInfinity) return static_cast<std::uint16_t>(sign | 0x7E00U);
    if (magnitude >= kLargest) return static_cast<std::uint16_t>(sign | 0x7BFFU);
    if (magnitude >= kSmallestNormal) {
        // The carry of the rounding runs into the exponent, which is what it should do.
        const std::uint32_t rounded = magnitude + 0xFFFU + (magnitude >> 13 & 1U);
        return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
    }
    // Adding 0.5 leaves the subnormal's 10 bits, rounded by the hardware, in the lowest bits of the sum.
    const float sum = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - std::bit_cast<std::uint32_t>(0.5F)));
}

/// The value of an IEEE 754 half.
constexpr float from_half(std::uint16_t half) noexcept {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t exponent = half >> 10U & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0x1FU) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13U);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112U) << 23U | fraction << 13U);
    const float subnormal = static_cast<float>(fraction) / 16777216.0F;  // 2^-24 each
    return sign != 0 ? -subnormal : subnormal;
}

inline std::vector<std::uint16_t> to_halves(const std::vector<float>& values) {
    std::vector<std::uint16_t> out;
    out.reserve(values.size());
    for (const float value : values) out.push_back(to_half(value));
    return out;
}

}  // namespace yolovino::base
