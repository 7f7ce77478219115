#include "scan/auditor.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <string_view>
#include <zlib.h>

#include "base/fail.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "checkpoint/opcodes.hpp"
#include "container/inflate.hpp"
#include "scan/names.hpp"
#include "scan/programs.hpp"
#include "scan/tar.hpp"
#include "scan/tensors.hpp"

namespace yolovino::scan {

using namespace std::string_view_literals;
using checkpoint::Op;
using checkpoint::to_char;

namespace {

constexpr std::uint64_t kMaxStreamBytes = 64ULL << 20U;
constexpr std::uint64_t kMaxInflatedBytes = 64ULL << 20U;
constexpr std::uint64_t kFreeInflatedBytes = 16ULL << 20U;
constexpr std::uint64_t kWindowBytes = 8U << 20U;
constexpr std::uint64_t kOverlapBytes = 1U << 16U;
constexpr std::uint64_t kMaxOperations = 20'000'000;
constexpr std::size_t kMaxAnomalies = 2'000;
constexpr std::size_t kMaxTensors = 20'000;
constexpr int kMaxDepth = 3;
constexpr auto kLegacyMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv;

bool is_pickle_name(std::string_view name) {
    constexpr std::string_view kSuffixes[] = {".pkl", ".pickle", ".debug_pkl", ".joblib"};
    const std::string small = base::to_lower(name);
    return std::ranges::any_of(kSuffixes, [&](std::string_view suffix) { return small.ends_with(suffix); });
}

/// Whether the bytes begin with PROTO and a known protocol.
bool begins_pickle(base::Bytes bytes) {
    return bytes.size() > 2 && bytes[0] == static_cast<std::byte>(Op::Proto) &&
           bytes[1] >= std::byte{checkpoint::kLowestProtocol} && bytes[1] <= std::byte{checkpoint::kHighestProtocol};
}

bool is_name_character(char c) {
    return c == '_' || c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool pushes_counted_text(Op op) {
    return op == Op::ShortBinString || op == Op::BinString || op == Op::ShortBinUnicode || op == Op::BinUnicode ||
           op == Op::BinUnicode8;
}

/// The text that the operation at `at` pushes, if the text is short and its length precedes it.
std::string_view short_text_at(std::string_view bytes, std::size_t at) {
    constexpr std::size_t kMaxTextBytes = 64;
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0xFFU; };
    const auto code = static_cast<std::uint8_t>(bytes[at]);
    if (!pushes_counted_text(static_cast<Op>(code))) return {};
    const std::size_t width = width_of(checkpoint::find_opcode(code)->operand);
    for (std::size_t i = 1; i < width; ++i) {
        if (byte(at + 1 + i) != 0) return {};
    }
    const std::size_t length = byte(at + 1);
    if (length > kMaxTextBytes || at + 1 + width + length > bytes.size()) return {};
    return bytes.substr(at + 1 + width, length);
}

/// Whether a stream that was found among other bytes was written as a pickle. Weights and texts hold beginnings of
/// pickles by chance, but those contain no known name, and are not well formed.
bool is_convincing(const Stream& stream) {
    // A line of Python that begins with `class` is also a GLOBAL operation.
    const auto is_name = [](const Stream::Name& each) {
        return each.module.size() > 1 && std::ranges::all_of(each.module, is_name_character);
    };
    const bool known = std::ranges::any_of(stream.names(), [&](const Stream::Name& each) {
        return is_name(each) && judge(each.module, each.name).verdict != NameVerdict::Unknown;
    });
    return known || (stream.complete() && stream.remarks().empty() && std::ranges::any_of(stream.names(), is_name));
}

}  // namespace

AuditReport Auditor::run() {
    report_.path = file_.path();
    report_.size_bytes = file_.size_bytes();
    report_.sha256 = base::sha256(file_);
    // Overlapping entries could make the same bytes be read again and again.
    read_budget_ = 4 * file_.size_bytes() + kMaxInflatedBytes;
    carve_budget_ = file_.size_bytes() + 1'000'000;
    operations_left_ = 2 * file_.size_bytes() + kMaxOperations;
    Archive archive = find_archive(file_);
    report_.anomalies = std::move(archive.anomalies);
    for (Entry& entry : archive.entries) scan_entry(entry);
    scan_tar();
    for (const auto& [offset, count] : archive.gaps) {
        // Python unpickles a file from its first byte.
        if (offset == 0 && base::as_text(file_.read(0, std::min<std::uint64_t>(count, 2))) != "PK") {
            scan_prefix(count);
        } else {
            scan_range({}, offset, count);
        }
    }
    report_programs();
    summarize(!archive.entries.empty());
    return std::move(report_);
}

void Auditor::scan_prefix(std::uint64_t count) {
    const auto head = file_.read(0, std::min(count, kMaxStreamBytes));
    if (!is_tar_ || starts_pickle({}, head)) {
        scan_pickles({}, head);
    } else {
        carve({}, head);
    }
    if (count > kMaxStreamBytes) scan_range({}, kMaxStreamBytes, count - kMaxStreamBytes);
}

/// torch.load tries to read a file as a tar archive before it unpickles it.
void Auditor::scan_tar() {
    std::optional<Tar> tar = find_tar(file_);
    if (!tar) return;
    is_tar_ = true;
    for (AuditAnomaly& each : tar->anomalies) add_anomaly(report_.anomalies, kMaxAnomalies, std::move(each));
    for (Entry& entry : tar->entries) scan_entry(entry);
}

void Auditor::scan_entry(Entry& entry) {
    if (reserve_read(entry.stored_bytes)) {
        entry.audited.sha256 = base::sha256(file_, std::min(entry.data_offset, file_.size_bytes()), entry.stored_bytes);
        if (entry.audited.method == 8) {
            scan_deflated_entry(entry);
        } else {
            if (entry.audited.method != 0)
                report_anomaly({entry.audited.name, 0}, 0, fmt::format("compressed by method {}", entry.audited.method),
                               Severity::HidesContent);
            scan_stored_entry(entry);
        }
    }
    report_.entries.push_back(entry.audited);
}

void Auditor::scan_stored_entry(const Entry& entry) {
    const Place place{entry.audited.name, 0};
    const std::uint64_t done = std::min(entry.stored_bytes, kMaxStreamBytes);
    scan_content(entry, file_.read(std::min(entry.data_offset, file_.size_bytes()), done));
    if (done < entry.stored_bytes) scan_range({place.entry, done}, entry.data_offset + done, entry.stored_bytes - done);
    if (entry.audited.method != 0 || entry.stored_bytes != entry.audited.stored_bytes) return;
    uLong crc = 0;
    for (std::uint64_t at = 0; at < entry.stored_bytes; at += kWindowBytes) {
        const auto part = file_.read(entry.data_offset + at, std::min(kWindowBytes, entry.stored_bytes - at));
        crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
    }
    if (entry.audited.in_directory && !entry.is_pickle && crc != entry.crc)
        report_anomaly(place, 0, "the entry does not match its CRC");
}

void Auditor::scan_deflated_entry(const Entry& entry) {
    const Place place{entry.audited.name, 0};
    // Following a pickle takes memory and time that grow with its size, so the size is limited here: a few deflated
    // bytes may grow to gigabytes.
    const std::uint64_t room = std::min({kMaxInflatedBytes, kFreeInflatedBytes + file_.size_bytes(), read_budget_});
    const container::Inflated inflated =
        container::inflate(file_.read(std::min(entry.data_offset, file_.size_bytes()), entry.stored_bytes), room);
    read_budget_ -= inflated.bytes.size();
    if (!inflated.complete)
        report_anomaly(place, 0,
                       inflated.bytes.size() == room ? "the entry inflates to more than is scanned"
                                                     : "the entry cannot be decompressed to its end",
                       Severity::HidesContent);
    const std::string_view text = base::as_text(inflated.bytes);
    if (text.starts_with("PK\x03\x04"))
        report_anomaly(place, 0, "an archive within the archive", Severity::HidesContent);
    scan_content(entry, inflated.bytes);
}

void Auditor::scan_range(const Place& place, std::uint64_t offset, std::uint64_t count) {
    for (std::uint64_t at = 0; at < count; at += kWindowBytes) {
        const std::uint64_t length = std::min(kWindowBytes + kOverlapBytes, count - at);
        // Offsets in an entry count from its data; outside entries they count from the begin of the file.
        carve({place.entry, place.entry.empty() ? offset + at : place.offset + at}, file_.read(offset + at, length));
    }
}

void Auditor::scan_content(const Entry& entry, base::Bytes bytes) {
    const Place place{entry.audited.name, 0};
    const std::string name = base::to_lower(entry.audited.name);
    if (name.ends_with(".json") && holds_lambda(base::as_text(bytes)))
        report_anomaly(place, 0, "a Keras layer of marshalled Python code", Severity::Dangerous);
    const bool is_named = is_pickle_name(name) || entry.is_pickle;
    if (!is_named && !starts_pickle(place, bytes)) return carve(place, bytes);
    if (!is_named) report_anomaly(place, 0, "a pickle under a name that does not say so");
    const bool is_whole = scan_pickles(place, bytes);
    const bool is_loaded = name == "storages" || name == "tensors" || name == "pickle";
    if (entry.is_pickle && is_loaded && !is_whole)
        report_anomaly(place, 0, "what old torch would load of it cannot be judged", Severity::Dangerous);
}

/// Follows pickles one after the other. True if they fill the bytes, except for the weights of a legacy file.
bool Auditor::scan_pickles(const Place& place, base::Bytes bytes) {
    constexpr std::size_t kMaxStreams = 10'000;
    constexpr std::size_t kLegacyStreams = 5;  // magic number, version, system, content, keys; then the weights
    const bool legacy = base::as_text(bytes).starts_with(kLegacyMagic);
    is_legacy_ = is_legacy_ || (legacy && place.entry.empty());
    std::size_t at = 0;
    for (std::size_t count = 0; at < bytes.size(); ++count) {
        const Place here{place.entry, place.offset + at};
        if (count == kMaxStreams) {
            report_anomaly(here, 0, fmt::format("more than {} pickles behind each other", kMaxStreams),
                           Severity::HidesContent);
            carve(here, bytes.subspan(at));
            return false;
        }
        if (legacy && count == kLegacyStreams) {
            carve(here, bytes.subspan(at));
            return true;
        }
        const Stream stream(bytes.subspan(at), std::min(kMaxOperations, operations_left_));
        operations_left_ -= std::min(operations_left_, stream.operations() + 1);
        // Python would load the bytes as one of the pickles of a legacy file, so they cannot be weights.
        const bool may_hide = std::ranges::any_of(stream.remarks(), &Stream::Remark::hides_content) ||
                              (place.entry.empty() && place.offset == 0 && count < kLegacyStreams);
        if (!stream.complete() && count > 0 && stream.names().empty() && !may_hide) {
            // In a legacy file, the weights follow the pickles.
            if (!legacy) report_anomaly(here, 0, fmt::format("{} bytes follow the pickle", bytes.size() - at));
            carve(here, bytes.subspan(at));
            return false;
        }
        if (count == 1 && !legacy) report_anomaly(here, 0, "another pickle follows the first");
        understood_pickle_ = understood_pickle_ || stream.complete() || !stream.names().empty();
        add_findings(here, stream);
        at += stream.end();
        if (!stream.complete()) {
            report_anomaly(here, stream.end(), "what follows is not followed", Severity::HidesContent);
            carve({place.entry, place.offset + at}, bytes.subspan(at));
            return false;
        }
    }
    return true;
}

/// Whether the content is a pickle, to be called where its name does not say so. Weights may begin as a pickle by
/// chance.
bool Auditor::starts_pickle(const Place& place, base::Bytes bytes) {
    constexpr std::uint64_t kOperationsByChance = 16;
    if (bytes.empty() || !has_carve_budget(place, 0)) return false;
    const Stream stream(bytes, carve_budget_);
    charge_carving(place, stream);
    if (!begins_pickle(bytes)) return is_convincing(stream);
    return stream.complete() || !stream.names().empty() || stream.operations() > kOperationsByChance;
}

void Auditor::carve(const Place& place, base::Bytes bytes) {
    carve_names(place, bytes);
    carve_texts(place, bytes);
    carve_streams(place, bytes);
}

void Auditor::carve_streams(const Place& place, base::Bytes bytes) {
    const std::string_view text = base::as_text(bytes);
    constexpr char kProto = to_char(Op::Proto);
    for (std::size_t at = text.find(kProto); at != std::string_view::npos; at = text.find(kProto, at + 1)) {
        if (!begins_pickle(bytes.subspan(at))) continue;
        if (!has_carve_budget(place, at)) return;
        const Place here{place.entry, place.offset + at};
        const Stream stream(bytes.subspan(at), carve_budget_);
        charge_carving(here, stream);
        if (!is_convincing(stream)) continue;
        report_anomaly(here, 0, "a pickle among other bytes");
        add_findings(here, stream);
        at += std::max<std::size_t>(stream.end(), 1) - 1;
    }
}

/// Finds the operations that name a class in two lines of text.
void Auditor::carve_names(const Place& place, base::Bytes bytes) {
    constexpr std::size_t kMaxWordBytes = 64;
    const std::string_view text = base::as_text(bytes);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        // GLOBAL and INST: a letter, the module, this newline, the name, a newline.
        const std::size_t end = std::min(text.size(), at + 1 + kMaxWordBytes);
        std::size_t last = at + 1;
        while (last < end && is_name_character(text[last])) ++last;
        if (last == at + 1 || last >= text.size() || text[last] != '\n') continue;
        std::size_t first = at;
        while (first > 0 && at - first < kMaxWordBytes && is_name_character(text[first - 1])) --first;
        const std::string name(text.substr(at + 1, last - at - 1));
        // The letter of the operation may also be a letter of the module, so each possible begin is tried.
        for (std::size_t begin = first; begin + 1 < at; ++begin) {
            if (text[begin] != to_char(Op::Global) && text[begin] != to_char(Op::Inst)) continue;
            const std::string_view module = text.substr(begin + 1, at - begin - 1);
            if (!may_be_dangerous(module)) continue;
            const Judgement judgement = judge(module, name);
            if (judgement.verdict != NameVerdict::Dangerous) continue;
            add_dangerous_name({place.entry, place.offset + begin}, std::string(module), name, judgement.reason);
            break;
        }
    }
}

