#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace yolovino::test {

/// Puts this process into a control group with a CPU quota while it lives. `active()` is false where the test may not
/// make control groups of version 1.
class CpuQuota {
public:
    explicit CpuQuota(int percent) : group_(kRoot / ("yolovino-test-" + std::to_string(::getpid()))) {
        std::error_code error;
        if (!std::filesystem::create_directory(group_, error)) return;
        active_ = write(group_ / "cpu.cfs_period_us", "100000") &&
                  write(group_ / "cpu.cfs_quota_us", std::to_string(percent * 1000)) &&
                  std::filesystem::create_directory(group_ / "inner", error) &&
                  write(group_ / "inner/cgroup.procs", std::to_string(::getpid()));
    }
    CpuQuota(const CpuQuota&) = delete;
    CpuQuota& operator=(const CpuQuota&) = delete;
    ~CpuQuota() {
        if (active_) write(kRoot / "cgroup.procs", std::to_string(::getpid()));
        std::error_code ignored;
        ::rmdir((group_ / "inner").c_str());
        std::filesystem::remove(group_, ignored);
    }
    bool active() const { return active_; }

private:
    static bool write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream stream(file);
        stream << text;
        stream.close();
        return !stream.fail();
    }

    inline static const std::filesystem::path kRoot = "/sys/fs/cgroup/cpu";
    std::filesystem::path group_;
    bool active_ = false;
};

}  // namespace yolovino::test
