#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "helpers.hpp"
#include "vision/bilinear.hpp"
#include "vision/draw_masks.hpp"
#include "vision/mask_resizer.hpp"
#include "vision/palette.hpp"

namespace yolovino::vision {
namespace {

/// A mask of which every pixel is set.
Masks::Instance full(int top, int left, int height, int width) {
    Masks::Instance mask{top, left, height, width, {}};
    const int words = words_of_row(width);
    for (int y = 0; y < height; ++y) {
        for (int word = 0; word < words; ++word) {
            const int bits = std::min(width - 64 * word, 64);
            mask.bits.push_back(bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1);
        }
    }
    return mask;
}

bool is_set(const Masks::Instance& mask, int y, int x) {
    if (y < mask.top || x < mask.left || y >= mask.top + mask.height || x >= mask.left + mask.width) return false;
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    const auto bit = static_cast<std::size_t>(x - mask.left);
    return (mask.bits[static_cast<std::size_t>(y - mask.top) * words + bit / 64] >> (bit % 64) & 1U) != 0;
}

/// The value at one place by the rule, from the whole plane.
float value_at(const std::vector<float>& plane, ImageSize in, ImageSize out, int y, int x) {
    const auto place = [](int side, int out_side, int i) {
        const float step = static_cast<float>(side) / static_cast<float>(out_side);
        return std::max((static_cast<float>(i) + 0.5F) * step - 0.5F, 0.0F);
    };
    const float v = place(in.height, out.height, y);
    const float u = place(in.width, out.width, x);
    const int y0 = static_cast<int>(v);
    const int x0 = static_cast<int>(u);
    const auto cell = [&](int row, int column) {
        return plane[static_cast<std::size_t>(std::min(row, in.height - 1) * in.width +
                                              std::min(column, in.width - 1))];
    };
    const float fx = u - static_cast<float>(x0);
    const float fy = v - static_cast<float>(y0);
    const float upper = cell(y0, x0) * (1 - fx) + cell(y0, x0 + 1) * fx;
    const float lower = cell(y0 + 1, x0) * (1 - fx) + cell(y0 + 1, x0 + 1) * fx;
    return upper * (1 - fy) + lower * fy;
}

TEST(Bilinear, PartsHaveTheValuesOfTheWhole) {
    std::mt19937 random(11);
    for (const auto& [in, out] : std::vector<std::pair<ImageSize, ImageSize>>{
             {{5, 7}, {20, 28}}, {{9, 9}, {4, 31}}, {{1, 1}, {3, 5}}, {{40, 30}, {13, 11}}, {{6, 6}, {6, 6}}}) {
        std::vector<float> plane(static_cast<std::size_t>(in.height * in.width));
        for (float& value : plane) value = static_cast<float>(random() % 2001) / 100 - 10;
        const BilinearResize resize{{in.height, out.height}, {in.width, out.width}};
        const Region part{out.height / 3, out.width / 4, out.height - out.height / 3, out.width - out.width / 4};
        const Region from = resize.source_of(part);
        std::vector<float> source;
        for (int y = 0; y < from.height; ++y) {
            for (int x = 0; x < from.width; ++x)
                source.push_back(plane[static_cast<std::size_t>((from.top + y) * in.width + from.left + x)]);
        }
        int rows = 0;
        resize.for_rows(source, part, [&, &in = in, &out = out](int row, std::span<const float> values) {
            ASSERT_EQ(values.size(), static_cast<std::size_t>(part.width));
            for (int x = 0; x < part.width; ++x)
                EXPECT_NEAR(values[static_cast<std::size_t>(x)],
                            value_at(plane, in, out, part.top + row, part.left + x), 1e-5)
                    << out.height << "x" << out.width << " at " << row << ", " << x;
            ++rows;
        });
        EXPECT_EQ(rows, part.height);
    }
}

TEST(Bilinear, PacksBitsOfAnyNumberOfValues) {
    std::mt19937 random(5);
    for (const std::size_t count : {1U, 7U, 8U, 63U, 64U, 65U, 200U}) {
        std::vector<float> values(count);
        for (float& value : values) value = static_cast<float>(random() % 3) - 1;
        values[0] = std::numeric_limits<float>::quiet_NaN();
        std::vector<std::uint64_t> words((count + 63) / 64, ~std::uint64_t{0});
        pack_bits(values, 0, words);
        for (std::size_t i = 0; i < 64 * words.size(); ++i)
            EXPECT_EQ((words[i / 64] >> (i % 64) & 1U) != 0, i < count && values[i] > 0) << count << ", " << i;
    }
}

TEST(MaskResizer, TakesTheImageOutOfItsBorders) {
    EXPECT_EQ(image_on_grid({160, 160}, {1080, 810}).left, 20);
    EXPECT_EQ(image_on_grid({160, 160}, {1080, 810}).width, 120);
    EXPECT_EQ(image_on_grid({160, 160}, {1080, 810}).height, 160);
    EXPECT_EQ(image_on_grid({100, 100}, {1, 100'000}).height, 1);
}

TEST(MaskResizer, EnlargesAMaskWhereItLies) {
    const MaskResizer resizer({0, 0, 10, 10}, {40, 40});
    const Masks::Instance large = resizer.resize(full(2, 3, 4, 5), 0.5F);
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 40; ++x)
            ASSERT_EQ(is_set(large, y, x), is_set(full(8, 12, 16, 20), y, x) && is_set(large, y, x)) << y << ", " << x;
    }
    EXPECT_TRUE(is_set(large, 8, 14));
    EXPECT_TRUE(is_set(large, 16, 20));
    EXPECT_FALSE(is_set(large, 7, 20));
}

TEST(MaskResizer, WholePixelsLieBetweenSetOnes) {
    const MaskResizer resizer({0, 0, 10, 10}, {40, 40});
    const Masks::Instance whole = resizer.resize(full(2, 2, 4, 4), MaskResizer::kWhole);
    // Between the centres of the outer cells, 4 * 2.5 and 4 * 5.5
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 40; ++x)
            ASSERT_EQ(is_set(whole, y, x), y >= 10 && y < 22 && x >= 10 && x < 22) << y << ", " << x;
    }
}

TEST(MaskResizer, AMaskInTheBorderIsEmpty) {
    const MaskResizer resizer({10, 0, 10, 30}, {100, 300});
    const Masks::Instance none = resizer.resize(full(0, 0, 9, 30), 0.5F);
    EXPECT_EQ(none.bits.size(), 0U);
    EXPECT_EQ(resizer.resize({}, 0.5F).bits.size(), 0U);
}

TEST(MaskResizer, SaysWhatLiesOnAGrid) {
    EXPECT_TRUE(is_on_grid(full(2, 3, 4, 70), {6, 73}));
    EXPECT_FALSE(is_on_grid(full(2, 3, 4, 70), {5, 73}));
    EXPECT_FALSE(is_on_grid(full(2, 3, 4, 70), {6, 72}));
    Masks::Instance strange = full(0, 0, 4, 4);
    strange.bits.pop_back();
    EXPECT_FALSE(is_on_grid(strange, {10, 10}));
    strange = full(0, 0, 1, 1);
    strange.left = -1;
    EXPECT_FALSE(is_on_grid(strange, {10, 10}));
    strange.left = std::numeric_limits<int>::max();
    EXPECT_FALSE(is_on_grid(strange, {10, 10}));
    strange = {0, 0, std::numeric_limits<int>::max(), std::numeric_limits<int>::max(), {}};
    EXPECT_FALSE(is_on_grid(strange, {10, 10}));
}

Image gray_image(int height, int width) {
    Image image(height, width);
    std::memset(image.data(), 90, image.size_bytes());
    return image;
}

TEST(DrawMasks, BlendsTheColourOfTheClass) {
    Image image = gray_image(40, 40);
    const std::vector<Box> boxes = {{0, 0, 20, 20, 0.9F, 5}, {0, 0, 40, 20, 0.8F, 0}};
    draw_masks(image, {{40, 40}, {40, 40}, {full(0, 0, 20, 20), full(0, 0, 20, 40)}}, boxes);
    // Class 5 is FF6FDD, class 0 042AFF; the image is 90. In f32 the sums lie just above or below whole numbers.
    const auto pixel = [&](int y, int x) { return image.row(y) + std::ptrdiff_t{3} * x; };
    EXPECT_EQ(pixel(10, 30)[0], 45 + 255 / 2);
    EXPECT_EQ(pixel(10, 30)[1], 45 + 42 / 2);
    EXPECT_EQ(pixel(10, 30)[2], 45 + 4 / 2);
    // Where both lie: a quarter of the image, and of the colours the stronger
    EXPECT_EQ(pixel(10, 10)[0], static_cast<int>(22.5 + 127.5));
    EXPECT_EQ(pixel(10, 10)[1], static_cast<int>(22.5 + 55.5));
    EXPECT_EQ(pixel(10, 10)[2], static_cast<int>(22.5 + 127.5));
    EXPECT_EQ(pixel(30, 10)[0], 90);
}

TEST(DrawMasks, TakesMasksOfTheNetworksInputToTheImage) {
    Image image = gray_image(50, 100);
    // The image lies in rows 25 to 74 of the grid.
    const std::vector<Box> boxes = {{0, 0, 10, 10, 0.9F, 0}};
    draw_masks(image, {{100, 100}, {50, 100}, {full(0, 0, 35, 10)}}, boxes);
    EXPECT_NE(image.row(9)[0], 90);
    EXPECT_EQ(image.row(10)[0], 90);
    EXPECT_EQ(image.row(9)[30], 90);
}

TEST(DrawMasks, StrangeMasksAreErrorsOrNothing) {
    Image image = gray_image(20, 20);
    const std::vector<Box> boxes = {{0, 0, 10, 10, 0.9F, -7}};
    const auto code = [&](const Masks& masks, Image& on) {
        return test::code_of([&] { draw_masks(on, masks, boxes); });
    };
    EXPECT_EQ(code({{10, 10}, {20, 20}, {full(8, 8, 4, 4)}}, image), ErrorCode::InvalidArgument);
    EXPECT_EQ(code({{0, 0}, {20, 20}, {full(0, 0, 4, 4)}}, image), ErrorCode::InvalidArgument);
    Image none;
    EXPECT_EQ(code({{10, 10}, {20, 20}, {}}, none), ErrorCode::InvalidArgument);
    EXPECT_NO_THROW(draw_masks(image, {{10, 10}, {20, 20}, {full(0, 0, 10, 10), full(0, 0, 1, 1)}}, boxes));
    EXPECT_TRUE(test::same(gray_image(4, 4), [&] {
        Image untouched = gray_image(4, 4);
        draw_masks(untouched, {}, {});
        return untouched;
    }()));
}

}  // namespace
}  // namespace yolovino::vision
