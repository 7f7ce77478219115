#include "scan/auditor.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <string_view>
#include <zlib.h>

#include "base/fail.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "scan/inflate.hpp"
#include "scan/names.hpp"
#include "scan/programs.hpp"
#include "scan/tar.hpp"
#include "scan/tensors.hpp"

namespace yolovino::scan {

using namespace std::string_view_literals;

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

bool begins_pickle(base::Bytes bytes) {
    return bytes.size() > 2 && bytes[0] == std::byte{0x80} && bytes[1] >= std::byte{2} && bytes[1] <= std::byte{5};
}

bool is_name_character(char c) {
    return c == '_' || c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// What text the operation at `at` pushes, if it pushes a short one; of those that write the length before the text.
std::string_view short_text(std::string_view bytes, std::size_t at) {
    constexpr std::size_t kMaxTextBytes = 64;
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0xFFU; };
    std::size_t width = 0;
    switch (byte(at)) {
        case 'U':
        case 0x8c:
            width = 1;
            break;
        case 'T':
        case 'X':
            width = 4;
            break;
        case 0x8d:
            width = 8;
            break;
        default:
            return {};
    }
    for (std::size_t i = 1; i < width; ++i) {
        if (byte(at + 1 + i) != 0) return {};
    }
    const std::size_t length = byte(at + 1);
    if (length > kMaxTextBytes || at + 1 + width + length > bytes.size()) return {};
    return bytes.substr(at + 1 + width, length);
}

/// Weights and texts hold beginnings of pickles by chance; what chance writes names nothing that is known, and is not
/// well formed.
bool is_convincing(const Stream& stream) {
    // A line of Python that begins with `class` reads as the operation that names one.
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
    // Overlapping entries could ask for the same bytes again and again.
    read_budget_ = 4 * file_.size_bytes() + kMaxInflatedBytes;
    carve_budget_ = file_.size_bytes() + 1'000'000;
    operations_left_ = 2 * file_.size_bytes() + kMaxOperations;
    Archive archive = find_archive(file_);
    report_.anomalies = std::move(archive.anomalies);
    for (Entry& entry : archive.entries) look_into(entry);
    look_into_tar();
    for (const auto& [offset, count] : archive.rest) {
        // What stands at the front of a file is what a reader of pickles begins with.
        if (offset == 0 && base::as_text(file_.read(0, std::min<std::uint64_t>(count, 2))) != "PK") {
            look_into_front(count);
        } else {
            look_into_range({}, offset, count);
        }
    }
    note_programs();
    finish(!archive.entries.empty());
    return std::move(report_);
}

void Auditor::look_into_front(std::uint64_t count) {
    const auto head = file_.read(0, std::min(count, kMaxStreamBytes));
    if (!tar_ || starts_pickle({}, head)) {
        follow_streams({}, head);
    } else {
        carve({}, head);
    }
    if (count > kMaxStreamBytes) look_into_range({}, kMaxStreamBytes, count - kMaxStreamBytes);
}

/// torch.load tries tar before it takes the front of a file for a pickle.
void Auditor::look_into_tar() {
    std::optional<Tar> tar = find_tar(file_);
    if (!tar) return;
    tar_ = true;
    for (AuditAnomaly& each : tar->anomalies) add_anomaly(report_.anomalies, kMaxAnomalies, std::move(each));
    for (Entry& entry : tar->entries) look_into(entry);
}

void Auditor::look_into(Entry& entry) {
    if (may_read(entry.stored_bytes)) {
        entry.shown.sha256 = base::sha256(file_, std::min(entry.data_offset, file_.size_bytes()), entry.stored_bytes);
        if (entry.shown.method == 8) {
            look_into_deflated(entry);
        } else {
            if (entry.shown.method != 0)
                odd({entry.shown.name, 0}, 0, fmt::format("compressed by method {}", entry.shown.method),
                    Gravity::Hides);
            look_into_stored(entry);
        }
    }
    report_.entries.push_back(entry.shown);
}

void Auditor::look_into_stored(const Entry& entry) {
    const Place place{entry.shown.name, 0};
    const std::uint64_t done = std::min(entry.stored_bytes, kMaxStreamBytes);
    look_into_content(entry, file_.read(std::min(entry.data_offset, file_.size_bytes()), done));
    if (done < entry.stored_bytes)
        look_into_range({place.entry, done}, entry.data_offset + done, entry.stored_bytes - done);
    if (entry.shown.method != 0 || entry.stored_bytes != entry.shown.stored_bytes) return;
    uLong crc = 0;
    for (std::uint64_t at = 0; at < entry.stored_bytes; at += kWindowBytes) {
        const auto part = file_.read(entry.data_offset + at, std::min(kWindowBytes, entry.stored_bytes - at));
        crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
    }
    if (entry.shown.in_directory && !entry.is_pickle && crc != entry.crc)
        odd(place, 0, "the entry does not match its CRC");
}

void Auditor::look_into_deflated(const Entry& entry) {
    const Place place{entry.shown.name, 0};
    // A pickle costs its own size and the budget of its stream, whatever a few deflated bytes grow to.
    const std::uint64_t room = std::min({kMaxInflatedBytes, kFreeInflatedBytes + file_.size_bytes(), read_budget_});
    const Inflated inflated =
        inflate(file_.read(std::min(entry.data_offset, file_.size_bytes()), entry.stored_bytes), room);
    read_budget_ -= inflated.bytes.size();
    if (!inflated.complete)
        odd(place, 0,
            inflated.bytes.size() == room ? "the entry grows beyond what is looked into"
                                          : "the entry cannot be decompressed to its end",
            Gravity::Hides);
    const std::string_view text = base::as_text(inflated.bytes);
    if (text.starts_with("PK\x03\x04")) odd(place, 0, "an archive within the archive", Gravity::Hides);
    look_into_content(entry, inflated.bytes);
}

void Auditor::look_into_range(const Place& place, std::uint64_t offset, std::uint64_t count) {
    for (std::uint64_t at = 0; at < count; at += kWindowBytes) {
        const std::uint64_t length = std::min(kWindowBytes + kOverlapBytes, count - at);
        // Offsets within an entry start with its data, those of the file with the file.
        carve({place.entry, place.entry.empty() ? offset + at : place.offset + at}, file_.read(offset + at, length));
    }
}

void Auditor::look_into_content(const Entry& entry, base::Bytes bytes) {
    const Place place{entry.shown.name, 0};
    const std::string name = base::to_lower(entry.shown.name);
    if (name.ends_with(".json") && holds_lambda(base::as_text(bytes)))
        odd(place, 0, "a Keras layer of marshalled Python code", Gravity::Dangerous);
    const bool is_named = is_pickle_name(name) || entry.is_pickle;
    if (!is_named && !starts_pickle(place, bytes)) return carve(place, bytes);
    if (!is_named) odd(place, 0, "a pickle under a name that does not say so");
    const bool is_whole = follow_streams(place, bytes);
    const bool is_loaded = name == "storages" || name == "tensors" || name == "pickle";
    if (entry.is_pickle && is_loaded && !is_whole)
        odd(place, 0, "what old torch would load of it cannot be judged", Gravity::Dangerous);
}

Stream Auditor::follow(base::Bytes bytes) {
    Stream stream(bytes, std::min(kMaxOperations, operations_left_));
    operations_left_ -= std::min(operations_left_, stream.operations() + 1);
    return stream;
}

/// Whether pickles alone fill the bytes.
bool Auditor::follow_streams(const Place& place, base::Bytes bytes) {
    constexpr std::size_t kMaxStreams = 10'000;
    constexpr std::size_t kLegacyStreams = 5;  // magic number, version, system, content, keys; then the weights
    const bool legacy = base::as_text(bytes).starts_with(kLegacyMagic);
    legacy_ = legacy_ || (legacy && place.entry.empty());
    std::size_t at = 0;
    for (std::size_t count = 0; at < bytes.size(); ++count) {
        const Place here{place.entry, place.offset + at};
        if (count == kMaxStreams) {
            odd(here, 0, fmt::format("more than {} pickles behind each other", kMaxStreams), Gravity::Hides);
            carve(here, bytes.subspan(at));
            return false;
        }
        if (legacy && count == kLegacyStreams) {
            carve(here, bytes.subspan(at));
            return true;
        }
        const Stream stream = follow(bytes.subspan(at));
        // What Python would load as one of a legacy file's pickles is no weight.
        const bool hides = std::ranges::any_of(stream.remarks(), &Stream::Remark::hides_content) ||
                           (place.entry.empty() && place.offset == 0 && count < kLegacyStreams);
        if (!stream.complete() && count > 0 && stream.names().empty() && !hides) {
            // Behind old files stand the weights.
            if (!legacy) odd(here, 0, fmt::format("{} bytes follow the pickle", bytes.size() - at));
            carve(here, bytes.subspan(at));
            return false;
        }
        if (count == 1 && !legacy) odd(here, 0, "another pickle follows the first");
        whole_stream_ = whole_stream_ || stream.complete() || !stream.names().empty();
        collect(here, stream);
        at += stream.end();
        if (!stream.complete()) {
            odd(here, stream.end(), "what follows is not followed", Gravity::Hides);
            carve({place.entry, place.offset + at}, bytes.subspan(at));
            return false;
        }
    }
    return true;
}

/// Whether an entry is a pickle though its name does not say so. Weights begin as a pickle by chance, too.
bool Auditor::starts_pickle(const Place& place, base::Bytes bytes) {
    constexpr std::uint64_t kOperationsByChance = 16;
    if (bytes.empty() || !may_carve(place, 0)) return false;
    const Stream stream = try_stream(place, bytes);
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
    for (std::size_t at = text.find('\x80'); at != std::string_view::npos; at = text.find('\x80', at + 1)) {
        if (!begins_pickle(bytes.subspan(at))) continue;
        if (!may_carve(place, at)) return;
        const Stream stream = try_stream({place.entry, place.offset + at}, bytes.subspan(at));
        if (!is_convincing(stream)) continue;
        const Place here{place.entry, place.offset + at};
        odd(here, 0, "a pickle stands among other bytes");
        collect(here, stream);
        at += std::max<std::size_t>(stream.end(), 1) - 1;
    }
}

void Auditor::carve_names(const Place& place, base::Bytes bytes) {
    constexpr std::size_t kMaxWordBytes = 64;
    const std::string_view text = base::as_text(bytes);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        // GLOBAL and INST of protocol 0: a letter, the module, this newline, the name, a newline.
        const std::size_t end = std::min(text.size(), at + 1 + kMaxWordBytes);
        std::size_t last = at + 1;
        while (last < end && is_name_character(text[last])) ++last;
        if (last == at + 1 || last >= text.size() || text[last] != '\n') continue;
        std::size_t first = at;
        while (first > 0 && at - first < kMaxWordBytes && is_name_character(text[first - 1])) --first;
        const std::string name(text.substr(at + 1, last - at - 1));
        // The letter of the operation looks like one of the module, so each beginning is tried.
        for (std::size_t begin = first; begin + 1 < at; ++begin) {
            if (text[begin] != 'c' && text[begin] != 'i') continue;
            const std::string_view module = text.substr(begin + 1, at - begin - 1);
            if (!may_be_dangerous(module)) continue;
            const Judgement judgement = judge(module, name);
            if (judgement.verdict != NameVerdict::Dangerous) continue;
            note_dangerous({place.entry, place.offset + begin}, std::string(module), name, judgement.reason);
            break;
        }
    }
}

