#include "runtime/openvino/device.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openvino/runtime/core.hpp>

#include "yolovino/model.hpp"

#include "base/fail.hpp"
#include "base/log.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime {

namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return out;
}

bool is_plugin(std::string_view name) {
    const std::string_view base = name.substr(0, name.find('.'));
    return base == "CPU" || base == "GPU" || base == "NPU";
}

bool is_combination(std::string_view name) {
    const std::string_view base = name.substr(0, name.find_first_of(":."));
    return base == "AUTO" || base == "MULTI" || base == "HETERO" || base == "BATCH";
}

std::vector<std::string> devices() {
    return base::translate(ErrorCode::RuntimeFailure, "openvino", "cannot list devices",
                           [] { return openvino_core().get_available_devices(); });
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

void expect_present(const std::string& name, std::string_view asked) {
    // The CPU plugin is part of every installation; asking for the list would load the other plugins too.
    if (name == "CPU") return;
    const std::vector<std::string> present = devices();
    const bool found = std::any_of(present.begin(), present.end(), [&](const std::string& device) {
        return device == name || device.starts_with(name + ".") || device + ".0" == name;
    });
    if (!found) {
        throw Error(ErrorCode::DeviceUnavailable, "openvino",
                    fmt::format("device '{}' is not there, this machine offers {}", asked, fmt::join(present, ", ")),
                    {}, "run 'yolo checks' to see the devices");
    }
}

}  // namespace

ov::Core& openvino_core() {
    // Never destroyed: plugins that are unloaded while other static objects die have crashed at exit.
    static ov::Core* core =
        base::translate(ErrorCode::RuntimeFailure, "openvino", "cannot start", [] { return new ov::Core(); });
    return *core;
}

std::future<void> preload_openvino() {
    if (has_accelerator_node()) return {};
    return std::async(std::launch::async, [] {
        try {
            openvino_core().get_property("CPU", ov::device::full_name);
        } catch (const std::exception& e) {
            base::debug("the CPU plugin cannot be loaded ahead: {}", e.what());
        }
    });
}

std::string openvino_device(std::string_view device) {
    std::string name = upper(device);
    if (name.starts_with("INTEL:")) name = name.substr(6);
    if (name.empty()) return !has_accelerator_node() || devices() == std::vector<std::string>{"CPU"} ? "CPU" : "AUTO";
    if (is_plugin(name)) {
        expect_present(name, device);
        return name;
    }
    if (!is_combination(name)) {
        throw Error(
            ErrorCode::InvalidArgument, "openvino",
            fmt::format("device '{}' is unknown, wanted cpu, gpu, npu, intel:gpu, AUTO, MULTI:…, or HETERO:…", device));
    }
    const std::size_t colon = name.find(':');
    if (colon != std::string::npos) {
        std::string_view rest = std::string_view(name).substr(colon + 1);
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            std::string part(rest.substr(0, std::min(comma, rest.find('('))));
            if (!part.empty() && part.front() != '-' && is_plugin(part)) expect_present(part, device);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return name;
}

}  // namespace yolovino::runtime

namespace yolovino {

std::vector<DeviceInfo> available_devices() {
    return base::translate(ErrorCode::RuntimeFailure, "openvino", "cannot list devices", [] {
        ov::Core& core = runtime::openvino_core();
        std::vector<DeviceInfo> infos;
        for (const std::string& device : core.get_available_devices()) {
            infos.push_back({device, core.get_property(device, ov::device::full_name),
                             core.get_property(device, ov::device::capabilities)});
        }
        return infos;
    });
}

std::string openvino_version() {
    return ov::get_openvino_version().buildNumber;
}

}  // namespace yolovino
