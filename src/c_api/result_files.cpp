#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "yolovino/error.hpp"
#include "yolovino/image.hpp"

#include "c_api/arguments.hpp"
#include "c_api/call.hpp"
#include "c_api/plot_options.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

/// More digits than a float has say nothing.
int decimals_of(std::int32_t decimals) {
    constexpr int kMost = 9;
    return std::clamp(decimals, 0, kMost);
}

std::string json_of(const yv_result* result, std::int32_t normalize, std::int32_t decimals) {
    return results_in(result).to_json(normalize != 0, decimals_of(decimals));
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::c_api::call_or;
using yolovino::c_api::new_text;
using yolovino::c_api::results_in;

char* yv_result_json(const yv_result* result, int32_t normalize, int32_t decimals) {
    return call_or(static_cast<char*>(nullptr),
                   [&] { return new_text(yolovino::c_api::json_of(result, normalize, decimals)); });
}

char* yv_result_summary(const yv_result* result, int32_t normalize, int32_t decimals) {
    return call_or(static_cast<char*>(nullptr), [&] {
        using Json = nlohmann::ordered_json;
        const Json whole = Json::parse(yolovino::c_api::json_of(result, normalize, decimals));
        const Json detections = whole.value("detections", Json::array());
        return new_text(detections.dump(-1, ' ', false, Json::error_handler_t::replace));
    });
}

char* yv_result_verbose(const yv_result* result) {
    return call_or(static_cast<char*>(nullptr), [&] { return new_text(results_in(result).verbose()); });
}

yv_status yv_result_plot(const yv_result* result, const yv_option* options, size_t count, uint8_t* pixels,
                         size_t capacity, yv_error** error) {
    return call("plot", error, [&] {
        const yolovino::Results& results = results_in(result);
        yolovino::c_api::expect(pixels, "pixels");
        const std::size_t wanted = results.orig_img.size_bytes();
        if (capacity < wanted) {
            throw yolovino::Error(yolovino::ErrorCode::InvalidArgument, "plot",
                                  fmt::format("there is room for {} bytes, wanted {}", capacity, wanted));
        }
        const yolovino::Image drawn =
            results.plot(yolovino::c_api::plot_args_of(yolovino::c_api::arguments_of(options, count)));
        std::copy_n(drawn.data(), wanted, pixels);
    });
}

yv_status yv_result_save(const yv_result* result, const char* file, const yv_option* options, size_t count,
                         yv_error** error) {
    return call("save", error, [&] {
        yolovino::c_api::expect(file, "file");
        results_in(result).save(file, yolovino::c_api::plot_args_of(yolovino::c_api::arguments_of(options, count)));
    });
}

yv_status yv_result_save_txt(const yv_result* result, const char* file, int32_t save_conf, yv_error** error) {
    return call("save", error, [&] {
        yolovino::c_api::expect(file, "file");
        results_in(result).save_txt(file, save_conf != 0);
    });
}

yv_status yv_result_save_crop(const yv_result* result, const char* folder, const char* stem, yv_error** error) {
    return call("save", error, [&] {
        yolovino::c_api::expect(folder, "folder");
        yolovino::c_api::expect(stem, "stem");
        results_in(result).save_crop(folder, stem);
    });
}
