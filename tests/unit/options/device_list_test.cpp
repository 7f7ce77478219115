#include "options/device_list.hpp"

#include <gtest/gtest.h>

namespace yolovino::options {
namespace {

using Names = std::vector<std::string>;

TEST(DeviceList, PlainNamesAreSeparatedByCommas) {
    EXPECT_EQ(split_devices("CPU"), Names({"CPU"}));
    EXPECT_EQ(split_devices("CPU, gpu.0"), Names({"CPU", "gpu.0"}));
    EXPECT_EQ(split_devices("[cpu,intel:gpu]"), Names({"cpu", "intel:gpu"}));
    EXPECT_EQ(split_devices("intel:gpu,cpu"), Names({"intel:gpu", "cpu"})) << "a spelling of GPU, not a combination";
    EXPECT_EQ(split_devices("AUTO,CPU"), Names({"AUTO", "CPU"}));
}

TEST(DeviceList, ACombinationKeepsThePlainNamesBehindIt) {
    EXPECT_EQ(split_devices("CPU,HETERO:GPU,CPU"), Names({"CPU", "HETERO:GPU,CPU"}));
    EXPECT_EQ(split_devices("HETERO:GPU,CPU"), Names({"HETERO:GPU,CPU"}));
    EXPECT_EQ(split_devices("hetero:gpu,cpu,multi:cpu,gpu"), Names({"hetero:gpu,cpu", "multi:cpu,gpu"}));
    EXPECT_EQ(split_devices("AUTO:-GPU,-NPU"), Names({"AUTO:-GPU,-NPU"}));
    EXPECT_EQ(split_devices("CPU,BATCH:CPU(2)"), Names({"CPU", "BATCH:CPU(2)"}));
}

TEST(DeviceList, SemicolonsAndQuotesEndACombination) {
    EXPECT_EQ(split_devices("HETERO:GPU,CPU;CPU"), Names({"HETERO:GPU,CPU", "CPU"}));
    EXPECT_EQ(split_devices("['HETERO:GPU,CPU', 'CPU']"), Names({"HETERO:GPU,CPU", "CPU"}));
    EXPECT_EQ(split_devices("[\"MULTI:CPU\",CPU]"), Names({"MULTI:CPU", "CPU"}));
}

TEST(DeviceList, GapsNameNoDevices) {
    for (const char* text : {"", ",", "CPU,", ";CPU", "CPU;;GPU", "''", "[]"})
        EXPECT_TRUE(split_devices(text).empty()) << text;
}

}  // namespace
}  // namespace yolovino::options
