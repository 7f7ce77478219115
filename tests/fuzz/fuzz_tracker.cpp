#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "tracking/make_tracker.hpp"

namespace {

using namespace yolovino::tracking;

/// Seven bytes a box: many meet and many are equal, and some numbers are not finite.
std::vector<Detection> boxes_of(std::string_view bytes) {
    constexpr std::size_t kBytes = 7;
    constexpr std::size_t kMost = 24;
    std::vector<Detection> out;
    for (std::size_t at = 0; at + kBytes <= bytes.size() && out.size() < kMost; at += kBytes) {
        const auto number = [&](std::size_t i) {
            const auto byte = static_cast<unsigned char>(bytes[at + i]);
            if (byte == 255) return std::nanf("");
            return byte == 254 ? HUGE_VALF : static_cast<float>(byte) - 8;
        };
        Detection each{.cx = number(0), .cy = number(1), .width = number(2), .height = number(3)};
        each.angle = number(4) / 32;
        each.conf = number(5) / 128;
        each.cls = static_cast<unsigned char>(bytes[at + 6]) % 4;
        each.index = static_cast<int>(out.size());
        out.push_back(each);
    }
    return out;
}

void follow(const Settings& settings, bool rotated, std::string_view bytes) {
    constexpr std::size_t kFrameBytes = 35;
    const auto tracker = make_tracker(settings, rotated);
    for (int frame = 0; frame < 12 && !bytes.empty(); ++frame) {
        const std::vector<Detection> found = boxes_of(bytes.substr(0, kFrameBytes));
        bytes.remove_prefix(std::min(kFrameBytes, bytes.size()));
        Warp warp;
        if (!bytes.empty()) warp.m[static_cast<unsigned char>(bytes[0]) % 6] = static_cast<signed char>(bytes[0]);
        std::set<int> ids;
        for (const TrackedObject& each : tracker->update({.found = found, .recovered = found, .warp = warp})) {
            yolovino::fuzz::expect(ids.insert(each.id).second, "no id twice in a frame");
            yolovino::fuzz::expect(each.index >= -1 && each.index < static_cast<int>(found.size()),
                                   "a box of the frame");
        }
    }
}

}  // namespace

/// A tracker's YAML file, then, behind a zero byte, boxes of some frames.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = yolovino::fuzz::text_of(data, size);
    const std::size_t end = std::min(text.find('\0'), text.size());
    try {
        const Settings settings = parse_settings(text.substr(0, end), {"tracker", "t.yaml"});
        for (const bool rotated : {false, true}) follow(settings, rotated, text.substr(end));
    } catch (const yolovino::Error&) {  // refused, which is right for most inputs
    }
    return 0;
}
