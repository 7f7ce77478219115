#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace yolovino::vision {

struct PaletteEntry {
    std::uint32_t rgb;
    bool dark_text;  ///< the field is light, so the text on it is navy instead of white
};

/// Colours by class, which begin anew where they end.
inline constexpr std::array<PaletteEntry, 20> kPalette = {{
    {0x042AFF, false}, {0x0BDBEB, true},  {0xF3F3F3, true},  {0x00DFB7, true},  {0x111F68, false},
    {0xFF6FDD, true},  {0xFF444F, false}, {0xCCED00, true},  {0x00F344, true},  {0xBD00FF, false},
    {0x00B4FF, false}, {0xDD00BA, false}, {0x00FFFF, true},  {0x26C000, false}, {0x01FFB3, true},
    {0x7D24FF, false}, {0x7B0068, false}, {0xFF1B6C, false}, {0xFC6D2F, false}, {0xA2FF0B, true},
}};

/// @param cls any number
constexpr const PaletteEntry& palette_entry(int cls) {
    constexpr int kCount = static_cast<int>(kPalette.size());
    return kPalette[static_cast<std::size_t>(((cls % kCount) + kCount) % kCount)];
}

}  // namespace yolovino::vision
