#include "scan/tar.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace yolovino::scan {

using namespace std::string_view_literals;

namespace {

constexpr std::uint64_t kBlockBytes = 512;
constexpr std::size_t kMaxMembers = 10'000;
constexpr std::size_t kMaxAnomalies = 1'000;
constexpr std::size_t kChecksumAt = 148;
constexpr std::int64_t kChecksumBytes = 8;

std::string_view until_zero(std::string_view field) {
    return field.substr(0, field.find('\0'));
}

/// A number as Python reads it: octal digits with blanks, a sign, a prefix, and underscores, or binary behind a marker
/// byte.
std::optional<std::int64_t> parse_number(std::string_view field) {
    constexpr std::int64_t kMax = std::int64_t{1} << 54U;
    constexpr char kPositive = '\x80';
    constexpr char kNegative = '\xff';
    std::int64_t value = 0;
    if (field.front() == kPositive || field.front() == kNegative) {
        value = field.front() == kNegative ? -1 : 0;
        for (const char c : field.substr(1)) {
            if (value >= kMax || value <= -kMax) return std::nullopt;
            value = value * 256 + static_cast<unsigned char>(c);
        }
        return value;
    }
    std::string_view digits = until_zero(field);
    const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    while (!digits.empty() && is_blank(digits.front())) digits.remove_prefix(1);
    while (!digits.empty() && is_blank(digits.back())) digits.remove_suffix(1);
    const bool is_negative = digits.starts_with('-');
    if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.starts_with("0o") || digits.starts_with("0O")) digits.remove_prefix(2);
    for (const char c : digits) {
        if (c == '_') continue;
        if (c < '0' || c > '7') return std::nullopt;
        value = value * 8 + (c - '0');  // a field has 12 digits at most
    }
    return is_negative ? -value : value;
}

/// Whether the sum of the bytes of a header, with its own field as blanks, is as stated. Old writers summed signed
/// bytes.
bool has_valid_checksum(std::string_view header) {
    std::int64_t plain = kChecksumBytes * ' ';
    std::int64_t with_sign = plain;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (i >= kChecksumAt && i < kChecksumAt + kChecksumBytes) continue;
        plain += static_cast<unsigned char>(header[i]);
        with_sign += static_cast<signed char>(header[i]);
    }
    const auto stated = parse_number(header.substr(kChecksumAt, kChecksumBytes));
    return stated && (*stated == plain || *stated == with_sign);
}

std::string name_of(std::string_view header) {
    std::string name(until_zero(header.substr(0, 100)));
    const std::string_view folder = until_zero(header.substr(345, 155));
    return header.substr(257).starts_with("ustar") && !folder.empty() ? std::string(folder) + "/" + name : name;
}

class TarReader {
public:
    explicit TarReader(const base::RandomAccessFile& file) : file_(file) {}

    Tar run() {
        while (at_ < file_.size_bytes() && file_.size_bytes() - at_ >= kBlockBytes) {
            const auto block = file_.read(at_, kBlockBytes);
            const std::string_view header = base::as_text(block);
            if (!has_valid_checksum(header)) break;
            if (tar_.entries.size() == kMaxMembers) {
                report_anomaly(Severity::HidesContent, {},
                               fmt::format("the tar archive has more than {} members", kMaxMembers));
                break;
            }
            add_member(header);
        }
        return std::move(tar_);
    }

private:
    void report_anomaly(Severity severity, const std::string& entry, std::string text) {
        add_anomaly(tar_.anomalies, kMaxAnomalies, anomaly(severity, entry, at_, std::move(text)));
    }

    void add_member(std::string_view header) {
        constexpr auto kPlain = "057\0"sv;  // files and folders
        const std::string name = name_of(header);
        const std::uint64_t room = file_.size_bytes() - at_ - kBlockBytes;
        const auto stated = parse_number(header.substr(124, 12));
        const char kind = header[156];
        const bool is_folder = kind == '5' || (kind == '\0' && until_zero(header.substr(0, 100)).ends_with('/'));
        if (kPlain.find(kind) == std::string_view::npos)
            report_anomaly(Severity::Dangerous, name,
                           "a member of a kind that old torch did not write; it may rename others");
        if (is_folder && stated != 0)
            report_anomaly(Severity::Dangerous, name, "a folder that has content; readers differ");
        const bool fits = stated && *stated >= 0 && static_cast<std::uint64_t>(*stated) <= room;
        if (!fits) report_anomaly(Severity::HidesContent, name, "the member is longer than the file");
        const std::uint64_t size = fits ? static_cast<std::uint64_t>(*stated) : room;
        tar_.entries.push_back({.audited = {.name = name,
                                            .offset_bytes = at_,
                                            .stored_bytes = size,
                                            .size_bytes = size,
                                            .method = 0,
                                            .in_directory = true,
                                            .sha256 = {}},
                                .data_offset = at_ + kBlockBytes,
                                .stored_bytes = size,
                                .is_pickle = true});
        at_ += kBlockBytes + std::min(room, (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes);
    }

    const base::RandomAccessFile& file_;
    Tar tar_;
    std::uint64_t at_ = 0;
};

}  // namespace

std::optional<Tar> find_tar(const base::RandomAccessFile& file) {
    Tar tar = TarReader(file).run();
    if (tar.entries.empty()) return std::nullopt;
    return tar;
}

}  // namespace yolovino::scan
