#include "serve/http/head.hpp"

#include <gtest/gtest.h>

namespace yolovino::serve {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

unsigned status_of(Headers headers, unsigned version = 11) {
    const auto refusal =
        check_head({.method = "POST", .target = "/", .version = version, .headers = std::move(headers)});
    return refusal ? refusal->status : 200;
}

TEST(ServeHead, LengthsThatTwoReadersMayTakeInTwoWaysAreRefused) {
    const Headers::value_type host{"host", "a"};
    EXPECT_EQ(status_of({host}), 200U);
    EXPECT_EQ(status_of({host, {"content-length", "5"}}), 200U);
    EXPECT_EQ(status_of({host, {"transfer-encoding", "Chunked"}}), 200U);
    EXPECT_EQ(status_of({host, {"content-length", "5"}, {"transfer-encoding", "chunked"}}), 400U);
    EXPECT_EQ(status_of({host, {"content-length", "5"}, {"content-length", "5"}}), 400U);
    EXPECT_EQ(status_of({host, {"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}}), 400U);
    for (const char* length : {"", "+5", "-5", "0x5", "5, 5", "5 ", "1e3", "9999999999999999"})
        EXPECT_EQ(status_of({host, {"content-length", length}}), 400U) << length;
    for (const char* coding : {"gzip", "chunked, gzip", "gzip, chunked", "xchunked", "chunked;x", "identity", ""})
        EXPECT_EQ(status_of({host, {"transfer-encoding", coding}}), 501U) << coding;
}

TEST(ServeHead, HostVersionExpectationAndCodingAreChecked) {
    EXPECT_EQ(status_of({}), 400U) << "HTTP/1.1 has a host";
    EXPECT_EQ(status_of({{"host", "a"}, {"host", "a"}}), 400U);
    EXPECT_EQ(status_of({}, 10), 200U);
    EXPECT_EQ(status_of({{"transfer-encoding", "chunked"}}, 10), 400U);
    EXPECT_EQ(status_of({{"host", "a"}}, 20), 505U);
    EXPECT_EQ(status_of({{"host", "a"}, {"expect", "100-Continue"}}), 200U);
    EXPECT_EQ(status_of({{"host", "a"}, {"expect", "magic"}}), 417U);
    for (const char* coding : {"gzip", "Deflate", "identity"})
        EXPECT_EQ(status_of({{"host", "a"}, {"content-encoding", coding}}), 200U) << coding;
    for (const char* coding : {"br", "gzip, gzip"})
        EXPECT_EQ(status_of({{"host", "a"}, {"content-encoding", coding}}), 415U) << coding;
}

bool is_served(const std::string& target, std::string& path) {
    Request request;
    const bool served =
        take_target({.method = "GET", .target = target, .headers = {{"host", "localhost:8000"}}}, request);
    path = request.path;
    return served;
}

TEST(ServeHead, AbsoluteTargetsAreTakenForTheHostItselfAlone) {
    std::string path;
    EXPECT_TRUE(is_served("http://LOCALHOST:8000/v2?x=1", path));
    EXPECT_EQ(path, "/v2");
    EXPECT_TRUE(is_served("https://localhost:8000", path));
    EXPECT_EQ(path, "/");
    for (const char* target : {"http://example.com/v2", "http://localhost:8000@example.com/", "http://localhost/",
                               "ftp://localhost:8000/", "localhost:8000", "*", "//example.com/../x"})
        EXPECT_FALSE(is_served(target, path)) << target;
}

TEST(ServeHead, PagesOfOtherOriginsAreKnown) {
    const auto same = [](const Headers& headers) {
        Request request;
        request.headers = headers;
        return is_same_origin(request);
    };
    EXPECT_TRUE(same({{"host", "localhost:8000"}})) << "no page";
    EXPECT_TRUE(same({{"host", "localhost:8000"}, {"origin", "http://LocalHost:8000"}}));
    for (const char* origin : {"http://evil.example", "null", "http://localhost", "localhost:8000", "http://"})
        EXPECT_FALSE(same({{"host", "localhost:8000"}, {"origin", origin}})) << origin;
}

TEST(ServeHead, WordsOfListsAreFoundInAnyCase) {
    EXPECT_TRUE(lists_word("gzip, deflate", "deflate"));
    EXPECT_TRUE(lists_word("Keep-Alive, CLOSE", "close"));
    EXPECT_TRUE(lists_word("gzip;q=0.5", "gzip"));
    EXPECT_FALSE(lists_word("closed", "close"));
    EXPECT_FALSE(lists_word("", "close"));
}

}  // namespace
}  // namespace yolovino::serve
