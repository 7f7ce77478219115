#include "scan/archive.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::scan {

using namespace std::string_view_literals;

namespace {

constexpr auto kLocal = "PK\x03\x04"sv;
constexpr auto kRecord = "PK\x01\x02"sv;
constexpr auto kEnd = "PK\x05\x06"sv;
constexpr auto kEnd64 = "PK\x06\x06"sv;
constexpr auto kLocator64 = "PK\x06\x07"sv;
constexpr std::size_t kMaxEntries = 65'536;
constexpr std::uint64_t kMaxDirectoryBytes = 16U << 20U;
constexpr std::uint64_t kWindowBytes = 4U << 20U;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kRecordBytes = 46;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kMaxCommentBytes = 65'535;
constexpr std::uint32_t kWide = 0xFFFFFFFF;

struct LocalHeader {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint32_t stored = 0;
    std::uint32_t size = 0;
    std::uint64_t data_offset = 0;
};

class Finder {
public:
    explicit Finder(const base::RandomAccessFile& file) : file_(file) {}

    Archive run() {
        read_directory();
        scan_local_headers();
        find_rest();
        return std::move(archive_);
    }

private:
    std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t count) const {
        if (offset >= file_.size_bytes()) return {};
        return file_.read(offset, std::min(count, file_.size_bytes() - offset));
    }

    void odd(std::string text, std::optional<std::uint64_t> offset = {}, bool hides = false, std::string entry = {}) {
        constexpr std::size_t kMaxAnomalies = 1'000;
        if (archive_.anomalies.size() < kMaxAnomalies)
            archive_.anomalies.push_back({std::move(entry), offset, std::move(text), hides});
    }

    template <typename T>
    static T at(std::string_view text, std::size_t offset) {
        base::ByteReader reader(base::as_bytes(text), offset);
        return reader.read<T>().value_or(T{});
    }

    std::optional<LocalHeader> local_header(std::uint64_t offset) const {
        const auto head = bytes(offset, kLocalBytes + 0xFFFF);
        const std::string_view text = base::as_text(head);
        if (!text.starts_with(kLocal) || text.size() < kLocalBytes) return std::nullopt;
        const auto name_bytes = at<std::uint16_t>(text, 26);
        const auto extra_bytes = at<std::uint16_t>(text, 28);
        return LocalHeader{.name = std::string(text.substr(kLocalBytes, name_bytes)),
                           .flags = at<std::uint16_t>(text, 6),
                           .method = at<std::uint16_t>(text, 8),
                           .crc = at<std::uint32_t>(text, 14),
                           .stored = at<std::uint32_t>(text, 18),
                           .size = at<std::uint32_t>(text, 22),
                           .data_offset = offset + kLocalBytes + name_bytes + extra_bytes};
    }

    /// Where the directory begins, by what the end of the archive says or else by where it must be.
    std::optional<std::uint64_t> directory_offset(std::string_view tail, std::uint64_t tail_offset, std::size_t end) {
        std::uint64_t size = at<std::uint32_t>(tail, end + 12);
        std::uint64_t offset = at<std::uint32_t>(tail, end + 16);
        std::uint64_t behind = tail_offset + end;
        if (end >= 20 && tail.substr(end - 20).starts_with(kLocator64)) {
            const auto record_offset = at<std::uint64_t>(tail, end - 12);
            const auto record = bytes(record_offset, 56);
            if (base::as_text(record).starts_with(kEnd64)) {
                behind = record_offset;
                if (size == kWide) size = at<std::uint64_t>(base::as_text(record), 40);
                if (offset == kWide) offset = at<std::uint64_t>(base::as_text(record), 48);
            }
        }
        if (base::as_text(bytes(offset, 4)) == kRecord) return offset;
        if (size <= behind && base::as_text(bytes(behind - size, 4)) == kRecord) {
            odd("the directory is not where the end of the archive says", offset);
            return behind - size;
        }
        return std::nullopt;
    }

