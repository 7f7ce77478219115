#include "metrics/accumulator.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "base/bytes.hpp"

namespace yolovino::metrics {
namespace {

ImageRecord record(std::uint32_t index) {
    ImageRecord out;
    out.index = index;
    const auto hit = static_cast<std::uint16_t>(index % 3 == 0 ? 0x3FF : 0x007);
    out.scored.detections = {{0.3F + 0.01F * static_cast<float>(index), 0, hit}, {0.3F, 1, 0}};
    out.scored.truths = {0, 1};
    const std::vector<CocoDetection> found = {{{0, 0, 40, 40}, 0, 0.5 + 0.01 * index}};
    const std::vector<CocoTruth> truths = {{{0, 0, 30.0 + index, 40}, 0, 1600, false}};
    out.coco = match_coco(found, truths);
    return out;
}

Accumulator part(std::size_t first, std::size_t step) {
    Accumulator out(2);
    for (std::size_t i = first; i < 12; i += step) {
        out.add(record(static_cast<std::uint32_t>(i)));
        out.confusion().add(std::vector<Detection>{{{0, 0, 10, 10}, 0.9F, 1}}, {}, 0.25F);
    }
    out.sort();
    return out;
}

Accumulator read(const std::string& text) {
    std::string description;
    return parse(base::as_bytes(text), "part.val", description);
}

TEST(Accumulator, MergedShardsEqualTheWholeRun) {
    const Accumulator whole = part(0, 1);
    Accumulator merged = read(serialize(part(2, 3), "c"));
    merged.merge(read(serialize(part(0, 3), "a")));
    merged.merge(read(serialize(part(1, 3), "b")));
    EXPECT_EQ(merged, whole);
    EXPECT_EQ(merged.score(Protocol::Ultralytics).map, whole.score(Protocol::Ultralytics).map);
    EXPECT_GT(whole.score(Protocol::Ultralytics).map, 0);
    EXPECT_EQ(merged.coco().ap, whole.coco().ap);
    EXPECT_EQ(merged.confusion().at(1, 2), 12U);
}

TEST(Accumulator, RefusesTheSamePartTwice) {
    Accumulator merged = part(0, 2);
    EXPECT_THROW(merged.merge(part(0, 2)), Error);
    EXPECT_THROW(merged.merge(Accumulator(3)), Error);
}

TEST(Accumulator, EveryTruncationAndEveryForgedByteIsSafe) {
    const std::string good = serialize(part(0, 4), "text");
    EXPECT_NO_THROW(read(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_THROW(read(good.substr(0, size)), Error) << size;
    }
    EXPECT_THROW(read(good + "x"), Error);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string forged = good;
        forged[i] = static_cast<char>(forged[i] ^ 0x80);
        try {
            read(forged);
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 20U) << "the test did not look";
}

}  // namespace
}  // namespace yolovino::metrics
