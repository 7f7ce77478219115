#include "data/net/url_source.hpp"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <stdlib.h>
#include <system_error>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/file_source.hpp"
#include "data/location.hpp"
#include "data/net/download.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxVideoBytes = std::uint64_t{4} << 30U;
constexpr long kVideoTimeoutS = 4L * 3600;  // 4 GiB at 300 KB/s

class UrlImageSource final : public FrameSource {
public:
    UrlImageSource(std::string url, const SourceArgs& args) : url_(std::move(url)), args_(args) {}

    std::vector<Frame> next(std::size_t) override {
        if (done_) return {};
        done_ = true;
        const std::vector<std::byte> encoded = download(url_, {.max_bytes = vision::kMaxEncodedBytes});
        std::vector<Frame> frames(1);
        Frame& frame = frames.front();
        frame.path = url_for_display(url_);
        frame.item = 1;
        frame.items = 1;
        try {
            frame.image = vision::decode_image(encoded, frame.path);
        } catch (const Error& error) {
            if (args_.strict || !is_skippable(error.code())) throw;
            if (args_.report_failures) {
                frame.failure = error;
                return frames;
            }
            ++skipped_;
            base::warn("image skipped: {}", error.what());
            return {};
        }
        return frames;
    }
    std::size_t skipped() const override { return skipped_; }

private:
    const std::string url_;
    const SourceArgs args_;
    bool done_ = false;
    std::size_t skipped_ = 0;
};

/// A folder that disappears with its owner.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = base::translate(ErrorCode::IoFailure, "url", "no folder for temporary files",
                                           [] { return (fs::temp_directory_path() / "yolovino-XXXXXX").string(); });
        if (::mkdtemp(name.data()) == nullptr) {
            throw Error(ErrorCode::IoFailure, "url",
                        "cannot make a temporary folder: " + std::generic_category().message(errno), {.file = name},
                        "set TMPDIR to a folder that can be written");
        }
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

class UrlVideoSource final : public FrameSource {
public:
    UrlVideoSource(std::string url, const SourceArgs& args) : url_(std::move(url)), args_(args) {}

    std::vector<Frame> next(std::size_t count) override {
        if (stop_) return {};
        if (!source_) fetch();
        std::vector<Frame> frames = first_.empty() ? source_->next(count) : std::exchange(first_, {});
        for (Frame& frame : frames) frame.path = url_for_display(url_);
        return frames;
    }
    std::size_t skipped() const override { return source_ ? source_->skipped() : 0; }
    bool is_long() const override { return true; }
    void interrupt() noexcept override { stop_ = true; }

private:
    void fetch() {
        base::info("Downloading {}...", base::printable(url_for_display(url_)));
        folder_.emplace();
        // Of the name that the server chose only the suffix is used, one of the known ones.
        const fs::path file = folder_->path() / ("video" + fs::path(url_path(url_)).extension().string());
        download_to_file(url_, {.max_bytes = kMaxVideoBytes, .total_timeout_s = kVideoTimeoutS}, file);
        source_ = std::make_unique<FileSource>(MediaFiles{{}, {file.string()}}, args_);
        // FileSource opens the file at its first frame; without its name nothing stays behind if the process is ended.
        first_ = source_->next(1);
        folder_.reset();
    }

    const std::string url_;
    const SourceArgs args_;
    std::optional<TemporaryFolder> folder_;
    std::unique_ptr<FileSource> source_;
    std::vector<Frame> first_;
    std::atomic<bool> stop_ = false;
};

}  // namespace

std::unique_ptr<FrameSource> open_url_image(const std::string& url, const SourceArgs& args) {
    return std::make_unique<UrlImageSource>(url, args);
}

std::unique_ptr<FrameSource> open_url_video(const std::string& url, const SourceArgs& args) {
    return std::make_unique<UrlVideoSource>(url, args);
}

}  // namespace yolovino::data
