#include <cstring>
#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

#include "vision/media_module/image_codecs.hpp"

namespace yolovino::vision::module {

namespace {

struct DemuxerDeleter {
    void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

/// Decodes into a part of the canvas; alpha is dropped, as OpenCV does.
bool decode_into(Image& canvas, const std::uint8_t* data, std::size_t size, int left, int top) {
    const std::size_t start =
        static_cast<std::size_t>(top) * canvas.stride_bytes() + static_cast<std::size_t>(left) * 3;
    return WebPDecodeBGRInto(data, size, canvas.data() + start, canvas.size_bytes() - start,
                             static_cast<int>(canvas.stride_bytes())) != nullptr;
}

std::optional<Image> decode_first_frame(const WebPData& data, std::string& reason) {
    const std::unique_ptr<WebPDemuxer, DemuxerDeleter> demuxer(WebPDemux(&data));
    WebPIterator frame = {};
    if (!demuxer || WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) {
        reason = "the animation has no frame";
        return std::nullopt;
    }
    // The demuxer has checked that the frame is complete and within the canvas.
    Image canvas(static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT)),
                 static_cast<int>(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH)));
    const bool fits = frame.x_offset >= 0 && frame.y_offset >= 0 && frame.width <= canvas.width() - frame.x_offset &&
                      frame.height <= canvas.height() - frame.y_offset;
    std::memset(canvas.data(), 0, canvas.size_bytes());
    const bool decoded = fits && frame.complete != 0 &&
                         decode_into(canvas, frame.fragment.bytes, frame.fragment.size, frame.x_offset, frame.y_offset);
    WebPDemuxReleaseIterator(&frame);
    if (decoded) return canvas;
    reason = "the first frame is damaged";
    return std::nullopt;
}

}  // namespace

std::optional<Image> decode_webp(Bytes encoded, std::string& reason) {
    const WebPData data = {reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size()};
    WebPBitstreamFeatures features = {};
    if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) {
        reason = "its header is damaged";
        return std::nullopt;
    }
    if (features.has_animation != 0) return decode_first_frame(data, reason);
    Image image(features.height, features.width);
    if (decode_into(image, data.bytes, data.size, 0, 0)) return image;
    reason = "its data is damaged or truncated";
    return std::nullopt;
}

}  // namespace yolovino::vision::module
