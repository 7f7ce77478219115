#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace yolovino::test {

/// Odd documents and what the real readers make of them; see tests/data/text/make_documents.py.
inline const nlohmann::json& recorded_text() {
    static const nlohmann::json all = [] {
        std::ifstream stream(YOLOVINO_SOURCE_DIR "/tests/data/text/documents.json");
        return nlohmann::json::parse(stream);
    }();
    return all;
}

/// The bytes that stand as the characters U+0000 to U+00FF.
inline std::string recorded_bytes(const std::string& utf8) {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        if (lead < 0x80) {
            out += utf8[i];
        } else {
            out += static_cast<char>((lead & 0x03U) << 6U | (static_cast<unsigned char>(utf8[++i]) & 0x3FU));
        }
    }
    return out;
}

}  // namespace yolovino::test