/// Finds STACK_GLOBAL behind two texts, in a pickle that does not begin with PROTO.
void Auditor::carve_texts(const Place& place, base::Bytes bytes) {
    constexpr std::uint64_t kOperations = 16;
    const std::string_view text = base::as_text(bytes);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view module = short_text_at(text, at);
        if (module.size() < 2 || !std::ranges::all_of(module, is_name_character) || !may_be_dangerous(module)) continue;
        if (!has_carve_budget(place, at)) return;
        const Place here{place.entry, place.offset + at};
        const Stream stream(bytes.subspan(at), std::min(carve_budget_, kOperations));
        charge_carving(here, stream);
        for (const Stream::Name& each : stream.names()) {
            const Judgement judgement = judge(each.module, each.name);
            if (judgement.verdict == NameVerdict::Dangerous)
                add_dangerous_name(here, each.module, each.name, judgement.reason);
        }
    }
}

bool Auditor::has_carve_budget(const Place& place, std::uint64_t offset) {
    if (carve_budget_ > 0) return true;
    if (!carve_limit_reported_)
        report_anomaly(place, offset, "more pickle starts than are scanned", Severity::HidesContent);
    carve_limit_reported_ = true;
    return false;
}

void Auditor::charge_carving(const Place& place, const Stream& stream) {
    carve_budget_ -= std::min(carve_budget_, stream.operations() + 1);
    static_cast<void>(has_carve_budget(place, 0));
}

