#include <fmt/format.h>
#include <span>
#include <vector>

#include "yolovino/error.hpp"

#include "c_api/call.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

template <typename T>
void select(std::vector<T>& values, std::span<const std::size_t> objects, std::size_t of_each = 1) {
    std::vector<T> chosen;
    chosen.reserve(objects.size() * of_each);
    for (const std::size_t object : objects) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(object * of_each);
        chosen.insert(chosen.end(), first, first + static_cast<std::ptrdiff_t>(of_each));
    }
    values = std::move(chosen);
}

Results selected(const Results& whole, std::span<const std::size_t> objects) {
    Results part = whole;
    if (part.obb)
        select(*part.obb, objects);
    else
        select(part.boxes, objects);
    if (part.masks) select(part.masks->instances, objects);
    if (part.keypoints) {
        const auto numbers = static_cast<std::size_t>(part.keypoints->shape.count) *
                             static_cast<std::size_t>(part.keypoints->shape.dims);
        select(part.keypoints->data, objects, numbers);
    }
    return part;
}

}  // namespace

}  // namespace yolovino::c_api

yv_status yv_result_select(const yv_result* result, const size_t* objects, size_t object_count, yv_result** selected,
                           yv_error** error) {
    return yolovino::c_api::call("c", error, [&] {
        yolovino::c_api::expect_place(selected, "the place of the result");
        const yolovino::Results& whole = yolovino::c_api::results_in(result);
        if (object_count > 0) yolovino::c_api::expect(objects, "objects");
        const std::span chosen(objects, object_count);
        for (const std::size_t object : chosen) {
            if (object >= yv_result_count(result)) {
                throw yolovino::Error(
                    yolovino::ErrorCode::InvalidArgument, "c",
                    fmt::format("object {} is selected, there are {}", object, yv_result_count(result)));
            }
        }
        *selected = yolovino::c_api::result_of(yolovino::c_api::selected(whole, chosen)).release();
    });
}
