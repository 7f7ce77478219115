#include "base/sha256.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <openssl/evp.h>

#include "base/fail.hpp"

namespace yolovino::base {

namespace {

std::string hexadecimal(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

std::string sha256(const RandomAccessFile& file) {
    return sha256(file, 0, file.size_bytes());
}

std::string sha256(const RandomAccessFile& file, std::uint64_t offset_bytes, std::uint64_t size_bytes) {
    constexpr std::uint64_t kChunkBytes = 1U << 20U;
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned int digest_bytes = 0;
    bool ok = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
    std::vector<std::byte> chunk(static_cast<std::size_t>(std::min(kChunkBytes, size_bytes)));
    for (std::uint64_t done = 0; ok && done < size_bytes; done += chunk.size()) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), size_bytes - done));
        file.read(offset_bytes + done, std::span(chunk).first(count));
        ok = EVP_DigestUpdate(context.get(), chunk.data(), count) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(context.get(), digest.data(), &digest_bytes) == 1;
    if (!ok)
        throw Error(ErrorCode::RuntimeFailure, "file", "OpenSSL cannot compute SHA-256",
                    {.file = file.path().string()});
    return hexadecimal(std::span(digest).first(digest_bytes));
}

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned int digest_bytes = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &digest_bytes, EVP_sha256(), nullptr) != 1)
        throw Error(ErrorCode::RuntimeFailure, "file", "OpenSSL cannot compute SHA-256");
    return hexadecimal(std::span(digest).first(digest_bytes));
}

}  // namespace yolovino::base
