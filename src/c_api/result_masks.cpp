#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/masks.hpp"

#include "c_api/call.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

const Masks& masks_in(const yv_result* result, std::size_t object) {
    const Results& results = results_in(result);
    if (!results.masks || object >= results.masks->size()) {
        throw Error(ErrorCode::InvalidArgument, "c",
                    fmt::format("object {} has no mask, there are {}", object,
                                results.masks ? results.masks->size() : std::size_t{0}));
    }
    return *results.masks;
}

void expect_room(const std::uint8_t* pixels, std::size_t capacity, std::size_t wanted) {
    expect(pixels, "pixels");
    if (capacity < wanted)
        throw Error(ErrorCode::InvalidArgument, "c",
                    fmt::format("there is room for {} bytes, wanted {}", capacity, wanted));
}

void write_crop(const Masks::Instance& instance, std::uint8_t* pixels) {
    constexpr int kWord = 64;
    const auto width = static_cast<std::size_t>(instance.width);
    const std::size_t words = (width + kWord - 1) / kWord;
    for (std::size_t y = 0; y < static_cast<std::size_t>(instance.height); ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            const std::uint64_t word = instance.bits[y * words + x / kWord];
            pixels[y * width + x] = static_cast<std::uint8_t>(word >> (x % kWord) & 1U);
        }
    }
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::c_api::masks_in;

void yv_result_mask_size(const yv_result* result, int32_t* width, int32_t* height) {
    const bool there = result != nullptr && result->results.masks;
    if (width != nullptr) *width = there ? result->results.masks->shape.width : 0;
    if (height != nullptr) *height = there ? result->results.masks->shape.height : 0;
}

yv_status yv_result_mask(const yv_result* result, size_t object, uint8_t* pixels, size_t capacity, yv_error** error) {
    return call("masks", error, [&] {
        const yolovino::Masks& masks = masks_in(result, object);
        const std::size_t wanted =
            static_cast<std::size_t>(masks.shape.height) * static_cast<std::size_t>(masks.shape.width);
        yolovino::c_api::expect_room(pixels, capacity, wanted);
        std::ranges::copy(masks.data(object), pixels);
    });
}

yv_status yv_result_mask_box(const yv_result* result, size_t object, int32_t box[4], yv_error** error) {
    return call("masks", error, [&] {
        yolovino::c_api::expect(box, "box");
        const yolovino::Masks::Instance& instance = masks_in(result, object).instances[object];
        box[0] = instance.left;
        box[1] = instance.top;
        box[2] = instance.width;
        box[3] = instance.height;
    });
}

yv_status yv_result_mask_crop(const yv_result* result, size_t object, uint8_t* pixels, size_t capacity,
                              yv_error** error) {
    return call("masks", error, [&] {
        const yolovino::Masks::Instance& instance = masks_in(result, object).instances[object];
        const std::size_t wanted = static_cast<std::size_t>(instance.height) * static_cast<std::size_t>(instance.width);
        yolovino::c_api::expect_room(pixels, capacity, wanted);
        yolovino::c_api::write_crop(instance, pixels);
    });
}

const float* yv_result_mask_outline(const yv_result* result, size_t object, int32_t normalize, size_t* points) {
    if (points != nullptr) *points = 0;
    return yolovino::c_api::call_or(static_cast<const float*>(nullptr), [&]() -> const float* {
        const yolovino::Masks& masks = masks_in(result, object);
        const auto [place, fresh] = result->outlines.try_emplace({object, normalize != 0});
        std::vector<float>& outline = place->second;
        if (fresh) {
            for (const yolovino::Point& point : normalize != 0 ? masks.xyn(object) : masks.xy(object))
                outline.insert(outline.end(), {point.x, point.y});
        }
        if (points != nullptr) *points = outline.size() / 2;
        return outline.empty() ? nullptr : outline.data();
    });
}
