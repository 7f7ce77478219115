#include "container/zip_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <zlib.h>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/text.hpp"
#include "container/file_kind.hpp"

namespace yolovino::container {

using base::ByteReader;
using base::Bytes;
using base::checked_add;

namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;
constexpr std::uint32_t kDirectorySignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kZip64EndSignature = 0x06064b50;
constexpr std::uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kZip64LocatorBytes = 20;
constexpr std::uint64_t kZip64EndBytes = 56;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kSearchWindowBytes = kEndBytes + 0xFFFF;
constexpr std::uint16_t kSentinel16 = 0xFFFF;
constexpr std::uint32_t kSentinel32 = 0xFFFFFFFF;
constexpr std::uint16_t kDescriptorFlag = 1U << 3;
// Encryption, patched data, strong encryption, masked headers.
constexpr std::uint16_t kRefusedFlags = (1U << 0) | (1U << 5) | (1U << 6) | (1U << 13);

constexpr std::uint64_t kMaxEntries = 65'536;
constexpr std::uint64_t kMaxDirectoryBytes = 16ULL << 20;
constexpr std::size_t kMaxNameBytes = 512;
constexpr std::uint64_t kVerifyChunkBytes = 1ULL << 20;
constexpr std::uint16_t kDeflated = 8;
// Weights shrink by a tenth, half of zeros to nearly nothing; what unpacks to many times the file is no checkpoint.
constexpr std::uint64_t kUnpackedBytesPerByte = 4;
constexpr std::uint64_t kFreeUnpackedBytes = 16ULL << 20;

/// A field of a record whose length has been checked before.
template <typename T>
T field(Bytes record, std::size_t offset) {
    ByteReader reader(record, offset);
    return reader.read<T>().value();
}

std::uint32_t crc_of(Bytes bytes, std::uint32_t start = 0) {
    return static_cast<std::uint32_t>(
        ::crc32_z(start, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string_view root_of(std::string_view name) {
    return name.substr(0, std::min(name.find('/'), name.size()));
}

/// Takes from the ZIP64 extra field what the 32-bit fields could not hold. False if the field is malformed.
bool apply_zip64_extra(Bytes extra, ZipEntry& entry) {
    ByteReader reader(extra);
    while (reader.remaining() > 0) {
        const auto id = reader.read<std::uint16_t>();
        const auto length = reader.read<std::uint16_t>();
        if (!id || !length) return false;
        const auto body = reader.take(*length);
        if (!body) return false;
        if (*id != 0x0001) continue;
        ByteReader values(*body);
        for (std::uint64_t* wanted : {&entry.size_bytes, &entry.stored_bytes, &entry.header_offset}) {
            if (*wanted != kSentinel32) continue;
            const auto value = values.read<std::uint64_t>();
            if (!value) return false;
            *wanted = *value;
        }
        return true;
    }
    return entry.size_bytes != kSentinel32 && entry.stored_bytes != kSentinel32 && entry.header_offset != kSentinel32;
}

/// Unpacks a raw deflate stream that must give exactly `size_bytes`; nothing if it does not.
std::optional<std::vector<std::byte>> inflated(Bytes packed, std::uint64_t size_bytes) {
    constexpr std::uint64_t kMaxRatio = 1040;  // deflate cannot pack more tightly; nothing is allocated for a lie
    if (size_bytes / kMaxRatio > packed.size()) return std::nullopt;
    std::vector<std::byte> out(static_cast<std::size_t>(size_bytes));
    z_stream stream = {};
    if (packed.size() > std::numeric_limits<uInt>::max() || out.size() > std::numeric_limits<uInt>::max() ||
        ::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return std::nullopt;
    }
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));  // zlib's interface
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&stream, Z_FINISH);
    const bool whole = result == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
    ::inflateEnd(&stream);
    if (!whole) return std::nullopt;
    return out;
}

}  // namespace

ZipReader::ZipReader(const base::RandomAccessFile& file, Kind kind) : file_(file), kind_(kind) {
    const Directory directory = find_directory();
    read_directory(directory);
    check_names();
    check_local_headers(directory.offset);
    if (kind_ == Kind::Checkpoint) check_unpacked_size();
}

