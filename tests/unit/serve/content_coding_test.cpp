#include "serve/http/content_coding.hpp"

#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

#include "yolovino/error.hpp"

namespace yolovino::serve {
namespace {

constexpr std::size_t kLimit = 1'000'000;

/// @param window as zlib takes it: 15 with its header, -15 without
std::string deflated(const std::string& text, int window) {
    z_stream stream = {};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(1000 + text.size(), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

ErrorCode code_of(const std::string& coding, const std::string& body) {
    try {
        static_cast<void>(decode_content(coding, body, kLimit));
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "was taken";
    return ErrorCode::MissingComponent;
}

TEST(ServeContentCoding, GzipAndBothFormsOfDeflateAreUndone) {
    const std::string text(100'000, 'x');
    EXPECT_EQ(decode_content("gzip", gzip(text), kLimit), text);
    EXPECT_EQ(decode_content("GZIP", gzip(""), kLimit), "");
    EXPECT_EQ(decode_content("deflate", deflated(text, 15), kLimit), text);
    EXPECT_EQ(decode_content("deflate", deflated(text, -15), kLimit), text);
    EXPECT_EQ(decode_content("identity", text, 1), text);
    EXPECT_LT(gzip(text).size(), 1000U);
}

TEST(ServeContentCoding, DamagedTruncatedAndTrailingBytesAreRefused) {
    const std::string packed = gzip("some text that is long enough to be cut");
    EXPECT_EQ(code_of("gzip", ""), ErrorCode::CorruptFile);
    EXPECT_EQ(code_of("gzip", "no gzip"), ErrorCode::CorruptFile);
    for (std::size_t i = 1; i < packed.size(); ++i)
        EXPECT_EQ(code_of("gzip", packed.substr(0, i)), ErrorCode::CorruptFile);
    EXPECT_EQ(code_of("gzip", packed + "x"), ErrorCode::CorruptFile);
    EXPECT_EQ(code_of("deflate", "\x78\x9c"), ErrorCode::CorruptFile);
}

TEST(ServeContentCoding, ABombStopsAtTheLimit) {
    const std::string bomb = gzip(std::string(100 * kLimit, '\0'));
    EXPECT_LT(bomb.size(), kLimit);
    EXPECT_EQ(code_of("gzip", bomb), ErrorCode::LimitExceeded);
    EXPECT_EQ(decode_content("gzip", gzip(std::string(kLimit, 'x')), kLimit).size(), kLimit);
}

}  // namespace
}  // namespace yolovino::serve
