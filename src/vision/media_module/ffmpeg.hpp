#pragma once

#include <cstdint>  // before FFmpeg's headers, which ask for its macros
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

namespace yolovino::vision::module {

/// Gives back what FFmpeg's functions have made.
struct FreeFfmpeg {
    void operator()(AVFormatContext* input) const noexcept { avformat_close_input(&input); }
    void operator()(AVCodecContext* codec) const noexcept { avcodec_free_context(&codec); }
    void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
    void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
    void operator()(AVDictionary* options) const noexcept { av_dict_free(&options); }
    void operator()(SwsContext* scaler) const noexcept { sws_freeContext(scaler); }
};

template <typename T>
using Ffmpeg = std::unique_ptr<T, FreeFfmpeg>;

/// The stream of images, as OpenCV chooses it; a cover image counts where there is nothing else, and nothing is
/// found where there is no image at all. It belongs to `input`.
AVStream* first_video(const AVFormatContext& input);

}  // namespace yolovino::vision::module
