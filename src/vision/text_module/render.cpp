#include <algorithm>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "yolovino/error.hpp"

#include "vision/text.hpp"
#include FT_FREETYPE_H

namespace yolovino::vision {

namespace {

constexpr std::size_t kMaxCharacters = 256;
constexpr char32_t kReplacement = U'?';

/// Decodes one character and advances `text`; broken UTF-8 gives a question mark per byte.
char32_t next_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC0 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF8 ? 4
                                              : 0;
    const bool complete = length > 0 && length <= text.size() &&
                          std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length),
                                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
    if (!complete) {
        text.remove_prefix(1);
        return kReplacement;
    }
    char32_t character = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) character = (character << 6U) | (byte(i) & 0x3FU);
    text.remove_prefix(length);
    return character < 0x20 || character == 0x7F ? kReplacement : character;
}

/// The fonts of the system, in the order in which they are preferred.
class Fonts {
public:
    Fonts() {
        const std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)> wanted(
            FcNameParse(reinterpret_cast<const FcChar8*>("sans:scalable=true")), &FcPatternDestroy);
        FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
        FcDefaultSubstitute(wanted.get());
        FcResult result = FcResultMatch;
        fonts_.reset(FcFontSort(nullptr, wanted.get(), FcTrue, nullptr, &result));
        if (FT_Init_FreeType(&library_) != 0) throw Error(ErrorCode::RuntimeFailure, "text", "cannot start FreeType");
        if (!fonts_ || fonts_->nfont == 0) {
            throw Error(ErrorCode::MissingComponent, "text", "the system has no fonts", {},
                        "install a font, for example fonts-dejavu-core or fonts-noto-cjk");
        }
    }

    /// The first font that has the character, or null.
    FT_Face face_for(char32_t character) {
        for (int i = 0; i < fonts_->nfont; ++i) {
            FcCharSet* characters = nullptr;
            if (FcPatternGetCharSet(fonts_->fonts[i], FC_CHARSET, 0, &characters) != FcResultMatch ||
                FcCharSetHasChar(characters, character) == FcFalse) {
                continue;
            }
            if (FT_Face face = open(i)) return face;
        }
        return nullptr;
    }

private:
    FT_Face open(int index) {
        const auto [place, fresh] = faces_.try_emplace(index, nullptr);
        if (!fresh) return place->second;
        FcChar8* file = nullptr;
        int number = 0;
        if (FcPatternGetString(fonts_->fonts[index], FC_FILE, 0, &file) != FcResultMatch) return nullptr;
        FcPatternGetInteger(fonts_->fonts[index], FC_INDEX, 0, &number);
        if (FT_New_Face(library_, reinterpret_cast<const char*>(file), number, &place->second) != 0)
            place->second = nullptr;
        return place->second;
    }

    std::unique_ptr<FcFontSet, decltype(&FcFontSetDestroy)> fonts_{nullptr, &FcFontSetDestroy};
    FT_Library library_ = nullptr;
    std::map<int, FT_Face> faces_;
};

struct Glyph {
    FT_Face face = nullptr;
    FT_UInt index = 0;
};

std::vector<Glyph> layout(std::string_view text, int size_px, Fonts& fonts) {
    std::vector<Glyph> glyphs;
    while (!text.empty() && glyphs.size() < kMaxCharacters) {
        char32_t character = next_character(text);
        FT_Face face = fonts.face_for(character);
        if (face == nullptr) {
            character = kReplacement;
            face = fonts.face_for(character);
        }
        if (face == nullptr || FT_Set_Pixel_Sizes(face, 0, static_cast<FT_UInt>(size_px)) != 0) continue;
        glyphs.push_back({face, FT_Get_Char_Index(face, character)});
    }
    return glyphs;
}

/// Adds a drawn glyph, whose origin is at `x` on the base line.
void blit(const FT_GlyphSlot slot, int x, int base_line, TextMask& mask) {
    if (slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY) return;
    for (unsigned row = 0; row < slot->bitmap.rows; ++row) {
        const int y = base_line - slot->bitmap_top + static_cast<int>(row);
        if (y < 0 || y >= mask.height) continue;
        for (unsigned column = 0; column < slot->bitmap.width; ++column) {
            const int at = x + slot->bitmap_left + static_cast<int>(column);
            if (at < 0 || at >= mask.width) continue;
            std::uint8_t& pixel = mask.coverage[static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) +
                                                static_cast<std::size_t>(at)];
            pixel = std::max(
                pixel, slot->bitmap.buffer[static_cast<int>(row) * slot->bitmap.pitch + static_cast<int>(column)]);
        }
    }
}

TextMask draw(const std::vector<Glyph>& glyphs) {
    constexpr int kUnits = 64;  // FreeType counts in 64ths of a pixel
    int width = 0;
    int above = 0;
    int below = 0;
    for (const Glyph& glyph : glyphs) {
        if (FT_Load_Glyph(glyph.face, glyph.index, FT_LOAD_DEFAULT) != 0) continue;
        width += static_cast<int>(glyph.face->glyph->advance.x / kUnits);
        above = std::max(above, static_cast<int>(glyph.face->size->metrics.ascender / kUnits));
        below = std::max(below, static_cast<int>(-glyph.face->size->metrics.descender / kUnits));
    }
    TextMask mask{above + below, width, {}};
    mask.coverage.resize(static_cast<std::size_t>(mask.height) * static_cast<std::size_t>(mask.width));
    int x = 0;
    for (const Glyph& glyph : glyphs) {
        if (FT_Load_Glyph(glyph.face, glyph.index, FT_LOAD_RENDER) != 0) continue;
        blit(glyph.face->glyph, x, above, mask);
        x += static_cast<int>(glyph.face->glyph->advance.x / kUnits);
    }
    return mask;
}

}  // namespace

}  // namespace yolovino::vision

extern "C" __attribute__((visibility("default"))) void yolovino_render_text(std::string_view text, int size_px,
                                                                            yolovino::vision::TextMask& mask) {
    using namespace yolovino::vision;
    // Faces keep the size that was set last, so one line is drawn at a time.
    static std::mutex mutex;
    const std::lock_guard guard(mutex);
    static Fonts& fonts = *new Fonts();
    mask = draw(layout(text, std::clamp(size_px, 1, 1000), fonts));
}
