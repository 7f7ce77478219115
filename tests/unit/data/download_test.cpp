#include "data/net/download.hpp"

#include <chrono>
#include <gtest/gtest.h>

#include "helpers.hpp"
#include "http_server.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::LocalServer;

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Download : public testing::Test {
protected:
    void answer(const std::string& path, const LocalServer::Send& send) {
        const auto redirect = [&](const std::string& to) {
            send(LocalServer::reply("302 Found", "moved", "Location: " + to + "\r\n"));
        };
        if (path.starts_with("/body")) {
            send(LocalServer::reply("200 OK", body_));
        } else if (path == "/chunked") {
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
            for (int i = 0; i < 64 && send("400\r\n" + std::string(1024, 'x') + "\r\n"); ++i) continue;
            send("0\r\n\r\n");
        } else if (path == "/moved") {
            redirect("/body");
        } else if (path.starts_with("/hop")) {
            redirect(path == "/hop0" ? "/body" : "/hop" + std::to_string(std::stoi(path.substr(4)) - 1));
        } else if (path == "/loop") {
            redirect("/loop");
        } else if (path == "/local") {
            redirect("file:///etc/hostname");
        } else if (path == "/neighbour") {
            redirect("http://127.0.0.2:9/body");
        } else if (path == "/myself") {
            redirect(server_.url("/body"));
        } else if (path == "/ftp") {
            redirect("ftp://127.0.0.1/x");
        } else if (path == "/slow") {
            send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
            while (!server_.stopped() && !released_.exchange(false))
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        } else if (path == "/short") {
            send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nonly this");
        } else if (path == "/broken") {
            send(LocalServer::reply("500 Internal Server Error", "sorry"));
        } else {
            send(LocalServer::reply("404 Not Found", "nothing"));
        }
    }

    void expect_failure(const std::string& path, ErrorCode code, const std::string& words,
                        DownloadLimits limits = {.max_bytes = 1U << 20U}) {
        expect_url_failure(server_.url(path), code, words, limits);
    }
    void expect_url_failure(const std::string& url, ErrorCode code, const std::string& words,
                            DownloadLimits limits = {.max_bytes = 1U << 20U}) {
        try {
            download(url, limits);
            ADD_FAILURE() << url;
        } catch (const Error& error) {
            EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
            EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
        }
    }

    std::string body_ = "hello";
    std::atomic<bool> released_ = false;
    test::TempFolder folder_;
    LocalServer server_{[this](const std::string& path, const LocalServer::Send& send) { answer(path, send); }};
};

TEST_F(Download, BodiesOfAllSizes) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000'000}}) {
        body_.assign(size, 'b');
        EXPECT_TRUE(text_of(download(server_.url("/body"), {.max_bytes = 5'000'000})) == body_) << size;
    }
    EXPECT_EQ(download(server_.url("/chunked"), {.max_bytes = 65536}).size(), 65536U);
}

TEST_F(Download, IntoAFileReplacesWhatItHeld) {
    const fs::path file = folder_.path() / "f";
    base::write_text_file(file, "something longer than the answer");
    download_to_file(server_.url("/body"), {.max_bytes = 5}, file);
    EXPECT_EQ(base::read_text_file(file, 100), "hello");
    EXPECT_THROW(download_to_file(server_.url("/body"), {.max_bytes = 5}, folder_.path() / "no" / "f"), Error);
    EXPECT_THROW(download_to_file(server_.url("/body"), {.max_bytes = 5}, folder_.path()), Error);
}

TEST_F(Download, ExceptionsOfTheSinkComeThrough) {
    const DownloadSink sink = [](std::span<const std::byte>) { throw std::runtime_error("full"); };
    EXPECT_THROW(download(server_.url("/body"), {.max_bytes = 100}, sink), std::runtime_error);
}

TEST_F(Download, HttpStatusOfAFailureIsInTheMessage) {
    expect_failure("/none", ErrorCode::NetworkFailure, "404");
    expect_failure("/broken", ErrorCode::NetworkFailure, "500");
}

TEST_F(Download, FollowsFiveRedirects) {
    EXPECT_EQ(text_of(download(server_.url("/moved"), {.max_bytes = 5})), "hello");
    EXPECT_EQ(text_of(download(server_.url("/hop4"), {.max_bytes = 5})), "hello");
    expect_failure("/hop5", ErrorCode::NetworkFailure, "more than 5 redirects");
    expect_failure("/loop", ErrorCode::NetworkFailure, "redirects");
}

TEST_F(Download, OtherProtocolsAreRefusedAlsoAfterARedirect) {
    expect_failure("/local", ErrorCode::NetworkFailure, "rotocol");
    expect_failure("/ftp", ErrorCode::NetworkFailure, "rotocol");
    base::write_text_file(folder_.path() / "secret", "x");
    for (const std::string& url : {"file://" + (folder_.path() / "secret").string(), std::string("ftp://127.0.0.1/x"),
                                   std::string("gopher://127.0.0.1/x")}) {
        expect_url_failure(url, ErrorCode::NetworkFailure, "rotocol");
    }
}

