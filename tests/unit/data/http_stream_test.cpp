#include <chrono>
#include <gtest/gtest.h>
#include <thread>

#include "helpers.hpp"
#include "http_server.hpp"
#include "vision/encode.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::LocalServer;

constexpr int kFrames = 6;

std::string number(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
    return bytes;
}

std::string box(const std::string& name, const std::string& content) {
    return number(static_cast<std::uint32_t>(content.size()) + 8) + name + content;
}

std::string jpeg(int step) {
    const auto bytes = vision::encode_jpeg(test::plain_image(10 * step, 48, 64));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An MP4 file of JPEG images whose table of contents stands at the end.
std::string mp4(int frames) {
    const std::string zeros(64, '\0');
    const std::string matrix =
        number(0x10000) + zeros.substr(0, 12) + number(0x10000) + zeros.substr(0, 12) + number(0x40000000);
    const std::string type = box("ftyp", "isom" + number(0) + "isom");
    std::string images;
    std::string sizes;
    std::string places;
    for (int i = 1; i <= frames; ++i) {
        const std::string image = jpeg(i);
        places += number(static_cast<std::uint32_t>(type.size() + 8 + images.size()));
        sizes += number(static_cast<std::uint32_t>(image.size()));
        images += image;
    }
    const std::string count = number(static_cast<std::uint32_t>(frames));
    const std::string size = number(64U << 16U | 48U);
    const std::string entry = box("jpeg", zeros.substr(0, 6) + std::string("\0\1", 2) + zeros.substr(0, 16) + size +
                                              number(0x480000) + number(0x480000) + number(0) + std::string("\0\1", 2) +
                                              zeros.substr(0, 32) + std::string("\0\x18\xFF\xFF", 4));
    const std::string table = box(
        "stbl", box("stsd", number(0) + number(1) + entry) + box("stts", number(0) + number(1) + count + number(1)) +
                    box("stsc", number(0) + number(1) + number(1) + number(1) + number(1)) +
                    box("stsz", number(0) + number(0) + count + sizes) + box("stco", number(0) + count + places));
    const std::string media =
        box("mdia", box("mdhd", number(0) + number(0) + number(0) + number(25) + count + number(0)) +
                        box("hdlr", number(0) + number(0) + "vide" + zeros.substr(0, 13)) +
                        box("minf", box("vmhd", number(1) + zeros.substr(0, 8)) + table));
    const std::string track =
        box("trak", box("tkhd", number(3) + number(0) + number(0) + number(1) + number(0) + count +
                                    zeros.substr(0, 16) + matrix + number(64U << 16U) + number(48U << 16U)) +
                        media);
    const std::string movie =
        box("mvhd", number(0) + number(0) + number(0) + number(25) + count + number(0x10000) + number(0x1000000) +
                        zeros.substr(0, 8) + matrix + zeros.substr(0, 24) + number(2));
    return type + box("mdat", images) + box("moov", movie + track);
}

class HttpStreams : public testing::Test {
protected:
    void SetUp() override {
        film_ = base::read_text_file(test::write_film(folder_.path() / "f.avi", kFrames), 1U << 24U);
    }

    void answer(const std::string& path, const LocalServer::Send& send) {
        const auto give = [&](const std::string& bytes) { send(bytes); };
        const auto ok = [&](const std::string& body) { give(LocalServer::reply("200 OK", body)); };
        const std::size_t third = film_.size() / 3;
        if (path == "/film") return ok(film_);
        if (path == "/moved") return give(LocalServer::reply("302 Found", "", "Location: /film\r\n"));
        if (path == "/redirect")
            return give(LocalServer::reply("302 Found", "", "Location: " + neighbour_.url("/second") + "\r\n"));
        if (path == "/mp4") return ok(mp4(kFrames));
        if (path == "/turned" || path == "/turned.mkv")
            return ok(base::read_text_file(YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv", 1U << 20U));
        if (path == "/list") return ok(list_);
        if (path == "/segments/1.ts") return ok(film_.substr(0, third));
        if (path == "/segments/2.ts") return ok(film_.substr(third, third));
        if (path == "/segments/3.ts") return ok(film_.substr(2 * third));
        if (path == "/camera") return camera(send);
        if (path == "/breaks") return give("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + film_);
        if (path == "/silent") return give("HTTP/1.1 200 OK\r\n\r\n");
        give(LocalServer::reply("404 Not Found", ""));
    }

    /// As cameras send images: without an end.
    void camera(const LocalServer::Send& send) {
        send("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n\r\n");
        for (int i = 0; !server_.stopped(); ++i) {
            const std::string image = jpeg(1 + i % kFrames);
            if (!send("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " + std::to_string(image.size()) +
                      "\r\n\r\n" + image + "\r\n"))
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    void expect_film(const std::string& path) {
        const auto source = open_source(server_.url(path), {.stream_buffer = true});
        const auto frames = test::read_all(*source, 1);
        ASSERT_EQ(frames.size(), std::size_t{kFrames}) << path;
        for (int i = 0; i < kFrames; ++i) EXPECT_EQ(test::film_step(frames[static_cast<std::size_t>(i)].image), i + 1);
    }

    std::string film_;
    std::string list_;
    test::TempFolder folder_;
    LocalServer neighbour_{
        [this](const std::string&, const LocalServer::Send& send) { send(LocalServer::reply("200 OK", film_)); }, true,
        "127.0.0.2"};
    LocalServer server_{[this](const std::string& path, const LocalServer::Send& send) { answer(path, send); }};
};

TEST_F(HttpStreams, RedirectsOfTheSameHostAreFollowed) {
    expect_film("/film");
    expect_film("/moved");
}

TEST_F(HttpStreams, RedirectsMayNotLeadToOtherPrivateAddresses) {
    expect_error(server_.url("/redirect"), ErrorCode::NetworkFailure, {"private address 127.0.0.2", "/redirect"});
    const fs::path list = folder_.path() / "cams.streams";
    base::write_text_file(list, server_.url("/redirect") + "\n");
    expect_error(list.string(), ErrorCode::NetworkFailure, {"private address 127.0.0.2", "/redirect"});
    EXPECT_EQ(neighbour_.connections(), 0);
    // What the user wrote into his list may be private.
    base::write_text_file(list, server_.url("/film") + "\n" + neighbour_.url("/film") + "\n");
    const auto source = open_source(list.string(), {.stream_buffer = true});
    EXPECT_EQ(test::read_all(*source, 2).size(), std::size_t{2 * kFrames});
}

TEST_F(HttpStreams, PlaylistsMayNotLeadToOtherPrivateAddresses) {
    for (const std::string& list :
         {"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n" + neighbour_.url("/s.ts") + "\n#EXT-X-ENDLIST\n",
          "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + neighbour_.url("/l.m3u8") + "\n",
          "#EXTM3U\n#EXT-X-MAP:URI=\"" + neighbour_.url("/i.mp4") + "\"\nsegments/1.ts\n#EXT-X-ENDLIST\n",
          std::string("#EXTM3U\n/redirect\n#EXT-X-ENDLIST\n")}) {
        list_ = list;
        expect_error(server_.url("/list"), ErrorCode::NetworkFailure, {"private address 127.0.0.2"});
    }
    EXPECT_EQ(neighbour_.connections(), 0);
}

TEST_F(HttpStreams, NoPlaylistReachesTheVideoLibrary) {
    const std::string film = (folder_.path() / "f.avi").string();
    for (const std::string& list :
         {"ffconcat version 1.0\nfile '" + neighbour_.url("/f.avi") + "'\n",
          "ffconcat version 1.0\nfile '" + film + "'\n", "\n#EXTM3U\n#EXTINF:9,\n" + neighbour_.url("/s.ts") + "\n",
          "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"dash:profile:isoff-live\" "
          "type=\"static\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"0\" bandwidth=\"1\">"
          "<BaseURL>" +
              neighbour_.url("/f.mp4") + "</BaseURL></Representation></AdaptationSet></Period></MPD>",
          "#EXTM3U\n" + std::string("file://") + film + "\n#EXT-X-ENDLIST\n"}) {
        list_ = list;
        expect_error(server_.url("/list"), ErrorCode::NetworkFailure, {"/list"});
    }
    EXPECT_EQ(neighbour_.connections(), 0);
}

TEST_F(HttpStreams, SegmentsOfTheSameHostAreJoined) {
    list_ = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsegments/1.ts\n#EXTINF:9,\n/segments/2.ts\n#EXTINF:9,\n" +
            server_.url("/segments/3.ts") + "\n#EXT-X-ENDLIST\n";
    expect_film("/list");
}

TEST_F(HttpStreams, FilesWithTheirTableAtTheEnd) {
    expect_film("/mp4");
}

/// Piped on, and fetched to a file.
TEST_F(HttpStreams, RotationIsApplied) {
    for (const char* const path : {"/turned", "/turned.mkv"}) {
        const auto source = open_source(server_.url(path), {.stream_buffer = true});
        const auto frames = test::read_all(*source, 1);
        ASSERT_EQ(frames.size(), 10U) << path;
        for (const Frame& frame : frames) EXPECT_EQ(frame.image.size(), (ImageSize{64, 48})) << path;
    }
}

TEST_F(HttpStreams, CamerasRunUntilTheReaderIsDestroyed) {
    const auto source = open_source(server_.url("/camera"), {.stream_buffer = true});
    for (int i = 0; i < 40; ++i) {
        const auto frames = source->next(1);
        ASSERT_EQ(frames.size(), 1U);
        ASSERT_EQ(test::film_step(frames[0].image), 1 + i % kFrames);
    }
    const auto start = std::chrono::steady_clock::now();
    source->interrupt();
    EXPECT_TRUE(source->next(1).empty());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(HttpStreams, BrokenConnectionIsReported) {
    const test::LogCapture log;
    const auto source = open_source(server_.url("/breaks"), {.stream_buffer = true});
    EXPECT_EQ(test::read_all(*source, 1).size(), std::size_t{kFrames});
    ASSERT_EQ(log.warnings().size(), 1U);
    EXPECT_NE(log.warnings()[0].find("/breaks"), std::string::npos) << log.warnings()[0];
    expect_error(server_.url("/silent"), ErrorCode::NetworkFailure, {"/silent"});
}

TEST_F(HttpStreams, OptionsForTheVideoLibraryAreApplied) {
    ::setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "user_agent;me|headers;X-Key: 1\r\nX-More: 2|rtsp_transport;udp", 1);
    expect_film("/film");
    ::unsetenv("OPENCV_FFMPEG_CAPTURE_OPTIONS");
    const std::string request = server_.last_request();
    for (const char* const line : {"User-Agent: me\r\n", "X-Key: 1\r\n", "X-More: 2\r\n"})
        EXPECT_NE(request.find(line), std::string::npos) << request;
}

}  // namespace
}  // namespace yolovino::data
