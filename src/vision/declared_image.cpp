#include "vision/declared_image.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <new>
#include <string>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "vision/limits.hpp"

namespace yolovino::vision::detail {

void throw_corrupt(std::string_view what, std::string_view name) {
    throw Error(ErrorCode::CorruptFile, "image", what, {.file = std::string(name)});
}

void check_declared(const DeclaredImage& declared, Bytes encoded, std::string_view kind, std::string_view name) {
    constexpr std::uint64_t kSmallImagePixels = 1U << 20U;  // below this, even a forged size costs little
    if (declared.height == 0 || declared.width == 0) throw_corrupt("the image has no pixels", name);
    const auto pixels = base::checked_mul(declared.height, declared.width);
    if (!pixels || *pixels > kMaxPixels) {
        throw Error(
            ErrorCode::LimitExceeded, "image",
            fmt::format("size {}x{}, at most {} pixels are accepted", declared.height, declared.width, kMaxPixels),
            {.file = std::string(name)});
    }
    if (*pixels > kSmallImagePixels && declared.least_bytes > encoded.size())
        throw_corrupt(fmt::format("the {} declares far more pixels than its bytes can hold", kind), name);
}

Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name) {
    if (height == 0 || width == 0) throw_corrupt("the image has no pixels", name);
    constexpr std::uint64_t kMaxSide = std::numeric_limits<int>::max();
    try {
        return Image(static_cast<int>(std::min(height, kMaxSide)), static_cast<int>(std::min(width, kMaxSide)));
    } catch (const Error& error) {
        throw Error(error.code(), "image", error.message(), {.file = std::string(name)}, error.hint());
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::LimitExceeded, "image", fmt::format("no memory for {}x{} pixels", height, width),
                    {.file = std::string(name)});
    }
}

}  // namespace yolovino::vision::detail