void ZipReader::corrupt(std::string_view message, std::uint64_t offset) const {
    throw Error(ErrorCode::CorruptFile, "checkpoint", message, {.file = file_.path().string(), .offset_bytes = offset});
}

void ZipReader::bad_crc(const ZipEntry& entry) const {
    corrupt(
        fmt::format("CRC-32 of entry '{}' does not match its bytes: the file is damaged", base::printable(entry.name)),
        entry.data_offset);
}

ZipReader::Directory ZipReader::find_directory() const {
    const std::uint64_t window = std::min(file_.size_bytes(), kSearchWindowBytes);
    const std::uint64_t window_offset = file_.size_bytes() - window;
    const std::vector<std::byte> tail = file_.read(window_offset, window);
    std::optional<std::size_t> found;
    bool misplaced = false;
    for (std::size_t at = 0; at + kEndBytes <= tail.size(); ++at) {
        if (field<std::uint32_t>(tail, at) != kEndSignature) continue;
        if (at + kEndBytes + field<std::uint16_t>(tail, at + 20) != tail.size()) {
            misplaced = true;
            continue;
        }
        // A comment that holds a second end record would let two readers see two archives.
        if (found) corrupt("two end-of-archive records", window_offset + at);
        found = at;
    }
    if (!found && misplaced)
        corrupt("bytes follow the end of the archive, or the archive is truncated there", window_offset);
    if (!found) {
        throw Error(ErrorCode::CorruptFile, "checkpoint", "truncated download: central directory missing",
                    {.file = file_.path().string(), .offset_bytes = file_.size_bytes()}, "download the file again");
    }
    const std::uint64_t offset = window_offset + *found;
    const Bytes record = Bytes(tail).subspan(*found);
    if (field<std::uint16_t>(record, 4) != 0 || field<std::uint16_t>(record, 6) != 0 ||
        field<std::uint16_t>(record, 8) != field<std::uint16_t>(record, 10)) {
        corrupt("archive spans several disks", offset);
    }
    Directory directory{.offset = field<std::uint32_t>(record, 16),
                        .size_bytes = field<std::uint32_t>(record, 12),
                        .count = field<std::uint16_t>(record, 10)};
    agree_with_zip64(directory, offset);
    return directory;
}

void ZipReader::agree_with_zip64(Directory& directory, std::uint64_t end_record_offset) const {
    std::uint64_t directory_end = end_record_offset;
    std::vector<std::byte> locator;
    if (end_record_offset >= kZip64LocatorBytes) {
        locator = file_.read(end_record_offset - kZip64LocatorBytes, kZip64LocatorBytes);
    }
    if (!locator.empty() && field<std::uint32_t>(locator, 0) == kZip64LocatorSignature) {
        const std::uint64_t locator_offset = end_record_offset - kZip64LocatorBytes;
        const auto record_offset = field<std::uint64_t>(locator, 8);
        if (field<std::uint32_t>(locator, 4) != 0 || field<std::uint32_t>(locator, 16) > 1) {
            corrupt("archive spans several disks", locator_offset);
        }
        if (checked_add(record_offset, kZip64EndBytes) != locator_offset) {
            corrupt("ZIP64 end record is not directly before its locator", locator_offset);
        }
        const std::vector<std::byte> record = file_.read(record_offset, kZip64EndBytes);
        if (field<std::uint32_t>(record, 0) != kZip64EndSignature ||
            field<std::uint64_t>(record, 4) != kZip64EndBytes - 12 || field<std::uint32_t>(record, 16) != 0 ||
            field<std::uint32_t>(record, 20) != 0 ||
            field<std::uint64_t>(record, 24) != field<std::uint64_t>(record, 32)) {
            corrupt("malformed ZIP64 end record", record_offset);
        }
        const Directory wide{.offset = field<std::uint64_t>(record, 48),
                             .size_bytes = field<std::uint64_t>(record, 40),
                             .count = field<std::uint64_t>(record, 32)};
        const auto agrees = [](std::uint64_t narrow, std::uint64_t sentinel, std::uint64_t value) {
            return narrow == sentinel || narrow == value;
        };
        if (!agrees(directory.offset, kSentinel32, wide.offset) ||
            !agrees(directory.size_bytes, kSentinel32, wide.size_bytes) ||
            !agrees(directory.count, kSentinel16, wide.count)) {
            corrupt("ZIP64 and classic end records disagree", record_offset);
        }
        directory = wide;
        directory_end = record_offset;
    }
    if (checked_add(directory.offset, directory.size_bytes) != directory_end) {
        corrupt("central directory does not end where the end record begins", end_record_offset);
    }
    if (directory.count > kMaxEntries || directory.size_bytes > kMaxDirectoryBytes) {
        throw Error(ErrorCode::LimitExceeded, "checkpoint",
                    fmt::format("archive has {} entries in a directory of {} bytes; at most {} and {} are read",
                                directory.count, directory.size_bytes, kMaxEntries, kMaxDirectoryBytes),
                    {.file = file_.path().string(), .offset_bytes = directory.offset});
    }
}

