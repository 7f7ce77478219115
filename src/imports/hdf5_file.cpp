#include "imports/hdf5_file.hpp"

#include <csignal>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/module_loader.hpp"

namespace yolovino::imports {

namespace {

/// What a record of the child's output holds.
enum class Record : std::uint8_t { Array = 1, Texts };

constexpr std::uint32_t kMaxNameBytes = 1U << 20U;
constexpr std::uint32_t kMaxTexts = 1'000'000;  ///< of all records together
constexpr std::uint8_t kMaxRank = 32;           ///< HDF5 has no more

template <typename T>
void append(std::string& into, T value) {
    into.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append(std::string& into, const std::string& text) {
    append(into, static_cast<std::uint32_t>(text.size()));
    into += text;
}

/// Believes nothing of what the child says: the library in it may have been led anywhere by the file.
class Receiver {
public:
    Receiver(base::ChildProcess& child, const std::string& file, const detail::Hdf5Limits& limits)
        : child_(child), file_(file), limits_(limits) {}

    Hdf5Content run() {
        Record kind{};
        while (child_.read(std::as_writable_bytes(std::span(&kind, 1)))) {
            const std::string name = text(kMaxNameBytes);
            if (kind == Record::Array) {
                content_.arrays.insert_or_assign(name, array());
            } else if (kind == Record::Texts) {
                content_.attributes.insert_or_assign(name, texts());
            } else {
                failed(child_.wait());
            }
        }
        if (const base::ChildEnding ending = child_.wait(); !ending.whole) failed(ending);
        return std::move(content_);
    }

private:
    [[noreturn]] void failed(const base::ChildEnding& ending) const {
        if (ending.too_long || ending.signal == SIGXCPU) {
            throw Error(ErrorCode::LimitExceeded, "import",
                        fmt::format("the HDF5 library did not finish within {} s", limits_.processor_s),
                        {.file = file_});
        }
        std::string how;
        if (ending.signal) how = fmt::format(" (signal {})", *ending.signal);
        if (ending.status) how = fmt::format(" (status {})", *ending.status);
        throw Error(ErrorCode::CorruptFile, "import",
                    "not an HDF5 file, or damaged: the HDF5 library failed on it" + how, {.file = file_});
    }
    [[noreturn]] void limit(const std::string& what) const {
        throw Error(ErrorCode::LimitExceeded, "import",
                    fmt::format("the {} of the HDF5 file are larger than is read", what), {.file = file_});
    }

    void fill(std::span<std::byte> into) {
        if (!child_.read(into)) failed(child_.wait());
    }
    template <typename T>
    T number() {
        T value{};
        fill(std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }
    void pay(std::uint64_t& left, std::uint64_t bytes, const std::string& what) const {
        if (bytes > left) limit(what);
        left -= bytes;
    }

    std::string text(std::uint32_t max_bytes) {
        const auto count = number<std::uint32_t>();
        if (count > max_bytes) limit("names");
        pay(limits_.text_bytes, count, "texts");
        std::string value(count, '\0');
        fill(std::as_writable_bytes(std::span(value)));
        return value;
    }

    std::vector<std::string> texts() {
        const auto count = number<std::uint32_t>();
        pay(texts_left_, count, "texts");
        std::vector<std::string> values;
        for (std::uint32_t i = 0; i < count; ++i) values.push_back(text(~std::uint32_t{0}));
        return values;
    }

    Array array() {
        Array made;
        const auto rank = number<std::uint8_t>();
        if (rank > kMaxRank) limit("arrays");
        std::uint64_t count = 1;
        for (std::uint8_t i = 0; i < rank; ++i) {
            const auto dim = number<std::int64_t>();
            const auto product = dim < 0 ? std::nullopt : base::checked_mul(count, static_cast<std::uint64_t>(dim));
            if (!product) limit("arrays");
            count = *product;
            made.shape.push_back(dim);
        }
        const auto bytes = base::checked_mul(count, sizeof(float));
        if (!bytes) limit("arrays");
        pay(limits_.array_bytes, *bytes, "arrays");
        made.values.resize(static_cast<std::size_t>(count));
        fill(std::as_writable_bytes(std::span(made.values)));
        return made;
    }

    base::ChildProcess& child_;
    const std::string& file_;
    detail::Hdf5Limits limits_;
    std::uint64_t texts_left_ = kMaxTexts;
    Hdf5Content content_;
};

}  // namespace

void detail::Hdf5Sender::take(const std::string& path, const Array& array) {
    std::string head;
    append(head, Record::Array);
    append(head, path);
    append(head, static_cast<std::uint8_t>(array.shape.size()));
    for (const std::int64_t dim : array.shape) append(head, dim);
    output_.write(base::as_bytes(head));
    output_.write(std::as_bytes(std::span(array.values)));
}

void detail::Hdf5Sender::take(const std::string& place, const std::vector<std::string>& texts) {
    std::string record;
    append(record, Record::Texts);
    append(record, place);
    append(record, static_cast<std::uint32_t>(texts.size()));
    for (const std::string& text : texts) append(record, text);
    output_.write(base::as_bytes(record));
}

Hdf5Content detail::receive_hdf5(base::ChildProcess& child, const std::string& file, const Hdf5Limits& limits) {
    return Receiver(child, file, limits).run();
}

Hdf5Content read_hdf5(std::span<const std::byte> image, const std::string& file, std::uint64_t paid_bytes) {
    // In this process, so that the child finds it loaded.
    static const auto read = reinterpret_cast<ReadHdf5Function>(base::load_module_symbol("hdf5", "yolovino_read_hdf5"));
    constexpr std::uint64_t kMebi = 1U << 20U;
    const auto processor_s = static_cast<unsigned>(60 + image.size() / (4 * kMebi));
    const detail::Hdf5Limits limits = {
        .array_bytes = kFreeBytes + kMaxGrowth * paid_bytes, .text_bytes = 256 * kMebi, .processor_s = processor_s};
    base::ChildProcess child(
        [&](base::ChildOutput& output) {
            detail::Hdf5Sender sender(output);
            read(image, file, sender);
        },
        {.processor_s = processor_s,
         .silent_s = 5 * processor_s,  // on a busy machine
         .memory_bytes = 4096 * kMebi + image.size(),
         .quiet = true});
    return detail::receive_hdf5(child, file, limits);
}

}  // namespace yolovino::imports
