#include "vision/classify_crop.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <vector>

#include "base/fail.hpp"
#include "vision/planes.hpp"

namespace yolovino::vision {

namespace {

constexpr int kFractionBits = 22;  // of a weight
constexpr std::int32_t kHalf = 1 << (kFractionBits - 1);

/// The part of a resized side that is kept.
struct Axis {
    int source = 0;   ///< length in pixels of the image
    int resized = 0;  ///< length after resizing
    int first = 0;    ///< of the resized pixels
    int count = 0;
};

struct Axes {
    Axis x;
    Axis y;
};

/// The beginning of the middle part; half to even, as Python rounds.
int centred(int length, int part) {
    return static_cast<int>(std::nearbyint((length - part) / 2.0));
}

Axes axes_of(ImageSize source, ImageSize canvas) {
    constexpr double kLongest = 1 << 30;
    if (source.height <= 0 || source.width <= 0 || canvas.height <= 0 || canvas.width <= 0) {
        throw Error(ErrorCode::InvalidArgument, "image",
                    fmt::format("crop of {}x{} to {}x{}, wanted positive dimensions", source.height, source.width,
                                canvas.height, canvas.width));
    }
    Axes axes{{source.width, canvas.width, 0, canvas.width}, {source.height, canvas.height, 0, canvas.height}};
    if (canvas.height != canvas.width) return axes;
    const int shorter = std::min(source.height, source.width);
    const double longer = static_cast<double>(std::int64_t{canvas.width} * std::max(source.height, source.width)) /
                          static_cast<double>(shorter);
    if (longer > kLongest) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    fmt::format("an image of {}x{} is too long for a crop to {}x{}", source.height, source.width,
                                canvas.height, canvas.width));
    }
    Axis& axis = source.width > source.height ? axes.x : axes.y;
    axis.resized = static_cast<int>(longer);
    axis.first = centred(axis.resized, axis.count);
    return axes;
}

/// The pixels that make up each resized one, and how much each counts.
struct Kernel {
    std::vector<int> first;             ///< of each kept pixel
    std::vector<std::int32_t> weights;  ///< `taps` of each
    int taps = 0;
};

/// As Pillow rounds, which differs from lround() for what is negative and in the last bit below a half.
int half_up(double value) {
    return static_cast<int>(value + 0.5);  // NOLINT(bugprone-incorrect-roundings)
}

/// Pillow's triangle filter, in its order of operations in f64, rounded to fixed point.
Kernel kernel_of(const Axis& axis) {
    const double scale = static_cast<double>(axis.source) / axis.resized;
    const double support = std::max(scale, 1.0);
    Kernel kernel;
    kernel.taps = std::min(static_cast<int>(std::ceil(support)) * 2 + 1, axis.source);
    const auto taps = static_cast<std::size_t>(kernel.taps);
    kernel.first.reserve(static_cast<std::size_t>(axis.count));
    kernel.weights.reserve(static_cast<std::size_t>(axis.count) * taps);
    std::vector<double> exact(taps);
    for (int i = axis.first; i < axis.first + axis.count; ++i) {
        const double centre = (i + 0.5) * scale;
        const int begin = std::max(half_up(centre - support), 0);
        const int end = std::min(half_up(centre + support), axis.source);
        // The last ones begin earlier than they need, so that all have as many taps inside of the image
        const int first = std::min(begin, axis.source - kernel.taps);
        double sum = 0;
        std::ranges::fill(exact, 0.0);
        for (int k = begin; k < end; ++k) {
            const double weight = std::max(0.0, 1.0 - std::abs((k - centre + 0.5) * (1.0 / support)));
            exact[static_cast<std::size_t>(k - first)] = weight;
            sum += weight;
        }
        kernel.first.push_back(first);
        for (const double weight : exact) {
            const double normalized = sum != 0 ? weight / sum : weight;
            kernel.weights.push_back(half_up(normalized * (1 << kFractionBits)));
        }
    }
    return kernel;
}

