#include "data/stream_list.hpp"

#include <cstdint>
#include <filesystem>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "data/location.hpp"
#include "documents/list.hpp"
#include "documents/text.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxListBytes = 1U << 20U;

/// Whether a whole line names a file, whose name may hold spaces.
bool is_stream_file(const fs::path& list, const std::string& line) {
    return line.find('\0') == std::string::npos && (base::is_file(line) || base::is_file(list.parent_path() / line));
}

/// A word of a list as the video library may see it: it would take other text for a pipeline or a protocol of its own.
std::string stream_location(const fs::path& list, const std::string& line, std::size_t number) {
    // The system would read a path or an address up to a zero byte.
    const bool whole = line.find('\0') == std::string::npos;
    if (whole && (is_camera(line) || is_url(line))) return line;
    for (const fs::path& path : {fs::path(line), list.parent_path() / line}) {
        if (whole && base::is_file(path)) return fs::absolute(path).lexically_normal().string();
    }
    throw Error(
        ErrorCode::NotFound, "source",
        fmt::format(
            "line {} is '{}', wanted a camera index, an existing file, or a URL of http, https, rtsp, rtmp, or tcp",
            number, base::printable(url_for_display(line))),
        {.file = list.string()});
}

}  // namespace

std::vector<std::string> read_stream_list(const std::string& file) {
    std::vector<std::string> streams;
    const std::string text = base::read_text_file(file, kMaxListBytes);
    for (const documents::ListEntry& entry : documents::read_list(text, {"source", file})) {
        if (is_stream_file(file, entry.text)) {
            streams.push_back(stream_location(file, entry.text, entry.line));
            continue;
        }
        std::string_view rest = entry.text;
        for (std::string_view word = documents::next_word(rest); !word.empty(); word = documents::next_word(rest))
            streams.push_back(stream_location(file, std::string(word), entry.line));
    }
    if (streams.empty()) {
        throw Error(ErrorCode::NotFound, "source", "the list names no stream", {.file = file},
                    "give one camera index or URL per line");
    }
    return streams;
}

}  // namespace yolovino::data
