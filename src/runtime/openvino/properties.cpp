#include "runtime/openvino/properties.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <openvino/core/model.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/result.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/fail.hpp"
#include "runtime/openvino/device.hpp"
#include "writers/openvino/reason.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

std::vector<std::string> writable(const std::string& device) {
    return base::translate(ErrorCode::RuntimeFailure, kArea, "cannot ask for the properties", [&] {
        std::vector<std::string> names;
        for (const ov::PropertyName& name : openvino_core().get_property(device, ov::supported_properties)) {
            if (name.is_mutable()) names.push_back(name);
        }
        std::ranges::sort(names);
        return names;
    });
}

bool knows(const std::string& device, const std::string& property) {
    const std::vector<std::string> names = writable(device);
    return std::ranges::find(names, property) != names.end();
}

/// `AUTO` of `AUTO:CPU`; a plain device is itself.
std::string head_of(const std::string& device) {
    return device.substr(0, device.find(':'));
}

bool is_combination(const std::string& device) {
    const std::string head = head_of(device);
    return head == "AUTO" || head == "MULTI" || head == "HETERO" || head == "BATCH";
}

std::string offer(const std::vector<std::string>& devices) {
    std::string text;
    for (const std::string& device : devices)
        text += fmt::format("{}{} takes {}", text.empty() ? "" : "; ", device, fmt::join(writable(device), ", "));
    return text;
}

[[noreturn]] void fail_unknown(const std::string& property, const std::string& device) {
    std::vector<std::string> asked = {head_of(device)};
    if (is_combination(device)) {
        const std::vector<std::string> parts = parts_of(device);
        asked.insert(asked.end(), parts.begin(), parts.end());
    }
    throw Error(
        ErrorCode::InvalidArgument, kArea,
        fmt::format("ov.config: property '{}' is unknown to {}; {}", base::printable(property), device, offer(asked)));
}

/// Properties by device, the whole under its own name.
std::map<std::string, ov::AnyMap> sort_out(const std::string& device, const OvConfig& wish) {
    std::map<std::string, ov::AnyMap> out;
    const std::vector<std::string> parts = parts_of(device);
    for (const auto& [key, value] : wish) {
        const std::size_t colon = key.find(':');
        if (colon != std::string::npos) {
            const std::string part = key.substr(0, colon);
            const std::string property = key.substr(colon + 1);
            if (part != device && std::ranges::find(parts, part) == parts.end()) {
                throw Error(ErrorCode::InvalidArgument, kArea,
                            fmt::format("ov.config names device '{}', wanted one of device={}: {}",
                                        base::printable(part), device, fmt::join(parts, ", ")));
            }
            if (!knows(part, property)) fail_unknown(property, part);
            out[part][property] = value;
            continue;
        }
        if (knows(head_of(device), key)) {
            out[device][key] = value;
            continue;
        }
        bool taken = false;
        for (const std::string& part : parts) {
            if (part == device || !knows(part, key)) continue;
            out[part][key] = value;
            taken = true;
        }
        if (!taken) fail_unknown(key, device);
    }
    return out;
}

}  // namespace

std::vector<std::string> parts_of(const std::string& device) {
    if (!is_combination(device)) return {device};
    const std::size_t colon = device.find(':');
    std::vector<std::string> parts;
    if (colon != std::string::npos) {
        std::string_view rest = std::string_view(device).substr(colon + 1);
        while (true) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view part = rest.substr(0, std::min(comma, rest.find('(')));
            if (!part.starts_with('-')) parts.emplace_back(part);
            if (comma == rest.size()) break;
            rest.remove_prefix(comma + 1);
        }
    }
    if (parts.empty()) {
        parts = base::translate(ErrorCode::RuntimeFailure, kArea, "cannot list devices",
                                [] { return openvino_core().get_available_devices(); });
    }
    return parts;
}

void add_properties(ov::AnyMap& config, const std::string& device, const OvConfig& wish) {
    if (wish.empty()) return;
    for (auto& [part, properties] : sort_out(device, wish)) {
        // BATCH takes no properties by device; it hands on what it does not know.
        if (part == device || head_of(device) == "BATCH") {
            for (const auto& [name, value] : properties) config[name] = value;
        } else {
            const auto nested = ov::device::properties(part, properties);
            auto& all = config[nested.first];
            if (all.empty()) all = ov::AnyMap();
            for (const auto& [name, value] : nested.second.as<ov::AnyMap>()) all.as<ov::AnyMap>()[name] = value;
        }
    }
}

void check_properties(const std::string& device, const OvConfig& wish) {
    ov::AnyMap config;
    add_properties(config, device, wish);
    try {
        openvino_core().compile_model(probe_model(), device, config);
    } catch (const std::exception& e) {
        std::vector<std::string> given;
        for (const auto& [key, value] : wish) given.push_back(fmt::format("{}={}", key, value));
        throw Error(ErrorCode::InvalidArgument, kArea,
                    fmt::format("ov.config={} is not taken by {}: {}; {}",
                                base::printable(fmt::format("{}", fmt::join(given, ","))), device,
                                writers::openvino::reason_in(e.what()), offer({head_of(device)})));
    }
}

std::shared_ptr<ov::Model> probe_model() {
    const auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, 4});
    const auto output = std::make_shared<ov::op::v0::Result>(std::make_shared<ov::op::v0::Relu>(input));
    return std::make_shared<ov::Model>(ov::ResultVector{output}, ov::ParameterVector{input});
}

}  // namespace yolovino::runtime
