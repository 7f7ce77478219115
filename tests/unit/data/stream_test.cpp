#include <chrono>
#include <gtest/gtest.h>
#include <thread>

#include "helpers.hpp"
#include "http_server.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::LocalServer;

class Streams : public testing::Test {
protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    std::string list(const std::string& lines) const {
        base::write_text_file(at("cams.streams"), lines);
        return at("cams.streams").string();
    }
    test::TempFolder folder_;
};

TEST_F(Streams, ASmallBatchSplitsARoundOfStreams) {
    const std::string first = test::write_film(at("a.avi"), 2);
    const std::string second = test::write_film(at("b.avi"), 2);
    const auto source = open_source(list(first + "\n" + second + "\n"), {.stream_buffer = true});
    for (const int step : {1, 2}) {
        for (const std::string& path : {first, second}) {
            const auto frames = source->next(1);
            ASSERT_EQ(frames.size(), 1U);
            EXPECT_EQ(frames[0].path, path);
            EXPECT_EQ(frames[0].frame, step);
        }
    }
    EXPECT_TRUE(source->next(1).empty());
}

TEST_F(Streams, ABatchHoldsOneFrameOfEach) {
    const std::string first = test::write_film(at("a.avi"), 6);
    test::write_film(at("b.avi"), 3);
    const test::LogCapture log;
    const auto source = open_source(list(first + "\n\n  b.avi \r\n"), {.stream_buffer = true});
    EXPECT_EQ(source->stream_count(), 2U);
    for (int step = 1; step <= 6; ++step) {
        const auto frames = source->next(2);
        ASSERT_EQ(frames.size(), step <= 3 ? 2U : 1U) << step;
        for (const Frame& frame : frames) {
            EXPECT_EQ(test::film_step(frame.image), step);
            EXPECT_EQ(frame.frame, step);
            EXPECT_EQ(frame.kind, SourceKind::Stream);
            EXPECT_EQ(frame.items, 2U);
            EXPECT_NEAR(frame.fps, 25, 0.01);
        }
        EXPECT_EQ(frames[0].path, first);
        EXPECT_EQ(frames[0].item, 1U);
    }
    EXPECT_TRUE(source->next(2).empty());
    EXPECT_TRUE(source->next(2).empty());
    const auto infos = log.infos();
    ASSERT_EQ(infos.size(), 2U);
    EXPECT_EQ(infos[0], "1/2: " + first + "... Success ✅ (6 frames of shape 64x48 at 25.00 FPS)");
}

TEST_F(Streams, KeepTheirIndexWhenOneEnds) {
    test::write_film(at("a.avi"), 1);
    test::write_film(at("b.avi"), 3);
    const auto source = open_source(list("a.avi\nb.avi\n"), {.stream_buffer = true});
    EXPECT_EQ(source->next(2).size(), 2U);
    const auto frames = source->next(2);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].item, 2U);
}

TEST_F(Streams, BufferKeepsEveryFrame) {
    test::write_film(at("a.avi"), 25);
    const auto source = open_source(list("a.avi"), {.vid_stride = 2, .stream_buffer = true});
    std::vector<int> steps;
    for (const Frame& frame : test::read_all(*source, 1)) steps.push_back(test::film_step(frame.image));
    EXPECT_EQ(steps, (std::vector<int>{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24}));
}

TEST_F(Streams, WithoutBufferOnlyTheNewestFrameIsKept) {
    test::write_film(at("a.avi"), 25);
    const auto source = open_source(list("a.avi"), {});
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // far longer than 25 small frames take
    const auto frames = source->next(2);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(test::film_step(frames[0].image), 25);
    EXPECT_TRUE(source->next(2).empty());
}

TEST_F(Streams, CanBeAbandonedAtAnyTime) {
    test::write_film(at("a.avi"), 25);
    std::string lines;
    for (int i = 0; i < 4; ++i) lines += "a.avi\n";
    for (const bool buffer : {true, false}) {
        for (int taken = 0; taken < 4; ++taken) {
            const auto source = open_source(list(lines), {.stream_buffer = buffer});
            EXPECT_EQ(source->stream_count(), 4U);
            for (int i = 0; i < taken; ++i) source->next(4);
        }
    }
}

TEST_F(Streams, VideoOverHttpIsAStream) {
    const std::string film = base::read_text_file(test::write_film(at("f.avi"), 5), 1U << 24U);
    const LocalServer server(
        [&](const std::string&, const LocalServer::Send& send) { send(LocalServer::reply("200 OK", film)); });
    const auto source = open_source(server.url("/live?id=3"), {.stream_buffer = true});
    const auto frames = test::read_all(*source, 1);
    ASSERT_EQ(frames.size(), 5U);
    EXPECT_EQ(frames[0].path, server.url("/live"));
    EXPECT_EQ(frames[0].kind, SourceKind::Stream);
}

TEST_F(Streams, RefusesStreamsThatCannotBeOpened) {
    expect_error(at("none.streams").string(), ErrorCode::NotFound, {"none.streams"});
    expect_error(list("\n \n"), ErrorCode::NotFound, {"no stream", "cams.streams"});
    expect_error(list("\nmissing.avi\n"), ErrorCode::NotFound, {"line 2", "'missing.avi'", "rtsp"});
    // Other protocols of the video library could read any file or join several.
    for (const char* const line : {"file:///etc/hostname", "concat:/etc/hostname|/etc/hosts", "v4l2src ! appsink"}) {
        expect_error(list(line), ErrorCode::NotFound, {"line 1"});
    }
    expect_error("61", ErrorCode::NotFound, {"camera 61"});
    expect_error("99999999999999999999", ErrorCode::InvalidArgument, {"too large"});
    base::write_text_file(at("bad.avi"), "no video");
    expect_error(list("bad.avi"), ErrorCode::CorruptFile, {"bad.avi"});
    const LocalServer server(
        [&](const std::string&, const LocalServer::Send& send) { send(LocalServer::reply("404 Not Found", "")); });
    expect_error("http://me:secret@" + server.address() + "/live", ErrorCode::NetworkFailure,
                 {"http://me:***@", "/live"});
}

}  // namespace
}  // namespace yolovino::data
