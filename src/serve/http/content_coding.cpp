#include "serve/http/content_coding.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <zlib.h>

#include "yolovino/error.hpp"

#include "options/text.hpp"

namespace yolovino::serve {

namespace {

constexpr int kWindowBits = 15;
constexpr int kGzip = 16;  // added to the bits of the window
constexpr std::size_t kPieceBytes = 65536;

/// zlib's own types take mutable input.
Bytef* input_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

[[noreturn]] void fail_damaged(std::string_view coding) {
    throw Error(ErrorCode::CorruptFile, "serve", fmt::format("the body is no complete {} data", coding));
}

/// Clients disagree whether deflate has the header of zlib, which is divisible by 31.
int window_of(std::string_view coding, std::string_view body) {
    if (coding == "gzip") return kWindowBits + kGzip;
    const bool has_header =
        body.size() >= 2 && (static_cast<unsigned char>(body[0]) & 0x0fU) == Z_DEFLATED &&
        (static_cast<unsigned char>(body[0]) * 256U + static_cast<unsigned char>(body[1])) % 31 == 0;
    return has_header ? kWindowBits : -kWindowBits;
}

class Inflater {
public:
    explicit Inflater(int window) : ok_(inflateInit2(&stream_, window) == Z_OK) {}
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ok_) inflateEnd(&stream_);
    }

    std::string run(std::string_view coding, std::string_view body, std::size_t max_bytes) {
        if (!ok_) throw Error(ErrorCode::LimitExceeded, "serve", "there is no memory to unpack the body");
        std::string out;
        std::array<char, kPieceBytes> piece{};
        stream_.next_in = input_of(body);
        stream_.avail_in = static_cast<uInt>(body.size());
        int status = Z_OK;
        while (status != Z_STREAM_END) {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(piece.size());
            status = inflate(&stream_, Z_NO_FLUSH);
            if (status != Z_OK && status != Z_STREAM_END) fail_damaged(coding);
            out.append(piece.data(), piece.size() - stream_.avail_out);
            if (out.size() > max_bytes) {
                throw Error(ErrorCode::LimitExceeded, "serve",
                            fmt::format("the unpacked body has more than {} bytes", max_bytes), {}, "raise max_body");
            }
        }
        if (stream_.avail_in > 0) fail_damaged(coding);
        return out;
    }

private:
    z_stream stream_ = {};
    bool ok_;
};

}  // namespace

std::string decode_content(std::string_view coding, std::string_view body, std::size_t max_bytes) {
    const std::string name = options::lower(coding);
    if (name.empty() || name == "identity") return std::string(body);
    return Inflater(window_of(name, body)).run(name, body, max_bytes);
}

std::string gzip(std::string_view body) {
    z_stream stream = {};
    constexpr int kMemoryLevel = 8;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits + kGzip, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw Error(ErrorCode::LimitExceeded, "serve", "there is no memory to pack the body");
    std::string out(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
    stream.next_in = input_of(body);
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw Error(ErrorCode::RuntimeFailure, "serve", "the body cannot be packed");
    return out;
}

}  // namespace yolovino::serve