void ZipReader::read_directory(const Directory& directory) {
    const std::vector<std::byte> bytes = file_.read(directory.offset, directory.size_bytes);
    constexpr std::uint64_t kRecordBytes = 46;
    entries_.reserve(static_cast<std::size_t>(std::min(directory.count, directory.size_bytes / kRecordBytes)));
    ByteReader reader(bytes);
    while (reader.remaining() > 0) {
        const std::uint64_t offset = directory.offset + reader.offset();
        const auto record = reader.take(kRecordBytes);
        if (!record || field<std::uint32_t>(*record, 0) != kDirectorySignature)
            corrupt("malformed central directory", offset);
        const auto name = reader.take(field<std::uint16_t>(*record, 28));
        const auto extra = reader.take(field<std::uint16_t>(*record, 30));
        if (!name || !extra || !reader.skip(field<std::uint16_t>(*record, 32)))
            corrupt("central directory is truncated", offset);
        ZipEntry entry{.name = std::string(base::as_text(*name)),
                       .flags = field<std::uint16_t>(*record, 8),
                       .method = field<std::uint16_t>(*record, 10),
                       .crc = field<std::uint32_t>(*record, 16),
                       .stored_bytes = field<std::uint32_t>(*record, 20),
                       .size_bytes = field<std::uint32_t>(*record, 24),
                       .header_offset = field<std::uint32_t>(*record, 42)};
        if (!apply_zip64_extra(*extra, entry)) corrupt("malformed ZIP64 field of an entry", offset);
        if (field<std::uint16_t>(*record, 34) != 0) corrupt("archive spans several disks", offset);
        check_name(entry.name, offset);
        entries_.push_back(std::move(entry));
    }
    if (entries_.size() != directory.count) {
        corrupt(
            fmt::format("central directory holds {} entries, its end record says {}", entries_.size(), directory.count),
            directory.offset);
    }
}

void ZipReader::check_name(const std::string& name, std::uint64_t offset) const {
    const auto refuse = [&](std::string_view why) {
        corrupt(fmt::format("entry name '{}' {}", base::printable(name, 80), why), offset);
    };
    if (name.empty()) refuse("is empty");
    if (name.size() > kMaxNameBytes) refuse("is too long");
    if (name.front() == '/') refuse("is an absolute path");
    if (name.find('\\') != std::string::npos) refuse("holds a backslash");
    if (!base::is_utf8(name)) refuse("is not UTF-8");
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
        refuse("holds control characters");
    }
    std::string_view rest = name;
    while (!rest.empty()) {
        const std::string_view part = root_of(rest);
        if (part == "..") refuse("leaves its folder");
        if (part.empty() || part == ".") refuse("is not normalized");
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
}

void ZipReader::check_names() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!by_name_.emplace(entries_[i].name, i).second) {
            corrupt(fmt::format("two entries are named '{}'", base::printable(entries_[i].name)),
                    entries_[i].header_offset);
        }
    }
    if (kind_ == Kind::Appended) return;
    if (!entries_.empty()) root_ = root_of(entries_.front().name);
    std::vector<std::string_view> names;
    names.reserve(entries_.size());
    for (const ZipEntry& entry : entries_) names.push_back(entry.name);
    if (kind_ == Kind::Checkpoint) refuse_other_archive(file_.path(), root_, names);
    if (kind_ == Kind::TorchScript) refuse_unless_torchscript(file_.path(), root_, names);
    for (const ZipEntry& entry : entries_) {
        if (root_of(entry.name) != root_ || entry.name.size() == root_.size()) {
            corrupt(fmt::format("entry '{}' is outside of the folder '{}'", base::printable(entry.name),
                                base::printable(root_)),
                    entry.header_offset);
        }
    }
}

