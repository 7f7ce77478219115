#include "base/processors.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <string>

#include "support/cpu_quota.hpp"
#include "support/shared.hpp"

namespace yolovino::base {
namespace {

namespace fs = std::filesystem;

/// A file system with control groups.
class Groups {
public:
    Groups& file(const std::string& path, const std::string& text) {
        const fs::path whole = folder_.path() / path;
        fs::create_directories(whole.parent_path());
        std::ofstream(whole) << text;
        return *this;
    }
    Groups& process(const std::string& mounts, const std::string& groups) {
        return file("proc/self/mountinfo", mounts).file("proc/self/cgroup", groups);
    }
    std::optional<double> quota() const { return cpu_quota(folder_.path()); }

private:
    test::TempFolder folder_;
};

constexpr const char* kUnified = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
constexpr const char* kFirstVersion =
    "24 18 0:21 / /proc rw - proc proc rw\n"
    "33 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
    "34 32 0:31 / /sys/fs/cgroup/cpuset rw,nosuid - cgroup cgroup rw,cpuset\n";

TEST(CpuQuota, OfCgroupV2IsThatOfTheGroup) {
    Groups groups;
    groups.process(kUnified, "0::/pod/box\n").file("sys/fs/cgroup/pod/box/cpu.max", "150000 100000\n");
    EXPECT_EQ(groups.quota(), 1.5);
}

TEST(CpuQuota, OfNestedCgroupsV2IsTheSmallest) {
    Groups groups;
    groups.process(kUnified, "0::/pod/box\n")
        .file("sys/fs/cgroup/pod/box/cpu.max", "max 100000\n")
        .file("sys/fs/cgroup/pod/cpu.max", "400000 200000\n");
    EXPECT_EQ(groups.quota(), 2.0);
    groups.file("sys/fs/cgroup/cpu.max", "50000 100000\n");
    EXPECT_EQ(groups.quota(), 0.5);
}

TEST(CpuQuota, OfCgroupV1IsThatOfTheCpuHierarchy) {
    Groups groups;
    groups.process(kFirstVersion, "5:cpuset:/other\n4:cpu,cpuacct:/docker/box\n0::/\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/box/cpu.cfs_quota_us", "250000\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/box/cpu.cfs_period_us", "100000\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "-1\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(groups.quota(), 2.5);
}

TEST(CpuQuota, InAContainerThatSeesOnlyItsOwnGroup) {
    Groups v1;
    v1.process("33 32 0:30 /docker/b\\040x /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n", "4:cpu:/docker/b x\n")
        .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n")
        .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(v1.quota(), 1.0);
    Groups outside;  // a process that was put into a group which its namespace does not show
    outside.process(kUnified, "0::/../elsewhere\n").file("sys/fs/cgroup/cpu.max", "300000 100000\n");
    EXPECT_EQ(outside.quota(), 3.0);
}

TEST(CpuQuota, IsNothingWithoutALimitOrWithDamagedFiles) {
    EXPECT_EQ(Groups().quota(), std::nullopt);
    Groups groups;
    groups.process(kUnified, "0::/box\n");
    EXPECT_EQ(groups.quota(), std::nullopt);
    for (const char* text :
         {"max 100000\n", "", "many 100000\n", "-5 100000\n", "100000 0\n", "100000\n", "1e5x 1\n"}) {
        groups.file("sys/fs/cgroup/box/cpu.max", text);
        EXPECT_EQ(groups.quota(), std::nullopt) << text;
    }
    groups.process("a - b\n- cgroup2 x\n29 23 0:26 / /x - cgroup2\n\n", "0\n::\n").file("x/cpu.max", "1 1");
    EXPECT_EQ(groups.quota(), std::nullopt);
}

TEST(ProcessorCount, IsThatOfTheAffinityWithoutAQuota) {
    cpu_set_t before;
    CPU_ZERO(&before);
    ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
    if (!quota_threads()) {
        EXPECT_EQ(processor_count(), static_cast<std::size_t>(CPU_COUNT(&before)));
    }
    int first = 0;
    while (!CPU_ISSET(first, &before)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
    EXPECT_EQ(processor_count(), 1U);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
}

TEST(ProcessorCount, IsThatOfARealCgroupV1Quota) {
    const test::CpuQuota quota(90);
    if (!quota.active()) GTEST_SKIP() << "control groups of version 1 cannot be made below /sys/fs/cgroup/cpu";
    EXPECT_EQ(cpu_quota(), 0.9);
    EXPECT_EQ(quota_threads(), 1U);
    EXPECT_EQ(processor_count(), 1U);
}

}  // namespace
}  // namespace yolovino::base
