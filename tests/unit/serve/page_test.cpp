#include "serve/page/page.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "serve/http/content_coding.hpp"

namespace yolovino::serve {
namespace {

Request get(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.headers = std::move(headers);
    return request;
}

std::string header(const Response& response, const std::string& name) {
    const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
}

TEST(ServePage, HasThreePartsAndNoOthers) {
    EXPECT_EQ(page(get("/"))->content_type, "text/html; charset=utf-8");
    EXPECT_EQ(page(get("/page.css"))->content_type, "text/css; charset=utf-8");
    EXPECT_EQ(page(get("/page.js"))->content_type, "text/javascript; charset=utf-8");
    EXPECT_NE(page(get("/"))->body.find("<!DOCTYPE html>"), std::string::npos);
    for (const char* path : {"/index.html", "/page", "//", "", "/page.js/"}) EXPECT_FALSE(page(get(path))) << path;
}

TEST(ServePage, IsBelow40KilobytesAndNamesNobodyElse) {
    std::size_t bytes = 0;
    for (const char* path : {"/", "/page.css", "/page.js"}) {
        std::string text = page(get(path))->body;
        bytes += text.size();
        // The namespace of SVG is a name, not an address.
        constexpr std::string_view kNamespace = "http://www.w3.org/2000/svg";
        if (const std::size_t at = text.find(kNamespace); at != std::string::npos) text.erase(at, kNamespace.size());
        EXPECT_EQ(text.find("http://"), std::string::npos) << path;
        EXPECT_EQ(text.find("https://"), std::string::npos) << path;
        EXPECT_EQ(text.find("innerHTML"), std::string::npos) << path;
    }
    EXPECT_GT(bytes, 10'000U) << "the test did not look";
    EXPECT_LT(bytes, 40'000U);
}

TEST(ServePage, HasAPolicyWithoutInlineScripts) {
    const std::string policy = header(*page(get("/")), "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'self';")) << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
}

TEST(ServePage, IsCompressedWhereThatIsTaken) {
    const Response plain = *page(get("/page.js"));
    for (const char* accepted : {"gzip", "br, gzip;q=0.8", "deflate, gzip, br"}) {
        const Response small = *page(get("/page.js", {{"accept-encoding", accepted}}));
        EXPECT_EQ(header(small, "Content-Encoding"), "gzip") << accepted;
        EXPECT_LT(small.body.size(), plain.body.size() / 2) << accepted;
        EXPECT_EQ(decode_content("gzip", small.body, 1'000'000), plain.body) << accepted;
        EXPECT_NE(header(small, "ETag"), header(plain, "ETag")) << accepted;
    }
    for (const char* accepted : {"", "identity", "br", "gzip;q=0", "gzip; q=0"}) {
        const Response other = *page(get("/page.js", {{"accept-encoding", accepted}}));
        EXPECT_EQ(header(other, "Content-Encoding"), "") << accepted;
        EXPECT_EQ(other.body, plain.body) << accepted;
    }
}

TEST(ServePage, IsNotSentAgainToWhoHasIt) {
    const std::string tag = header(*page(get("/")), "ETag");
    ASSERT_EQ(tag.size(), 34U) << tag;
    for (const std::string& known : {tag, "\"x\", " + tag, "W/" + tag}) {
        const Response again = *page(get("/", {{"if-none-match", known}}));
        EXPECT_EQ(again.status, 304U) << known;
        EXPECT_EQ(again.body, "") << known;
        EXPECT_EQ(header(again, "ETag"), tag) << known;
    }
    EXPECT_EQ(page(get("/", {{"if-none-match", "\"x\""}}))->status, 200U);
    EXPECT_EQ(page(get("/page.js", {{"if-none-match", tag}}))->status, 200U) << "each part has a tag of its own";
}

}  // namespace
}  // namespace yolovino::serve
