#include "metrics/class_accuracy.hpp"

#include <algorithm>
#include <numeric>

#include "base/fail.hpp"
#include "metrics/shard_file.hpp"

namespace yolovino::metrics {

bool RankedClasses::has(std::size_t first) const {
    const auto end = best.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(first, count));
    return std::find(best.begin(), end, truth) != end;
}

RankedClasses rank_classes(std::span<const float> probabilities) {
    std::vector<std::int32_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), 0);
    RankedClasses image;
    image.count = static_cast<std::uint8_t>(std::min(order.size(), RankedClasses::kMost));
    // What is no number comes last, so that the order stays one.
    const auto before = [&](std::int32_t a, std::int32_t b) {
        const float of_a = probabilities[static_cast<std::size_t>(a)];
        const float of_b = probabilities[static_cast<std::size_t>(b)];
        if (of_a > of_b || (of_a == of_a && of_b != of_b)) return true;
        if (of_b > of_a || (of_b == of_b && of_a != of_a)) return false;
        return a < b;
    };
    std::partial_sort(order.begin(), order.begin() + image.count, order.end(), before);
    std::copy_n(order.begin(), image.count, image.best.begin());
    return image;
}

void ClassAccuracy::append(const ClassAccuracy& other) {
    if (other.classes_ != classes_)
        throw Error(ErrorCode::ShapeMismatch, "metrics", "the parts have different numbers of classes");
    images_.insert(images_.end(), other.images_.begin(), other.images_.end());
}

void ClassAccuracy::merge(const ClassAccuracy& other) {
    append(other);
    sort();
    if (std::ranges::adjacent_find(images_, {}, &RankedClasses::index) != images_.end()) {
        throw Error(ErrorCode::InvalidArgument, "metrics", "the parts overlap: an image is in two of them", {},
                    "give each shard once");
    }
}

void ClassAccuracy::sort() {
    std::ranges::stable_sort(images_, {}, &RankedClasses::index);
}

double ClassAccuracy::top(std::size_t first) const {
    const auto hits = std::ranges::count_if(images_, [first](const RankedClasses& image) { return image.has(first); });
    return images_.empty() ? 0 : static_cast<double>(hits) / static_cast<double>(images_.size());
}

Interval ClassAccuracy::top1_interval(int samples) const {
    std::vector<double> hits;
    for (const RankedClasses& image : images_) hits.push_back(image.has(1) ? 1 : 0);
    return bootstrap_mean(hits, samples);
}

std::vector<std::vector<std::uint64_t>> ClassAccuracy::confusion() const {
    std::vector<std::vector<std::uint64_t>> counts(classes_, std::vector<std::uint64_t>(classes_));
    for (const RankedClasses& image : images_) {
        if (image.count > 0)
            ++counts.at(static_cast<std::size_t>(image.best.front())).at(static_cast<std::size_t>(image.truth));
    }
    return counts;
}

std::string ClassAccuracy::serialize(std::string_view magic, std::string_view description) const {
    ShardWriter to;
    to.out = magic;
    to.count(description.size());
    to.out += description;
    to.count(classes_);
    to.count(images_.size());
    for (const RankedClasses& image : images_) {
        to.put(image.index);
        to.put(image.truth);
        to.put(image.count);
        for (std::size_t i = 0; i < image.count; ++i) to.put(image.best[i]);
    }
    return std::move(to.out);
}

ClassAccuracy ClassAccuracy::parse(std::span<const std::byte> bytes, std::string_view magic, const std::string& file,
                                   std::string& description) {
    constexpr std::uint64_t kMaxClasses = 100'000;
    ShardReader from(bytes, file);
    if (bytes.size() < magic.size() || from.text(magic.size()) != magic) from.fail("this is no part of a validation");
    description = from.text(from.count(1));
    const auto classes = from.get<std::uint64_t>();
    if (classes > kMaxClasses) from.fail("the file declares too many classes");
    ClassAccuracy out(static_cast<std::size_t>(classes));
    const auto check = [&](std::int32_t cls) {
        if (cls < 0 || static_cast<std::uint64_t>(cls) >= classes) from.fail("a class id is out of range");
        return cls;
    };
    constexpr std::size_t kLeastImageBytes = 9;  // index, true class, number of classes that follow
    const std::size_t images = from.count(kLeastImageBytes);
    for (std::size_t i = 0; i < images; ++i) {
        RankedClasses image;
        image.index = from.get<std::uint32_t>();
        image.truth = check(from.get<std::int32_t>());
        image.count = from.get<std::uint8_t>();
        if (image.count > RankedClasses::kMost) from.fail("an image has too many classes");
        for (std::size_t k = 0; k < image.count; ++k) image.best.at(k) = check(from.get<std::int32_t>());
        out.add(image);
    }
    if (!from.at_end()) from.fail("bytes follow the last record");
    out.sort();
    return out;
}

}  // namespace yolovino::metrics
