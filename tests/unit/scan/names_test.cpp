#include "scan/names.hpp"

#include <gtest/gtest.h>

namespace yolovino::scan {
namespace {

using enum NameVerdict;

TEST(Judge, AcceptsWhatCheckpointsNeed) {
    EXPECT_EQ(judge("ultralytics.nn.tasks", "DetectionModel").verdict, Needed);
    EXPECT_EQ(judge("ultralytics.nn.modules.block", "C2f").verdict, Needed);
    EXPECT_EQ(judge("torch", "HalfStorage").verdict, Needed);
    for (const char* head : {"Detect", "Segment", "Pose", "OBB", "Classify"})
        EXPECT_EQ(judge("ultralytics.nn.modules.head", head).verdict, Needed) << head;
    EXPECT_EQ(judge("torch.nn.modules.linear", "Linear").verdict, Needed);
    EXPECT_EQ(judge("__builtin__", "set").verdict, Needed);
}

TEST(Judge, RecognizesHarmlessNames) {
    EXPECT_EQ(judge("pathlib", "PosixPath").verdict, Harmless);
    EXPECT_EQ(judge("torch", "float32").verdict, Harmless);
    EXPECT_EQ(judge("torch.nn.modules.activation", "Hardswish").verdict, Harmless);
    EXPECT_EQ(judge("torch.serialization", "_get_layout").verdict, Harmless);
    EXPECT_EQ(judge("torchvision.transforms.transforms", "Compose").verdict, Harmless);
    EXPECT_EQ(judge("torchvision.transforms.transforms", "Lambda").verdict, Unknown);
}

TEST(Judge, ReportsOtherNamesAsUnknown) {
    EXPECT_EQ(judge("my.package", "Thing").verdict, Unknown);
    EXPECT_EQ(judge("torch.nn.modules.conv", "some_function").verdict, Unknown);
    EXPECT_EQ(judge("builtins", "print").verdict, Unknown);
    EXPECT_EQ(judge("osmosis", "Membrane").verdict, Unknown);
    EXPECT_EQ(judge("", "").verdict, Unknown);
}

TEST(Judge, RecognizesNamesThatRunCode) {
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

/// Each way to part `a.b` `c.d` may be the one that leads to harm.
TEST(Judge, LooksBehindHarmlessModules) {
    EXPECT_EQ(judge("torch.nn.modules.utils", "torch.hub.load").verdict, Dangerous);
    EXPECT_EQ(judge("pathlib", "Path.write_text").verdict, Dangerous);
    EXPECT_EQ(judge("pathlib._local", "Path.unlink").verdict, Dangerous);
    EXPECT_EQ(judge("my", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q").verdict, Dangerous) << "nobody writes such names";
}

/// Python 3 takes old names for new ones in pickles of protocol 2 and below.
TEST(Judge, NamesOfPython2AreDangerousToo) {
    EXPECT_EQ(judge("StringIO", "open").verdict, Dangerous);
    EXPECT_EQ(judge("thread", "start_new_thread").verdict, Dangerous);
    EXPECT_EQ(judge("__builtin__", "reduce").verdict, Dangerous);
    EXPECT_EQ(judge("itertools", "imap").verdict, Dangerous);
    EXPECT_EQ(judge("xmlrpclib", "ServerProxy").verdict, Dangerous);
    EXPECT_EQ(judge("BaseHTTPServer", "HTTPServer").verdict, Dangerous);
}

TEST(Judge, FollowsPlacesThatLibrariesTakeForOthers) {
    EXPECT_EQ(judge("ultralytics.yolo.utils.downloads", "safe_download").verdict, Dangerous);
    EXPECT_EQ(judge("numpy", "ndarray.tofile").verdict, Dangerous);
    EXPECT_EQ(judge("random", "_os.system").verdict, Dangerous);
    EXPECT_EQ(judge("ultralytics.utils.plotting", "np.load").verdict, Dangerous);
}

TEST(Judge, RecognizesNamesOfOtherPackagesThatLoadCode) {
    EXPECT_EQ(judge("sympy", "sympify").verdict, Dangerous);
    EXPECT_EQ(judge("sympy.parsing.sympy_parser", "parse_expr").verdict, Dangerous);
    EXPECT_EQ(judge("PIL.ImageMath", "eval").verdict, Dangerous);
    EXPECT_EQ(judge("pandas", "read_pickle").verdict, Dangerous);
    EXPECT_EQ(judge("ultralytics.nn.autobackend", "AutoBackend").verdict, Dangerous);
    EXPECT_EQ(judge("codecs", "open").verdict, Dangerous);
    EXPECT_EQ(judge("PIL.Image", "Image").verdict, Unknown);
}

TEST(JudgeAttribute, AcceptsTheForwardOfFusedModels) {
    EXPECT_EQ(judge_attribute("forward_fuse").verdict, Harmless);
    EXPECT_EQ(judge_attribute("weight").verdict, Unknown);
    EXPECT_EQ(judge_attribute("__class__").verdict, Dangerous);
    EXPECT_EQ(judge_attribute("os.system").verdict, Dangerous);
}

TEST(IsForwardKey, IsTrueForTheKeysOfFusedModels) {
    EXPECT_TRUE(is_forward_key("forward"));
    EXPECT_TRUE(is_forward_key("forward_fuse"));
    EXPECT_FALSE(is_forward_key("forwards"));
    EXPECT_FALSE(is_forward_key("detach"));
}

TEST(IsDunder, NeedsANameBetweenTheUnderscores) {
    EXPECT_TRUE(is_dunder("__setstate__"));
    EXPECT_FALSE(is_dunder("____"));
    EXPECT_FALSE(is_dunder("__private"));
    EXPECT_FALSE(is_dunder("trailing__"));
}

TEST(MayBeDangerous, IsTrueWhereverAnyNameIs) {
    for (const char* module : {"os", "os.path", "builtins", "torch", "numpy.f2py", "ultralytics.nn.tasks"})
        EXPECT_TRUE(may_be_dangerous(module)) << module;
    EXPECT_FALSE(may_be_dangerous("collections"));
}

}  // namespace
}  // namespace yolovino::scan