    void read_directory() {
        const std::uint64_t tail_bytes = std::min(file_.size_bytes(), kEndBytes + kMaxCommentBytes);
        const std::uint64_t tail_offset = file_.size_bytes() - tail_bytes;
        const auto tail = bytes(tail_offset, tail_bytes);
        const std::size_t end = base::as_text(tail).rfind(kEnd);
        if (end == std::string_view::npos) {
            if (base::as_text(bytes(0, 4)) == kLocal) odd("the archive has no end: it is cut, or forged", {}, true);
            return;
        }
        const std::uint64_t behind = tail_offset + end + kEndBytes + at<std::uint16_t>(base::as_text(tail), end + 20);
        if (behind < file_.size_bytes())
            odd(fmt::format("{} bytes follow the archive", file_.size_bytes() - behind), behind);
        const auto start = directory_offset(base::as_text(tail), tail_offset, end);
        if (!start) return odd("the archive has no directory", tail_offset + end, true);
        const auto directory = bytes(*start, std::min(kMaxDirectoryBytes, tail_offset + end - *start));
        read_records(base::as_text(directory), *start);
    }

    void read_records(std::string_view directory, std::uint64_t start) {
        std::unordered_set<std::string> names;
        std::size_t at_byte = 0;
        while (directory.substr(at_byte).starts_with(kRecord) && directory.size() - at_byte >= kRecordBytes) {
            if (archive_.entries.size() == kMaxEntries)
                return odd(fmt::format("the directory has more than {} entries", kMaxEntries), start + at_byte, true);
            const std::string_view record = directory.substr(at_byte);
            const auto name_bytes = at<std::uint16_t>(record, 28);
            const auto extra_bytes = at<std::uint16_t>(record, 30);
            const auto comment_bytes = at<std::uint16_t>(record, 32);
            const std::string name(record.substr(kRecordBytes, name_bytes));
            if (!names.insert(name).second) odd("the directory names the entry twice", start + at_byte, false, name);
            add_record(record, name, record.substr(std::min(record.size(), kRecordBytes + name_bytes), extra_bytes));
            const std::size_t length = kRecordBytes + name_bytes + extra_bytes + comment_bytes;
            at_byte += std::min(length, record.size());
        }
    }

    void add_record(std::string_view record, const std::string& name, std::string_view extra) {
        std::uint64_t size = at<std::uint32_t>(record, 24);
        std::uint64_t stored = at<std::uint32_t>(record, 20);
        std::uint64_t offset = at<std::uint32_t>(record, 42);
        for (std::size_t i = 0; i + 4 <= extra.size(); i += 4U + at<std::uint16_t>(extra, i + 2)) {
            if (at<std::uint16_t>(extra, i) != 1) continue;
            std::size_t place = i + 4;
            for (std::uint64_t* value : {&size, &stored, &offset}) {
                if (*value != kWide) continue;
                *value = at<std::uint64_t>(extra, place);
                place += 8;
            }
            break;
        }
        Entry entry{.shown = {.name = name,
                              .offset_bytes = offset,
                              .stored_bytes = stored,
                              .size_bytes = size,
                              .method = at<std::uint16_t>(record, 10),
                              .in_directory = true,
                              .sha256 = {}},
                    .crc = at<std::uint32_t>(record, 16),
                    .flags = at<std::uint16_t>(record, 8)};
        const auto local = local_header(offset);
        if (!local) return odd("the directory names an entry that is not there", offset, true, name);
        if (local->name != name)
            odd(fmt::format("the local header calls the entry '{}'", base::printable(local->name)), offset, false,
                name);
        if (local->method != entry.shown.method)
            odd("directory and local header disagree about the compression", offset, true, name);
        entry.flags |= local->flags;
        entry.data_offset = local->data_offset;
        by_offset_.insert(offset);
        add(std::move(entry));
    }

