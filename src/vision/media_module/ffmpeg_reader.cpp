#include "vision/media_module/ffmpeg_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/processors.hpp"
#include "vision/limits.hpp"
#include "vision/media_module/ffmpeg.hpp"
#include "vision/media_module/frame_converter.hpp"
#include "vision/media_module/video_length.hpp"

namespace yolovino::vision::module {

namespace {

/// How long one call may wait for a network, as in OpenCV.
class Patience {
public:
    void begin() { end_ = Clock::now() + kLimit; }
    bool is_over() const { return Clock::now() > end_; }
    static int interrupt(void* self) { return static_cast<const Patience*>(self)->is_over() ? 1 : 0; }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kLimit{30};
    Clock::time_point end_;
};

/// What a user sets for OpenCV holds here, too: `key;value|key;value`.
Ffmpeg<AVDictionary> input_options() {
    AVDictionary* options = nullptr;
    if (const char* const set = std::getenv("OPENCV_FFMPEG_CAPTURE_OPTIONS")) {
        av_dict_parse_string(&options, set, ";", "|", 0);
    } else {
        av_dict_set(&options, "rtsp_transport", "tcp", 0);
    }
    return Ffmpeg<AVDictionary>(options);
}

/// Hands the options to `body`, which removes those that it uses.
template <typename Body>
int with_options(Ffmpeg<AVDictionary>& options, Body&& body) {
    AVDictionary* raw = options.release();
    const int result = body(&raw);
    options.reset(raw);
    return result;
}

class Reader final : public VideoReader {
public:
    Reader(std::string address, std::string file) : address_(std::move(address)), file_(std::move(file)) {}

    /// False if there is no video in it, or none that can be decoded.
    bool open();

    double fps() const override;
    std::int64_t frame_count() const override;
    std::int64_t whole_frame_count() const override {
        return file_.empty() ? 0 : module::whole_frame_count(file_, frame_count());
    }
    ImageSize size() const override { return size_; }
    bool grab() override;
    std::optional<Image> retrieve() override;

private:
    bool open_decoder(Ffmpeg<AVDictionary>& options);
    bool send_packet();

    std::string address_;  ///< for libavformat
    std::string file_;     ///< empty if it is not a file
    Patience patience_;
    Ffmpeg<AVFormatContext> input_;
    AVStream* stream_ = nullptr;  ///< belongs to `input_`
    Ffmpeg<AVCodecContext> decoder_;
    Ffmpeg<AVPacket> packet_{av_packet_alloc()};
    Ffmpeg<AVFrame> frame_{av_frame_alloc()};
    std::optional<FrameConverter> converter_;
    ImageSize size_;
    bool at_end_ = false;
};

bool Reader::open() {
    AVFormatContext* input = avformat_alloc_context();
    if (input == nullptr || !packet_ || !frame_) return false;
    input->interrupt_callback = {&Patience::interrupt, &patience_};
    patience_.begin();
    Ffmpeg<AVDictionary> options = input_options();
    const AVInputFormat* named = nullptr;
    if (const AVDictionaryEntry* entry = av_dict_get(options.get(), "input_format", nullptr, 0))
        named = av_find_input_format(entry->value);
    // A context that cannot be opened is given back by libavformat itself.
    if (with_options(options, [&](AVDictionary** known) {
            return avformat_open_input(&input, address_.c_str(), named, known);
        }) < 0)
        return false;
    input_.reset(input);
    return avformat_find_stream_info(input, nullptr) >= 0 && open_decoder(options);
}

bool Reader::open_decoder(Ffmpeg<AVDictionary>& options) {
    stream_ = first_video(*input_);
    const AVCodec* const codec = stream_ != nullptr ? avcodec_find_decoder(stream_->codecpar->codec_id) : nullptr;
    if (codec == nullptr) return false;
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) return false;
    decoder_->thread_count = static_cast<int>(base::processor_count());
    decoder_->max_pixels = static_cast<std::int64_t>(kMaxPixels);
    if (with_options(options, [&](AVDictionary** known) { return avcodec_open2(decoder_.get(), codec, known); }) < 0)
        return false;
    const Turn turn = turn_of(*stream_);
    const ImageSize stored{decoder_->height, decoder_->width};
    size_ = is_quarter(turn) ? ImageSize{stored.width, stored.height} : stored;
    converter_.emplace(stored, turn);
    return true;
}

double Reader::fps() const {
    for (const AVRational rate : {stream_->avg_frame_rate, stream_->r_frame_rate, av_inv_q(stream_->time_base)}) {
        if (const double value = av_q2d(rate); std::isfinite(value) && value > 0) return value;
    }
    return 0;
}

std::int64_t Reader::frame_count() const {
    if (stream_->nb_frames > 0) return stream_->nb_frames;
    double length_s = static_cast<double>(input_->duration) / AV_TIME_BASE;
    if (length_s <= 0) length_s = static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
    constexpr double kMost = 1e15;  // what has no end may state the smallest number or nonsense
    const double frames = std::floor(length_s * fps() + 0.5);
    return frames > 0 && frames < kMost ? static_cast<std::int64_t>(frames) : 0;
}

/// Gives the decoder the next packet, or signals that there are no more. False if it cannot go on.
bool Reader::send_packet() {
    while (!at_end_) {
        const int read = av_read_frame(input_.get(), packet_.get());
        if (read == AVERROR(EAGAIN) && !patience_.is_over()) continue;
        if (read < 0) {
            at_end_ = true;
            break;
        }
        const bool wanted = packet_->stream_index == stream_->index;
        const int sent = wanted ? avcodec_send_packet(decoder_.get(), packet_.get()) : 0;
        av_packet_unref(packet_.get());
        if (wanted) return sent >= 0;
    }
    return avcodec_send_packet(decoder_.get(), nullptr) >= 0;
}

bool Reader::grab() {
    patience_.begin();
    while (true) {
        const int received = avcodec_receive_frame(decoder_.get(), frame_.get());
        if (received >= 0) return true;
        if (received == AVERROR_EOF || (received != AVERROR(EAGAIN) && at_end_)) return false;
        if (!send_packet()) return false;
    }
}

std::optional<Image> Reader::retrieve() {
    return frame_->data[0] != nullptr ? converter_->convert(*frame_) : std::nullopt;
}

}  // namespace

AVStream* first_video(const AVFormatContext& input) {
    AVStream* cover = nullptr;
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        AVStream* const stream = input.streams[i];
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) continue;
        if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) return stream;
        if (cover == nullptr) cover = stream;
    }
    return cover;
}

std::unique_ptr<VideoReader> open_with_ffmpeg(const std::string& location, bool is_file) {
    // "file:" keeps libavformat from taking a name with a colon for an address.
    auto reader = std::make_unique<Reader>(is_file ? "file:" + location : location, is_file ? location : "");
    return reader->open() ? std::move(reader) : nullptr;
}

}  // namespace yolovino::vision::module
