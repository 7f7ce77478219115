#include "scan/archive.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::scan {

using namespace std::string_view_literals;

namespace {

constexpr auto kLocal = "PK\x03\x04"sv;
constexpr auto kRecord = "PK\x01\x02"sv;
constexpr auto kEnd = "PK\x05\x06"sv;
constexpr auto kDescriptor = "PK\x07\x08"sv;
constexpr auto kEnd64 = "PK\x06\x06"sv;
constexpr auto kLocator64 = "PK\x06\x07"sv;
constexpr std::size_t kMaxEntries = 65'536;
constexpr std::uint64_t kMaxDirectoryBytes = 16U << 20U;
constexpr std::uint64_t kWindowBytes = 4U << 20U;
constexpr std::size_t kMaxNameBytes = 512;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kRecordBytes = 46;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kMaxCommentBytes = 65'535;
constexpr std::uint32_t kWide = 0xFFFFFFFF;

struct LocalHeader {
    std::string name;  ///< truncated to what the caller requested
    std::uint16_t name_bytes = 0;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint32_t stored = 0;
    std::uint32_t size = 0;
    std::uint64_t data_offset = 0;
};

/// What a record at the end of an archive states about its directory.
struct End {
    std::uint64_t count = 0;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
};

class ArchiveFinder {
public:
    explicit ArchiveFinder(const base::RandomAccessFile& file) : file_(file) {}

    Archive run() {
        read_directories();
        scan_local_headers();
        find_gaps();
        return std::move(archive_);
    }

private:
    std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t count) const {
        if (offset >= file_.size_bytes()) return {};
        return file_.read(offset, std::min(count, file_.size_bytes() - offset));
    }

    void report_anomaly(std::string text, std::optional<std::uint64_t> offset = {}, Severity severity = Severity::Note,
                        std::string entry = {}) {
        constexpr std::size_t kMaxAnomalies = 1'000;
        add_anomaly(archive_.anomalies, kMaxAnomalies, anomaly(severity, std::move(entry), offset, std::move(text)));
    }

    template <typename T>
    static T at(std::string_view text, std::size_t offset) {
        base::ByteReader reader(base::as_bytes(text), offset);
        return reader.read<T>().value_or(T{});
    }

    std::optional<LocalHeader> local_header(std::uint64_t offset, std::size_t max_name_bytes) const {
        const auto head = bytes(offset, kLocalBytes);
        const std::string_view text = base::as_text(head);
        if (!text.starts_with(kLocal) || text.size() < kLocalBytes) return std::nullopt;
        const auto name_bytes = at<std::uint16_t>(text, 26);
        const auto extra_bytes = at<std::uint16_t>(text, 28);
        const auto name = bytes(offset + kLocalBytes, std::min<std::uint64_t>(name_bytes, max_name_bytes));
        return LocalHeader{.name = std::string(base::as_text(name)),
                           .name_bytes = name_bytes,
                           .flags = at<std::uint16_t>(text, 6),
                           .method = at<std::uint16_t>(text, 8),
                           .crc = at<std::uint32_t>(text, 14),
                           .stored = at<std::uint32_t>(text, 18),
                           .size = at<std::uint32_t>(text, 22),
                           .data_offset = offset + kLocalBytes + name_bytes + extra_bytes};
    }

    bool is_directory(std::uint64_t offset) const { return base::as_text(bytes(offset, 4)) == kRecord; }

    /// The end record of a ZIP64 archive, which precedes the other end record, and its offset.
    std::optional<std::pair<End, std::uint64_t>> read_zip64_end(std::uint64_t end_offset) {
        constexpr std::uint64_t kLocatorBytes = 20;
        if (end_offset < kLocatorBytes) return std::nullopt;
        const auto locator = bytes(end_offset - kLocatorBytes, kLocatorBytes);
        if (!base::as_text(locator).starts_with(kLocator64)) return std::nullopt;
        const auto offset = at<std::uint64_t>(base::as_text(locator), 8);
        const auto record = bytes(offset, 56);
        if (!base::as_text(record).starts_with(kEnd64) || record.size() < 56) {
            report_anomaly("the archive has no ZIP64 end where its locator says", offset, Severity::HidesContent);
            return std::nullopt;
        }
        const std::string_view text = base::as_text(record);
        return std::pair(End{at<std::uint64_t>(text, 32), at<std::uint64_t>(text, 40), at<std::uint64_t>(text, 48)},
                         offset);
    }

