#pragma once

#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace yolovino::test::forge {

/// One member of a forged tar archive.
struct TarMember {
    std::string name;
    std::string data;
    char kind = '0';
    std::string size = {};  ///< stands in the header instead of the real one
    std::string checksum_prefix = {};
};

inline std::string tar(const std::vector<TarMember>& members) {
    constexpr std::size_t kBlockBytes = 512;
    std::string out;
    for (const TarMember& each : members) {
        std::string header(kBlockBytes, '\0');
        const std::string size = each.size.empty() ? fmt::format("{:011o}", each.data.size()) : each.size;
        header.replace(0, each.name.size(), each.name);
        header.replace(124, size.size(), size);
        header[156] = each.kind;
        header.replace(148, 8, std::string(8, ' '));
        unsigned sum = 0;
        for (const char c : header) sum += static_cast<unsigned char>(c);
        const std::string checksum = each.checksum_prefix + fmt::format("{:o}", sum);
        header.replace(148, 8, checksum + std::string(8 - checksum.size(), '\0'));
        out += header + each.data;
        out.resize((out.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes);
    }
    return out + std::string(2 * kBlockBytes, '\0');
}

}  // namespace yolovino::test::forge