/// STACK_GLOBAL behind two texts, in a pickle that does not begin with a mark.
void Auditor::carve_texts(const Place& place, base::Bytes bytes) {
    constexpr std::uint64_t kOperations = 16;
    const std::string_view text = base::as_text(bytes);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view module = short_text(text, at);
        if (module.size() < 2 || !std::ranges::all_of(module, is_name_character) || !may_be_dangerous(module)) continue;
        if (!may_carve(place, at)) return;
        const Stream stream = try_stream({place.entry, place.offset + at}, bytes.subspan(at), kOperations);
        for (const Stream::Name& each : stream.names()) {
            const Judgement judgement = judge(each.module, each.name);
            if (judgement.verdict == NameVerdict::Dangerous)
                note_dangerous({place.entry, place.offset + at}, each.module, each.name, judgement.reason);
        }
    }
}

bool Auditor::may_carve(const Place& place, std::uint64_t offset) {
    if (carve_budget_ > 0) return true;
    if (!carved_out_) odd(place, offset, "more beginnings of pickles than are looked into", Gravity::Hides);
    carved_out_ = true;
    return false;
}

Stream Auditor::try_stream(const Place& place, base::Bytes bytes, std::uint64_t max_operations) {
    Stream stream(bytes, std::min(carve_budget_, max_operations));
    carve_budget_ -= std::min(carve_budget_, stream.operations() + 1);
    static_cast<void>(may_carve(place, 0));
    return stream;
}

