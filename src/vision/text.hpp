#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace yolovino::vision {

/// One line of text as it covers the pixels of an image: `[height, width]` u8, 0 to 255, rows without gaps.
struct TextMask {
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> coverage;

    std::uint8_t at(int y, int x) const {
        return coverage[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
    }
};

/// What the text module exports under the name `yolovino_render_text`.
using RenderTextFunction = void (*)(std::string_view text, int size_px, TextMask& mask);

/// Draws UTF-8 text with the outline fonts of the system, each character with the first that has it.
/// @param size_px nominal height of the font, 1 to 1000
/// @throws Error MissingComponent without the module or without any font, RuntimeFailure
TextMask render_text(std::string_view text, int size_px);

}  // namespace yolovino::vision