    /// Some readers use the one end record, some the other.
    void compare_ends(const End& narrow, const End& wide, std::uint64_t offset) {
        constexpr std::uint64_t kManyEntries = 0xFFFF;
        const auto differ = [](std::uint64_t value, std::uint64_t full, std::uint64_t real) {
            return value != full && value != real;
        };
        if (differ(narrow.count, kManyEntries, wide.count) || differ(narrow.size, kWide, wide.size) ||
            differ(narrow.offset, kWide, wide.offset))
            report_anomaly("the two ends of the archive disagree about its directory", offset, Severity::Dangerous);
    }

    /// Every place where a reader may take the directory to be.
    std::vector<std::uint64_t> directory_offsets(std::string_view tail, std::size_t end, std::uint64_t end_offset) {
        const End narrow{at<std::uint16_t>(tail, end + 10), at<std::uint32_t>(tail, end + 12),
                         at<std::uint32_t>(tail, end + 16)};
        End used = narrow;
        std::uint64_t behind = end_offset;
        if (const auto wide = read_zip64_end(end_offset)) {
            compare_ends(narrow, wide->first, end_offset);
            std::tie(used, behind) = *wide;
        }
        std::vector<std::uint64_t> found;
        const auto consider = [&](std::uint64_t offset) {
            if (std::ranges::find(found, offset) == found.end() && is_directory(offset)) found.push_back(offset);
        };
        consider(used.offset);
        consider(narrow.offset);
        const bool is_as_stated = !found.empty();
        for (const std::uint64_t size : {used.size, narrow.size}) {
            if (size <= behind) consider(behind - size);
        }
        if (!is_as_stated && !found.empty())
            report_anomaly("the directory is not where the end of the archive says", used.offset);
        if (found.size() > 1)
            report_anomaly("the end of the archive leads to different directories", end_offset, Severity::Dangerous);
        return found;
    }

    void read_directories() {
        const std::uint64_t tail_bytes = std::min(file_.size_bytes(), kEndBytes + kMaxCommentBytes);
        const std::uint64_t tail_offset = file_.size_bytes() - tail_bytes;
        const auto tail = bytes(tail_offset, tail_bytes);
        const std::string_view text = base::as_text(tail);
        const std::size_t end =
            text.size() < kEndBytes ? std::string_view::npos : text.rfind(kEnd, text.size() - kEndBytes);
        if (end == std::string_view::npos) {
            if (base::as_text(bytes(0, 4)) == kLocal)
                report_anomaly("the archive has no end: it is truncated, or forged", {}, Severity::HidesContent);
            return;
        }
        const std::uint64_t end_offset = tail_offset + end;
        const std::uint64_t behind = end_offset + kEndBytes + at<std::uint16_t>(text, end + 20);
        if (behind < file_.size_bytes())
            report_anomaly(fmt::format("{} bytes follow the archive", file_.size_bytes() - behind), behind);
        const auto starts = directory_offsets(text, end, end_offset);
        if (starts.empty()) report_anomaly("the archive has no directory", end_offset, Severity::HidesContent);
        for (const std::uint64_t start : starts) {
            const std::uint64_t room = (start < end_offset ? end_offset : file_.size_bytes()) - start;
            const auto directory = bytes(start, std::min(kMaxDirectoryBytes, room));
            const std::size_t done = read_records(base::as_text(directory), start);
            if (done == directory.size() && done < room)
                report_anomaly("the directory is longer than what is read of it", start + done, Severity::HidesContent);
        }
    }

    /// @returns how many bytes the records have.
    std::size_t read_records(std::string_view directory, std::uint64_t start) {
        std::unordered_set<std::string> names;
        std::size_t at_byte = 0;
        while (directory.substr(at_byte).starts_with(kRecord) && directory.size() - at_byte >= kRecordBytes) {
            if (archive_.entries.size() == kMaxEntries) {
                report_anomaly(fmt::format("the directory has more than {} entries", kMaxEntries), start + at_byte,
                               Severity::HidesContent);
                break;
            }
            const std::string_view record = directory.substr(at_byte);
            const auto name_bytes = at<std::uint16_t>(record, 28);
            const auto extra_bytes = at<std::uint16_t>(record, 30);
            const auto comment_bytes = at<std::uint16_t>(record, 32);
            const std::string name(record.substr(kRecordBytes, name_bytes));
            if (!names.insert(name).second)
                report_anomaly("the directory names the entry twice", start + at_byte, Severity::Note, name);
            add_listed_entry(record, name,
                             record.substr(std::min(record.size(), kRecordBytes + name_bytes), extra_bytes));
            const std::size_t length = kRecordBytes + name_bytes + extra_bytes + comment_bytes;
            at_byte += std::min(length, record.size());
        }
        return at_byte;
    }

