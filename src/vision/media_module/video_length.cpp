#include "vision/media_module/video_length.hpp"

#include <algorithm>
#include <string_view>

#include "vision/media_module/ffmpeg.hpp"

namespace yolovino::vision::module {

namespace {

Ffmpeg<AVFormatContext> open(const std::string& file) {
    AVFormatContext* format = nullptr;
    // "file:" keeps libavformat from taking a name with a colon for an address.
    if (avformat_open_input(&format, ("file:" + file).c_str(), nullptr, nullptr) < 0) return nullptr;
    Ffmpeg<AVFormatContext> opened(format);
    if (avformat_find_stream_info(format, nullptr) < 0) return nullptr;
    return opened;
}

double in_s(std::int64_t time) {
    return static_cast<double>(time) / AV_TIME_BASE;
}

struct Content {
    std::int64_t packets = 0;    ///< of the video
    std::int64_t discarded = 0;  ///< those of them that an edit list leaves out
    double end_s = 0;            ///< of whatever ends last: sound may be longer than the images
};

Content read_through(AVFormatContext& format, int video) {
    Content content;
    const Ffmpeg<AVPacket> packet(av_packet_alloc());
    while (packet && av_read_frame(&format, packet.get()) >= 0) {
        const AVStream& stream = *format.streams[packet->stream_index];
        if (packet->stream_index == video) {
            ++content.packets;
            if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0) ++content.discarded;
        }
        const std::int64_t start = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        if (start != AV_NOPTS_VALUE)
            content.end_s =
                std::max(content.end_s, static_cast<double>(start + packet->duration) * av_q2d(stream.time_base));
        av_packet_unref(packet.get());
    }
    return content;
}

}  // namespace

std::int64_t whole_frame_count(const std::string& file, std::int64_t stated) {
    constexpr double kNearTheEnd = 0.98;
    const Ffmpeg<AVFormatContext> format = open(file);
    if (!format || format->duration <= 0 || format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return 0;
    const AVStream* const video = first_video(*format);
    if (video == nullptr) return 0;
    const Content content = read_through(*format, video->index);
    const double start_s = format->start_time != AV_NOPTS_VALUE ? in_s(format->start_time) : 0;
    const AVStream& stream = *video;
    double length_s = in_s(format->duration);
    // Of a truncated AVI file, libavformat shortens the duration to what is there.
    const double fps = av_q2d(stream.avg_frame_rate);
    if (std::string_view(format->iformat->name) == "avi" && fps > 0)
        length_s = std::max(length_s, static_cast<double>(stream.nb_frames) / fps);
    const bool ends_early = content.end_s - start_s < kNearTheEnd * length_s;
    // Some containers state a number, of others it is an estimate from the duration.
    if (stream.nb_frames <= 0) return ends_early ? stated : 0;
    return (ends_early ? stated : content.packets) - content.discarded;
}

}  // namespace yolovino::vision::module
