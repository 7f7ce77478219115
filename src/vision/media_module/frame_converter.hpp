#pragma once

#include <optional>

#include "yolovino/image.hpp"

#include "vision/media_module/ffmpeg.hpp"

namespace yolovino::vision::module {

/// Clockwise.
enum class Turn { None, Quarter, Half, ThreeQuarters };

/// Whether height and width change places.
constexpr bool is_quarter(Turn turn) {
    return turn == Turn::Quarter || turn == Turn::ThreeQuarters;
}

/// How the images of a stream are to be turned to stand upright. As in OpenCV, a mirrored matrix counts as the
/// rotation that its first column has, and angles between the quarters are left as they are.
Turn turn_of(const AVStream& stream);

/// Makes upright 8-bit BGR images of decoded frames. The colour matrix, the range, and the place of the chroma samples
/// that a frame declares are obeyed, as in OpenCV 5; without a declaration they are those of BT.601. Where the size
/// changes, the later frames are scaled to that of the first.
class FrameConverter {
public:
    /// @param size of the frames before they are turned; nothing for that of the first frame
    FrameConverter(ImageSize size, Turn turn) : size_(size), turn_(turn) {}

    /// Nothing if the pixels are of a kind that cannot be converted. @throws Error LimitExceeded
    std::optional<Image> convert(const AVFrame& frame);

private:
    /// What the conversion depends on.
    struct Layout {
        int height = 0;
        int width = 0;
        int format = AV_PIX_FMT_NONE;
        AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
        AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
        AVChromaLocation chroma = AVCHROMA_LOC_UNSPECIFIED;

        bool operator==(const Layout&) const = default;
    };

    bool prepare(const Layout& layout);

    ImageSize size_;
    Turn turn_;
    Layout layout_;
    Ffmpeg<SwsContext> scaler_;
    Ffmpeg<AVFrame> bgr_;  ///< rows are aligned, since libswscale writes past the end of those that are not
};

}  // namespace yolovino::vision::module
