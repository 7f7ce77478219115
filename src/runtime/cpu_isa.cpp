#include "runtime/cpu_isa.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

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

/// oneDNN takes these values in any case; each that allows AMX names it, or is no limit.
bool allows_amx(std::string_view isa_limit) {
    std::string upper(isa_limit);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return upper.empty() || upper == "ALL" || upper == "DEFAULT" || upper.find("AMX") != std::string::npos;
}

}  // namespace

bool computes_bf16_with_amx(std::string_view cpuinfo, std::string_view isa_limit) {
    return has_flag(cpuinfo, "amx_bf16") && has_flag(cpuinfo, "amx_tile") && allows_amx(isa_limit);
}

bool computes_bf16_with_amx() {
    std::ifstream file("/proc/cpuinfo");
    // The first processor's lines; a machine with hundreds of them repeats the same.
    constexpr std::size_t kEnough = 16384;
    std::string text(kEnough, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
    return computes_bf16_with_amx("\n" + text, limit == nullptr ? "" : limit);
}

}  // namespace yolovino::runtime
