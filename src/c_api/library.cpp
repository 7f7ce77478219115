#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/log.hpp"
#include "yolovino/version.hpp"

#include "c_api/call.hpp"
#include "c_api/options_json.hpp"
#include "c_api/process.hpp"
#include "cli/commands.hpp"

namespace yolovino::c_api {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string devices_json() {
    Json rows = Json::array();
    for (const DeviceInfo& each : available_devices()) {
        rows.push_back({{"name", each.name},
                        {"full_name", each.full_name},
                        {"capabilities", each.capabilities},
                        {"optimal_requests", each.optimal_requests},
                        {"min_streams", each.min_streams},
                        {"max_streams", each.max_streams},
                        {"driver", each.driver}});
    }
    return dump(rows);
}

std::string formats_json() {
    Json rows = Json::array();
    for (const ExportFormat& each : export_formats()) {
        rows.push_back({{"name", each.name},
                        {"label", each.label},
                        {"suffix", each.suffix},
                        {"aliases", std::vector<std::string>(each.aliases.begin(), each.aliases.end())},
                        {"arguments", std::vector<std::string>(each.arguments.begin(), each.arguments.end())}});
    }
    return dump(rows);
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::c_api::call_or;
using yolovino::c_api::expect_place;
using yolovino::c_api::new_text;

uint32_t yv_abi_version(void) {
    constexpr uint32_t kMajorBits = 16;
    return static_cast<uint32_t>(YV_ABI_MAJOR) << kMajorBits | static_cast<uint32_t>(YV_ABI_MINOR);
}

const char* yv_version(void) {
    return yolovino::version().data();  // a literal
}

char* yv_openvino_version(void) {
    return call_or(static_cast<char*>(nullptr), [] { return new_text(yolovino::openvino_version()); });
}

yv_status yv_devices_json(char** json, yv_error** error) {
    return call("devices", error, [&] {
        expect_place(json, "the place of the text");
        yolovino::c_api::expect_own_process();
        yolovino::c_api::note_loaded();
        *json = new_text(yolovino::c_api::devices_json());
    });
}

yv_status yv_formats_json(char** json, yv_error** error) {
    return call("c", error, [&] {
        expect_place(json, "the place of the text");
        *json = new_text(yolovino::c_api::formats_json());
    });
}

yv_status yv_options_json(const char* mode, char** json, yv_error** error) {
    return call("options", error, [&] {
        expect_place(json, "the place of the text");
        yolovino::c_api::expect(mode, "mode");
        *json = new_text(yolovino::c_api::options_json(mode));
    });
}

int yv_main(int argc, char** argv) {
    return call_or(static_cast<int>(yolovino::cli::kFailed), [&] {
        return yolovino::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    });
}

void yv_set_log(yv_log_fn function, void* user) {
    static_cast<void>(call("log", nullptr, [&] {
        if (function == nullptr) return yolovino::set_log_sink({});
        yolovino::set_log_sink([function, user](yolovino::LogLevel level, std::string_view line) {
            function(user, static_cast<int32_t>(level), std::string(line).c_str());
        });
    }));
}

void yv_set_progress(yv_progress_fn function, void* user) {
    static_cast<void>(call("log", nullptr, [&] {
        if (function == nullptr) return yolovino::set_progress_sink({});
        yolovino::set_progress_sink([function, user](std::string_view stage, std::uint64_t done, std::uint64_t total) {
            function(user, std::string(stage).c_str(), done, total);
        });
    }));
}