    void add_listed_entry(std::string_view record, const std::string& name, std::string_view extra) {
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
        Entry entry{.audited = {.name = name,
                                .offset_bytes = offset,
                                .stored_bytes = stored,
                                .size_bytes = size,
                                .method = at<std::uint16_t>(record, 10),
                                .in_directory = true,
                                .sha256 = {}},
                    .crc = at<std::uint32_t>(record, 16),
                    .flags = at<std::uint16_t>(record, 8)};
        const auto local = local_header(offset, std::max(name.size(), kMaxNameBytes));
        if (!local)
            return report_anomaly("the directory names an entry that is not there", offset, Severity::HidesContent,
                                  name);
        if (local->name != name || local->name_bytes != name.size())
            report_anomaly(fmt::format("the local header calls the entry '{}'", base::printable(local->name)), offset,
                           Severity::Dangerous, name);
        if (local->method != entry.audited.method)
            report_anomaly("directory and local header disagree about the compression", offset, Severity::HidesContent,
                           name);
        entry.flags |= local->flags;
        entry.data_offset = local->data_offset;
        listed_offsets_.insert(offset);
        if (added_.emplace(offset, name, entry.audited.method, stored, size).second) add(std::move(entry));
    }

    void add(Entry entry) {
        constexpr std::uint32_t kEncrypted = 0x0001;
        constexpr std::uint32_t kPatched = 0x0020;
        constexpr std::uint32_t kStrong = 0x0040;
        constexpr std::uint32_t kMasked = 0x2000;
        const bool is_marked = (entry.flags & (kEncrypted | kPatched | kStrong | kMasked)) != 0;
        if (is_marked)
            report_anomaly("the entry is marked as encrypted or patched", entry.audited.offset_bytes,
                           Severity::HidesContent, entry.audited.name);
        const std::uint64_t stored = entry.audited.stored_bytes;
        const std::uint64_t size = entry.audited.size_bytes;
        if (entry.audited.in_directory && entry.audited.method == 0 && stored != size) {
            // Readers of stored entries use the one size or the other. Only encryption makes an entry longer.
            report_anomaly(fmt::format("the entry has {} bytes and {} bytes", stored, size), entry.audited.offset_bytes,
                           is_marked && stored > size ? Severity::Note : Severity::Dangerous, entry.audited.name);
            entry.audited.stored_bytes = std::max(stored, size);
        }
        const std::uint64_t room = file_.size_bytes() - std::min(file_.size_bytes(), entry.data_offset);
        entry.stored_bytes = std::min(entry.audited.stored_bytes, room);
        if (entry.stored_bytes != entry.audited.stored_bytes)
            report_anomaly("the entry is longer than the file", entry.audited.offset_bytes, Severity::HidesContent,
                           entry.audited.name);
        archive_.entries.push_back(std::move(entry));
    }

    /// Visits each "PK" of the file once: `visit` gets its offset and the signature there, and returns whether to go
    /// on.
    template <typename Visit>
    void for_each_signature(Visit visit) const {
        constexpr auto kMark = "PK"sv;
        for (std::uint64_t start = 0; start < file_.size_bytes(); start += kWindowBytes) {
            const auto window = bytes(start, kWindowBytes + kLocal.size() - 1);
            const std::string_view text = base::as_text(window);
            for (std::size_t i = text.find(kMark); i < kWindowBytes; i = text.find(kMark, i + 1)) {
                if (!visit(start + i, text.substr(i, kLocal.size()))) return;
            }
        }
    }

    /// Local headers that no directory names. Readers that read a file from front to back see them.
    void scan_local_headers() {
        std::vector<std::uint64_t> offsets;
        for_each_signature([&](std::uint64_t offset, std::string_view signature) {
            if (signature != kLocal || listed_offsets_.contains(offset)) return true;
            if (offsets.size() == kMaxEntries) {
                report_anomaly(fmt::format("more than {} local headers", kMaxEntries), offset, Severity::HidesContent);
                return false;
            }
            offsets.push_back(offset);
            return true;
        });
        std::vector<Entry> unlisted;
        for (const std::uint64_t offset : offsets) {
            if (auto entry = unlisted_entry(offset)) unlisted.push_back(std::move(*entry));
        }
        find_sizes_of_streamed(unlisted);
        for (Entry& entry : unlisted) {
            report_anomaly("a local header that the directory does not name", entry.audited.offset_bytes,
                           Severity::Note, entry.audited.name);
            add(std::move(entry));
        }
    }

