#include "data/net/http_stream.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <limits>
#include <poll.h>
#include <stdlib.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/net/hls.hpp"
#include "data/net/http_session.hpp"

namespace yolovino::data {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30U;
constexpr std::chrono::hours kMaxFileTime(4);

[[noreturn]] void fail_io(std::string_view what) {
    throw Error(ErrorCode::IoFailure, "url", fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }
    int number() const { return number_; }

private:
    int number_;
};

/// A file that disappears with its last descriptor, also if the process is ended.
Descriptor unnamed_file() {
    std::string name = base::translate(ErrorCode::IoFailure, "url", "no folder for temporary files",
                                       [] { return (fs::temp_directory_path() / "yolovino-XXXXXX").string(); });
    Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (file.number() < 0) fail_io("cannot make a temporary file");
    ::unlink(name.c_str());
    return file;
}

/// What a user set for FFmpeg's own HTTP client: `key;value|key;value`.
void obey_ffmpeg_options(HttpRequest& request) {
    const char* const set = std::getenv("OPENCV_FFMPEG_CAPTURE_OPTIONS");
    std::string_view options = set != nullptr ? set : "";
    while (!options.empty()) {
        const std::size_t end = std::min(options.find('|'), options.size());
        const std::string_view option = options.substr(0, end);
        options.remove_prefix(std::min(end + 1, options.size()));
        const std::size_t at = std::min(option.find(';'), option.size());
        const std::string_view key = option.substr(0, at);
        std::string_view value = option.substr(std::min(at + 1, option.size()));
        if (key == "user_agent") request.headers.push_back("User-Agent: " + std::string(value));
        if (key == "referer") request.headers.push_back("Referer: " + std::string(value));
        if (key == "tls_verify") request.verify_tls = value != "0";
        while (key == "headers" && !value.empty()) {
            const std::size_t line = std::min(value.find_first_of("\r\n"), value.size());
            if (line > 0) request.headers.emplace_back(value.substr(0, line));
            value.remove_prefix(std::min(line + 1, value.size()));
        }
    }
}

/// Fetches a URL on a thread of its own, and decides by the first bytes how they are to be read.
class HttpFeed {
public:
    enum class Kind { Pipe, File };

    HttpFeed(const std::string& url, std::function<bool()> stopped) : session_(open_http_session(url)) {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0) fail_io("cannot make a pipe");
        read_end_ = Descriptor(ends[0]);
        write_end_ = Descriptor(ends[1]);
        ::fcntl(write_end_.number(), F_SETFL, O_NONBLOCK);
        request_.url = url;
        request_.limits = {.max_bytes = std::numeric_limits<std::uint64_t>::max(), .total_timeout_s = 0};
        request_.stopped = [this, outer = std::move(stopped)] { return left_ || outer(); };
        obey_ffmpeg_options(request_);
        thread_ = base::start_thread([this] { run(); });
    }
    HttpFeed(const HttpFeed&) = delete;
    HttpFeed& operator=(const HttpFeed&) = delete;
    ~HttpFeed() {
        left_ = true;
        thread_.join();
    }

    /// Waits until there is something to read. @throws Error what went wrong before
    Kind kind() { return kind_.get_future().get(); }
    int pipe() const { return read_end_.number(); }
    std::string file() const { return fmt::format("/proc/self/fd/{}", file_.number()); }

    /// Why the bytes ended, if they did not come to their end. To be called once they ended.
    void rethrow() const {
        if (ended_ && problem_) std::rethrow_exception(problem_);
    }

private:
    enum class Content { Unknown, Stream, File, Playlist };

    void run() noexcept {
        try {
            const std::string url = session_->get(
                request_, [&](std::span<const std::byte> piece, std::uint64_t length) { take(piece, length); });
            if (content_ == Content::Unknown) recognise(head_.size());
            if (content_ == Content::Playlist) follow(url);
            if (content_ == Content::File) kind_.set_value(Kind::File);
        } catch (...) {
            if (!request_.stopped()) problem_ = std::current_exception();
            if (!kind_reported_) kind_.set_exception(std::current_exception());
        }
        ended_ = true;
        write_end_.close();
    }

    void follow(const std::string& url) {
        follow_hls(*session_, url, head_, request_, [&](std::span<const std::byte> piece) {
            report_pipe();
            write(piece);
        });
        report_pipe();
    }

    void report_pipe() {
        if (std::exchange(kind_reported_, true)) return;
        kind_.set_value(Kind::Pipe);
    }

