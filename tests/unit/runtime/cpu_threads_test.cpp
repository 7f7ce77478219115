#include "runtime/openvino/session/cpu_threads.hpp"

#include <gtest/gtest.h>
#include <openvino/runtime/properties.hpp>

#include "base/processors.hpp"
#include "support/cpu_quota.hpp"

namespace yolovino::runtime {
namespace {

RuntimeArgs args_with(int threads, bool pinning) {
    RuntimeArgs args;
    args.threads = threads;
    args.pinning = pinning;
    return args;
}

std::string text_of(const ov::AnyMap& config, const std::string& name) {
    const auto found = config.find(name);
    return found == config.end() ? "" : found->second.as<std::string>();
}

TEST(CpuThreads, AreOpenVinosChoiceWithoutAQuota) {
    if (base::quota_threads()) GTEST_SKIP() << "this process has a CPU quota";
    ov::AnyMap config;
    add_cpu_threads(config, "CPU", {});
    EXPECT_TRUE(config.empty());
    add_cpu_threads(config, "CPU", args_with(3, false));
    EXPECT_EQ(text_of(config, "INFERENCE_NUM_THREADS"), "3");
    EXPECT_EQ(text_of(config, "ENABLE_CPU_PINNING"), "NO");
}

TEST(CpuThreads, OfOpenVinoOnTheCpuFollowARealCgroupQuota) {
    const test::CpuQuota quota(90);
    if (!quota.active()) GTEST_SKIP() << "control groups of version 1 cannot be made below /sys/fs/cgroup/cpu";
    ov::AnyMap config;
    add_cpu_threads(config, "CPU", {});
    EXPECT_EQ(text_of(config, "INFERENCE_NUM_THREADS"), "1");
    EXPECT_EQ(text_of(config, "ENABLE_CPU_PINNING"), "NO");
    ov::AnyMap asked;
    add_cpu_threads(asked, "CPU", args_with(2, true));
    EXPECT_EQ(text_of(asked, "INFERENCE_NUM_THREADS"), "2");
    EXPECT_EQ(text_of(asked, "ENABLE_CPU_PINNING"), "YES");
    ov::AnyMap behind;
    add_cpu_threads(behind, "AUTO:CPU", {});
    const auto [name, settings] = ov::device::properties("CPU", ov::AnyMap());
    ASSERT_TRUE(behind.contains(name));
    EXPECT_EQ(text_of(behind.at(name).as<ov::AnyMap>(), "INFERENCE_NUM_THREADS"), "1");
    ov::AnyMap elsewhere;
    add_cpu_threads(elsewhere, "MULTI:GPU", {});
    EXPECT_TRUE(elsewhere.empty());
}

}  // namespace
}  // namespace yolovino::runtime
