#include "openvino/translate.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace yolovino::openvino {

std::string reason_in(std::string_view message) {
    std::string reason;
    while (!message.empty()) {
        std::string_view line = message.substr(0, message.find('\n'));
        message.remove_prefix(std::min(line.size() + 1, message.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
        const bool place =
            line.ends_with(':') && (line.starts_with("Exception from ") ||
                                    (line.starts_with("Check ") && line.find(" failed at ") != line.npos));
        if (line.empty() || place) continue;
        reason += (reason.empty() ? "" : "; ") + std::string(line);
    }
    // What the standard library says where a number is wanted, behind what OpenVINO says.
    for (const std::string_view tail : {"; stoi", "; stol", "; stoll", "; stoul", "; stoull", "; stof", "; stod"}) {
        if (reason.ends_with(tail)) reason.resize(reason.size() - tail.size());
    }
    return reason.empty() ? "OpenVINO does not say why" : reason;
}

bool tells_of_memory(std::string_view message) {
    constexpr std::string_view kWordings[] = {"bad_alloc",          "can't alloc",          "out of memory",
                                              "Out of memory",      "could not allocate",   "Cannot allocate memory",
                                              "OUT_OF_HOST_MEMORY", "OUT_OF_DEVICE_MEMORY", "OUT_OF_RESOURCES"};
    return std::ranges::any_of(kWordings, [&](std::string_view each) { return message.find(each) != message.npos; });
}

void fail_for(ErrorCode code, std::string_view area, std::string_view what, std::string_view message) {
    if (tells_of_memory(message))
        throw Error(ErrorCode::LimitExceeded, area, "the memory does not suffice for the network", {},
                    "use a smaller imgsz or batch, or free memory");
    throw Error(code, area, fmt::format("{}: {}", what, reason_in(message)));
}

}  // namespace yolovino::openvino