/// Images that are millions of times longer than the canvas would need more memory for the way than they have
/// themselves.
void check_memory(const Axes& axes) {
    constexpr double kMostBytes = 1 << 30;
    const double row_bytes = 3.0 * axes.x.count * axes.y.source;
    const double weight_bytes = 8.0 * (axes.x.source + axes.y.source) + 12.0 * (axes.x.count + axes.y.count);
    if (row_bytes + weight_bytes > kMostBytes) {
        throw Error(ErrorCode::LimitExceeded, "image",
                    fmt::format("resizing an image of {}x{} to {}x{} takes more than 1 GiB of memory", axes.y.source,
                                axes.x.source, axes.y.count, axes.x.count));
    }
}

/// Rows that are resized together, so that one weight is used for all of them at once.
constexpr std::size_t kLines = 16;
using Bytes = std::uint8_t __attribute__((vector_size(kLines)));
using Words = std::uint16_t __attribute__((vector_size(kLines)));    // of half of the rows
using Sums = std::int32_t __attribute__((vector_size(2 * kLines)));  // of half of the rows

/// Turns 16 rows of 16 bytes into columns.
void transpose(std::array<Bytes, kLines>& block) {
    constexpr std::size_t kHalfLines = kLines / 2;
    for (int step = 0; step < 4; ++step) {
        const std::array<Bytes, kLines> before = block;
        for (std::size_t i = 0; i < kHalfLines; ++i) {
            const Bytes& a = before[i];
            const Bytes& b = before[i + kHalfLines];
            block[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            block[2 * i + 1] =
                __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
    }
}

/// Lays rows side by side: byte x of row r comes to `columns[kLines * x + r]`.
void gather_columns(const std::array<const std::uint8_t*, kLines>& rows, std::size_t bytes, std::uint16_t* columns) {
    std::size_t x = 0;
    for (; x + kLines <= bytes; x += kLines) {
        std::array<Bytes, kLines> block;
        for (std::size_t r = 0; r < kLines; ++r) std::memcpy(&block[r], rows[r] + x, kLines);
        transpose(block);
        for (std::size_t i = 0; i < kLines; ++i) {
            for (std::size_t r = 0; r < kLines; ++r) columns[kLines * (x + i) + r] = block[i][r];
        }
    }
    for (; x < bytes; ++x) {
        for (std::size_t r = 0; r < kLines; ++r) columns[kLines * x + r] = rows[r][x];
    }
}

/// Weighs the columns of one channel, from one pixel of three to the next.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx2", "default")))
#endif
void mix_columns(const std::uint16_t* __restrict columns, const std::int32_t* __restrict weights, std::size_t taps,
                 std::uint8_t* __restrict out) {
    Sums low = kHalf - Sums{};
    Sums high = low;
    for (std::size_t k = 0; k < taps; ++k, columns += 3 * kLines) {
        Words first;
        Words second;
        std::memcpy(&first, columns, sizeof first);
        std::memcpy(&second, columns + kLines / 2, sizeof second);
        low += weights[k] * __builtin_convertvector(first, Sums);
        high += weights[k] * __builtin_convertvector(second, Sums);
    }
    for (std::size_t r = 0; r < kLines / 2; ++r) {
        out[r] = static_cast<std::uint8_t>(std::min(low[r] >> kFractionBits, 255));
        out[r + kLines / 2] = static_cast<std::uint8_t>(std::min(high[r] >> kFractionBits, 255));
    }
}

/// Weighs rows of bytes that lie `bytes` apart.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx2", "default")))
#endif
void mix_rows(const std::uint8_t* __restrict rows, std::size_t bytes, const std::int32_t* __restrict weights,
              std::size_t taps, std::int32_t* __restrict sums, std::uint8_t* __restrict out) {
    for (std::size_t x = 0; x < bytes; ++x) sums[x] = kHalf;
    for (std::size_t k = 0; k < taps; ++k) {
        const std::uint8_t* row = rows + k * bytes;
        for (std::size_t x = 0; x < bytes; ++x) sums[x] += weights[k] * row[x];
    }
    for (std::size_t x = 0; x < bytes; ++x) {
        const std::int32_t value = sums[x] >> kFractionBits;
        out[x] = static_cast<std::uint8_t>(value > 255 ? 255 : value);
    }
}

/// Memory of one crop. Each thread keeps its own.
struct Scratch {
    std::vector<std::uint16_t> columns;  ///< of kLines rows of the image
    std::vector<std::uint8_t> rows;      ///< resized in their length only
    std::vector<std::int32_t> sums;
    std::vector<std::uint8_t> row;
};

/// Resizes the length of rows from `top` to `bottom`.
void resize_lengths(const Image& image, const Kernel& across, int top, int bottom, Scratch& scratch) {
    const int left = across.first.front();
    const auto columns = 3 * static_cast<std::size_t>(across.first.back() + across.taps - left);
    const auto taps = static_cast<std::size_t>(across.taps);
    const std::size_t pixels = across.first.size();
    const std::size_t bytes = 3 * pixels;
    scratch.columns.resize(kLines * columns);
    scratch.rows.resize(static_cast<std::size_t>(bottom - top) * bytes);
    std::uint8_t* out = scratch.rows.data();
    for (int y = top; y < bottom; y += static_cast<int>(kLines)) {
        const std::size_t lines = std::min(kLines, static_cast<std::size_t>(bottom - y));
        std::array<const std::uint8_t*, kLines> rows{};
        for (std::size_t r = 0; r < kLines; ++r)
            rows[r] = image.row(y + static_cast<int>(std::min(r, lines - 1))) + std::ptrdiff_t{3} * left;
        gather_columns(rows, columns, scratch.columns.data());
        for (std::size_t i = 0; i < pixels; ++i) {
            const auto first = 3 * static_cast<std::size_t>(across.first[i] - left);
            for (std::size_t c = 0; c < 3; ++c) {
                std::array<std::uint8_t, kLines> mixed;
                mix_columns(scratch.columns.data() + kLines * (first + c), across.weights.data() + i * taps, taps,
                            mixed.data());
                for (std::size_t r = 0; r < lines; ++r) out[r * bytes + 3 * i + c] = mixed[r];
            }
        }
        out += lines * bytes;
    }
}

/// Calls `use(y, row)` for each row of the crop, from top to bottom. Pillow, too, resizes rows first and rounds them to
/// bytes; only those rows and columns that are kept are computed.
template <typename Use>
void for_each_row(const Image& image, ImageSize canvas, const Use& use) {
    const Axes axes = axes_of(image.size(), canvas);
    check_memory(axes);
    const Kernel across = kernel_of(axes.x);
    const Kernel down = kernel_of(axes.y);
    const std::size_t bytes = 3 * static_cast<std::size_t>(canvas.width);
    const auto taps = static_cast<std::size_t>(down.taps);
    const int top = down.first.front();
    const int bottom = down.first.back() + down.taps;
    thread_local Scratch scratch;
    scratch.sums.resize(bytes);
    scratch.row.resize(bytes);
    resize_lengths(image, across, top, bottom, scratch);
    for (std::size_t y = 0; y < static_cast<std::size_t>(canvas.height); ++y) {
        const std::uint8_t* first = scratch.rows.data() + static_cast<std::size_t>(down.first[y] - top) * bytes;
        mix_rows(first, bytes, down.weights.data() + y * taps, taps, scratch.sums.data(), scratch.row.data());
        use(y, scratch.row.data());
    }
}

}  // namespace

Image classify_crop(const Image& image, ImageSize canvas) {
    if (canvas.height <= 0 || canvas.width <= 0) axes_of(image.size(), canvas);
    Image out(canvas.height, canvas.width);
    for_each_row(image, canvas, [&](std::size_t y, const std::uint8_t* row) {
        std::copy_n(row, out.stride_bytes(), out.row(static_cast<int>(y)));
    });
    return out;
}

void classify_crop_to_tensor(const Image& image, ImageSize canvas, std::span<float> tensor) {
    const std::size_t width = static_cast<std::size_t>(std::max(canvas.width, 0));
    const std::size_t plane = width * static_cast<std::size_t>(std::max(canvas.height, 0));
    if (tensor.size() != 3 * plane) {
        throw Error(ErrorCode::ShapeMismatch, "image",
                    fmt::format("tensor of {} elements, the crop has {}", tensor.size(), 3 * plane));
    }
    for_each_row(image, canvas, [&](std::size_t y, const std::uint8_t* row) {
        float* to = tensor.data() + y * width;
        row_to_planes(row, width, to, to + plane, to + 2 * plane);
    });
}

}  // namespace yolovino::vision
