#include "metrics/accumulator.hpp"

#include <algorithm>

#include "base/fail.hpp"
#include "metrics/shard_file.hpp"

namespace yolovino::metrics {

namespace {

void write_image(ShardWriter& to, const ImageRecord& image) {
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

ImageRecord read_image(ShardReader& from, std::size_t classes) {
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

void Accumulator::append(Accumulator other) {
    confusion_.add(other.confusion_);
    images_.insert(images_.end(), std::make_move_iterator(other.images_.begin()),
                   std::make_move_iterator(other.images_.end()));
}

void Accumulator::merge(Accumulator other) {
    append(std::move(other));
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

std::string Shard::serialize(std::span<const Accumulator> parts, std::string_view magic, std::string_view description) {
    ShardWriter to;
    to.out = magic;
    to.count(description.size());
    to.out += description;
    for (const Accumulator& part : parts) {
        to.count(part.confusion_.side());
        for (const std::uint64_t value : part.confusion_.counts()) to.put(value);
        to.count(part.images_.size());
        for (const ImageRecord& image : part.images_) write_image(to, image);
    }
    return std::move(to.out);
}

std::vector<Accumulator> Shard::parse(std::span<const std::byte> bytes, std::string_view magic, std::size_t parts,
                                      const std::string& file, std::string& description) {
    ShardReader from(bytes, file);
    if (bytes.size() < magic.size() || from.text(magic.size()) != magic) from.fail("this is no part of a validation");
    description = from.text(from.count(1));
    std::vector<Accumulator> out;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t side = from.count(8);
        if (side == 0 || bytes.size() / side / 8 < side) from.fail("the confusion matrix does not fit into the file");
        const bool first = part == 0;
        if (!first && side != 1) from.fail("there are two confusion matrices");
        Accumulator& accumulator = out.emplace_back(side - 1);
        for (std::uint64_t& value : accumulator.confusion_.counts()) value = from.get<std::uint64_t>();
        const std::size_t images = from.count(4 + 4 * 8);
        const std::size_t classes = out.front().confusion_.side() - 1;
        for (std::size_t i = 0; i < images; ++i) accumulator.add(read_image(from, classes));
        accumulator.sort();
        if (!first &&
            !std::ranges::equal(accumulator.images_, out.front().images_, {}, &ImageRecord::index, &ImageRecord::index))
            from.fail("the parts are not of the same images");
    }
    if (!from.at_end()) from.fail("bytes follow the last record");
    return out;
}

std::string serialize(const Accumulator& accumulator, std::string_view description) {
    return Shard::serialize({&accumulator, 1}, kShardMagic, description);
}

Accumulator parse(std::span<const std::byte> bytes, const std::string& file, std::string& description) {
    return std::move(Shard::parse(bytes, kShardMagic, 1, file, description).front());
}

}  // namespace yolovino::metrics
