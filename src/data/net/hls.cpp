#include "data/net/hls.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <thread>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "documents/text.hpp"

namespace yolovino::data {

namespace {

constexpr std::string_view kFirstLine = "#EXTM3U";
constexpr std::uint64_t kMaxTargetS = 60;
constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{1} << 30U;

[[noreturn]] void fail(const std::string& message, ErrorCode code = ErrorCode::CorruptFile) {
    throw Error(code, "hls", message);
}

std::uint64_t number(std::string_view text, std::string_view tag) {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc())
        fail(fmt::format("the playlist has {}{}, wanted a number", tag, base::printable(text, 64)));
    return value;
}

/// The value of one of `NAME=value,NAME="value"`, without quotes; empty if absent.
std::string_view attribute(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const std::size_t equals = list.find('=');
        if (equals == std::string_view::npos) return {};
        std::string_view name = list.substr(0, equals);
        name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
        list.remove_prefix(equals + 1);
        const bool quoted = list.starts_with('"');
        if (quoted) list.remove_prefix(1);
        const std::size_t end = std::min(list.find(quoted ? '"' : ','), list.size());
        if (name == wanted) return list.substr(0, end);
        list.remove_prefix(std::min(list.find(',', end), list.size()));
        list.remove_prefix(list.empty() ? 0 : 1);
    }
    return {};
}

class Parser {
public:
    void line(std::string_view text) {
        if (value_of(text, "#EXT-X-STREAM-INF:")) {
            names_variant_ = true;
        } else if (const auto target = value_of(text, "#EXT-X-TARGETDURATION:")) {
            playlist.target_s = std::clamp<std::uint64_t>(number(*target, "#EXT-X-TARGETDURATION:"), 1, kMaxTargetS);
        } else if (const auto first = value_of(text, "#EXT-X-MEDIA-SEQUENCE:")) {
            playlist.first_sequence = number(*first, "#EXT-X-MEDIA-SEQUENCE:");
        } else if (text == "#EXT-X-ENDLIST") {
            playlist.ended = true;
        } else if (const auto key = value_of(text, "#EXT-X-KEY:")) {
            const std::string_view method = attribute(*key, "METHOD");
            if (method != "NONE")
                fail(fmt::format("the stream is encrypted with '{}', which is not read", base::printable(method, 64)),
                     ErrorCode::UnsupportedFile);
        } else if (const auto map = value_of(text, "#EXT-X-MAP:")) {
            init_ = HlsPart{std::string(attribute(*map, "URI")), ""};
            const std::string_view range = attribute(*map, "BYTERANGE");
            if (!range.empty()) init_->byte_range = range_of(range, init_->uri);
        } else if (const auto range = value_of(text, "#EXT-X-BYTERANGE:")) {
            range_ = *range;
        } else if (!text.empty() && !text.starts_with('#')) {
            address(text);
        }
    }

    HlsPlaylist playlist;

private:
    static std::optional<std::string_view> value_of(std::string_view text, std::string_view tag) {
        if (!text.starts_with(tag)) return std::nullopt;
        return text.substr(tag.size());
    }

    void address(std::string_view uri) {
        if (std::exchange(names_variant_, false)) {
            playlist.variants.emplace_back(uri);
            return;
        }
        HlsPart part{std::string(uri), ""};
        if (!range_.empty()) part.byte_range = range_of(range_, part.uri);
        range_.clear();
        playlist.segments.push_back({std::move(part), init_});
    }

    /// Of `length[@offset]`; without an offset it goes on where the one before ended.
    std::string range_of(std::string_view text, const std::string& uri) {
        constexpr std::string_view kTag = "#EXT-X-BYTERANGE:";
        const std::size_t at = text.find('@');
        const std::uint64_t length = number(text, kTag);
        const std::uint64_t before = uri == range_uri_ ? range_end_ : 0;
        const std::uint64_t begin = at == std::string_view::npos ? before : number(text.substr(at + 1), kTag);
        const auto end = base::checked_add(begin, length);
        if (length == 0 || !end) fail(fmt::format("the playlist has the byte range {}", base::printable(text, 64)));
        range_uri_ = uri;
        range_end_ = *end;
        return fmt::format("{}-{}", begin, *end - 1);
    }

    bool names_variant_ = false;
    std::optional<HlsPart> init_;
    std::string range_;
    std::string range_uri_;
    std::uint64_t range_end_ = 0;
};

class Follower {
public:
    Follower(HttpSession& session, const HttpRequest& like, const std::function<void(std::span<const std::byte>)>& sink)
        : session_(session), like_(like), sink_(sink) {}