void Auditor::add_dangerous_name(const Place& place, const std::string& module, const std::string& name,
                                 std::string_view reason) {
    AuditedName& found = find_or_add_name(place, module, name, place.offset);
    ++found.uses;
    found.verdict = NameVerdict::Dangerous;
    found.reason = reason;
}

void Auditor::add_findings(const Place& place, const Stream& stream) {
    for (const Stream::Name& each : stream.names()) {
        AuditedName& name = find_or_add_name(place, each.module, each.name, place.offset + each.offset);
        name.uses += each.uses;
        if (name.uses != each.uses && each.verdict <= name.verdict) continue;
        name.verdict = each.verdict;
        name.reason = each.reason;
    }
    for (const Stream::Remark& each : stream.remarks()) {
        report_anomaly(place, each.offset, each.text, each.hides_content ? Severity::HidesContent : Severity::Note);
    }
    if (stream.complete() && report_.tensors.size() < kMaxTensors) {
        std::vector<AuditedTensor> tensors = tensors_of(stream, kMaxTensors - report_.tensors.size());
        std::ranges::move(tensors, std::back_inserter(report_.tensors));
        if (report_.tensors.size() == kMaxTensors)
            report_anomaly(place, 0, fmt::format("only {} tensors are listed", kMaxTensors));
    }
    scan_nested(place, stream);
}