    /// The entry of a local header that no directory names; nothing if the header is not plausible. Weights may hold
    /// the signature by chance.
    std::optional<Entry> unlisted_entry(std::uint64_t offset) const {
        const auto local = local_header(offset, kMaxNameBytes);
        if (!local || local->name.empty() || local->name_bytes > kMaxNameBytes ||
            (local->method != 0 && local->method != 8) || local->data_offset > file_.size_bytes() ||
            std::ranges::any_of(local->name, [](char c) { return static_cast<unsigned char>(c) < ' '; }))
            return std::nullopt;
        const std::uint64_t room = file_.size_bytes() - local->data_offset;
        return Entry{.audited = {.name = local->name,
                                 .offset_bytes = offset,
                                 .stored_bytes = local->stored <= room ? local->stored : 0,
                                 .size_bytes = local->size,
                                 .method = local->method,
                                 .in_directory = false,
                                 .sha256 = {}},
                     .data_offset = local->data_offset,
                     .crc = local->crc,
                     .flags = local->flags};
    }

    /// An entry that was written as a stream states no size in its header: it reaches to the next signature.
    void find_sizes_of_streamed(std::vector<Entry>& entries) const {
        std::vector<Entry*> open;
        for (Entry& each : entries) {
            if (each.audited.stored_bytes == 0) open.push_back(&each);
        }
        if (open.empty()) return;
        std::ranges::sort(open, {}, &Entry::data_offset);
        auto next = open.begin();
        const auto close = [&](std::uint64_t end) {
            for (; next != open.end() && (*next)->data_offset <= end; ++next)
                (*next)->audited.stored_bytes = end - (*next)->data_offset;
        };
        for_each_signature([&](std::uint64_t offset, std::string_view signature) {
            constexpr std::string_view kSignatures[] = {kLocal, kRecord, kDescriptor, kEnd};
            if (std::ranges::find(kSignatures, signature) != std::end(kSignatures)) close(offset);
            return next != open.end();
        });
        close(file_.size_bytes());
    }

    void find_gaps() {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> covered;
        for (const Entry& entry : archive_.entries)
            covered.emplace_back(entry.audited.offset_bytes, entry.data_offset + entry.stored_bytes);
        std::ranges::sort(covered);
        std::uint64_t done = 0;
        for (const auto& [begin, end] : covered) {
            if (begin > done) archive_.gaps.emplace_back(done, begin - done);
            if (begin < done) entries_overlap_ = true;
            done = std::max(done, end);
        }
        if (entries_overlap_) report_anomaly("entries overlap");
        if (done < file_.size_bytes()) archive_.gaps.emplace_back(done, file_.size_bytes() - done);
        if (!archive_.entries.empty() && !archive_.gaps.empty() && archive_.gaps.front().first == 0)
            report_anomaly(fmt::format("{} bytes before the archive", archive_.gaps.front().second), 0);
    }

    const base::RandomAccessFile& file_;
    Archive archive_;
    std::unordered_set<std::uint64_t> listed_offsets_;
    /// Entries that were added: offset, name, method, stored size, and size.
    std::set<std::tuple<std::uint64_t, std::string, std::uint32_t, std::uint64_t, std::uint64_t>> added_;
    bool entries_overlap_ = false;
};

}  // namespace

AuditAnomaly anomaly(Severity severity, std::string entry, std::optional<std::uint64_t> offset, std::string text) {
    return {.entry = std::move(entry),
            .offset_bytes = offset,
            .text = std::move(text),
            .hides_content = severity == Severity::HidesContent,
            .dangerous = severity == Severity::Dangerous};
}

void add_anomaly(std::vector<AuditAnomaly>& anomalies, std::size_t max_count, AuditAnomaly one) {
    const auto rank = [](const AuditAnomaly& each) { return each.dangerous ? 2 : each.hides_content ? 1 : 0; };
    if (anomalies.size() < max_count) {
        anomalies.push_back(std::move(one));
    } else if (rank(one) > rank(anomalies.back())) {
        // The anomalies that decide the verdict must be among those that are shown.
        anomalies.back() = std::move(one);
    }
}

Archive find_archive(const base::RandomAccessFile& file) {
    return ArchiveFinder(file).run();
}

}  // namespace yolovino::scan
