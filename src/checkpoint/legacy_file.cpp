#include "checkpoint/legacy_file.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "checkpoint/opcodes.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "checkpoint/tensor.hpp"

namespace yolovino::checkpoint {

using namespace std::string_view_literals;
using base::checked_mul;
using Index = Pickle::Index;
using Kind = Pickle::Kind;

namespace {

constexpr std::string_view kMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;  // LONG1 of ten bytes
constexpr std::int64_t kFormatVersion = 1001;
constexpr std::uint64_t kMaxSmallPickleBytes = 4096;
constexpr std::uint64_t kWindowBytes = 64U << 10U;
constexpr std::uint64_t kMaxLineBytes = 257;

[[noreturn]] void corrupt(const base::RandomAccessFile& file, const std::string& message, std::uint64_t offset) {
    throw Error(ErrorCode::CorruptFile, "checkpoint", message, {.file = file.path().string(), .offset_bytes = offset});
}

/// Finds where a pickle ends, without reading what it says.
class PickleSkimmer {
public:
    PickleSkimmer(const base::RandomAccessFile& file, std::uint64_t begin, std::uint64_t max_bytes)
        : file_(file), begin_(begin), at_(begin), max_bytes_(max_bytes) {}

    /// The offset behind STOP.
    std::uint64_t end() {
        for (;;) {
            const auto code = static_cast<std::uint8_t>(next());
            if (code == static_cast<std::uint8_t>(Op::Stop)) return at_;
            skip_operand(code);
            if (at_ - begin_ > max_bytes_) {
                throw Error(ErrorCode::LimitExceeded, "checkpoint",
                            fmt::format("pickle has more than {} bytes", max_bytes_),
                            {.file = file_.path().string(), .offset_bytes = begin_});
            }
        }
    }

private:
    /// Of an operation that no checkpoint has, nothing is skipped: the reader of the pickle refuses it.
    void skip_operand(std::uint8_t code) {
        const Opcode* opcode = find_opcode(code);
        if (opcode == nullptr || !opcode->in_checkpoints) return;
        const Operand operand = opcode->operand;
        if (operand == Operand::Line || operand == Operand::TwoLines) {
            skip_line();
            if (operand == Operand::TwoLines) skip_line();
            return;
        }
        const std::size_t width = width_of(operand);
        skip(is_counted(operand) ? number(width) : width);
    }

    std::uint64_t left() const { return file_.size_bytes() - at_; }

    void skip(std::uint64_t count) {
        if (count > left()) corrupt(file_, "pickle ends without STOP", begin_);
        at_ += count;
    }

    std::byte next() {
        if (left() == 0) corrupt(file_, "pickle ends without STOP", begin_);
        if (at_ < window_begin_ || at_ >= window_begin_ + window_.size()) {
            window_ = file_.read(at_, std::min(kWindowBytes, left()));
            window_begin_ = at_;
        }
        return window_[static_cast<std::size_t>(at_++ - window_begin_)];
    }

    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) value |= std::to_integer<std::uint64_t>(next()) << (8 * i);
        return value;
    }

    void skip_line() {
        for (std::uint64_t i = 0; i < kMaxLineBytes; ++i) {
            if (next() == std::byte{'\n'}) return;
        }
        corrupt(file_, "name of a class is truncated or longer than 256 bytes", at_);
    }

    const base::RandomAccessFile& file_;
    std::uint64_t begin_;
    std::uint64_t at_;
    std::uint64_t max_bytes_;
    std::vector<std::byte> window_;
    std::uint64_t window_begin_ = 0;
};

/// Takes pickles from the file, one behind the other.
class PickleRow {
public:
    explicit PickleRow(const base::RandomAccessFile& file) : file_(file) {}

    Pickle next(std::uint64_t max_bytes, bool is_object = false) {
        const std::uint64_t begin = std::exchange(at_, PickleSkimmer(file_, at_, max_bytes).end());
        std::vector<std::byte> bytes = file_.read(begin, at_ - begin);
        const std::string name = file_.path().string();
        return is_object ? parse_legacy_pickle(std::move(bytes), name, begin)
                         : parse_pickle(std::move(bytes), name, begin);
    }
    std::uint64_t offset() const noexcept { return at_; }

private:
    const base::RandomAccessFile& file_;
    std::uint64_t at_ = 0;
};

