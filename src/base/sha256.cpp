#include "base/sha256.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <openssl/evp.h>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::base {

namespace {

std::string hexadecimal(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

}  // namespace

struct Sha256::Context {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    bool ok = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
    context_->ok = context_->ok && EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) == 1;
}

void Sha256::add_field(std::string_view text) {
    const std::uint64_t size_bytes = text.size();
    add(std::as_bytes(std::span(&size_bytes, 1)));
    add(as_bytes(text));
}

std::string Sha256::hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned int digest_bytes = 0;
    if (!context_->ok || EVP_DigestFinal_ex(context_->digest.get(), digest.data(), &digest_bytes) != 1)
        throw Error(ErrorCode::RuntimeFailure, "file", "OpenSSL cannot compute SHA-256");
    return base::hexadecimal(std::span(digest).first(digest_bytes));
}

std::string sha256(const RandomAccessFile& file) {
    return sha256(file, 0, file.size_bytes());
}

std::string sha256(const RandomAccessFile& file, std::uint64_t offset_bytes, std::uint64_t size_bytes) {
    constexpr std::uint64_t kChunkBytes = 1U << 20U;
    Sha256 digest;
    std::vector<std::byte> chunk(static_cast<std::size_t>(std::min(kChunkBytes, size_bytes)));
    for (std::uint64_t done = 0; done < size_bytes; done += chunk.size()) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), size_bytes - done));
        file.read(offset_bytes + done, std::span(chunk).first(count));
        digest.add(std::span(chunk).first(count));
    }
    return digest.hexadecimal();
}

std::string sha256(std::string_view text) {
    Sha256 digest;
    digest.add(as_bytes(text));
    return digest.hexadecimal();
}

}  // namespace yolovino::base