void Auditor::scan_nested(const Place& place, const Stream& stream) {
    ++depth_;
    for (const base::Bytes bytes : stream.nested()) {
        const Stream inner(bytes, kMaxOperations);
        const bool has_proto = bytes.front() == static_cast<std::byte>(Op::Proto);
        if (has_proto ? !inner.complete() && inner.names().empty() : !is_convincing(inner)) continue;
        if (depth_ <= kMaxDepth) {
            report_anomaly(place, 0, "a pickle within a text of the pickle");
            add_findings(place, inner);
        } else if (!inner.names().empty() || !inner.nested().empty()) {
            report_anomaly(place, 0, fmt::format("a pickle within {} others is not followed", depth_),
                           Severity::HidesContent);
        }
    }
    --depth_;
}

AuditedName& Auditor::find_or_add_name(const Place& place, const std::string& module, const std::string& name,
                                       std::uint64_t offset) {
    constexpr std::size_t kMaxNames = 20'000;
    if (report_.names.size() >= kMaxNames && !by_name_.contains(std::pair(module, name))) {
        // No checkpoint has so many names. The last name stands for all further ones, so that the verdict counts
        // theirs.
        if (!name_limit_reported_)
            report_anomaly(place, offset, fmt::format("more than {} names", kMaxNames), Severity::HidesContent);
        name_limit_reported_ = true;
        return report_.names.back();
    }
    const auto [at, is_new] = by_name_.emplace(std::pair(module, name), report_.names.size());
    if (is_new) {
        report_.names.push_back(
            {.module = module, .name = name, .reason = {}, .entry = place.entry, .offset_bytes = offset});
    }
    return report_.names[at->second];
}