/// Bytes of an element of each storage that the pickle refers to.
std::map<std::string, std::uint64_t, std::less<>> element_sizes(const Pickle& pickle) {
    std::map<std::string, std::uint64_t, std::less<>> sizes;
    for (std::size_t node = 0; node < pickle.node_count(); ++node) {
        if (const auto id = storage_id(pickle, static_cast<Index>(node))) sizes.emplace(id->key, id->element_bytes());
    }
    return sizes;
}

}  // namespace

bool is_legacy(const base::RandomAccessFile& file) {
    // PROTO, from protocol 4 on a FRAME, and the number.
    const std::vector<std::byte> bytes = file.read(0, std::min<std::uint64_t>(file.size_bytes(), 32));
    const std::string_view head = base::as_text(bytes);
    if (head.size() < 2 || head[0] != to_char(Op::Proto) || head[1] < kLowestProtocol) return false;
    return head.substr(2).starts_with(kMagic) ||
           (head.size() > 11 && head[2] == to_char(Op::Frame) && head.substr(11).starts_with(kMagic));
}

LegacyFile read_legacy(const base::RandomAccessFile& file, std::uint64_t max_pickle_bytes) {
    PickleRow pickles(file);
    pickles.next(kMaxSmallPickleBytes);
    const Pickle version = pickles.next(kMaxSmallPickleBytes);
    if (version.kind(version.root()) != Kind::Int || version.integer(version.root()) != kFormatVersion) {
        throw Error(ErrorCode::UnsupportedFile, "checkpoint",
                    fmt::format("legacy file of another version, wanted {}", kFormatVersion),
                    {.file = file.path().string()});
    }
    const Pickle system = pickles.next(kMaxSmallPickleBytes);
    const Index little =
        system.is_mapping(system.root()) ? system.find(system.root(), "little_endian") : Pickle::kNothing;
    if (little == Pickle::kNothing || system.kind(little) != Kind::Bool || !system.boolean(little)) {
        throw Error(ErrorCode::UnsupportedFile, "checkpoint", "byte order is not read, only little",
                    {.file = file.path().string()}, "save it again on a little-endian machine");
    }
    LegacyFile legacy{pickles.next(max_pickle_bytes, true), {}};
    const std::uint64_t keys_offset = pickles.offset();
    const Pickle keys = pickles.next(max_pickle_bytes);
    if (keys.kind(keys.root()) != Kind::Sequence) corrupt(file, "the numbers of the storages are no list", keys_offset);

    const auto sizes = element_sizes(legacy.pickle);
    std::uint64_t at = pickles.offset();
    for (const Index node : keys.items(keys.root())) {
        const std::string key(keys.kind(node) == Kind::String ? keys.text(node) : "");
        const auto size = sizes.find(key);
        if (size == sizes.end())
            corrupt(file, fmt::format("storage '{}' is of no known type", base::printable(key, 40)), at);
        std::uint64_t count = 0;
        const std::vector<std::byte> head = file.read(at, sizeof count);
        std::memcpy(&count, head.data(), sizeof count);
        at += sizeof count;
        const auto bytes = checked_mul(count, size->second);
        if (!bytes || *bytes > file.size_bytes() - at) {
            throw Error(
                ErrorCode::CorruptFile, "checkpoint",
                fmt::format("truncated download: storage '{}' has {} elements, the file ends before", key, count),
                {.file = file.path().string(), .offset_bytes = at}, "download the file again");
        }
        if (!legacy.places.emplace(key, Storages::Place{*bytes, at}).second)
            corrupt(file, fmt::format("two storages have the number '{}'", key), at);
        at += *bytes;
    }
    if (at != file.size_bytes())
        corrupt(file, fmt::format("{} bytes follow the last storage", file.size_bytes() - at), at);
    return legacy;
}

}  // namespace yolovino::checkpoint
