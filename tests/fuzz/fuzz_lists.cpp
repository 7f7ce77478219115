#include <algorithm>
#include <cctype>
#include <filesystem>

#include "yolovino/error.hpp"

#include "data/location.hpp"
#include "data/net/hls.hpp"
#include "data/paths.hpp"
#include "data/stream_list.hpp"
#include "fuzz/input.hpp"

namespace {

namespace fs = std::filesystem;
using yolovino::fuzz::expect;

/// Lines stay within the folder of the list: what else is on the machine would decide the outcome.
std::string kept_inside(std::string_view text) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        // What is no letter may be a space, a line end, or a comma.
        const bool within = i > 0 && (std::isalnum(static_cast<unsigned char>(out[i - 1])) != 0 || out[i - 1] == '.' ||
                                      out[i - 1] == '*' || out[i - 1] == ']' || out[i - 1] == '?');
        if (out[i] == '/' && !within) out[i] = '_';
        if (out[i] == '.' && i > 0 && out[i - 1] == '.') out[i] = '_';
    }
    return out;
}

struct Folder : yolovino::fuzz::Scratch {
    Folder() {
        write("a.jpg", "x");
        write("b [1].PNG", "x");
        write("film.mp4", "x");
        write("notes.md", "x");
        fs::create_directories(path() / "deep/deeper");
        write("deep/c.jpeg", "x");
        write("deep/deeper/d.webp", "x");
        fs::current_path(path());
    }
};

template <typename Body>
void allow_errors(Body&& body) {
    try {
        body();
    } catch (const yolovino::Error& error) {
        for (const char* c = error.what(); *c != '\0'; ++c)
            expect(static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f, "a refusal is safe to print");
    }
}

}  // namespace

/// Lists of sources: `.txt` and `.csv` name files that are there, `.streams` cameras, URLs, and files that are there;
/// HLS playlists.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    static const Folder folder;
    constexpr std::size_t kMaxBytes = 4096;  // each line is a walk through folders
    const std::string text = kept_inside(fuzz::text_of(data, std::min(size, kMaxBytes)));
    for (const char* name : {"list.txt", "list.csv"})
        allow_errors([&] {
            const data::MediaFiles files = data::find_media(folder.write(name, text));
            for (const auto* group : {&files.images, &files.videos}) {
                for (const std::string& file : *group) {
                    expect(file.starts_with('/') && fs::exists(file), "a listed file is there");
                    expect(file.find('\0') == std::string::npos, "its name is whole for the system");
                    expect(group == &files.images ? data::is_image(file) : data::is_video(file), "it is of its group");
                }
            }
        });
    allow_errors([&] {
        const auto streams = data::read_stream_list(folder.write("list.streams", text));
        expect(!streams.empty() && streams.size() <= size, "each stream has been paid for with bytes");
        for (const std::string& stream : streams)
            expect(data::is_camera(stream) || data::is_url(stream) || fs::is_regular_file(stream),
                   "a stream is a camera, a URL, or a file");
    });
    allow_errors([&] {
        const data::HlsPlaylist playlist = data::parse_hls(data::is_hls(text) ? text : "#EXTM3U\n" + text);
        expect(playlist.segments.size() + playlist.variants.size() <= size, "each part has been paid for with bytes");
        expect(playlist.target_s >= 1 && playlist.target_s <= 60, "a live playlist is polled now and then");
        for (const auto& segment : playlist.segments) expect(!segment.part.uri.empty(), "a segment has an address");
    });
    return 0;
}