void ZipReader::check_local_headers(std::uint64_t directory_offset) {
    struct Range {
        std::uint64_t begin;
        std::uint64_t end;
        const ZipEntry* entry;
    };
    std::vector<Range> ranges;
    ranges.reserve(entries_.size());
    for (ZipEntry& entry : entries_) {
        const std::uint64_t end = check_local_header(entry, directory_offset);
        ranges.push_back({entry.header_offset, end, &entry});
    }
    std::ranges::sort(ranges, {}, &Range::begin);
    std::uint64_t previous_end = 0;
    for (const Range& range : ranges) {
        if (range.begin < previous_end) {
            corrupt(fmt::format("entry '{}' overlaps another entry", base::printable(range.entry->name)), range.begin);
        }
        previous_end = range.end;
    }
    if (kind_ != Kind::Appended && !ranges.empty() && ranges.front().begin != 0)
        corrupt("other bytes precede the archive", 0);
}

void ZipReader::check_unpacked_size() const {
    const std::uint64_t most = kFreeUnpackedBytes + kUnpackedBytesPerByte * file_.size_bytes();
    std::uint64_t left = most;
    for (const ZipEntry& entry : entries_) {
        if (!entry.is_packed()) continue;
        if (entry.size_bytes > left) {
            throw Error(ErrorCode::LimitExceeded, "checkpoint",
                        fmt::format("the archive unpacks to more than {} bytes, many times its size", most),
                        {.file = file_.path().string(), .offset_bytes = entry.header_offset});
        }
        left -= entry.size_bytes;
    }
}

std::uint64_t ZipReader::check_local_header(ZipEntry& entry, std::uint64_t directory_offset) const {
    const std::string shown = base::printable(entry.name);
    const auto refuse = [&](std::string_view why) {
        corrupt(fmt::format("entry '{}' {}", shown, why), entry.header_offset);
    };
    const auto unsupported = [&](std::string_view why) {
        throw Error(ErrorCode::UnsupportedFile, "checkpoint", fmt::format("entry '{}' {}", shown, why),
                    {.file = file_.path().string(), .offset_bytes = entry.header_offset},
                    "save it again with torch.save");
    };
    if ((entry.flags & kRefusedFlags) != 0 || entry.method == 99) unsupported("is encrypted or patched");
    const bool packed = entry.method == kDeflated;
    if (entry.method != 0 && !packed) unsupported("is compressed, and not by deflate: this archive was packed again");
    if (!packed && entry.stored_bytes != entry.size_bytes) refuse("is stored, yet its two sizes differ");
    const auto fixed_end = checked_add(entry.header_offset, kLocalBytes);
    if (!fixed_end || *fixed_end > directory_offset) refuse("begins beyond the entries' part of the file");
    const std::vector<std::byte> header = file_.read(entry.header_offset, kLocalBytes);
    if (field<std::uint32_t>(header, 0) != kLocalSignature) refuse("has no local header");
    const auto name_bytes = field<std::uint16_t>(header, 26);
    entry.data_offset = *fixed_end + name_bytes + field<std::uint16_t>(header, 28);
    const auto data_end = checked_add(entry.data_offset, entry.stored_bytes);
    if (!data_end || *data_end > directory_offset) refuse("reaches into the central directory");
    const std::vector<std::byte> name = file_.read(*fixed_end, name_bytes);
    const bool deferred = (entry.flags & kDescriptorFlag) != 0;
    // NumPy writes the sizes of small entries, too, into the ZIP64 field. One without them is caught by its sizes.
    ZipEntry local;
    local.stored_bytes = field<std::uint32_t>(header, 18);
    local.size_bytes = field<std::uint32_t>(header, 22);
    const std::uint64_t extra_bytes = entry.data_offset - *fixed_end - name_bytes;
    if (local.stored_bytes == kSentinel32 || local.size_bytes == kSentinel32)
        apply_zip64_extra(file_.read(*fixed_end + name_bytes, extra_bytes), local);
    const auto same_size = [&](std::uint64_t told, std::uint64_t bytes) {
        return told == bytes || told == std::min<std::uint64_t>(bytes, kSentinel32) || (deferred && told == 0);
    };
    const auto local_crc = field<std::uint32_t>(header, 14);
    if (base::as_text(name) != entry.name || field<std::uint16_t>(header, 6) != entry.flags ||
        field<std::uint16_t>(header, 8) != entry.method || !same_size(local.stored_bytes, entry.stored_bytes) ||
        !same_size(local.size_bytes, entry.size_bytes) || (local_crc != entry.crc && !(deferred && local_crc == 0))) {
        refuse("has a local header that disagrees with the central directory");
    }
    return *data_end + (deferred ? descriptor_bytes(entry, directory_offset) : 0);
}

