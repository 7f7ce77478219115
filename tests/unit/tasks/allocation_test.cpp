#include <gtest/gtest.h>
#include <vector>

#include "support/count_allocations.hpp"
#include "tasks/detect/decode.hpp"

namespace yolovino {
namespace {

TEST(Detect, AllocatesNothingButItsResultOnceWarm) {
    if (!test::kCountsAllocations) GTEST_SKIP() << "a sanitizer counts allocations itself";
    constexpr std::size_t kRows = 84;
    constexpr std::size_t kAnchors = 8400;
    std::vector<float> raw(kRows * kAnchors, 0.01F);
    for (std::size_t i = 0; i < 50; ++i) {
        for (std::size_t k = 0; k < 4; ++k) raw[k * kAnchors + 160 * i] = static_cast<float>(50 + 10 * i);
        raw[(4 + i) * kAnchors + 160 * i] = 0.9F;
    }
    const auto geometry = vision::LetterboxGeometry::fit({480, 640}, {640, 640});
    EXPECT_EQ(tasks::detect(raw, kRows, kAnchors, {}, geometry).size(), 50U);
    const std::size_t before = test::allocations();
    EXPECT_EQ(tasks::detect(raw, kRows, kAnchors, {}, geometry).size(), 50U);
    EXPECT_EQ(test::allocations() - before, 1U) << "the boxes";
}

}  // namespace
}  // namespace yolovino
