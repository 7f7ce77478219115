#include "data/net/hls.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

namespace yolovino::data {
namespace {

std::vector<std::string> parts(const HlsPlaylist& playlist) {
    std::vector<std::string> all;
    for (const auto& segment : playlist.segments) {
        std::string text = segment.part.uri + ":" + segment.part.byte_range;
        if (segment.init) text += " after " + segment.init->uri + ":" + segment.init->byte_range;
        all.push_back(text);
    }
    return all;
}

TEST(Hls, ReadsTheSegmentsOfAVideo) {
    const HlsPlaylist playlist = parse_hls(
        "#EXTM3U\r\n#EXT-X-VERSION:3\r\n#EXT-X-TARGETDURATION:10\r\n#EXT-X-MEDIA-SEQUENCE:7\r\n\r\n# a remark\r\n"
        "#EXTINF:9.9,\r\na.ts\r\n#EXTINF:3,name\r\n  http://host/b.ts?x=1 \r\n#EXT-X-ENDLIST\r\n");
    EXPECT_EQ(parts(playlist), (std::vector<std::string>{"a.ts:", "http://host/b.ts?x=1:"}));
    EXPECT_EQ(playlist.first_sequence, 7U);
    EXPECT_EQ(playlist.target_s, 10U);
    EXPECT_TRUE(playlist.ended);
    EXPECT_TRUE(playlist.variants.empty());
}

TEST(Hls, ReadsVariantsAndLivePlaylists) {
    const HlsPlaylist playlist = parse_hls(
        "\xEF\xBB\xBF#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"a,b\"\nlow/index.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8");
    EXPECT_EQ(playlist.variants, (std::vector<std::string>{"low/index.m3u8", "high.m3u8"}));
    EXPECT_TRUE(playlist.segments.empty());
    EXPECT_FALSE(playlist.ended);
}

TEST(Hls, ReadsByteRangesAndInitSegments) {
    const HlsPlaylist playlist = parse_hls(
        "#EXTM3U\n#EXT-X-MAP:BYTERANGE=\"100@0\",URI=\"i,1.mp4\"\n#EXT-X-BYTERANGE:50@100\nf.mp4\n"
        "#EXT-X-BYTERANGE:20\nf.mp4\n#EXT-X-BYTERANGE:5\ng.mp4\n#EXT-X-MAP:URI=\"j.mp4\"\nh.mp4\n");
    EXPECT_EQ(parts(playlist),
              (std::vector<std::string>{"f.mp4:100-149 after i,1.mp4:0-99", "f.mp4:150-169 after i,1.mp4:0-99",
                                        "g.mp4:0-4 after i,1.mp4:0-99", "h.mp4: after j.mp4:"}));
}

TEST(Hls, RefusesPlaylistsThatCannotBeRead) {
    const auto code_of = [](const std::string& text) {
        try {
            parse_hls(text);
        } catch (const Error& error) {
            return std::string(to_string(error.code()));
        }
        return std::string("none");
    };
    EXPECT_EQ(code_of("#EXTM3U\n#EXT-X-KEY:METHOD=NONE\na.ts\n"), "none");
    EXPECT_EQ(code_of("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\na.ts\n"), "UnsupportedFile");
    for (const char* const bad :
         {"", "a.ts\n", "#EXTM3U\n#EXT-X-ENDLIST\n", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:x\n",
          "#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999\n", "#EXTM3U\n#EXT-X-BYTERANGE:0@5\na.ts\n",
          "#EXTM3U\n#EXT-X-BYTERANGE:18446744073709551615@1\na.ts\n"}) {
        EXPECT_EQ(code_of(bad), "CorruptFile") << bad;
    }
}

}  // namespace
}  // namespace yolovino::data
