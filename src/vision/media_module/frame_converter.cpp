extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <cmath>
#include <opencv2/core.hpp>

#include "vision/media_module/common.hpp"
#include "vision/media_module/frame_converter.hpp"

namespace yolovino::vision::module {

namespace {

void set(SwsContext* scaler, const char* name, std::int64_t value) {
    av_opt_set_int(scaler, name, value, 0);
}

/// Where the first chroma sample lies, in 1/256 of a luma sample. Undeclared, it is left to libswscale: in the middle.
void place_chroma(SwsContext* scaler, AVChromaLocation place, const AVPixFmtDescriptor& format) {
    constexpr int kMiddle = 128;
    constexpr int kFull = 256;
    int x = 0;
    int y = 0;
    switch (place) {
        case AVCHROMA_LOC_LEFT:
            y = kMiddle;
            break;
        case AVCHROMA_LOC_CENTER:
            x = y = kMiddle;
            break;
        case AVCHROMA_LOC_TOPLEFT:
            break;
        case AVCHROMA_LOC_TOP:
            x = kMiddle;
            break;
        case AVCHROMA_LOC_BOTTOMLEFT:
            y = kFull;
            break;
        case AVCHROMA_LOC_BOTTOM:
            x = kMiddle;
            y = kFull;
            break;
        default:
            return;
    }
    const auto last = [](int log2_step) { return (1 << log2_step) - 1; };
    if (format.log2_chroma_w > 0) set(scaler, "src_h_chr_pos", std::int64_t{x} * last(format.log2_chroma_w));
    if (format.log2_chroma_h > 0) set(scaler, "src_v_chr_pos", std::int64_t{y} * last(format.log2_chroma_h));
}

const int* matrix_of(AVColorSpace declared) {
    // libswscale's own answer to an undeclared matrix is BT.709.
    const bool unknown = declared == AVCOL_SPC_UNSPECIFIED || declared == AVCOL_SPC_RGB;
    return sws_getCoefficients(unknown ? SWS_CS_DEFAULT : static_cast<int>(declared));
}

}  // namespace

Turn turn_of(const AVStream& stream) {
    constexpr std::size_t kMatrixBytes = 9 * sizeof(std::int32_t);
    constexpr int kWhole = 360;
    std::size_t bytes = 0;
    const std::uint8_t* const matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
    if (matrix == nullptr || bytes < kMatrixBytes) return Turn::None;
    const double counterclockwise = av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
    if (!std::isfinite(counterclockwise)) return Turn::None;
    switch ((kWhole - static_cast<int>(std::lround(counterclockwise))) % kWhole) {
        case 90:
            return Turn::Quarter;
        case 180:
            return Turn::Half;
        case 270:
            return Turn::ThreeQuarters;
        default:
            return Turn::None;
    }
}

bool FrameConverter::prepare(const Layout& layout) {
    if (scaler_ && layout == layout_) return true;
    scaler_.reset();
    bgr_.reset(av_frame_alloc());
    const AVPixFmtDescriptor* const format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(layout.format));
    if (!bgr_ || format == nullptr || layout.height <= 0 || layout.width <= 0) return false;
    if (size_.height <= 0 || size_.width <= 0) size_ = {layout.height, layout.width};
    constexpr int kAlignment = 64;
    bgr_->height = size_.height;
    bgr_->width = size_.width;
    bgr_->format = AV_PIX_FMT_BGR24;
    if (av_frame_get_buffer(bgr_.get(), kAlignment) < 0) return false;
    Ffmpeg<SwsContext> scaler(sws_alloc_context());
    if (!scaler) return false;
    set(scaler.get(), "srcw", layout.width);
    set(scaler.get(), "srch", layout.height);
    set(scaler.get(), "dstw", size_.width);
    set(scaler.get(), "dsth", size_.height);
    set(scaler.get(), "src_format", layout.format);
    set(scaler.get(), "dst_format", AV_PIX_FMT_BGR24);
    set(scaler.get(), "sws_flags", SWS_BICUBIC);  // as OpenCV
    place_chroma(scaler.get(), layout.chroma, *format);
    const int full_range = layout.range == AVCOL_RANGE_JPEG ? 1 : 0;
    constexpr int kOne = 1 << 16;  // contrast and saturation as they are
    const auto declare_colours = [&] {
        sws_setColorspaceDetails(scaler.get(), matrix_of(layout.matrix), full_range,
                                 sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, kOne, kOne);
    };
    // Before, since the way of converting is chosen by the range; after, since the tables are made anew.
    declare_colours();
    if (sws_init_context(scaler.get(), nullptr, nullptr) < 0) return false;
    declare_colours();
    scaler_ = std::move(scaler);
    layout_ = layout;
    return true;
}

std::optional<Image> FrameConverter::convert(const AVFrame& frame) {
    if (!prepare({frame.height, frame.width, frame.format, frame.colorspace, frame.color_range, frame.chroma_location}))
        return std::nullopt;
    if (sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, bgr_->data, bgr_->linesize) <= 0)
        return std::nullopt;
    const cv::Mat converted(size_.height, size_.width, CV_8UC3, bgr_->data[0],
                            static_cast<std::size_t>(bgr_->linesize[0]));
    const bool quarter = is_quarter(turn_);
    Image image(quarter ? size_.width : size_.height, quarter ? size_.height : size_.width);
    cv::Mat upright = borrow(image);
    switch (turn_) {
        case Turn::None:
            converted.copyTo(upright);
            break;
        case Turn::Quarter:
            cv::rotate(converted, upright, cv::ROTATE_90_CLOCKWISE);
            break;
        case Turn::Half:
            cv::rotate(converted, upright, cv::ROTATE_180);
            break;
        case Turn::ThreeQuarters:
            cv::rotate(converted, upright, cv::ROTATE_90_COUNTERCLOCKWISE);
            break;
    }
    return image;
}

}  // namespace yolovino::vision::module
