#pragma once

// YOLOVINO_SANITIZED is defined where AddressSanitizer or ThreadSanitizer watches: GCC says so by macros, clang by
// features.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define YOLOVINO_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define YOLOVINO_SANITIZED
#endif
#endif

namespace yolovino::base {

#ifdef YOLOVINO_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace yolovino::base
