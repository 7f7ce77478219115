#include "cli/checks.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "base/processors.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

constexpr double kBytesPerGb = 1024.0 * 1024.0 * 1024.0;

/// The value behind the first line that starts with `key`, or empty.
std::string find_line(const char* file, std::string_view key, char separator) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        const std::size_t at = line.find(separator);
        if (at == std::string::npos || trim(std::string_view(line).substr(0, at)) != key) continue;
        std::string_view value = trim(std::string_view(line).substr(at + 1));
        if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        return safe(value);
    }
    return {};
}

std::string os_name() {
    std::string name = find_line("/etc/os-release", "PRETTY_NAME", '=');
    utsname kernel = {};
    if (::uname(&kernel) == 0) {
        name += fmt::format("{}{} {} {}", name.empty() ? "" : ", ", kernel.sysname, kernel.release, kernel.machine);
    }
    return name.empty() ? "unknown" : name;
}

std::string cpu_name() {
    const std::string name = find_line("/proc/cpuinfo", "model name", ':');
    return name.empty() ? "unknown" : name;
}

double ram_gb() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_bytes = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && page_bytes > 0 ? static_cast<double>(pages) * static_cast<double>(page_bytes) / kBytesPerGb
                                       : 0.0;
}

std::string disk() {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space("/", error);
    if (error) return "unknown";
    return fmt::format("{:.1f}/{:.1f} GB", static_cast<double>(space.capacity - space.free) / kBytesPerGb,
                       static_cast<double>(space.capacity) / kBytesPerGb);
}

void row(std::string& page, std::string_view key, std::string_view value) {
    page += fmt::format("{:<23}{}\n", key, value);
}

void add_runtimes(std::string& page) {
    try {
        for (const RuntimeInfo& info : available_runtimes())
            row(page, info.name, info.missing.empty() ? info.version : fmt::format("❌ {}", safe(info.missing)));
        for (const DeviceInfo& device : available_devices()) {
            row(page, fmt::format("Device {}", safe(device.name)),
                fmt::format("{} [{}]", safe(device.full_name), safe(join(device.capabilities, ", "))));
            std::string facts;
            if (device.optimal_requests > 0) facts += fmt::format("{} requests at once", device.optimal_requests);
            if (device.max_streams > 0)
                facts += fmt::format("{}{} to {} streams", facts.empty() ? "" : ", ", device.min_streams,
                                     device.max_streams);
            if (!device.driver.empty())
                facts += fmt::format("{}driver {}", facts.empty() ? "" : ", ", safe(device.driver));
            if (!facts.empty()) row(page, "", facts);
        }
    } catch (const Error& e) {
        row(page, "OpenVINO", fmt::format("❌ {}", e.what()));
    }
}

}  // namespace

std::string checks_page() {
    const std::size_t cpus = base::processor_count();
    const std::string disk_text = disk();
    std::string page = fmt::format("yolovino {} 🚀 CPU ({})\nSetup complete ✅ ({} CPUs, {:.1f} GB RAM, {} disk)\n\n",
                                   version(), cpu_name(), cpus, ram_gb(), disk_text);
    row(page, "yolovino", version());
    row(page, "OS", os_name());
    row(page, "CPU", cpu_name());
    row(page, "CPU count", std::to_string(cpus));
    row(page, "RAM", fmt::format("{:.2f} GB", ram_gb()));
    row(page, "Disk", disk_text);
    add_runtimes(page);
    return page;
}

}  // namespace yolovino::cli
