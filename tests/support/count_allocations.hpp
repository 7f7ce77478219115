#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "base/sanitizers.hpp"

/// Replaces the operators new and delete of a program: to be included in one of its sources.
#ifdef YOLOVINO_SANITIZED

namespace yolovino::test {
constexpr bool kCountsAllocations = false;  // the sanitizers bring their own operators
inline std::size_t allocations() {
    return 0;
}
}  // namespace yolovino::test

#else

namespace yolovino::test {
constexpr bool kCountsAllocations = true;
inline thread_local std::size_t allocation_counter = 0;
/// Of this thread so far: threads of OpenVINO allocate as they like.
inline std::size_t allocations() {
    return allocation_counter;
}
}  // namespace yolovino::test

// Not inlined: GCC takes a call of free() for a mistake where it sees no malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++yolovino::test::allocation_counter;
    void* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

#endif
