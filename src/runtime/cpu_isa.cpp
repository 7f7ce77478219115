#include "runtime/cpu_isa.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/text.hpp"

namespace yolovino::runtime {

namespace {

/// Whether the first line `flags : …` names the flag as a whole word.
bool has_flag(std::string_view cpuinfo, std::string_view flag) {
    const std::size_t line = cpuinfo.find("\nflags");
    if (line == std::string_view::npos) return false;
    const std::size_t end = std::min(cpuinfo.find('\n', line + 1), cpuinfo.size());
    const std::string flags = std::string(cpuinfo.substr(line + 1, end - line - 1)) + " ";
    return flags.find(" " + std::string(flag) + " ") != std::string::npos;
}

/// Each limit that allows AMX names it, or does not limit at all. oneDNN takes these names in any case.
bool allows_amx(std::string_view isa_limit) {
    const std::string limit = base::to_upper(isa_limit);
    return limit.empty() || limit == "ALL" || limit == "DEFAULT" || limit.find("AMX") != std::string::npos;
}

/// The first processor's lines: a machine with hundreds of them repeats the same.
std::string read_cpuinfo() {
    constexpr std::size_t kEnough = 16384;
    std::ifstream file("/proc/cpuinfo");
    std::string text(kEnough, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return "\n" + text;
}

std::string isa_limit_of_environment() {
    const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
    return limit == nullptr ? "" : limit;
}

}  // namespace

bool computes_bf16_with_amx(std::string_view cpuinfo, std::string_view isa_limit) {
    return has_flag(cpuinfo, "amx_bf16") && has_flag(cpuinfo, "amx_tile") && allows_amx(isa_limit);
}

bool computes_bf16_with_amx() {
    return computes_bf16_with_amx(read_cpuinfo(), isa_limit_of_environment());
}

bool has_vnni(std::string_view cpuinfo, std::string_view isa_limit) {
    const std::string limit = base::to_upper(isa_limit);
    for (const std::string_view below : {"SSE41", "AVX", "AVX2", "AVX512_CORE"}) {
        if (limit == below) return false;
    }
    const bool avx2_only = limit.starts_with("AVX2_VNNI");
    return has_flag(cpuinfo, "avx_vnni") || (has_flag(cpuinfo, "avx512_vnni") && !avx2_only);
}

bool has_vnni() {
    return has_vnni(read_cpuinfo(), isa_limit_of_environment());
}

}  // namespace yolovino::runtime
