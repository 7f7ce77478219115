#include "data/source.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "data/download.hpp"
#include "data/file_source.hpp"
#include "data/paths.hpp"
#include "data/stream_source.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxVideoBytes = std::uint64_t{4} << 30U;
constexpr std::uint64_t kMaxListBytes = 1U << 20U;

bool is_url(const std::string& source) {
    static constexpr std::array<std::string_view, 5> kSchemes = {"http://", "https://", "rtsp://", "rtmp://", "tcp://"};
    return std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) { return source.starts_with(scheme); });
}

bool is_number(const std::string& source) {
    return !source.empty() && source.size() < 6 && std::all_of(source.begin(), source.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The path of a URL without query and fragment.
std::string url_path(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

/// A picture behind a URL.
class UrlImageSource final : public FrameSource {
public:
    explicit UrlImageSource(std::string url) : url_(std::move(url)) {}

    std::vector<Frame> next(std::size_t) override {
        if (done_) return {};
        done_ = true;
        std::vector<std::byte> encoded;
        download(url_, {.max_bytes = vision::kMaxEncodedBytes},
                 [&](std::span<const std::byte> piece) { encoded.insert(encoded.end(), piece.begin(), piece.end()); });
        std::vector<Frame> frames(1);
        frames.front().image = vision::decode_image(encoded, url_);
        frames.front().path = url_path(url_);
        frames.front().item = 1;
        frames.front().items = 1;
        return frames;
    }
    std::size_t skipped() const override { return 0; }

private:
    std::string url_;
    bool done_ = false;
};

/// A folder that disappears with its owner.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "yolovino-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw Error(ErrorCode::IoFailure, "url", "cannot make a temporary folder", {.file = name});
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

/// A video behind a URL: fetched whole into a temporary file, which is removed at the end.
class UrlVideoSource final : public FrameSource {
public:
    UrlVideoSource(std::string url, const SourceArgs& args) : url_(std::move(url)), args_(args) {}

    std::vector<Frame> next(std::size_t count) override {
        if (!source_) fetch();
        std::vector<Frame> frames = source_->next(count);
        for (Frame& frame : frames) frame.path = url_path(url_);
        return frames;
    }
    std::size_t skipped() const override { return source_ ? source_->skipped() : 0; }

private:
    void fetch() {
        const fs::path file = folder_.path() / fs::path(url_path(url_)).filename();
        std::ofstream out(file, std::ios::binary);
        download(url_, {.max_bytes = kMaxVideoBytes}, [&](std::span<const std::byte> piece) {
            out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
            if (!out) throw Error(ErrorCode::IoFailure, "url", "cannot write the download", {.file = file.string()});
        });
        out.close();
        source_ = std::make_unique<FileSource>(MediaFiles{{}, {file.string()}}, args_);
    }

    std::string url_;
    SourceArgs args_;
    TemporaryFolder folder_;
    std::unique_ptr<FileSource> source_;
};

std::vector<std::string> stream_list(const std::string& file) {
    std::istringstream lines(base::read_text_file(file, kMaxListBytes));
    std::vector<std::string> streams;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin != std::string::npos) streams.push_back(line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1));
    }
    if (streams.empty()) throw Error(ErrorCode::NotFound, "source", "names no stream", {.file = file});
    return streams;
}

}  // namespace

std::unique_ptr<FrameSource> open_source(const std::string& source, const SourceArgs& args) {
    if (source.empty()) throw Error(ErrorCode::InvalidArgument, "source", "the source is empty, wanted a file, folder, URL, or camera index");
    if (is_number(source)) return std::make_unique<StreamSource>(std::vector<std::string>{source}, args);
    if (source.ends_with(".streams")) return std::make_unique<StreamSource>(stream_list(source), args);
    if (is_url(source)) {
        const bool http = source.starts_with("http");
        if (http && is_image(url_path(source))) return std::make_unique<UrlImageSource>(source);
        if (http && is_video(url_path(source))) return std::make_unique<UrlVideoSource>(source, args);
        return std::make_unique<StreamSource>(std::vector<std::string>{source}, args);
    }
    if (const std::size_t at = source.find("://"); at != std::string::npos && !fs::exists(source)) {
        throw Error(ErrorCode::InvalidArgument, "source", fmt::format("scheme '{}' is unknown, wanted http, https, rtsp, rtmp, or tcp", source.substr(0, at)));
    }
    return std::make_unique<FileSource>(find_media(source), args);
}

}  // namespace yolovino::data