    void add(Entry entry) {
        const std::uint64_t room = file_.size_bytes() - std::min(file_.size_bytes(), entry.data_offset);
        entry.stored_bytes = std::min(entry.shown.stored_bytes, room);
        if (entry.stored_bytes != entry.shown.stored_bytes)
            odd("the entry is longer than the file", entry.shown.offset_bytes, true, entry.shown.name);
        constexpr std::uint32_t kEncrypted = 0x0001;
        constexpr std::uint32_t kPatched = 0x0020;
        constexpr std::uint32_t kStrong = 0x0040;
        constexpr std::uint32_t kMasked = 0x2000;
        if ((entry.flags & (kEncrypted | kPatched | kStrong | kMasked)) != 0)
            odd("the entry is marked as encrypted or patched", entry.shown.offset_bytes, true, entry.shown.name);
        archive_.entries.push_back(std::move(entry));
    }

    /// Headers that no directory names: readers that go from front to back see them.
    void scan_local_headers() {
        std::vector<std::uint64_t> offsets;
        for (std::uint64_t start = 0; start < file_.size_bytes(); start += kWindowBytes) {
            const auto window = bytes(start, kWindowBytes + kLocal.size() - 1);
            const std::string_view text = base::as_text(window);
            for (std::size_t i = text.find(kLocal); i != std::string_view::npos; i = text.find(kLocal, i + 1)) {
                if (!by_offset_.contains(start + i)) offsets.push_back(start + i);
                if (offsets.size() > kMaxEntries)
                    return odd(fmt::format("more than {} local headers", kMaxEntries), start + i, true);
            }
        }
        for (const std::uint64_t offset : offsets) add_hidden(offset);
    }

    void add_hidden(std::uint64_t offset) {
        const auto local = local_header(offset);
        // Weights may hold the signature by chance, but no plausible header behind it.
        constexpr std::size_t kMaxNameBytes = 512;
        if (!local || local->name.empty() || local->name.size() > kMaxNameBytes ||
            (local->method != 0 && local->method != 8) || local->data_offset > file_.size_bytes() ||
            std::ranges::any_of(local->name, [](char c) { return static_cast<unsigned char>(c) < ' '; }))
            return;
        const std::uint64_t room = file_.size_bytes() - local->data_offset;
        const bool sized = local->stored != 0 && local->stored <= room;
        odd("a local header that the directory does not name", offset, false, local->name);
        add({.shown = {.name = local->name,
                       .offset_bytes = offset,
                       .stored_bytes = sized ? local->stored : next_header(local->data_offset),
                       .size_bytes = local->size,
                       .method = local->method,
                       .in_directory = false,
                       .sha256 = {}},
             .data_offset = local->data_offset,
             .crc = local->crc,
             .flags = local->flags});
    }

    /// Bytes up to the next signature, at most one window.
    std::uint64_t next_header(std::uint64_t offset) const {
        const auto window = bytes(offset, kWindowBytes);
        const std::string_view text = base::as_text(window);
        std::size_t end = text.size();
        for (const std::string_view signature : {kLocal, kRecord, "PK\x07\x08"sv, kEnd})
            end = std::min(end, text.find(signature));
        return end;
    }

    void find_rest() {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> covered;
        for (const Entry& entry : archive_.entries)
            covered.emplace_back(entry.shown.offset_bytes, entry.data_offset + entry.stored_bytes);
        std::ranges::sort(covered);
        std::uint64_t done = 0;
        for (const auto& [begin, end] : covered) {
            if (begin > done) archive_.rest.emplace_back(done, begin - done);
            if (begin < done) overlap_ = true;
            done = std::max(done, end);
        }
        if (overlap_) odd("entries overlap");
        if (done < file_.size_bytes()) archive_.rest.emplace_back(done, file_.size_bytes() - done);
        if (!archive_.entries.empty() && !archive_.rest.empty() && archive_.rest.front().first == 0)
            odd(fmt::format("{} bytes stand before the archive", archive_.rest.front().second), 0);
    }

    const base::RandomAccessFile& file_;
    Archive archive_;
    std::unordered_set<std::uint64_t> by_offset_;
    bool overlap_ = false;
};

}  // namespace

Archive find_archive(const base::RandomAccessFile& file) {
    return Finder(file).run();
}

}  // namespace yolovino::scan