void Auditor::note_dangerous(const Place& place, const std::string& module, const std::string& name,
                             std::string_view reason) {
    AuditedName& found = name_of(place, module, name, place.offset);
    ++found.uses;
    found.verdict = NameVerdict::Dangerous;
    found.reason = reason;
}

void Auditor::collect(const Place& place, const Stream& stream) {
    for (const Stream::Name& each : stream.names()) {
        AuditedName& name = name_of(place, each.module, each.name, place.offset + each.offset);
        name.uses += each.uses;
        if (name.uses != each.uses && each.verdict <= name.verdict) continue;
        name.verdict = each.verdict;
        name.reason = each.reason;
    }
    for (const Stream::Remark& each : stream.remarks()) {
        odd(place, each.offset, each.text, each.hides_content ? Gravity::Hides : Gravity::Note);
    }
    if (stream.complete() && report_.tensors.size() < kMaxTensors) {
        std::vector<AuditedTensor> tensors = tensors_of(stream, kMaxTensors - report_.tensors.size());
        std::ranges::move(tensors, std::back_inserter(report_.tensors));
        if (report_.tensors.size() == kMaxTensors)
            odd(place, 0, fmt::format("only {} tensors are listed", kMaxTensors));
    }
    follow_nested(place, stream);
}

void Auditor::follow_nested(const Place& place, const Stream& stream) {
    ++depth_;
    for (const base::Bytes bytes : stream.nested()) {
        const Stream inner(bytes, kMaxOperations);
        const bool marked = bytes.front() == std::byte{0x80};
        if (marked ? !inner.complete() && inner.names().empty() : !is_convincing(inner)) continue;
        if (depth_ <= kMaxDepth) {
            odd(place, 0, "a pickle within a text of the pickle");
            collect(place, inner);
        } else if (!inner.names().empty() || !inner.nested().empty()) {
            odd(place, 0, fmt::format("a pickle within {} others is not followed", depth_), Gravity::Hides);
        }
    }
    --depth_;
}

