extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/mathematics.h>
}

#include <array>
#include <fmt/format.h>
#include <limits>
#include <memory>

#include "base/fail.hpp"
#include "vision/media_module/video.hpp"

namespace yolovino::vision::module {

namespace fs = std::filesystem;

namespace {

struct Free {
    void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
    void operator()(AVFormatContext* format) const noexcept {
        avio_closep(&format->pb);
        avformat_free_context(format);
    }
};

/// Puts JPEG images into an AVI file as they are. OpenCV's writer takes pixels only, and its encoder needs three
/// times the processor time of libjpeg-turbo.
class Writer final : public VideoWriter {
public:
    Writer(fs::path file, double fps, ImageSize size) : file_(std::move(file)), size_(size) {
        // "file:" keeps libavformat from taking a name with a colon for an address.
        const std::string target = "file:" + file_.string();
        AVFormatContext* format = nullptr;
        check(avformat_alloc_output_context2(&format, nullptr, "avi", target.c_str()), "created");
        format_.reset(format);
        packet_.reset(av_packet_alloc());
        stream_ = avformat_new_stream(format, nullptr);
        if (stream_ == nullptr || !packet_) check(AVERROR(ENOMEM), "created");
        AVCodecParameters& codec = *stream_->codecpar;
        codec.codec_type = AVMEDIA_TYPE_VIDEO;
        codec.codec_id = AV_CODEC_ID_MJPEG;
        codec.codec_tag = MKTAG('M', 'J', 'P', 'G');
        codec.format = AV_PIX_FMT_YUVJ420P;
        codec.width = size.width;
        codec.height = size.height;
        constexpr int kMostParts = 100'000;
        stream_->avg_frame_rate = av_d2q(fps, kMostParts);
        frame_time_ = av_inv_q(stream_->avg_frame_rate);
        stream_->time_base = frame_time_;
        check(avio_open(&format_->pb, target.c_str(), AVIO_FLAG_WRITE), "created");
        check(avformat_write_header(format_.get(), nullptr), "created");
    }

    ImageSize size() const override { return size_; }

    void write_jpeg(std::span<const std::byte> jpeg) override {
        if (jpeg.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) check(AVERROR(EINVAL), "written");
        packet_->data = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(jpeg.data()));  // libavformat only reads
        packet_->size = static_cast<int>(jpeg.size());
        packet_->flags = AV_PKT_FLAG_KEY;
        packet_->stream_index = stream_->index;
        packet_->pts = packet_->dts = av_rescale_q(frames_++, frame_time_, stream_->time_base);
        packet_->duration = av_rescale_q(1, frame_time_, stream_->time_base);
        const int result = av_write_frame(format_.get(), packet_.get());
        av_packet_unref(packet_.get());
        check(result, "written");
        check(format_->pb->error, "written");
    }

    void close() override {
        check(av_write_trailer(format_.get()), "finished");
        check(avio_closep(&format_->pb), "finished");
    }

private:
    void check(int result, const char* what) const {
        if (result >= 0) return;
        std::array<char, AV_ERROR_MAX_STRING_SIZE> reason{};
        av_strerror(result, reason.data(), reason.size());
        throw Error(ErrorCode::IoFailure, "video", fmt::format("the video cannot be {}: {}", what, reason.data()),
                    {.file = file_.string()}, "check that there is room on the disk and that you may write there");
    }

    fs::path file_;
    ImageSize size_;
    std::unique_ptr<AVFormatContext, Free> format_;
    AVStream* stream_ = nullptr;  ///< belongs to `format_`
    std::unique_ptr<AVPacket, Free> packet_;
    AVRational frame_time_ = {0, 1};
    std::int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<VideoWriter> create_video(const fs::path& file, double fps, ImageSize size) {
    if (!(fps > 0) || size.height <= 0 || size.width <= 0) {
        throw Error(ErrorCode::InvalidArgument, "video",
                    fmt::format("{} frames per second of {}x{}, wanted positive values", fps, size.height, size.width),
                    {.file = file.string()});
    }
    std::error_code error;
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
    return std::make_unique<Writer>(file, fps, size);
}

}  // namespace yolovino::vision::module
