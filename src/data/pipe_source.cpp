#include "data/pipe_source.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/processors.hpp"
#include "data/file_source.hpp"
#include "data/location.hpp"
#include "data/net/download.hpp"
#include "data/paths.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace {

constexpr std::size_t kMaxWorkers = 4;
constexpr std::chrono::milliseconds kBatchWait(50);

Image load(const PipeRecord& record) {
    if (!record.is_location) {
        if (record.encoded.empty())
            throw Error(ErrorCode::CorruptFile, "source", "the record is empty, wanted an encoded image",
                        {.file = record.name});
        return vision::decode_image(record.encoded, record.name);
    }
    if (is_http(record.name))
        return vision::decode_image(download(record.name, {.max_bytes = vision::kMaxEncodedBytes}),
                                    url_for_display(record.name));
    if (is_url(record.name) || is_video(record.name))
        throw Error(ErrorCode::UnsupportedFile, "source", "standard input takes images only",
                    {.file = url_for_display(record.name)}, "give videos and streams as source=");
    return vision::load_image(record.name);
}

}  // namespace

PipeSource::PipeSource(int descriptor, const SourceArgs& args)
    : args_(args), reader_(descriptor, parse_framing(args.framing)) {
    ahead_ = std::min(base::processor_count(), kMaxWorkers);
    for (std::size_t i = 0; i < ahead_; ++i) workers_.push_back(base::start_thread([this] { work(); }));
}

PipeSource::~PipeSource() {
    interrupt();
    for (std::thread& worker : workers_) worker.join();
}

void PipeSource::interrupt() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    reader_.interrupt();
    room_.notify_all();
    ready_.notify_all();
}

Frame PipeSource::decode(PipeRecord record, std::size_t item) const {
    Frame frame;
    frame.path = record.is_location ? url_for_display(record.name) : record.name;
    frame.item = item;
    try {
        frame.image = load(record);
    } catch (const Error& error) {
        if (args_.strict || !is_skippable(error.code())) throw;
        frame.failure = error;
    }
    return frame;
}

/// One thread at a time reads, in turn; what it has read it decodes while others read on.
void PipeSource::work() {
    while (true) {
        std::unique_lock turn(read_turn_);
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stop_ || ended_ || read_ <= given_ + ahead_; });
        if (stop_ || ended_) return;
        const std::size_t position = read_;
        lock.unlock();
        std::optional<PipeRecord> record;
        Decoded decoded;
        try {
            record = reader_.next();
        } catch (...) {
            decoded.problem = std::current_exception();
        }
        lock.lock();
        if (record || decoded.problem) ++read_;
        if (!record) ended_ = true;
        lock.unlock();
        turn.unlock();
        try {
            if (record) decoded.frame = decode(*std::move(record), position + 1);
        } catch (...) {
            decoded.problem = std::current_exception();
        }
        lock.lock();
        if (record || decoded.problem) decoded_[position] = std::move(decoded);
        lock.unlock();
        ready_.notify_all();
        room_.notify_all();
    }
}

/// The next frame in order; nothing at the end, or if it would have to be waited for.
std::optional<Frame> PipeSource::take(bool wait) {
    std::unique_lock lock(mutex_);
    const auto may_go = [&] { return stop_ || decoded_.contains(given_) || (ended_ && given_ == read_); };
    if (wait) {
        ready_.wait(lock, may_go);
    } else {
        ready_.wait_for(lock, kBatchWait, may_go);
    }
    if (stop_ || !decoded_.contains(given_)) return std::nullopt;
    Decoded decoded = std::move(decoded_.extract(given_++).mapped());
    lock.unlock();
    room_.notify_all();
    if (decoded.problem) std::rethrow_exception(decoded.problem);
    return std::move(decoded.frame);
}

std::vector<Frame> PipeSource::next(std::size_t count) {
    std::vector<Frame> frames;
    while (frames.size() < std::max<std::size_t>(count, 1)) {
        std::optional<Frame> frame = take(frames.empty());
        if (!frame) break;
        if (frame->failure && !args_.report_failures) {
            ++skipped_;
            base::warn("image skipped: {}", frame->failure->what());
            continue;
        }
        frames.push_back(std::move(*frame));
    }
    return frames;
}

}  // namespace yolovino::data