AuditedName& Auditor::name_of(const Place& place, const std::string& module, const std::string& name,
                              std::uint64_t offset) {
    constexpr std::size_t kMaxNames = 20'000;
    if (report_.names.size() >= kMaxNames && !by_name_.contains(std::pair(module, name))) {
        // A file that names so many is no checkpoint; a dangerous one among the rest must not go under.
        if (!crowded_) odd(place, offset, fmt::format("more than {} names", kMaxNames), Gravity::Hides);
        crowded_ = true;
        return report_.names.back();
    }
    const auto [at, is_new] = by_name_.emplace(std::pair(module, name), report_.names.size());
    if (is_new) {
        report_.names.push_back(
            {.module = module, .name = name, .reason = {}, .entry = place.entry, .offset_bytes = offset});
    }
    return report_.names[at->second];
}

void Auditor::odd(const Place& place, std::uint64_t offset, std::string text, Gravity gravity) {
    add_anomaly(report_.anomalies, kMaxAnomalies,
                anomaly(gravity, place.entry, place.offset + offset, std::move(text)));
}

bool Auditor::may_read(std::uint64_t count) {
    if (count > read_budget_) {
        odd({}, 0, "entries hold more bytes than are looked into", Gravity::Hides);
        return false;
    }
    read_budget_ -= count;
    return true;
}

/// What programs other than the unpickler would run, and what nobody here understood.
void Auditor::note_programs() {
    const auto note = [&](std::string text) {
        add_anomaly(report_.anomalies, kMaxAnomalies, anomaly(Gravity::Hides, {}, {}, std::move(text)));
    };
    if (is_torchscript(report_.entries)) note("the archive holds a TorchScript program, which is not judged");
    if (is_keras(report_.entries)) note("the archive holds a Keras model, which is not judged");
    if (tar_) note("a tar archive, which old torch unpickles: what stands between its pickles is not followed");
    if (!whole_stream_) note("no pickle was understood, so nothing of the file is judged");
}

void Auditor::finish(bool has_entries) {
    const bool torch = std::ranges::any_of(report_.entries, [](const AuditedEntry& entry) {
        const std::string name = base::to_lower(entry.name);
        return name == "data.pkl" || name.ends_with("/data.pkl");
    });
    report_.container = has_entries     ? (torch ? "torch archive" : "zip archive")
                        : tar_          ? "legacy tar"
                        : legacy_       ? "legacy torch.save"
                        : whole_stream_ ? "pickle"
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
