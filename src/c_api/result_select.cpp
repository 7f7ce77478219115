#include <span>

#include "c_api/call.hpp"
#include "c_api/result.hpp"

yv_status yv_result_select(const yv_result* result, const size_t* objects, size_t object_count, yv_result** selected,
                           yv_error** error) {
    return yolovino::c_api::call("c", error, [&] {
        yolovino::c_api::expect_place(selected, "the place of the result");
        const yolovino::Results& whole = yolovino::c_api::results_in(result);
        if (object_count > 0) yolovino::c_api::expect(objects, "objects");
        *selected = yolovino::c_api::result_of(whole.select(std::span(objects, object_count))).release();
    });
}
