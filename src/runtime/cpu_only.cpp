#include "runtime/cpu_only.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::runtime {

void expect_cpu_f32(std::string_view runtime, std::string_view area, const RuntimeArgs& args) {
    const bool cpu = args.device.empty() || std::ranges::equal(args.device, std::string_view("cpu"),
                                                               [](char a, char b) { return a == b || a == b - 32; });
    if (!cpu) {
        throw Error(ErrorCode::DeviceUnavailable, area,
                    fmt::format("{} runs on the cpu only, got device '{}'", runtime, base::printable(args.device)), {},
                    "other devices need runtime=openvino");
    }
    if (args.precision != Precision::Auto && args.precision != Precision::F32) {
        throw Error(ErrorCode::InvalidArgument, area,
                    fmt::format("{} computes in f32, got precision {}", runtime,
                                args.precision == Precision::F16 ? "f16" : "bf16"),
                    {}, "other precisions need runtime=openvino");
    }
}

}  // namespace yolovino::runtime
