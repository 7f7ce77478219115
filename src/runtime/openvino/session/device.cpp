#include "runtime/openvino/session/device.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <future>
#include <openvino/core/model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "yolovino/devices.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "openvino/core.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/session/properties.hpp"

namespace yolovino::runtime {

namespace {

std::string_view base_of(std::string_view name) {
    return name.substr(0, name.find('.'));
}

bool is_plugin(std::string_view name) {
    return base_of(name) == "CPU" || base_of(name) == "GPU" || base_of(name) == "NPU";
}

bool is_combination(std::string_view name) {
    return name == "AUTO" || name == "MULTI" || name == "HETERO" || name == "BATCH";
}

std::vector<std::string> devices() {
    return openvino::translate(ErrorCode::RuntimeFailure, "openvino", "cannot list devices",
                               [] { return openvino::core().get_available_devices(); });
}

[[noreturn]] void fail_absent(const std::string& what, const std::vector<std::string>& present) {
    throw Error(ErrorCode::DeviceUnavailable, "openvino",
                fmt::format("device {}, this machine offers {}", what, fmt::join(present, ", ")), {},
                "run 'yolo checks' to see the devices");
}

/// For Ultralytics' names of devices that OpenVINO does not have.
std::string_view pytorch_name_hint(std::string_view requested) {
    const std::string name = base::to_upper(requested);
    const bool numbers = !name.empty() && name.find_first_not_of("0123456789,[] ") == std::string::npos;
    if (!numbers && !name.starts_with("CUDA") && name != "MPS") return {};
    return "that is a device of PyTorch; for a GPU of Intel write gpu (or intel:gpu)";
}

[[noreturn]] void fail_unknown(std::string_view requested) {
    throw Error(
        ErrorCode::InvalidArgument, "openvino",
        fmt::format("device '{}' is unknown, wanted cpu, gpu, npu, intel:gpu, AUTO, MULTI:GPU,CPU, HETERO:GPU,CPU, or "
                    "BATCH:GPU",
                    base::printable(requested)),
        {}, pytorch_name_hint(requested));
}

/// Whether a device of the machine is what a name means: `GPU` means all GPUs, and `CPU.0` is `CPU`.
bool means(std::string_view name, const std::string& device) {
    return device == name || device.starts_with(std::string(name) + ".") || device + ".0" == name;
}

/// Whether the kernel offers a GPU or an NPU at all. Asking OpenVINO loads the plugins of both, which takes longer than
/// everything else that a run on the CPU does before it compiles.
bool has_accelerator_node() {
    std::error_code ignored;
    for (const char* node : {"/dev/dri", "/dev/accel", "/dev/dxg"}) {
        if (std::filesystem::exists(node, ignored)) return true;
    }
    return false;
}

void expect_present(std::string_view name, std::string_view requested) {
    // The CPU plugin is part of every installation; asking for the list would load the other plugins too.
    if (name == "CPU") return;
    const std::vector<std::string> present = devices();
    const bool found = std::ranges::any_of(present, [&](const std::string& device) { return means(name, device); });
    if (found) return;
    const bool whole = requested.find(':') == std::string_view::npos || base::to_upper(requested).starts_with("INTEL:");
    const std::string part = whole ? "" : fmt::format("'{}' of ", name);
    fail_absent(fmt::format("{}'{}' is not there", part, base::printable(requested)), present);
}

/// The devices behind the colon of `MULTI:GPU,CPU`, `AUTO:-GPU`, or `BATCH:GPU(4)`, without the excluded ones that are
/// not there: OpenVINO takes those for an error.
std::vector<std::string> checked_parts(std::string_view parts, std::string_view requested) {
    std::vector<std::string> kept;
    std::vector<std::string_view> excluded;
    std::size_t named = 0;
    for (std::string_view rest = parts;;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view whole = rest.substr(0, comma);
        std::string_view part = rest.substr(0, std::min(comma, rest.find('(')));
        const bool exclude = part.starts_with('-');
        if (exclude) part.remove_prefix(1);
        if (!is_plugin(part)) fail_unknown(requested);
        if (exclude) {
            excluded.push_back(part);
        } else {
            ++named;
            expect_present(part, requested);
            kept.emplace_back(whole);
        }
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    if (excluded.empty()) return kept;
    const std::vector<std::string> present = devices();
    const bool left = std::ranges::any_of(present, [&](const std::string& device) {
        return std::ranges::none_of(excluded, [&](std::string_view name) { return means(name, device); });
    });
    if (named == 0 && !left) fail_absent(fmt::format("'{}' leaves no device", base::printable(requested)), present);
    for (const std::string_view name : excluded) {
        if (std::ranges::any_of(present, [&](const std::string& device) { return means(name, device); }))
            kept.push_back(fmt::format("-{}", name));
    }
    return kept;
}

}  // namespace

void preload_openvino() {
    if (has_accelerator_node()) return;
    // Its destructor waits: a process must not end, which unloads libraries, while another is being loaded.
    thread_local std::future<void> loading;
    loading = std::async(std::launch::async, [] {
        try {
            openvino::core().get_property("CPU", ov::device::full_name);
        } catch (const std::exception& e) {
            base::debug("the CPU plugin cannot be loaded ahead: {}", e.what());
        }
    });
}

std::string openvino_device(std::string_view device) {
    std::string name = base::to_upper(device);
    if (name.empty()) return !has_accelerator_node() || devices() == std::vector<std::string>{"CPU"} ? "CPU" : "AUTO";
    if (name.starts_with("INTEL:")) name = name.substr(6);
    if (is_plugin(name)) {
        expect_present(name, device);
        return name == "CPU.0" ? "CPU" : name;
    }
    const std::size_t colon = name.find(':');
    if (!is_combination(name.substr(0, colon))) fail_unknown(device);
    const std::string head = name.substr(0, colon);
    if (colon == std::string::npos) {
        if (head == "AUTO") return head;
        throw Error(ErrorCode::InvalidArgument, "openvino",
                    fmt::format("device '{}' names no devices, wanted them behind a colon", base::printable(device)),
                    {}, fmt::format("for example device={}:CPU", head));
    }
    std::vector<std::string> parts = checked_parts(std::string_view(name).substr(colon + 1), device);
    if (parts.empty() && head == "AUTO") return head;
    if (parts.empty()) parts = devices();
    return fmt::format("{}:{}", head, fmt::join(parts, ","));
}

namespace {

/// What not every device reports.
void add_facts(ov::Core& core, DeviceInfo& info) {
    const auto try_to = [&](const auto& body) {
        try {
            body();
        } catch (const std::exception& e) {
            base::debug("device {} does not report all: {}", info.name, e.what());
        }
    };
    const auto supported = core.get_property(info.name, ov::supported_properties);
    const auto reports = [&](const char* property) {
        return std::ranges::find(supported, std::string(property)) != supported.end();
    };
    for (const char* property : {"GPU_DRIVER_VERSION", "NPU_DRIVER_VERSION"}) {
        if (reports(property)) try_to([&] { info.driver = core.get_property(info.name, property).as<std::string>(); });
    }
    if (reports(ov::range_for_streams.name())) {
        try_to([&] {
            const auto [low, high] = core.get_property(info.name, ov::range_for_streams);
            info.min_streams = static_cast<int>(low);
            info.max_streams = static_cast<int>(high);
        });
    }
    try_to([&] {
        const ov::AnyMap config = {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT)};
        info.optimal_requests = static_cast<int>(
            core.compile_model(probe_model(), info.name, config).get_property(ov::optimal_number_of_infer_requests));
    });
}

std::vector<DeviceInfo> all_devices() {
    ov::Core& core = openvino::core();
    std::vector<DeviceInfo> infos;
    for (const std::string& device : core.get_available_devices()) {
        DeviceInfo info{device, core.get_property(device, ov::device::full_name),
                        core.get_property(device, ov::device::capabilities)};
        add_facts(core, info);
        infos.push_back(std::move(info));
    }
    return infos;
}

}  // namespace

}  // namespace yolovino::runtime

namespace yolovino {

std::vector<DeviceInfo> available_devices() {
    return base::api_call("openvino", [] {
        return openvino::translate(ErrorCode::RuntimeFailure, "openvino", "cannot list devices", runtime::all_devices);
    });
}

std::string openvino_version() {
    return base::api_call("openvino", [] { return std::string(ov::get_openvino_version().buildNumber); });
}

}  // namespace yolovino
