#include "scan/names.hpp"

#include <gtest/gtest.h>

namespace yolovino::scan {
namespace {

using enum NameVerdict;

TEST(Judge, KnowsWhatCheckpointsNeed) {
    EXPECT_EQ(judge("ultralytics.nn.tasks", "DetectionModel").verdict, Needed);
    EXPECT_EQ(judge("ultralytics.nn.modules.block", "C2f").verdict, Needed);
    EXPECT_EQ(judge("torch", "HalfStorage").verdict, Needed);
    EXPECT_EQ(judge("__builtin__", "set").verdict, Needed);
}

TEST(Judge, KnowsWhatIsHarmless) {
    EXPECT_EQ(judge("pathlib", "PosixPath").verdict, Harmless);
    EXPECT_EQ(judge("torch", "float32").verdict, Harmless);
    EXPECT_EQ(judge("torch.nn.modules.activation", "Hardswish").verdict, Harmless);
    EXPECT_EQ(judge("torch.serialization", "_get_layout").verdict, Harmless);
}

TEST(Judge, LeavesTheRestUnknown) {
    EXPECT_EQ(judge("my.package", "Thing").verdict, Unknown);
    EXPECT_EQ(judge("torch.nn.modules.conv", "some_function").verdict, Unknown);
    EXPECT_EQ(judge("builtins", "print").verdict, Unknown);
    EXPECT_EQ(judge("osmosis", "Membrane").verdict, Unknown);
    EXPECT_EQ(judge("", "").verdict, Unknown);
}

TEST(Judge, KnowsWhatRunsCode) {
    EXPECT_EQ(judge("os", "system").verdict, Dangerous);
    EXPECT_EQ(judge("os.path", "join").verdict, Dangerous);
    EXPECT_EQ(judge("builtins", "eval").verdict, Dangerous);
    EXPECT_EQ(judge("torch", "load").verdict, Dangerous);
    EXPECT_EQ(judge("torch.storage", "_load_from_bytes").verdict, Dangerous);
    EXPECT_EQ(judge("ultralytics.nn.tasks", "parse_model").verdict, Dangerous);
}

TEST(Judge, FollowsDottedNamesAsPython3Does) {
    EXPECT_EQ(judge("ultralytics.nn.tasks", "torch.os.system").verdict, Dangerous);
    EXPECT_EQ(judge("torch", "os").verdict, Dangerous);
    EXPECT_EQ(judge("collections", "OrderedDict.__init__.__globals__").verdict, Dangerous);
    EXPECT_EQ(judge("builtins", "set.add").verdict, Dangerous);
    EXPECT_EQ(judge("ultralytics.nn.modules.conv", "Conv.forward").verdict, Unknown);
}

TEST(JudgeAttribute, KnowsTheForwardOfFusedModels) {
    EXPECT_EQ(judge_attribute("forward_fuse").verdict, Harmless);
    EXPECT_EQ(judge_attribute("weight").verdict, Unknown);
    EXPECT_EQ(judge_attribute("__class__").verdict, Dangerous);
    EXPECT_EQ(judge_attribute("os.system").verdict, Dangerous);
}

TEST(MayBeDangerous, IsTrueWhereverAnyNameIs) {
    for (const char* module : {"os", "os.path", "builtins", "torch", "numpy.f2py", "ultralytics.nn.tasks"})
        EXPECT_TRUE(may_be_dangerous(module)) << module;
    EXPECT_FALSE(may_be_dangerous("collections"));
}

}  // namespace
}  // namespace yolovino::scan
