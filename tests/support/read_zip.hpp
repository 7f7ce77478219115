#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>
#include <zlib.h>

#include "support/files.hpp"

/// A plain reader of stored ZIP archives, for archives that the library writes and its own reader is made to refuse.
namespace yolovino::test {

struct ZipMember {
    std::string name;
    std::string data;
    std::size_t data_offset = 0;
    bool crc_is_true = false;
};

template <typename T>
T little_at(const std::string& bytes, std::size_t offset) {
    T value;
    if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("the archive is truncated");
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

/// Members in the order of the directory; local headers must agree with it.
inline std::vector<ZipMember> read_zip(const std::filesystem::path& file) {
    const std::string bytes = content(file);
    const std::size_t end = bytes.size() - 22;
    if (bytes.size() < 22 || bytes.compare(end, 4, "PK\x05\x06") != 0) throw std::runtime_error("no archive");
    std::vector<ZipMember> members;
    std::size_t at = little_at<std::uint32_t>(bytes, end + 16);
    for (int left = little_at<std::uint16_t>(bytes, end + 10); left > 0; --left) {
        if (bytes.compare(at, 4, "PK\x01\x02") != 0) throw std::runtime_error("no record of the directory");
        const std::size_t name_bytes = little_at<std::uint16_t>(bytes, at + 28);
        const std::size_t local = little_at<std::uint32_t>(bytes, at + 42);
        const std::size_t size = little_at<std::uint32_t>(bytes, at + 24);
        if (bytes.compare(local, 4, "PK\x03\x04") != 0) throw std::runtime_error("no local header");
        // From the version to the length of the name, both headers say the same.
        if (bytes.compare(local + 4, 24, bytes, at + 6, 24) != 0) throw std::runtime_error("the headers disagree");
        if (little_at<std::uint16_t>(bytes, local + 8) != 0) throw std::runtime_error("a member is compressed");
        ZipMember member;
        member.name = bytes.substr(at + 46, name_bytes);
        if (bytes.compare(local + 30, name_bytes, member.name) != 0) throw std::runtime_error("the names disagree");
        member.data_offset = local + 30 + name_bytes + little_at<std::uint16_t>(bytes, local + 28);
        if (member.data_offset + size > bytes.size()) throw std::runtime_error("a member is truncated");
        member.data = bytes.substr(member.data_offset, size);
        const auto crc = ::crc32_z(0, reinterpret_cast<const unsigned char*>(member.data.data()), size);
        member.crc_is_true = crc == little_at<std::uint32_t>(bytes, local + 14);
        members.push_back(std::move(member));
        at += 46 + name_bytes + little_at<std::uint16_t>(bytes, at + 30) + little_at<std::uint16_t>(bytes, at + 32);
    }
    if (at != end) throw std::runtime_error("the directory does not end at the end record");
    return members;
}

}  // namespace yolovino::test
