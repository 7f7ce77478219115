#include "data/pipe_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 16U;
constexpr std::size_t kMaxNameBytes = std::size_t{1} << 16U;
constexpr std::size_t kMaxDigits = 10;
constexpr std::string_view kJpeg = "\xFF\xD8\xFF";
constexpr std::string_view kPng = "\x89PNG";
constexpr std::string_view kFramingHint = "framing= says how images follow each other: lines, length, netstring, whole";

constexpr std::array<std::pair<std::string_view, Framing>, 5> kNames = {{{"auto", Framing::Auto},
                                                                         {"lines", Framing::Lines},
                                                                         {"length", Framing::Length},
                                                                         {"netstring", Framing::Netstring},
                                                                         {"whole", Framing::Whole}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

Framing parse_framing(const std::string& name) {
    const auto* found = std::ranges::find(kNames, name, &std::pair<std::string_view, Framing>::first);
    if (found != kNames.end()) return found->second;
    throw Error(
        ErrorCode::InvalidArgument, "source",
        fmt::format("framing is '{}', wanted one of auto, lines, length, netstring, whole", base::printable(name)));
}

PipeReader::PipeReader(int descriptor, Framing framing)
    : descriptor_(descriptor), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), framing_(framing) {
    if (wake_ >= 0) return;
    throw Error(ErrorCode::LimitExceeded, "source",
                "cannot read standard input: " + std::generic_category().message(errno), {},
                "raise the limit of open files");
}

PipeReader::~PipeReader() {
    ::close(wake_);
}

void PipeReader::interrupt() noexcept {
    stop_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof(one));
}

void PipeReader::fail(ErrorCode code, const std::string& what, std::string_view hint) const {
    throw Error(code, "source", fmt::format("standard input: {} (record {})", what, records_ + 1), {}, hint);
}

/// Reads what there is, and waits for it; false at the end or after an interruption.
bool PipeReader::fill() {
    while (!ended_ && !stop_) {
        pollfd waits[2] = {{descriptor_, POLLIN, 0}, {wake_, POLLIN, 0}};
        if (::poll(waits, 2, -1) < 0 && errno != EINTR) fail(ErrorCode::IoFailure, "cannot wait for input", {});
        if (stop_) return false;
        if (waits[0].revents == 0) continue;
        if (begin_ > 0 && begin_ >= buffer_.size() / 2) {
            buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
        const std::size_t before = buffer_.size();
        buffer_.resize(before + kReadBytes);
        const ssize_t count = ::read(descriptor_, buffer_.data() + before, kReadBytes);
        const int error = errno;
        buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count > 0) return true;
        if (count < 0 && (error == EINTR || error == EAGAIN)) continue;
        if (count < 0)
            fail(ErrorCode::IoFailure, "cannot be read: " + std::generic_category().message(error),
                 "give the command an open standard input");
        ended_ = true;
    }
    return false;
}

/// Whether so many bytes can be had.
bool PipeReader::have(std::size_t count) {
    while (buffer_.size() - begin_ < count) {
        if (!fill()) return false;
    }
    return true;
}

/// The next bytes, which stay; fewer at the end.
std::string PipeReader::peek(std::size_t count) {
    have(count);
    return std::string(base::as_text(std::span(buffer_).subspan(begin_, std::min(count, buffer_.size() - begin_))));
}

/// These bytes must be there.
std::vector<std::byte> PipeReader::take(std::size_t count) {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
    std::vector<std::byte> taken;
    if (begin_ == 0 && count == buffer_.size()) {
        taken = std::exchange(buffer_, {});
    } else {
        taken.assign(from, from + static_cast<std::ptrdiff_t>(count));
        begin_ += count;
    }
    return taken;
}

std::string PipeReader::default_name() const {
    return fmt::format("image{}.jpg", records_);
}

/// From no more bytes than must be seen: whoever writes may wait for the answer to the first image.
Framing PipeReader::detect() {
    const std::string first = peek(1);
    if (first.empty()) return Framing::Lines;
    if (first == kJpeg.substr(0, 1)) return peek(kJpeg.size()) == kJpeg ? Framing::Whole : Framing::Length;
    if (first == kPng.substr(0, 1) && peek(kPng.size()) == kPng) return Framing::Whole;
    const char c = first.front();
    const bool blank = c == '\t' || c == '\n' || c == '\r';
    if (static_cast<unsigned char>(c) < 0x20 && !blank) return Framing::Length;
    if (!is_digit(c) && c != '-') return Framing::Lines;
    std::size_t size = 2;
    while (size <= kMaxDigits && peek(size).size() == size && is_digit(peek(size).back())) ++size;
    const std::string start = peek(size);
    return start.back() == ':' && (c != '-' || start == "-1:") ? Framing::Netstring : Framing::Lines;
}

