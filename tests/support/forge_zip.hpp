#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>
#include <zlib.h>

#include "support/forge_pickle.hpp"

namespace yolovino::test::forge {

/// One entry of a forged archive; what is set here differs from what torch.save would write.
struct Entry {
    std::string name;
    std::string data;
    std::uint16_t flags = 0x0808;
    std::uint16_t method = 0;
    std::uint32_t crc_error = 0;      ///< xor-ed into the CRC of the central directory
    std::int64_t size_error = 0;      ///< added to both sizes of the central directory
    std::int64_t expanded_error = 0;  ///< added to the size before compression only
    std::optional<std::string> local_name = {};
    std::optional<std::uint64_t> header_offset = {};
    std::uint32_t descriptor_error = 0;
    std::uint32_t local_size = 0;
    std::uint16_t local_flags_error = 0;  ///< xor-ed into the local header, as the next
    std::uint16_t local_method_error = 0;
    std::uint32_t local_crc = 0;
    std::string directory_extra = {};                    ///< extra fields of the central directory
    std::optional<std::uint32_t> directory_size = {};    ///< stands there for both sizes
    std::optional<std::uint32_t> directory_offset = {};  ///< stands there for the place of the local header
    bool only_in_directory = false;                      ///< no local header and no data are written
    bool packed = false;                                 ///< the data are written deflated, with what is true of them
};

inline std::string raw_deflate(const std::string& data) {
    z_stream stream = {};
    if (::deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(::deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

/// An archive as torch.save lays it out, or with the defects that are set.
struct Zip {
    std::vector<Entry> entries;
    std::string prefix = {};
    std::string suffix = {};
    std::string comment = {};
    bool zip64 = true;
    std::int64_t zip64_count_error = 0;
    std::int64_t zip64_size_error = 0;
    std::int64_t zip64_offset_error = 0;
    std::uint64_t zip64_record_bytes = 44;
    std::int64_t locator_offset_error = 0;
    std::uint32_t locator_disks = 1;
    std::uint32_t zip64_disk = 0;
    std::int64_t count_error = 0;
    std::int64_t directory_offset_error = 0;
    std::int64_t directory_size_error = 0;
    std::uint16_t disk = 0;

    std::string bytes() const {
        std::string out = prefix;
        std::string directory;
        for (const Entry& entry : entries) {
            if (!entry.packed) {
                append(entry, out, directory);
                continue;
            }
            Entry deflated = entry;
            deflated.data = raw_deflate(entry.data);
            deflated.method = 8;
            deflated.expanded_error += static_cast<std::int64_t>(entry.data.size() - deflated.data.size());
            deflated.crc_error ^= crc_of(entry.data) ^ crc_of(deflated.data);
            append(deflated, out, directory);
        }
        const auto start = static_cast<std::int64_t>(out.size()) + directory_offset_error;
        const std::int64_t size = static_cast<std::int64_t>(directory.size()) + directory_size_error;
        const auto count = static_cast<std::int64_t>(entries.size());
        out += directory;
        if (zip64) {
            const std::uint64_t record = out.size();
            const std::int64_t wide = count + zip64_count_error;
            out += little(0x06064b50U) + little(zip64_record_bytes) + little(std::uint16_t{0x031E}) +
                   little(std::uint16_t{45}) + little(zip64_disk) + little(zip64_disk) + little(wide) + little(wide) +
                   little(size + zip64_size_error) + little(start + zip64_offset_error);
            out += little(0x07064b50U) + little(0U) +
                   little(record + static_cast<std::uint64_t>(locator_offset_error)) + little(locator_disks);
        }
        const auto narrow = static_cast<std::uint16_t>(count + count_error);
        out += little(0x06054b50U) + little(disk) + little(disk) + little(narrow) + little(narrow) +
               little(static_cast<std::uint32_t>(size)) + little(static_cast<std::uint32_t>(start)) +
               little(static_cast<std::uint16_t>(comment.size())) + comment;
        return out + suffix;
    }

private:
    static std::uint32_t crc_of(const std::string& data) {
        return static_cast<std::uint32_t>(
            ::crc32_z(0, reinterpret_cast<const unsigned char*>(data.data()), data.size()));
    }
    static void append(const Entry& entry, std::string& out, std::string& directory) {
        const std::uint32_t crc = crc_of(entry.data);
        const auto size = static_cast<std::uint32_t>(entry.data.size());
        const auto offset =
            entry.directory_offset.value_or(static_cast<std::uint32_t>(entry.header_offset.value_or(out.size())));
        const std::string local = entry.local_name.value_or(entry.name);
        std::string header = little(0x04034b50U) + little(std::uint16_t{0}) +
                             little(static_cast<std::uint16_t>(entry.flags ^ entry.local_flags_error)) +
                             little(static_cast<std::uint16_t>(entry.method ^ entry.local_method_error)) + little(0U) +
                             little(entry.local_crc) + little(entry.local_size) + little(entry.local_size) +
                             little(static_cast<std::uint16_t>(local.size()));
        const std::size_t data_start = out.size() + header.size() + 2 + local.size() + 4;
        const std::string padding((64 - data_start % 64) % 64, 'Z');
        header += little(static_cast<std::uint16_t>(4 + padding.size())) + local + "FB" +
                  little(static_cast<std::uint16_t>(padding.size())) + padding;
        if (!entry.only_in_directory) out += header + entry.data;
        if (!entry.only_in_directory && !entry.data.empty())
            out += little(0x08074b50U) + little(crc ^ (entry.packed ? entry.crc_error : 0) ^ entry.descriptor_error) +
                   little(size) + little(static_cast<std::uint32_t>(size + (entry.packed ? entry.expanded_error : 0)));
        const auto stored = entry.directory_size.value_or(static_cast<std::uint32_t>(size + entry.size_error));
        directory += little(0x02014b50U) + little(0U) + little(entry.flags) + little(entry.method) + little(0U) +
                     little(crc ^ entry.crc_error) + little(stored) +
                     little(static_cast<std::uint32_t>(stored + entry.expanded_error)) +
                     little(static_cast<std::uint16_t>(entry.name.size())) +
                     little(static_cast<std::uint16_t>(entry.directory_extra.size())) + little(std::uint16_t{0}) +
                     little(0U) + little(0U) + little(offset) + entry.name + entry.directory_extra;
    }
};

/// Entries of a checkpoint: the pickle, the byte order, and storages 0, 1, … in order.
inline Zip archive(const std::string& pickle_bytes, const std::vector<std::string>& storages = {}) {
    Zip zip{.entries = {{.name = "best/data.pkl", .data = pickle_bytes}, {.name = "best/byteorder", .data = "little"}}};
    for (std::size_t i = 0; i < storages.size(); ++i) {
        zip.entries.push_back({.name = "best/data/" + std::to_string(i), .data = storages[i]});
    }
    zip.entries.push_back({.name = "best/version", .data = "3\n"});
    return zip;
}

inline std::filesystem::path write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
}

}  // namespace yolovino::test::forge
