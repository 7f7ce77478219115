#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "tasks/detect.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCounts = false;  // the sanitizers bring their own operators
#else
constexpr bool kCounts = true;

static std::atomic<std::size_t> allocations = 0;

void* operator new(std::size_t size) {
    ++allocations;
    void* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace yolovino {
namespace {

std::size_t count() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#else
    return allocations;
#endif
}

TEST(Detect, AllocatesNothingButItsResultOnceWarm) {
    if (!kCounts) GTEST_SKIP() << "a sanitizer counts allocations itself";
    constexpr std::size_t kRows = 84;
    constexpr std::size_t kAnchors = 8400;
    std::vector<float> raw(kRows * kAnchors, 0.01F);
    for (std::size_t i = 0; i < 50; ++i) {
        for (std::size_t k = 0; k < 4; ++k) raw[k * kAnchors + 160 * i] = static_cast<float>(50 + 10 * i);
        raw[(4 + i) * kAnchors + 160 * i] = 0.9F;
    }
    const auto geometry = vision::LetterboxGeometry::fit({480, 640}, {640, 640});
    EXPECT_EQ(tasks::detect(raw, kRows, kAnchors, {}, geometry).size(), 50U);
    const std::size_t before = count();
    EXPECT_EQ(tasks::detect(raw, kRows, kAnchors, {}, geometry).size(), 50U);
    EXPECT_EQ(count() - before, 1U) << "the boxes";
}

}  // namespace
}  // namespace yolovino