void Auditor::report_anomaly(const Place& place, std::uint64_t offset, std::string text, Severity severity) {
    add_anomaly(report_.anomalies, kMaxAnomalies,
                anomaly(severity, place.entry, place.offset + offset, std::move(text)));
}

bool Auditor::reserve_read(std::uint64_t count) {
    if (count > read_budget_) {
        report_anomaly({}, 0, "entries hold more bytes than are scanned", Severity::HidesContent);
        return false;
    }
    read_budget_ -= count;
    return true;
}

/// Reports programs in the file that are not pickles, and a file without a pickle that was understood.
void Auditor::report_programs() {
    const auto note = [&](std::string text) {
        add_anomaly(report_.anomalies, kMaxAnomalies, anomaly(Severity::HidesContent, {}, {}, std::move(text)));
    };
    if (is_torchscript(report_.entries)) note("the archive holds a TorchScript program, which is not judged");
    if (is_keras(report_.entries)) note("the archive holds a Keras model, which is not judged");
    if (is_tar_) note("a tar archive, which old torch unpickles: the bytes between its pickles are not scanned");
    if (!understood_pickle_) note("no pickle was understood, so nothing of the file is judged");
}

void Auditor::summarize(bool has_entries) {
    const bool torch = std::ranges::any_of(report_.entries, [](const AuditedEntry& entry) {
        const std::string name = base::to_lower(entry.name);
        return name == "data.pkl" || name.ends_with("/data.pkl");
    });
    report_.container = has_entries          ? (torch ? "torch archive" : "zip archive")
                        : is_tar_            ? "legacy tar"
                        : is_legacy_         ? "legacy torch.save"
                        : understood_pickle_ ? "pickle"
                                             : "unknown";
    NameVerdict worst = NameVerdict::Harmless;
    for (const AuditAnomaly& each : report_.anomalies) {
        if (each.hides_content) worst = std::max(worst, NameVerdict::Unknown);
        if (each.dangerous) worst = NameVerdict::Dangerous;
    }
    for (const AuditedName& each : report_.names) worst = std::max(worst, each.verdict);
    report_.verdict = worst;
    std::ranges::stable_sort(report_.names, std::greater<>(), &AuditedName::verdict);
}

}  // namespace yolovino::scan