std::uint64_t ZipReader::descriptor_bytes(const ZipEntry& entry, std::uint64_t directory_offset) const {
    const std::uint64_t offset = entry.data_offset + entry.stored_bytes;
    const std::vector<std::byte> bytes = file_.read(offset, std::min<std::uint64_t>(24, directory_offset - offset));
    // torch.save leaves the descriptor out where an entry is empty.
    if (bytes.size() < 16 || field<std::uint32_t>(bytes, 0) != kDescriptorSignature) return 0;
    const bool same_crc = field<std::uint32_t>(bytes, 4) == entry.crc;
    if (same_crc && field<std::uint32_t>(bytes, 8) == entry.stored_bytes &&
        field<std::uint32_t>(bytes, 12) == entry.size_bytes) {
        return 16;
    }
    if (same_crc && bytes.size() == 24 && field<std::uint64_t>(bytes, 8) == entry.stored_bytes &&
        field<std::uint64_t>(bytes, 16) == entry.size_bytes) {
        return 24;
    }
    corrupt(
        fmt::format("data descriptor of entry '{}' disagrees with the central directory", base::printable(entry.name)),
        offset);
}

const ZipEntry* ZipReader::find(std::string_view path) const {
    const std::string name = kind_ == Kind::Appended ? std::string(path) : fmt::format("{}/{}", root_, path);
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &entries_[found->second];
}

std::vector<std::byte> ZipReader::read(const ZipEntry& entry, std::uint64_t max_bytes) const {
    if (entry.size_bytes > max_bytes) {
        throw Error(ErrorCode::LimitExceeded, "checkpoint",
                    fmt::format("entry '{}' has {} bytes, at most {} are read", base::printable(entry.name),
                                entry.size_bytes, max_bytes),
                    {.file = file_.path().string(), .offset_bytes = entry.data_offset});
    }
    std::vector<std::byte> bytes = file_.read(entry.data_offset, entry.stored_bytes);
    if (entry.method == kDeflated) {
        std::optional<std::vector<std::byte>> unpacked = inflated(bytes, entry.size_bytes);
        if (!unpacked) {
            corrupt(fmt::format("entry '{}' cannot be unpacked", base::printable(entry.name)), entry.data_offset);
        }
        bytes = std::move(*unpacked);
    }
    if (crc_of(bytes) != entry.crc) bad_crc(entry);
    return bytes;
}

std::vector<std::byte> ZipReader::read_part(const ZipEntry& entry, std::uint64_t offset_bytes,
                                            std::uint64_t count) const {
    const auto end = checked_add(offset_bytes, count);
    if (!end || *end > entry.size_bytes) corrupt("read beyond an entry", entry.data_offset);
    return file_.read(entry.data_offset + offset_bytes, count);
}

void ZipReader::verify(const ZipEntry& entry) const {
    std::vector<std::byte> chunk(static_cast<std::size_t>(std::min(entry.size_bytes, kVerifyChunkBytes)));
    std::uint32_t crc = crc_of({});
    for (std::uint64_t done = 0; done < entry.size_bytes;) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), entry.size_bytes - done));
        const std::span<std::byte> piece(chunk.data(), count);
        file_.read(entry.data_offset + done, piece);
        crc = crc_of(piece, crc);
        done += count;
    }
    if (crc != entry.crc) bad_crc(entry);
}

}  // namespace yolovino::container
