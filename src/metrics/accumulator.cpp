#include "metrics/accumulator.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/bytes.hpp"
#include "base/fail.hpp"

namespace yolovino::metrics {

namespace {

constexpr std::string_view kMagic = "yolovino-val-1\n";

class Writer {
public:
    template <typename T>
    void put(T value) {
        static_assert(std::is_arithmetic_v<T>);
        char bytes[sizeof(T)];
        std::memcpy(bytes, &value, sizeof(T));
        out.append(bytes, sizeof(T));
    }
    void count(std::size_t value) { put(static_cast<std::uint64_t>(value)); }

    std::string out;
};

class Reader {
public:
    Reader(std::span<const std::byte> bytes, std::string file) : reader_(bytes), file_(std::move(file)) {}

    template <typename T>
    T get() {
        const auto value = reader_.read<T>();
        if (!value) fail("the file ends too early");
        return *value;
    }

    /// A number of elements that each take at least `bytes`: more than the rest of the file cannot be there.
    std::size_t count(std::size_t bytes) {
        const auto value = get<std::uint64_t>();
        if (value > reader_.remaining() / bytes) fail("the file declares more records than it holds");
        return static_cast<std::size_t>(value);
    }

    std::string_view text(std::size_t size) {
        const auto taken = reader_.take(size);
        if (!taken) fail("the file ends too early");
        return base::as_text(*taken);
    }

    bool at_end() const { return reader_.remaining() == 0; }

    [[noreturn]] void fail(std::string_view what) const {
        throw Error(ErrorCode::CorruptFile, "metrics", what, {.file = file_, .offset_bytes = reader_.offset()},
                    "give files that 'yolo val shard=i/n' wrote");
    }

private:
    base::ByteReader reader_;
    std::string file_;
};

void write_image(Writer& to, const ImageRecord& image) {
    to.put(image.index);
    to.count(image.scored.detections.size());
    for (const Scored& each : image.scored.detections) {
        to.put(each.conf);
        to.put(each.cls);
        to.put(each.matched);
    }
    to.count(image.scored.truths.size());
    for (const std::int32_t cls : image.scored.truths) to.put(cls);
    to.count(image.coco.matches.size());
    for (const CocoMatch& each : image.coco.matches) {
        to.put(each.score);
        to.put(each.category);
        to.put(each.rank);
        for (const std::uint16_t word : each.matched) to.put(word);
        for (const std::uint16_t word : each.ignored) to.put(word);
    }
    to.count(image.coco.counts.size());
    for (const CocoCount& each : image.coco.counts) {
        to.put(each.category);
        to.put(each.areas);
    }
}

ImageRecord read_image(Reader& from, std::size_t classes) {
    const auto check = [&](std::int32_t cls) {
        if (cls < 0 || static_cast<std::size_t>(cls) >= classes) from.fail("a class id is out of range");
        return cls;
    };
    ImageRecord image;
    image.index = from.get<std::uint32_t>();
    image.scored.detections.resize(from.count(sizeof(float) + 4 + 2));
    for (Scored& each : image.scored.detections) {
        each.conf = from.get<float>();
        each.cls = check(from.get<std::int32_t>());
        each.matched = from.get<std::uint16_t>();
    }
    image.scored.truths.resize(from.count(4));
    for (std::int32_t& cls : image.scored.truths) cls = check(from.get<std::int32_t>());
    image.coco.matches.resize(from.count(8 + 4 + 1 + 4 * kAreas));
    for (CocoMatch& each : image.coco.matches) {
        each.score = from.get<double>();
        each.category = from.get<std::int32_t>();
        each.rank = from.get<std::uint8_t>();
        for (std::uint16_t& word : each.matched) word = from.get<std::uint16_t>();
        for (std::uint16_t& word : each.ignored) word = from.get<std::uint16_t>();
    }
    image.coco.counts.resize(from.count(4 + 1));
    for (CocoCount& each : image.coco.counts) {
        each.category = from.get<std::int32_t>();
        each.areas = from.get<std::uint8_t>();
    }
    return image;
}

}  // namespace

void Accumulator::merge(Accumulator other) {
    confusion_.add(other.confusion_);
    images_.insert(images_.end(), std::make_move_iterator(other.images_.begin()),
                   std::make_move_iterator(other.images_.end()));
    sort();
    const auto twice = std::ranges::adjacent_find(images_, {}, &ImageRecord::index);
    if (twice != images_.end()) {
        throw Error(ErrorCode::InvalidArgument, "metrics", "the parts overlap: an image is in two of them", {},
                    "give each shard once");
    }
}

void Accumulator::sort() {
    std::ranges::stable_sort(images_, {}, &ImageRecord::index);
}

Score Accumulator::score(Protocol protocol) const {
    std::vector<const ScoredImage*> images;
    for (const ImageRecord& image : images_) images.push_back(&image.scored);
    return metrics::score(images, protocol);
}

CocoMetrics Accumulator::coco() const {
    std::vector<const CocoImage*> images;
    for (const ImageRecord& image : images_) images.push_back(&image.coco);
    return summarize_coco(images);
}

std::string serialize(const Accumulator& accumulator, std::string_view description) {
    Writer to;
    to.out = kMagic;
    to.count(description.size());
    to.out += description;
    to.count(accumulator.confusion_.side());
    for (const std::uint64_t value : accumulator.confusion_.counts()) to.put(value);
    to.count(accumulator.images_.size());
    for (const ImageRecord& image : accumulator.images_) write_image(to, image);
    return std::move(to.out);
}

Accumulator parse(std::span<const std::byte> bytes, const std::string& file, std::string& description) {
    Reader from(bytes, file);
    if (bytes.size() < kMagic.size() || from.text(kMagic.size()) != kMagic)
        from.fail("this is no part of a validation");
    description = from.text(from.count(1));
    const std::size_t side = from.count(8);
    if (side == 0 || bytes.size() / side / 8 < side) from.fail("the confusion matrix does not fit into the file");
    Accumulator accumulator(side - 1);
    for (std::uint64_t& value : accumulator.confusion_.counts()) value = from.get<std::uint64_t>();
    const std::size_t images = from.count(4 + 4 * 8);
    for (std::size_t i = 0; i < images; ++i) accumulator.add(read_image(from, side - 1));
    if (!from.at_end()) from.fail("bytes follow the last record");
    accumulator.sort();
    return accumulator;
}

}  // namespace yolovino::metrics
