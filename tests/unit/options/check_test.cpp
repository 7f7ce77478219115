#include "options/check.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "yolovino/error.hpp"

namespace yolovino::options {
namespace {

/// `[area] message`, or `accepted`.
template <typename Args>
std::string refusal(const Args& args) {
    try {
        check(args);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        return error.what();
    }
    return "accepted";
}

TEST(Check, AcceptsTheDefaults) {
    EXPECT_EQ(refusal(PredictArgs()), "accepted");
    EXPECT_EQ(refusal(ValArgs()), "accepted");
    EXPECT_EQ(refusal(ExportArgs()), "accepted");
    EXPECT_EQ(refusal(BenchmarkArgs()), "accepted");
    EXPECT_EQ(refusal(AgreeArgs()), "accepted");
}

TEST(Check, NamesTheOptionOfAPredictionItsValueAndItsRange) {
    EXPECT_EQ(refusal(PredictArgs{.conf = 1.5}), "[predict] conf is 1.5, wanted 0 to 1");
    EXPECT_EQ(refusal(PredictArgs{.conf = std::nan("")}), "[predict] conf is nan, wanted 0 to 1");
    EXPECT_EQ(refusal(PredictArgs{.iou = -1}), "[predict] iou is -1, wanted 0 to 1");
    EXPECT_EQ(refusal(PredictArgs{.max_det = 0}), "[predict] max_det is 0, wanted at least 1");
    EXPECT_EQ(refusal(PredictArgs{.batch = 4097}), "[predict] batch is 4097, wanted 1 to 4096");
    EXPECT_EQ(refusal(PredictArgs{.vid_stride = 0}), "[predict] vid_stride is 0, wanted at least 1");
    EXPECT_EQ(refusal(PredictArgs{.line_width = 0}), "[predict] line_width is 0, wanted at least 1");
    EXPECT_EQ(refusal(PredictArgs{.classes = std::vector{2, -1}}), "[predict] classes holds -1, wanted at least 0");
    EXPECT_EQ(refusal(PredictArgs{.imgsz = ImageSize{640, 0}}), "[predict] imgsz holds 0, wanted 1 to 16384");
    EXPECT_EQ(refusal(PredictArgs{.imgsz = ImageSize{16385, 640}}), "[predict] imgsz holds 16385, wanted 1 to 16384");
}

TEST(Check, NamesTheOptionOfAValidation) {
    EXPECT_EQ(refusal(ValArgs{.batch = 0}), "[val] batch is 0, wanted 1 to 4096");
    EXPECT_EQ(refusal(ValArgs{.conf = 2}), "[val] conf is 2, wanted 0 to 1");
    EXPECT_EQ(refusal(ValArgs{.workers = -1}), "[val] workers is -1, wanted at least 0");
}

TEST(Check, NamesTheOptionOfAnExport) {
    EXPECT_EQ(refusal(ExportArgs{.batch = 5000}), "[export] batch is 5000, wanted 1 to 4096");
    EXPECT_EQ(refusal(ExportArgs{.opset = 21}), "[export] opset is 21, wanted 11 to 20");
    EXPECT_EQ(refusal(ExportArgs{.max_drop = -0.1}), "[export] max_drop is -0.1, wanted 0 to 1");
    const std::string fraction = "wanted a share above 0 to 1 or a whole number of images above 1";
    for (const double wrong : {0.0, -1.0, 1.5, 2e9, std::numeric_limits<double>::infinity()})
        EXPECT_NE(refusal(ExportArgs{.fraction = wrong}).find(fraction), std::string::npos) << wrong;
    for (const double right : {0.1, 1.0, 2.0, 500.0})
        EXPECT_EQ(refusal(ExportArgs{.fraction = right}), "accepted") << right;
    for (const int wrong : {0, -2, 7, 8192})
        EXPECT_NE(refusal(ExportArgs{.stride = wrong}).find("wanted a power of two from 1 to 4096"), std::string::npos);
    for (const int right : {1, 32, 4096}) EXPECT_EQ(refusal(ExportArgs{.stride = right}), "accepted") << right;
}

/// Whatever holds the runtime options, they are checked alike.
TEST(Check, RuntimeOptionsAreThoseOfEachMode) {
    const auto expect_refused = [](const RuntimeOptions& runtime, const std::string& wanted) {
        EXPECT_EQ(refusal(PredictArgs{.runtime = runtime}), wanted);
        EXPECT_EQ(refusal(ValArgs{.runtime = runtime}), wanted);
        EXPECT_EQ(refusal(BenchmarkArgs{.runtime = runtime}), wanted);
        AgreeArgs args;
        args.sides[1].runtime = runtime;
        EXPECT_EQ(refusal(args), wanted);
    };
    expect_refused({.threads = 1025}, "[runtime] threads is 1025, wanted 0 to 1024");
    expect_refused({.streams = -1}, "[runtime] streams is -1, wanted 0 to 1024");
    expect_refused({.watchdog = 86401}, "[runtime] watchdog is 86401, wanted 0 (never) to 86400 seconds");
    expect_refused({.kind = static_cast<Runtime>(77)},
                   "[runtime] runtime is not one of auto, openvino, onnxruntime, libtorch, remote");
    expect_refused({.precision = static_cast<Precision>(77)}, "[runtime] precision is not one of auto, f32, bf16, f16");
    expect_refused({.performance = static_cast<Performance>(-1)},
                   "[runtime] performance is not one of auto, latency, throughput");
    EXPECT_EQ(refusal(PredictArgs{.runtime = {.watchdog = 0}}), "accepted");
}

TEST(Check, NamesTheToleranceOfAComparison) {
    EXPECT_EQ(refusal(AgreeArgs{.tolerance_box = -1}), "[agree] tolerance_box is -1, wanted at least 0");
    EXPECT_EQ(refusal(AgreeArgs{.conf = 2}), "[agree] conf is 2, wanted 0 to 1");
}

}  // namespace
}  // namespace yolovino::options
