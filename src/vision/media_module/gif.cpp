#include <algorithm>
#include <cstring>
#include <gif_lib.h>
#include <vector>

#include "vision/media_module/image_codecs.hpp"

namespace yolovino::vision::module {

namespace {

int take_bytes(GifFileType* file, GifByteType* into, int count) {
    auto* unread = static_cast<Bytes*>(file->UserData);
    const std::size_t taken = std::min(unread->size(), static_cast<std::size_t>(std::max(count, 0)));
    if (taken > 0) std::memcpy(into, unread->data(), taken);
    *unread = unread->subspan(taken);
    return static_cast<int>(taken);
}

class GifReader {
public:
    explicit GifReader(Bytes encoded) : unread_(encoded), file_(DGifOpen(&unread_, take_bytes, &error_)) {}
    GifReader(const GifReader&) = delete;
    GifReader& operator=(const GifReader&) = delete;
    ~GifReader() {
        if (file_ != nullptr) DGifCloseFile(file_, nullptr);
    }

    std::optional<Image> read(std::string& reason) {
        std::optional<Image> image;
        if (find_frame() && frame_fits()) image = read_frame();
        if (image) return image;
        const char* text = GifErrorString(file_ != nullptr && file_->Error != 0 ? file_->Error : error_);
        reason = !found_.empty() ? found_ : text != nullptr ? text : "it has no frame";
        return std::nullopt;
    }

private:
    /// Goes to the first frame; remembers which index of it is transparent.
    bool find_frame() {
        GifRecordType kind = UNDEFINED_RECORD_TYPE;
        while (file_ != nullptr && DGifGetRecordType(file_, &kind) == GIF_OK) {
            if (kind == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(file_) == GIF_OK;
            if (kind == TERMINATE_RECORD_TYPE) return false;
            int code = 0;
            GifByteType* block = nullptr;
            if (DGifGetExtension(file_, &code, &block) != GIF_OK) return false;
            while (block != nullptr) {
                GraphicsControlBlock control = {};
                if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
                    transparent_ = control.TransparentColor;
                if (DGifGetExtensionNext(file_, &block) != GIF_OK) return false;
            }
        }
        return false;
    }

    bool frame_fits() {
        const GifImageDesc& frame = file_->Image;
        if (file_->SWidth <= 0 || file_->SHeight <= 0 || frame.Width <= 0 || frame.Height <= 0) {
            found_ = "it has no pixels";
        } else if (frame.Left < 0 || frame.Top < 0 || frame.Width > file_->SWidth - frame.Left ||
                   frame.Height > file_->SHeight - frame.Top) {
            found_ = "the first frame is larger than the image";
        }
        return found_.empty();
    }

    GifColorType colour(const ColorMapObject* map, int index) const {
        if (map == nullptr) {  // as OpenCV: gray
            const auto gray = static_cast<GifByteType>(index);
            return {gray, gray, gray};
        }
        return index < map->ColorCount ? map->Colors[index] : GifColorType{0, 0, 0};
    }

    std::optional<Image> read_frame() {
        const GifImageDesc& frame = file_->Image;
        Image image(file_->SHeight, file_->SWidth);
        const GifColorType ground =
            file_->SColorMap == nullptr ? GifColorType{0, 0, 0} : colour(file_->SColorMap, file_->SBackGroundColor);
        for (std::size_t i = 0; i < image.size_bytes(); i += 3) put(image.data() + i, ground);
        const ColorMapObject* map = frame.ColorMap != nullptr ? frame.ColorMap : file_->SColorMap;
        std::vector<GifPixelType> row(static_cast<std::size_t>(frame.Width));
        constexpr int kFirst[] = {0, 4, 2, 1};
        constexpr int kStep[] = {8, 8, 4, 2};
        for (int pass = 0; pass < (frame.Interlace ? 4 : 1); ++pass) {
            for (int y = frame.Interlace ? kFirst[pass] : 0; y < frame.Height; y += frame.Interlace ? kStep[pass] : 1) {
                if (DGifGetLine(file_, row.data(), frame.Width) != GIF_OK) return std::nullopt;
                std::uint8_t* pixel = image.row(frame.Top + y) + static_cast<std::ptrdiff_t>(frame.Left) * 3;
                for (int x = 0; x < frame.Width; ++x, pixel += 3) {
                    const GifPixelType index = row[static_cast<std::size_t>(x)];
                    if (index != transparent_) put(pixel, colour(map, index));
                }
            }
        }
        return image;
    }

    static void put(std::uint8_t* pixel, const GifColorType& colour) {
        pixel[0] = colour.Blue;
        pixel[1] = colour.Green;
        pixel[2] = colour.Red;
    }

    Bytes unread_;
    int error_ = 0;
    GifFileType* file_;
    int transparent_ = NO_TRANSPARENT_COLOR;
    std::string found_;
};

}  // namespace

std::optional<Image> decode_gif(Bytes encoded, std::string& reason) {
    return GifReader(encoded).read(reason);
}

}  // namespace yolovino::vision::module