    void run(std::string url, const std::string& text) {
        HlsPlaylist playlist = parse_hls(text);
        if (!playlist.variants.empty()) {
            url = session_.resolve(url, playlist.variants.front());
            playlist = fetch_playlist(url);
            if (!playlist.variants.empty()) fail("the playlist leads to another list of variants");
        }
        if (!playlist.ended) next_ = playlist.first_sequence + late_start(playlist.segments.size());
        auto news = std::chrono::steady_clock::now();
        while (!stopped()) {
            const bool had_news = fetch_new(playlist, url);
            if (playlist.ended) return;
            if (had_news) news = std::chrono::steady_clock::now();
            const std::chrono::seconds patience(std::max<std::uint64_t>(
                3 * playlist.target_s, static_cast<std::uint64_t>(like_.limits.stall_timeout_s)));
            if (std::chrono::steady_clock::now() - news > patience)
                fail(fmt::format("the playlist names nothing new for {} s", patience.count()),
                     ErrorCode::NetworkFailure);
            wait(std::chrono::milliseconds(had_news ? 1000 : 500) * playlist.target_s);
            if (!stopped()) playlist = fetch_playlist(url);
        }
    }

private:
    static std::size_t late_start(std::size_t segments) {
        constexpr std::size_t kBehind = 3;  // nearer to the end, a slow server would make it stop again and again
        return segments - std::min(segments, kBehind);
    }

    bool stopped() const { return like_.stopped && like_.stopped(); }

    void wait(std::chrono::milliseconds time) const {
        constexpr std::chrono::milliseconds kStep(100);
        for (; time > kStep && !stopped(); time -= kStep) std::this_thread::sleep_for(kStep);
    }

    std::string get(const std::string& url, const std::string& byte_range, std::uint64_t max_bytes,
                    const HttpSink& sink) {
        HttpRequest request = like_;
        request.url = url;
        request.byte_range = byte_range;
        request.limits.max_bytes = max_bytes;
        return session_.get(request, sink);
    }

    HlsPlaylist fetch_playlist(std::string& url) {
        std::string text;
        url = get(url, "", kMaxPlaylistBytes,
                  [&](std::span<const std::byte> piece, std::uint64_t) { text += base::as_text(piece); });
        return parse_hls(text);
    }

    void fetch(const std::string& base_url, const HlsPart& part) {
        get(session_.resolve(base_url, part.uri), part.byte_range, kMaxSegmentBytes,
            [&](std::span<const std::byte> piece, std::uint64_t) { sink_(piece); });
    }

    /// A segment that a live server has removed already is skipped, as a frame that is lost.
    bool fetch_or_pass(const std::string& base_url, const HlsPart& part, bool live) {
        constexpr int kMostInARow = 3;
        try {
            fetch(base_url, part);
            lost_ = 0;
            return true;
        } catch (const Error& error) {
            if (!live || error.code() != ErrorCode::NetworkFailure || ++lost_ > kMostInARow || stopped()) throw;
            base::warn("a segment of the stream is lost: {}", error.what());
            return false;
        }
    }

    bool fetch_new(const HlsPlaylist& playlist, const std::string& url) {
        bool any = false;
        std::uint64_t sequence = playlist.first_sequence;
        for (const HlsPlaylist::Segment& segment : playlist.segments) {
            if (stopped()) return any;
            if (sequence++ < next_) continue;
            if (segment.init && segment.init != init_) {
                fetch(url, *segment.init);
                init_ = segment.init;
            }
            any = fetch_or_pass(url, segment.part, !playlist.ended) || any;
            next_ = sequence;
        }
        return any;
    }

    HttpSession& session_;
    const HttpRequest& like_;
    const std::function<void(std::span<const std::byte>)>& sink_;
    std::uint64_t next_ = 0;
    std::optional<HlsPart> init_;
    int lost_ = 0;
};

}  // namespace

bool is_hls(std::string_view text) {
    return documents::without_byte_order_mark(text).starts_with(kFirstLine);
}

HlsPlaylist parse_hls(std::string_view text) {
    if (!is_hls(text)) fail("this is no HLS playlist");
    text.remove_prefix(text.find('#'));  // a byte order mark
    Parser parser;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t last = line.find_last_not_of(" \t\r");
        line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        parser.line(line);
    }
    if (parser.playlist.ended && parser.playlist.segments.empty()) fail("the playlist names no segment");
    return std::move(parser.playlist);
}

void follow_hls(HttpSession& session, std::string url, const std::string& text, const HttpRequest& like,
                const std::function<void(std::span<const std::byte>)>& sink) {
    Follower(session, like, sink).run(std::move(url), text);
}

}  // namespace yolovino::data
