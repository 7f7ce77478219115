#include <cmath>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "base/bytes.hpp"
#include "metrics/accumulator.hpp"
#include "metrics/class_accuracy.hpp"
#include "metrics/coco.hpp"
#include "metrics/keypoint_similarity.hpp"
#include "metrics/mask_overlap.hpp"
#include "metrics/run_lengths.hpp"

namespace yolovino::metrics {
namespace {

std::vector<double> square(double x, double y, double side) {
    return {x, y, x + side, y, x + side, y + side, x, y + side};
}

/// An object of the recorded dataset: a square, whose mask pycocotools makes of its polygon.
struct Object {
    int image;
    int category;
    double x;
    double y;
    double side;
    double score = 0;
    bool crowd = false;
};

Runs mask_of(const Object& object) {
    return runs_of_polygon(square(object.x, object.y, object.side), {64, 64});
}

// Recorded with pycocotools 2.0.11: COCOeval(…, "segm") on two images of 64 x 64.
TEST(CocoMasks, EqualPycocotools) {
    const std::vector<Object> truths = {
        {1, 1, 4, 4, 40}, {1, 1, 20, 20, 12}, {1, 2, 50, 2, 10}, {2, 1, 0, 0, 60, 0, true}, {2, 2, 10, 12, 33}};
    const std::vector<Object> found = {{1, 1, 5, 6, 39, 0.9}, {1, 1, 21, 22, 12, 0.8},  {1, 2, 40, 3, 11, 0.7},
                                       {2, 1, 2, 2, 30, 0.6}, {2, 2, 12, 12, 34, 0.95}, {2, 2, 11, 30, 20, 0.3}};
    std::vector<CocoImage> images;
    for (const int id : {1, 2}) {
        std::vector<CocoTruth> coco_truths;
        std::vector<CocoDetection> coco_found;
        std::vector<Runs> truth_masks;
        std::vector<Runs> masks;
        for (const Object& each : truths) {
            if (each.image != id) continue;
            truth_masks.push_back(mask_of(each));
            coco_truths.push_back({{each.x, each.y, each.side, each.side},
                                   each.category,
                                   static_cast<double>(area_of(truth_masks.back())),
                                   each.crowd});
        }
        for (const Object& each : found) {
            if (each.image != id) continue;
            masks.push_back(mask_of(each));
            coco_found.push_back({{each.x, each.y, each.side, each.side}, each.category, each.score});
        }
        const auto overlap = [&](std::size_t d, std::size_t t) {
            const auto shared = static_cast<double>(shared_area(masks[d], truth_masks[t]));
            const auto area = static_cast<double>(area_of(masks[d]));
            return shared /
                   (coco_truths[t].crowd ? area : area + static_cast<double>(area_of(truth_masks[t])) - shared);
        };
        images.push_back(match_coco(coco_found, coco_truths, kCocoDetections, overlap));
    }
    const CocoImage* const both[] = {&images[0], &images[1]};
    const CocoMetrics numbers = summarize_coco(both);
    EXPECT_NEAR(numbers.ap, 0.4782178217821782, 1e-12);
    EXPECT_NEAR(numbers.ap50, 0.7524752475247525, 1e-12);
    EXPECT_NEAR(numbers.ap75, 0.5049504950495048, 1e-12);
    EXPECT_NEAR(numbers.ap_small, 0.15, 1e-12);
    EXPECT_NEAR(numbers.ap_medium, 0.8, 1e-12);
    EXPECT_EQ(numbers.ap_large, -1);
    EXPECT_NEAR(numbers.ar1, 0.4, 1e-12);
    EXPECT_NEAR(numbers.ar100, 0.475, 1e-12);
    EXPECT_NEAR(numbers.ar_small, 0.15, 1e-12);
    EXPECT_NEAR(numbers.ar_medium, 0.8, 1e-12);
}

/// A person of the recorded dataset.
struct Person {
    int image;
    std::vector<double> keypoints;
    CocoBox box;
    double area_or_score;
};

// Recorded with pycocotools 2.0.11: COCOeval(…, "keypoints") with kpt_oks_sigmas of .03, .05, and .04.
TEST(CocoKeypoints, EqualPycocotools) {
    const std::vector<float> sigmas = {0.03F, 0.05F, 0.04F};
    const std::vector<Person> truths = {{1, {10, 10, 2, 40, 12, 1, 20, 50, 0}, {8, 8, 44, 45}, 1500},
                                        {1, {5, 5, 0, 6, 6, 0, 7, 7, 0}, {4, 4, 50, 50}, 2000},
                                        {2, {30, 31, 2, 90, 44, 2, 50, 120, 2}, {28, 28, 70, 100}, 5200}};
    const std::vector<Person> found = {{1, {12, 11, 1, 43, 14, 1, 0, 0, 1}, {9, 9, 40, 40}, 0.9},
                                       {1, {12, 31, 1, 33, 34, 1, 10, 10, 1}, {9, 9, 40, 40}, 0.6},
                                       {2, {33, 35, 1, 91, 40, 1, 58, 118, 1}, {29, 29, 68, 98}, 0.8}};
    std::vector<CocoImage> images;
    for (const int id : {1, 2}) {
        std::vector<CocoTruth> coco_truths;
        std::vector<CocoDetection> coco_found;
        std::vector<const Person*> persons;
        std::vector<const Person*> detected;
        for (const Person& each : truths) {
            if (each.image != id) continue;
            const bool hidden = each.keypoints[2] + each.keypoints[5] + each.keypoints[8] == 0;
            coco_truths.push_back({each.box, 1, each.area_or_score, false, hidden});
            persons.push_back(&each);
        }
        for (const Person& each : found) {
            if (each.image != id) continue;
            coco_found.push_back({each.box, 1, each.area_or_score});
            detected.push_back(&each);
        }
        images.push_back(match_coco(coco_found, coco_truths, kCocoPoses, [&](std::size_t d, std::size_t t) {
            return coco_keypoint_similarity(persons[t]->keypoints, detected[d]->keypoints, sigmas, coco_truths[t]);
        }));
    }
    const CocoImage* const both[] = {&images[0], &images[1]};
    const CocoKeypointMetrics numbers = summarize_coco_keypoints(both);
    EXPECT_NEAR(numbers.ap, 0.2504950495049505, 1e-12);
    EXPECT_NEAR(numbers.ap50, 1, 1e-12);
    EXPECT_NEAR(numbers.ap75, 0, 1e-12);
    EXPECT_NEAR(numbers.ap_medium, 0.2504950495049505, 1e-12);
    EXPECT_EQ(numbers.ap_large, -1);
    EXPECT_NEAR(numbers.ar, 0.25, 1e-12);
    EXPECT_NEAR(numbers.ar50, 1, 1e-12);
    EXPECT_NEAR(numbers.ar75, 0, 1e-12);
    EXPECT_NEAR(numbers.ar_medium, 0.25, 1e-12);
}

TEST(KeypointSimilarity, LooksOnlyAtVisibleKeypoints) {
    const std::vector<float> sigmas = {0.1F, 0.1F};
    const std::vector<float> truth = {10, 10, 2, 50, 50, 0};
    const std::vector<float> found = {10, 10, 999, 999};
    EXPECT_NEAR(keypoint_similarity(truth, found, 2, sigmas, 100), 1, 1e-6);
    const std::vector<float> moved = {12, 10, 0, 0};
    EXPECT_NEAR(keypoint_similarity(truth, moved, 2, sigmas, 100), std::exp(-4.0 / (0.04 * 100 * 2)), 1e-6);
    const std::vector<float> hidden = {10, 10, 0, 50, 50, 0};
    EXPECT_EQ(keypoint_similarity(hidden, found, 2, sigmas, 100), 0);
}

/// A mask of random pixels, the same in each run.
Masks::Instance random_mask(int top, int left, int height, int width, std::uint32_t seed) {
    Masks::Instance mask{top, left, height, width, {}};
    const std::size_t words = (static_cast<std::size_t>(width) + 63) / 64;
    mask.bits.resize(words * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            seed = seed * 1664525U + 1013904223U;
            const auto bit = static_cast<std::size_t>(x);
            mask.bits[static_cast<std::size_t>(y) * words + bit / 64] |= std::uint64_t{seed >> 31U} << (bit % 64);
        }
    }
    return mask;
}

TEST(MaskOverlap, EqualsThatOfRunsWhereverMasksLie) {
    const ImageSize grid{90, 300};
    const Masks::Instance a = random_mask(3, 5, 70, 200, 1);
    for (const auto& [top, left] : {std::pair{3, 5}, {10, 70}, {0, 0}, {40, 150}, {72, 206}}) {
        const Masks::Instance b = random_mask(top, left, 18, 94, 2);
        EXPECT_EQ(shared_px(a, b), shared_area(runs_of_mask(a, grid), runs_of_mask(b, grid))) << top << ' ' << left;
        EXPECT_EQ(shared_px(b, a), shared_px(a, b));
        EXPECT_EQ(area_px(b), area_of(runs_of_mask(b, grid)));
    }
    EXPECT_EQ(shared_px(a, {}), 0U);
}

RankedClasses ranked(std::uint32_t index, std::int32_t truth, std::vector<float> probabilities) {
    RankedClasses image = rank_classes(probabilities);
    image.index = index;
    image.truth = truth;
    return image;
}

TEST(ClassAccuracy, CountsTheMostLikelyClasses) {
    ClassAccuracy accuracy(7);
    accuracy.add(ranked(0, 2, {0.1F, 0.1F, 0.5F, 0.1F, 0.1F, 0.05F, 0.05F}));
    accuracy.add(ranked(1, 1, {0.1F, 0.1F, 0.5F, 0.1F, 0.1F, 0.05F, 0.05F}));
    accuracy.add(ranked(2, 6, {0.1F, 0.1F, 0.5F, 0.1F, 0.1F, 0.05F, 0.05F}));
    EXPECT_NEAR(accuracy.top(1), 1.0 / 3, 1e-12);
    EXPECT_NEAR(accuracy.top(5), 2.0 / 3, 1e-12);
    EXPECT_EQ(accuracy.confusion()[2][6], 1U);
    EXPECT_EQ(accuracy.confusion()[2][2], 1U);
}

TEST(ClassAccuracy, OrdersWhatIsNoNumberLast) {
    const float nan = std::nanf("");
    const RankedClasses image = ranked(0, 0, {nan, 0.2F, nan, 0.7F});
    EXPECT_EQ(image.best, (std::array<std::int32_t, 5>{3, 1, 0, 2, 0}));
    EXPECT_EQ(image.count, 4);
}

TEST(ClassAccuracy, MergedShardsEqualTheWholeRun) {
    ClassAccuracy whole(3);
    std::vector<ClassAccuracy> parts(2, ClassAccuracy(3));
    for (std::uint32_t i = 0; i < 9; ++i) {
        const RankedClasses image =
            ranked(i, static_cast<int>(i % 3), {0.2F, 0.3F + 0.05F * static_cast<float>(i), 0.4F});
        whole.add(image);
        parts[i % 2].add(image);
    }
    std::string text;
    const std::string file = parts[1].serialize("magic", "about");
    ClassAccuracy merged = parts[0];
    merged.merge(ClassAccuracy::parse(base::as_bytes(file), "magic", "part.val", text));
    EXPECT_EQ(text, "about");
    EXPECT_EQ(merged, whole);
    EXPECT_THROW(merged.merge(parts[1]), Error) << "an image is in both";
}

TEST(ClassAccuracy, DamagedFilesAreRefused) {
    ClassAccuracy accuracy(3);
    accuracy.add(ranked(0, 1, {0.2F, 0.3F, 0.5F}));
    const std::string file = accuracy.serialize("magic", "about");
    std::string text;
    for (std::size_t bytes = 0; bytes < file.size(); ++bytes)
        EXPECT_THROW(ClassAccuracy::parse(base::as_bytes(file.substr(0, bytes)), "magic", "part.val", text), Error);
    for (std::size_t at = 0; at < file.size(); ++at) {
        std::string damaged = file;
        damaged[at] = '\xff';
        try {
            ClassAccuracy::parse(base::as_bytes(damaged), "magic", "part.val", text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << at;
        }
    }
}

TEST(Shard, OfTwoPartsIsReadAsItIsWritten) {
    std::vector<Accumulator> parts;
    parts.emplace_back(2);
    parts.emplace_back();
    for (Accumulator& part : parts) {
        ImageRecord record;
        record.index = 7;
        record.scored.detections = {{0.5F, 1, 3}};
        record.scored.truths = {1};
        part.add(record);
    }
    const std::string file = Shard::serialize(parts, "two", "about");
    std::string text;
    EXPECT_EQ(Shard::parse(base::as_bytes(file), "two", 2, "part.val", text), parts);
    EXPECT_THROW(Shard::parse(base::as_bytes(file), "two", 1, "part.val", text), Error) << "bytes are left";
    EXPECT_THROW(Shard::parse(base::as_bytes(file), "one", 2, "part.val", text), Error) << "another magic word";
    for (std::size_t bytes = 0; bytes < file.size(); ++bytes)
        EXPECT_THROW(Shard::parse(base::as_bytes(file.substr(0, bytes)), "two", 2, "part.val", text), Error);
}

TEST(Shard, PartsOfDifferentImagesAreRefused) {
    std::vector<Accumulator> parts;
    parts.emplace_back(2);
    parts.emplace_back();
    for (Accumulator& part : parts) {
        ImageRecord record;
        record.index = &part == &parts.front() ? 1U : 2U;
        part.add(record);
    }
    const std::string file = Shard::serialize(parts, "two", "");
    std::string text;
    EXPECT_THROW(Shard::parse(base::as_bytes(file), "two", 2, "part.val", text), Error);
}

}  // namespace
}  // namespace yolovino::metrics