    void take(std::span<const std::byte> piece, std::uint64_t length) {
        constexpr std::size_t kEnoughBytes = 16;
        switch (content_) {
            case Content::Unknown:
                head_ += base::as_text(piece);
                if (head_.size() >= kEnoughBytes) recognise(length);
                break;
            case Content::Playlist:
                head_ += base::as_text(piece);
                if (head_.size() > kMaxPlaylistBytes)
                    throw Error(ErrorCode::LimitExceeded, "hls",
                                fmt::format("the playlist has more than {} bytes", kMaxPlaylistBytes));
                break;
            case Content::Stream:
                write(piece);
                break;
            case Content::File:
                store(piece);
                break;
        }
    }

    /// Of an MP4 file the table of contents may be at the end; of one without a length there is no end.
    static bool is_mp4(std::string_view head) {
        const std::string_view box = head.substr(std::min<std::size_t>(4, head.size()), 4);
        return box == "ftyp" || box == "moov" || box == "mdat" || box == "wide" || box == "free" || box == "skip";
    }

    void recognise(std::uint64_t length) {
        if (is_hls(head_)) {
            content_ = Content::Playlist;
            return;
        }
        if (length > 0 && is_mp4(head_)) {
            if (length > kMaxFileBytes)
                throw Error(ErrorCode::LimitExceeded, "url",
                            fmt::format("the video has {} bytes, at most {} are fetched", length, kMaxFileBytes));
            content_ = Content::File;
            file_ = unnamed_file();
            store(base::as_bytes(head_));
            return;
        }
        content_ = Content::Stream;
        // Some cameras send an empty line first, by which FFmpeg would not recognize their stream.
        const std::size_t begin = std::min(head_.find_first_not_of("\r\n"), head_.size());
        if (std::string_view(head_).substr(begin).starts_with("--")) head_.erase(0, begin);
        report_pipe();
        write(base::as_bytes(head_));
    }

    void store(std::span<const std::byte> piece) {
        if (std::chrono::steady_clock::now() - begin_ > kMaxFileTime)
            throw Error(ErrorCode::LimitExceeded, "url",
                        fmt::format("the video did not arrive within {} h", kMaxFileTime.count()));
        while (!piece.empty()) {
            const ssize_t written = ::write(file_.number(), piece.data(), piece.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail_io("cannot write the download");
            piece = piece.subspan(static_cast<std::size_t>(written));
        }
    }

    /// Waits for the reader as long as it takes. The read end is open for as long as this thread runs.
    void write(std::span<const std::byte> piece) {
        constexpr int kStepMs = 100;
        while (!piece.empty()) {
            if (request_.stopped()) throw Error(ErrorCode::NetworkFailure, "url", "the stream was closed");
            pollfd entry = {write_end_.number(), POLLOUT, 0};
            if (::poll(&entry, 1, kStepMs) <= 0) continue;
            const ssize_t written = ::write(write_end_.number(), piece.data(), piece.size());
            if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (written < 0) fail_io("cannot pass on the stream");
            piece = piece.subspan(static_cast<std::size_t>(written));
        }
    }

    std::unique_ptr<HttpSession> session_;
    HttpRequest request_;
    Descriptor read_end_;
    Descriptor write_end_;
    Descriptor file_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::string head_;
    Content content_ = Content::Unknown;
    bool kind_reported_ = false;
    std::promise<Kind> kind_;
    std::exception_ptr problem_;
    std::atomic<bool> ended_ = false;
    std::atomic<bool> left_ = false;
    std::thread thread_;
};

class HttpReader final : public vision::VideoReader {
public:
    HttpReader(const std::string& url, std::function<bool()> stopped) : feed_(url, std::move(stopped)) {
        const bool file = feed_.kind() == HttpFeed::Kind::File;
        try {
            reader_ = file ? vision::media().open_video(feed_.file()) : vision::media().open_pipe(feed_.pipe());
        } catch (const Error&) {
            feed_.rethrow();
            throw;
        }
    }

    double fps() const override { return reader_->fps(); }
    std::int64_t frame_count() const override { return reader_->frame_count(); }
    std::int64_t whole_frame_count() const override { return 0; }
    ImageSize size() const override { return reader_->size(); }
    bool grab() override {
        if (reader_->grab()) return true;
        feed_.rethrow();
        return false;
    }
    std::optional<Image> retrieve() override { return reader_->retrieve(); }

private:
    HttpFeed feed_;  // outlives the reader
    std::unique_ptr<vision::VideoReader> reader_;
};

}  // namespace

std::unique_ptr<vision::VideoReader> open_http_stream(const std::string& url, std::function<bool()> stopped) {
    return std::make_unique<HttpReader>(url, std::move(stopped));
}

}  // namespace yolovino::data