std::optional<PipeRecord> PipeReader::next_line() {
    std::string line;
    while (line.empty()) {
        if (!have(1)) return std::nullopt;
        std::size_t size = 0;
        while (true) {
            if (!have(size + 1)) break;
            const auto rest = base::as_text(std::span(buffer_).subspan(begin_ + size));
            const std::size_t at = rest.find('\n');
            size += std::min(at, rest.size());
            if (size > kMaxNameBytes)
                fail(ErrorCode::LimitExceeded, fmt::format("a line is longer than {} bytes", kMaxNameBytes),
                     kFramingHint);
            if (at != std::string_view::npos) break;
        }
        const bool ends = size < buffer_.size() - begin_;  // with a line feed
        line = base::as_text(take(size));
        if (ends) take(1);
        if (line.ends_with('\r')) line.pop_back();
    }
    return PipeRecord{std::move(line), true, {}};
}

/// A length of -1 is how kcat writes that a message has no content.
std::optional<PipeRecord> PipeReader::next_sized() {
    constexpr std::size_t kPrefix = 4;
    if (!have(1)) return std::nullopt;
    if (!have(kPrefix)) {
        if (stop_) return std::nullopt;
        fail(ErrorCode::CorruptFile, "it ends within a length of 4 bytes", kFramingHint);
    }
    std::uint32_t size = 0;
    for (const std::byte each : take(kPrefix)) size = size << 8U | std::to_integer<std::uint32_t>(each);
    if (size == UINT32_MAX) size = 0;
    if (size > vision::kMaxEncodedBytes)
        fail(ErrorCode::LimitExceeded,
             fmt::format("an image declares {} bytes, the limit is {}", size, vision::kMaxEncodedBytes), kFramingHint);
    if (!have(size)) {
        if (stop_) return std::nullopt;
        fail(ErrorCode::CorruptFile,
             fmt::format("it ends after {} of the {} bytes of an image", buffer_.size() - begin_, size), kFramingHint);
    }
    return PipeRecord{default_name(), false, take(size)};
}

/// `5:bytes,`; `-1:,` and `0:,` are empty. @param what to name in messages
std::vector<std::byte> PipeReader::netstring(std::string_view what, std::size_t most) {
    std::size_t digits = 0;
    while (digits <= kMaxDigits && peek(digits + 1).size() == digits + 1 && peek(digits + 1).back() != ':') ++digits;
    const std::string head = peek(digits + 1);
    long long size = 0;
    const auto [end, error] = std::from_chars(head.data(), head.data() + digits, size);
    if (stop_) return {};
    if (!head.ends_with(':') || digits == 0 || error != std::errc() || end != head.data() + digits || size < -1)
        fail(ErrorCode::CorruptFile,
             fmt::format("the {} begins with '{}', wanted its length and a colon", what, base::printable(head)),
             kFramingHint);
    const auto bytes = static_cast<std::size_t>(std::max(size, 0LL));
    if (bytes > most)
        fail(ErrorCode::LimitExceeded, fmt::format("the {} declares {} bytes, the limit is {}", what, bytes, most),
             kFramingHint);
    take(digits + 1);
    if (!have(bytes + 1)) {
        if (stop_) return {};
        fail(ErrorCode::CorruptFile,
             fmt::format("it ends after {} of the {} bytes of the {}", buffer_.size() - begin_, bytes, what),
             kFramingHint);
    }
    std::vector<std::byte> content = take(bytes);
    if (take(1).front() != std::byte{','})
        fail(ErrorCode::CorruptFile, fmt::format("no comma follows the {}", what), kFramingHint);
    return content;
}

std::optional<PipeRecord> PipeReader::next_netstrings() {
    // Lines between the pairs do no harm.
    while (peek(1) == "\n") take(1);
    if (!have(1)) return std::nullopt;
    const std::vector<std::byte> key = netstring("key", kMaxNameBytes);
    std::vector<std::byte> image = stop_ ? std::vector<std::byte>() : netstring("image", vision::kMaxEncodedBytes);
    if (stop_) return std::nullopt;
    return PipeRecord{key.empty() ? default_name() : std::string(base::as_text(key)), false, std::move(image)};
}

std::optional<PipeRecord> PipeReader::whole() {
    if (!have(1)) return std::nullopt;
    while (fill()) {
        if (buffer_.size() > vision::kMaxEncodedBytes)
            fail(ErrorCode::LimitExceeded,
                 fmt::format("the image is larger than {} bytes", std::uint64_t{vision::kMaxEncodedBytes}),
                 kFramingHint);
    }
    if (stop_) return std::nullopt;
    return PipeRecord{default_name(), false, take(buffer_.size() - begin_)};
}

std::optional<PipeRecord> PipeReader::next() {
    if (framing_ == Framing::Auto) framing_ = detect();
    std::optional<PipeRecord> record;
    switch (framing_) {
        case Framing::Auto:
        case Framing::Lines:
            record = next_line();
            break;
        case Framing::Length:
            record = next_sized();
            break;
        case Framing::Netstring:
            record = next_netstrings();
            break;
        case Framing::Whole:
            record = whole();
            break;
    }
    if (record) ++records_;
    return stop_ ? std::nullopt : std::move(record);
}

}  // namespace yolovino::data
