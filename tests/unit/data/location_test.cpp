#include "data/location.hpp"

#include <gtest/gtest.h>

namespace yolovino::data {
namespace {

TEST(Location, CamerasAndUrlsAreRecognised) {
    EXPECT_TRUE(is_camera("0"));
    EXPECT_TRUE(is_camera("12"));
    EXPECT_FALSE(is_camera(""));
    EXPECT_FALSE(is_camera("1a"));
    EXPECT_FALSE(is_camera("-1"));
    for (const char* const url : {"http://h", "HTTPS://h", "rtsp://h", "rtmp://h", "tcp://h:1"})
        EXPECT_TRUE(is_url(url)) << url;
    for (const char* const text : {"file:///etc", "ftp://h", "://h", "http:/h", "a/http://h", "concat:a|b", ""})
        EXPECT_FALSE(is_url(text)) << text;
    EXPECT_TRUE(is_http("Http://h"));
    EXPECT_FALSE(is_http("rtsp://h"));
}

TEST(Location, PathOfAUrlEndsAtQueryAndFragment) {
    EXPECT_EQ(url_path("http://h/a/b.jpg?x=1#y"), "/a/b.jpg");
    EXPECT_EQ(url_path("http://h.ts"), "");
    EXPECT_EQ(url_path("http://h.ts?a=/b.mp4"), "");
    EXPECT_EQ(url_path("http://h#/b.mp4"), "");
    EXPECT_EQ(url_path("http://h/"), "/");
}

TEST(Location, NamesOfFilesAreDecoded) {
    const auto name = [](const std::string& path) { return url_file_name("http://host" + path); };
    EXPECT_EQ(name("/a/bus%20stop.jpg?token=%2F#frag"), "bus stop.jpg");
    EXPECT_EQ(name("/%41+b%2B.jpg"), "A+b+.jpg");
    EXPECT_EQ(name("/100%.jpg"), "100%.jpg");
    EXPECT_EQ(name("/a%zz%4.jpg%"), "a%zz%4.jpg%");
    EXPECT_EQ(name("/%2541.jpg"), "%41.jpg") << "once only";
    EXPECT_EQ(name("/caf%C3%A9.jpg"), "café.jpg");
    EXPECT_EQ(name("/a%2Fb.jpg"), "b.jpg");
    EXPECT_EQ(name("/..%2F..%2Fy.jpg"), "y.jpg");
    EXPECT_EQ(name("/a%3Fb.jpg"), "a");
    EXPECT_EQ(name("/%2e%2e"), "_.");
    EXPECT_EQ(name("/.hidden.jpg"), "_hidden.jpg");
    EXPECT_EQ(name("/a%00b%0A%7F%C2%85.jpg"), "a_b___.jpg");
    EXPECT_EQ(name("/%ff%FE.jpg"), "\xEF\xBF\xBD\xEF\xBF\xBD.jpg");
    EXPECT_EQ(name("/a/"), "");
    EXPECT_EQ(name(""), "");
}

TEST(Location, PasswordsAreHidden) {
    EXPECT_EQ(url_for_display("rtsp://me:pa@ss@cam:554/live?token=1"), "rtsp://me:***@cam:554/live");
    EXPECT_EQ(url_for_display("rtsp://me@cam:554/live"), "rtsp://me@cam:554/live");
    EXPECT_EQ(url_for_display("http://h:80/a@b:c.jpg"), "http://h:80/a@b:c.jpg");
    EXPECT_EQ(url_for_display("a?b"), "a?b");
    EXPECT_EQ(url_for_display("0"), "0");
}

}  // namespace
}  // namespace yolovino::data
