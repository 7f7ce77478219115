#include "serve/kserve/base64.hpp"

#include <limits>
#include <openssl/evp.h>

namespace yolovino::serve {

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0 || text.size() > std::numeric_limits<int>::max()) return {};
    if (text.empty()) return std::string();
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
    // OpenSSL would take white space at the ends.
    if (text.substr(0, text.size() - padding).find_first_of("= \t\r\n") != std::string_view::npos) return {};
    std::string bytes(text.size() / 4 * 3, '\0');
    const int decoded =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (decoded < 0) return {};
    bytes.resize(static_cast<std::size_t>(decoded) - padding);
    return bytes;
}

}  // namespace yolovino::serve