TEST_F(Download, RedirectsMayNotLeadToOtherPrivateAddresses) {
    EXPECT_EQ(text_of(download(server_.url("/myself"), {.max_bytes = 5})), "hello");
    expect_failure("/neighbour", ErrorCode::NetworkFailure, "leads to the private address 127.0.0.2");
    // Allowed, the request is made, and nobody answers there.
    expect_failure("/neighbour", ErrorCode::NetworkFailure, "onnect", {.max_bytes = 5, .allow_private = true});
}

TEST_F(Download, SizeIsLimited) {
    body_ = std::string(1000, 'x');
    EXPECT_EQ(download(server_.url("/body"), {.max_bytes = 1000}).size(), 1000U);
    expect_failure("/body", ErrorCode::LimitExceeded, "999", {.max_bytes = 999});
    expect_failure("/chunked", ErrorCode::LimitExceeded, "65535", {.max_bytes = 65535});
    expect_failure("/body", ErrorCode::LimitExceeded, "0 bytes", {.max_bytes = 0});
}

TEST_F(Download, SilenceAndBreaksAreErrors) {
    const auto start = std::chrono::steady_clock::now();
    expect_failure("/slow", ErrorCode::NetworkFailure, "", {.max_bytes = 1000, .stall_timeout_s = 1});
    released_ = true;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    expect_failure("/slow", ErrorCode::NetworkFailure, "", {.max_bytes = 1000, .total_timeout_s = 1});
    released_ = true;
    expect_failure("/short", ErrorCode::NetworkFailure, "");
}

TEST_F(Download, UnreachableServerIsNamedWithoutThePassword) {
    std::string url;
    {
        const LocalServer gone([](const std::string&, const LocalServer::Send&) {});
        url = "http://me:secret@" + gone.address() + "/a.jpg";
    }
    expect_error(url, ErrorCode::NetworkFailure, {"http://me:***@", "/a.jpg"});
}

TEST_F(Download, ImageUrlIsASource) {
    const auto png = vision::encode_png(test::plain_image(9));
    body_ = text_of(png);
    const auto source = open_source(server_.url("/body/bus.JPG?token=1"), {});
    const auto frames = source->next(4);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].image.data()[0], 9);
    EXPECT_EQ(frames[0].path, server_.url("/body/bus.JPG"));
    EXPECT_EQ(frames[0].kind, SourceKind::Image);
    EXPECT_TRUE(source->next(4).empty());
    EXPECT_EQ(server_.connections(), 1);
    expect_error(server_.url("/none.jpg"), ErrorCode::NetworkFailure, {"404", "/none.jpg"});
}

TEST_F(Download, BadImagesOfAUrlAreCounted) {
    body_ = "no image";
    const test::LogCapture log;
    const auto source = open_source(server_.url("/body.png"), {});
    EXPECT_TRUE(source->next(1).empty());
    EXPECT_TRUE(source->next(1).empty());
    EXPECT_EQ(source->skipped(), 1U);
    ASSERT_EQ(log.warnings().size(), 1U);
    EXPECT_NE(log.warnings()[0].find("/body.png"), std::string::npos);
}

TEST_F(Download, VideosOfAUrlLeaveNothingBehind) {
    constexpr int kFrames = 5;
    const fs::path film = test::write_film(folder_.path() / "f.avi", kFrames);
    body_ = base::read_text_file(film, 1U << 24U);
    const fs::path temporary = folder_.path() / "tmp";
    fs::create_directory(temporary);
    const char* const before = std::getenv("TMPDIR");
    const std::string saved = before != nullptr ? before : "";
    ::setenv("TMPDIR", temporary.c_str(), 1);
    {
        const auto source = open_source(server_.url("/body/film.avi?x=1"), {});
        EXPECT_TRUE(fs::is_empty(temporary));
        const auto start = source->next(1);
        ASSERT_EQ(start.size(), 1U);
        EXPECT_TRUE(fs::is_empty(temporary)) << "a process that is ended now would leave the film";
        auto frames = test::read_all(*source, 2);
        frames.insert(frames.begin(), start.front());
        ASSERT_EQ(frames.size(), std::size_t{kFrames});
        EXPECT_EQ(frames[4].path, server_.url("/body/film.avi"));
        EXPECT_EQ(frames[4].kind, SourceKind::Video);
        EXPECT_EQ(frames[4].frame, kFrames);
        EXPECT_EQ(test::film_step(frames[4].image), kFrames);
    }
    EXPECT_TRUE(fs::is_empty(temporary));
    expect_error(server_.url("/none.mp4"), ErrorCode::NetworkFailure, {"404"});
    EXPECT_TRUE(fs::is_empty(temporary));
    if (before != nullptr) {
        ::setenv("TMPDIR", saved.c_str(), 1);
    } else {
        ::unsetenv("TMPDIR");
    }
}

}  // namespace
}  // namespace yolovino::data
