#include "serve/http/token.hpp"

#include <openssl/crypto.h>

#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "base/sha256.hpp"
#include "options/text.hpp"

namespace yolovino::serve {

Token::Token(const std::filesystem::path& file) {
    constexpr std::uint64_t kMostBytes = 4096;
    const std::string text = base::read_text_file(file, kMostBytes);
    const std::string_view line = options::trim(std::string_view(text).substr(0, text.find_first_of("\r\n")));
    if (line.empty()) {
        throw Error(ErrorCode::InvalidArgument, "serve", "the file of the token is empty", {file.string()},
                    "write one line of random text into it, for example: openssl rand -hex 32");
    }
    hash_ = base::sha256(line);
}

bool Token::allows(std::string_view authorization) const {
    if (!is_wanted()) return true;
    constexpr std::string_view kScheme = "bearer ";
    if (options::lower(authorization.substr(0, kScheme.size())) != kScheme) return false;
    const std::string given = base::sha256(options::trim(authorization.substr(kScheme.size())));
    return CRYPTO_memcmp(given.data(), hash_.data(), hash_.size()) == 0;
}

}  // namespace yolovino::serve
