#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/net/http_session.hpp"

namespace yolovino::data {

/// A resource of an HLS playlist: an address as written there, and which bytes of it (`0-99`; empty for all).
struct HlsPart {
    std::string uri;
    std::string byte_range;
    bool operator==(const HlsPart&) const = default;
};

struct HlsPlaylist {
    struct Segment {
        HlsPart part;
        std::optional<HlsPart> init;  ///< what must come before it if it did not yet
    };
    std::vector<std::string> variants;  ///< playlists of the same video in other sizes, instead of segments
    std::vector<Segment> segments;
    std::uint64_t first_sequence = 0;  ///< number of the first segment
    std::uint64_t target_s = 1;        ///< how long a segment is at most
    bool ended = false;                ///< no segment will follow
};

/// Whether a text begins as an HLS playlist does.
bool is_hls(std::string_view text);

/// @throws Error CorruptFile; UnsupportedFile for encrypted segments
HlsPlaylist parse_hls(std::string_view text);

constexpr std::uint64_t kMaxPlaylistBytes = 1U << 20U;

/// Fetches what a playlist names, one segment after the other, as one stream of bytes; of variants, the first. A live
/// playlist is followed from its third last segment on until `like.stopped`.
/// @param url, text the playlist and where it came from
/// @param like      headers and the like for all requests
/// @throws Error as HttpSession::get() and parse_hls(), and whatever the sink throws
void follow_hls(HttpSession& session, std::string url, const std::string& text, const HttpRequest& like,
                const std::function<void(std::span<const std::byte>)>& sink);

}  // namespace yolovino::data
