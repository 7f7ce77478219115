#include "runtime/openvino/session/cpu_threads.hpp"

#include <algorithm>
#include <openvino/runtime/properties.hpp>
#include <optional>

#include "base/log.hpp"
#include "base/processors.hpp"
#include "runtime/openvino/session/properties.hpp"

namespace yolovino::runtime {

namespace {

/// The CPU is the device, or one of several behind it.
void add_to_cpu(ov::AnyMap& config, const std::string& device, const ov::AnyMap& settings) {
    if (device == "CPU") {
        for (const auto& [name, value] : settings) config.insert({name, value});
        return;
    }
    const std::vector<std::string> parts = parts_of(device);
    if (device.starts_with("BATCH") || std::ranges::find(parts, "CPU") == parts.end()) return;
    OvConfig properties;
    for (const auto& [name, value] : settings) properties["CPU:" + name] = value.as<std::string>();
    add_properties(config, device, properties);
}

}  // namespace

void add_cpu_threads(ov::AnyMap& config, const std::string& device, const RuntimeArgs& args) {
    if (args.threads > 0) config.insert(ov::inference_num_threads(args.threads));
    if (args.pinning) config.insert(ov::hint::enable_cpu_pinning(*args.pinning));
    const std::optional<std::size_t> most = base::quota_threads();
    if (!most || (args.threads > 0 && args.pinning)) return;
    ov::AnyMap settings;
    if (args.threads == 0) settings.insert(ov::inference_num_threads(static_cast<std::int32_t>(*most)));
    if (!args.pinning) settings.insert(ov::hint::enable_cpu_pinning(false));
    base::debug("the CPU quota allows {} thread(s)", *most);
    add_to_cpu(config, device, settings);
}

}  // namespace yolovino::runtime
