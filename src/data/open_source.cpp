#include "data/open_source.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <unistd.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "data/file_source.hpp"
#include "data/location.hpp"
#include "data/net/url_source.hpp"
#include "data/paths.hpp"
#include "data/pipe_source.hpp"
#include "data/stream_list.hpp"
#include "data/stream_source.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

void check(const std::string& source, const SourceArgs& args) {
    if (source.empty())
        throw Error(ErrorCode::InvalidArgument, "source",
                    "the source is empty, wanted a file, folder, URL, or camera index");
    if (source.find('\0') != std::string::npos)
        throw Error(ErrorCode::InvalidArgument, "source", "a zero byte inside", {.file = source});
    if (args.vid_stride < 1) {
        throw Error(ErrorCode::InvalidArgument, "source",
                    fmt::format("vid_stride is {}, wanted at least 1", args.vid_stride));
    }
}

/// The files of several sources, one a line.
MediaFiles find_listed(const std::string& sources) {
    MediaFiles all;
    std::istringstream lines(sources);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        MediaFiles found = find_media(line);
        all.images.insert(all.images.end(), found.images.begin(), found.images.end());
        all.videos.insert(all.videos.end(), found.videos.begin(), found.videos.end());
    }
    return all;
}

}  // namespace

std::unique_ptr<FrameSource> open_source(const std::string& source, const SourceArgs& args) {
    check(source, args);
    if (source == "-") return std::make_unique<PipeSource>(STDIN_FILENO, args);
    std::error_code ignored;
    if (source.find('\n') != std::string::npos && !fs::exists(source, ignored))
        return std::make_unique<FileSource>(find_listed(source), args);
    if (is_camera(source)) return std::make_unique<StreamSource>(std::vector<std::string>{source}, args);
    if (source.ends_with(".streams")) return std::make_unique<StreamSource>(read_stream_list(source), args);
    if (is_url(source)) {
        const std::string path = is_http(source) ? url_path(source) : "";
        if (is_image(path)) return open_url_image(source, args);
        if (is_video(path)) return open_url_video(source, args);
        return std::make_unique<StreamSource>(std::vector<std::string>{source}, args);
    }
    if (const std::size_t at = source.find("://"); at != std::string::npos && !fs::exists(source, ignored)) {
        throw Error(ErrorCode::InvalidArgument, "source",
                    fmt::format("scheme '{}' is unknown, wanted http, https, rtsp, rtmp, or tcp",
                                base::printable(source.substr(0, at))));
    }
    if (source == "screen" && !fs::exists(source, ignored)) {
        throw Error(ErrorCode::InvalidArgument, "source", "screenshots as a source are not supported", {},
                    "give a file, folder, URL, or camera index");
    }
    return std::make_unique<FileSource>(find_media(source), args);
}

}  // namespace yolovino::data
