#include "runtime/openvino/session/properties.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <numeric>
#include <openvino/core/model.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/result.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <set>
#include <utility>

#include "base/fail.hpp"
#include "openvino/core.hpp"
#include "openvino/translate.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

std::vector<std::string> writable(const std::string& device) {
    return openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot ask for the properties", [&] {
        std::vector<std::string> names;
        for (const ov::PropertyName& name : openvino::core().get_property(device, ov::supported_properties)) {
            if (name.is_mutable()) names.push_back(name);
        }
        std::ranges::sort(names);
        return names;
    });
}

bool supports(const std::string& device, const std::string& property) {
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

/// Changes of a letter that lead from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// The properties that are most like a word; all would fill a page.
std::vector<std::string> nearest(const std::string& word, const std::vector<std::string>& devices) {
    constexpr std::size_t kMost = 3;
    constexpr std::size_t kLongestWord = 64;
    std::set<std::pair<std::size_t, std::string>> scored;
    for (const std::string& device : devices) {
        for (const std::string& name : writable(device)) {
            // A word inside the name leads to it, too: STREAMS to NUM_STREAMS.
            const std::size_t score = name.find(word) != std::string::npos ? 1 : distance(word, name);
            if (word.size() <= kLongestWord && score <= std::max<std::size_t>(2, name.size() / 3))
                scored.emplace(score, name);
        }
    }
    std::vector<std::string> names;
    for (const auto& [score, name] : scored) {
        if (names.size() < kMost) names.push_back(name);
    }
    return names;
}

/// What can be found on the pages of OpenVINO's devices, on the names and values of properties.
constexpr std::string_view kWhere = "docs.openvino.ai lists the properties of each device, in 'Supported Devices'";

[[noreturn]] void fail_unknown(const std::string& property, const std::string& device) {
    std::vector<std::string> devices = {head_of(device)};
    if (is_combination(device)) {
        const std::vector<std::string> parts = parts_of(device);
        devices.insert(devices.end(), parts.begin(), parts.end());
    }
    const std::vector<std::string> close = nearest(property, devices);
    throw Error(
        ErrorCode::InvalidArgument, kArea,
        fmt::format("ov.config: property '{}' is unknown to {}", base::printable(property), device), {},
        close.empty() ? std::string(kWhere) : fmt::format("did you mean {}? {}", fmt::join(close, " or "), kWhere));
}

/// Properties by device, the whole under its own name.
std::map<std::string, ov::AnyMap> sort_out(const std::string& device, const OvConfig& requested) {
    std::map<std::string, ov::AnyMap> out;
    const std::vector<std::string> parts = parts_of(device);
    for (const auto& [key, value] : requested) {
        const std::size_t colon = key.find(':');
        if (colon != std::string::npos) {
            const std::string part = key.substr(0, colon);
            const std::string property = key.substr(colon + 1);
            if (part != device && std::ranges::find(parts, part) == parts.end()) {
                throw Error(ErrorCode::InvalidArgument, kArea,
                            fmt::format("ov.config names device '{}', wanted one of device={}: {}",
                                        base::printable(part), device, fmt::join(parts, ", ")));
            }
            if (!supports(part, property)) fail_unknown(property, part);
            out[part][property] = value;
            continue;
        }
        if (supports(head_of(device), key)) {
            out[device][key] = value;
            continue;
        }
        bool taken = false;
        for (const std::string& part : parts) {
            if (part == device || !supports(part, key)) continue;
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
        parts = openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot list devices",
                                    [] { return openvino::core().get_available_devices(); });
    }
    return parts;
}

void add_properties(ov::AnyMap& config, const std::string& device, const OvConfig& requested) {
    if (requested.empty()) return;
    for (auto& [part, properties] : sort_out(device, requested)) {
        // BATCH takes no properties by device; it forwards what it does not support.
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

void check_properties(const std::string& device, const OvConfig& requested) {
    ov::AnyMap config;
    add_properties(config, device, requested);
    try {
        openvino::core().compile_model(probe_model(), device, config);
    } catch (const std::exception& e) {
        std::vector<std::string> given;
        for (const auto& [key, value] : requested) given.push_back(fmt::format("{}={}", key, value));
        throw Error(ErrorCode::InvalidArgument, kArea,
                    fmt::format("ov.config={} is not taken by {}: {}",
                                base::printable(fmt::format("{}", fmt::join(given, ","))), device,
                                openvino::reason_in(e.what())),
                    {}, kWhere);
    }
}

std::shared_ptr<ov::Model> probe_model() {
    const auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, 4});
    const auto output = std::make_shared<ov::op::v0::Result>(std::make_shared<ov::op::v0::Relu>(input));
    return std::make_shared<ov::Model>(ov::ResultVector{output}, ov::ParameterVector{input});
}

}  // namespace yolovino::runtime
