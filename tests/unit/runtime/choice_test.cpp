#include <gtest/gtest.h>
#include <stdlib.h>

#include "yolovino/yolovino.hpp"

#include "engine/model/runtime_choice.hpp"
#include "runtime/cpu_only.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino::engine {
namespace {

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

template <typename Body>
Error error_of(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorCode::InvalidArgument, "test", "nothing was thrown"};
}

TEST(RuntimeChoice, FollowsTheFile) {
    EXPECT_EQ(format_of("a/b.onnx"), ModelFormat::Onnx);
    EXPECT_EQ(format_of("b.torchscript"), ModelFormat::TorchScript);
    EXPECT_EQ(format_of("b.xml"), ModelFormat::OpenVino);
    EXPECT_EQ(format_of("b.pt"), ModelFormat::Checkpoint);
    EXPECT_EQ(choose_runtime(ModelFormat::Checkpoint, Runtime::Auto, "b.pt").runtime, Runtime::OpenVino);
    EXPECT_EQ(choose_runtime(ModelFormat::Checkpoint, Runtime::LibTorch, "b.pt").runtime, Runtime::LibTorch);
    EXPECT_EQ(choose_runtime(ModelFormat::TorchScript, Runtime::Auto, "b.torchscript").runtime, Runtime::LibTorch);
    EXPECT_EQ(choose_runtime(ModelFormat::Onnx, Runtime::OpenVino, "b.onnx").runtime, Runtime::OpenVino);
}

TEST(RuntimeChoice, RefusesContradictions) {
    const std::pair<ModelFormat, Runtime> pairs[] = {
        {ModelFormat::OpenVino, Runtime::OnnxRuntime},   {ModelFormat::OpenVino, Runtime::LibTorch},
        {ModelFormat::Checkpoint, Runtime::OnnxRuntime}, {ModelFormat::Onnx, Runtime::LibTorch},
        {ModelFormat::TorchScript, Runtime::OpenVino},   {ModelFormat::TorchScript, Runtime::OnnxRuntime}};
    for (const auto& [format, runtime] : pairs) {
        const Error error = error_of([&] { choose_runtime(format, runtime, "b"); });
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(error.message().find("does not run a file of this kind"), std::string::npos) << error.what();
    }
}

TEST(RuntimeChoice, CpuRuntimesRefuseOtherDevicesAndPrecisions) {
    EXPECT_NO_THROW(runtime::expect_cpu_f32("X", "x", {.device = "CPU", .cache_dir = {}}));
    EXPECT_EQ(error_of([] { runtime::expect_cpu_f32("X", "x", {.device = "gpu", .cache_dir = {}}); }).code(),
              ErrorCode::DeviceUnavailable);
    EXPECT_EQ(error_of([] {
                  runtime::expect_cpu_f32("X", "x", {.device = {}, .precision = Precision::F16, .cache_dir = {}});
              }).message(),
              "X computes in f32, got precision f16");
}

/// In a process of its own, since a runtime that has been loaded stays loaded.
TEST(RuntimeChoiceDeathTest, AMissingOnnxRuntimeIsNamedAndBreaksNothing) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            ::setenv("YOLOVINO_ONNXRUNTIME", "/nonsense", 1);
            const test::TempFolder folder;
            const Model model(Model(kSample).export_to(
                {.format = "onnx", .imgsz = ImageSize{64, 64}, .verbose = false, .output_folder = folder.path()}));
            const Error error = error_of(
                [&] { model.predict(kImage, {.runtime = {.kind = Runtime::OnnxRuntime}, .verbose = false}).all(); });
            const bool named = error.code() == ErrorCode::MissingComponent && !error.hint().empty() &&
                               error.message().find("/nonsense") != std::string::npos;
            std::string lines;
            set_log_sink([&](LogLevel, std::string_view line) { lines += std::string(line) + "\n"; });
            model.predict(kImage).all();
            const bool fell_back = lines.find("for OpenVINO inference") != std::string::npos &&
                                   lines.find("ONNX Runtime is not installed") != std::string::npos;
            std::cerr << error.what() << lines;
            ::_exit(named && fell_back ? 7 : 1);
        },
        testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace yolovino::engine
