#include <gtest/gtest.h>

#include "yolovino/yolovino.hpp"

#include "runtime/libtorch/libtorch.hpp"
#include "support/forge_onnx.hpp"
#include "support/forge_zip.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
namespace forge = test::forge;

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

class ModelFiles : public testing::Test {
protected:
    fs::path write(const std::string& name, const std::string& bytes) const {
        return forge::write(folder_.path() / name, bytes);
    }
    void expect_refused(const fs::path& file, ErrorCode code, const std::string& message) const {
        try {
            const Model model(file);
            model.predict(kImage, {.verbose = false}).all();
            ADD_FAILURE() << "accepted; expected: " << message;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
        }
    }
    void expect_refused(const forge::Onnx& onnx, ErrorCode code, const std::string& message) const {
        expect_refused(write("x.onnx", onnx.bytes()), code, message);
    }

    test::TempFolder folder_;
};

TEST_F(ModelFiles, AnOnnxFileIsDescribedWithoutARuntime) {
    const forge::Onnx file{.properties = {{"description", "Shapes"},
                                          {"version", "8.4.0"},
                                          {"stride", "32"},
                                          {"task", "detect"},
                                          {"batch", "1"},
                                          {"imgsz", "[640, 640]"},
                                          {"names", "{0: 'it\\'s', 1: \"naïve, 猫\"}"},
                                          {"args", "{'batch': 1, 'half': None, 'quantize': 16, 'dynamic': True}"}},
                           .inputs = {forge::onnx_tensor("images", {2, 3, 320, 256})}};
    const Model model(write("x.onnx", file.bytes()));
    EXPECT_EQ(model.info().format, "onnx");
    EXPECT_EQ(model.info().description, "Shapes");
    EXPECT_EQ(model.names(), (ClassNames{"it's", "naïve, 猫"}));
    EXPECT_EQ(model.info().imgsz, (ImageSize{320, 256})) << "the graph counts, not the property";
    EXPECT_EQ(model.info().batch, 2);
    EXPECT_FALSE(model.info().dynamic);
    EXPECT_TRUE(model.info().half);
}

TEST_F(ModelFiles, MissingMetadataGivesMadeUpNamesAndAWarning) {
    std::string lines;
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level == LogLevel::Warning) lines += line;
    });
    const Model model(write("x.onnx", forge::Onnx{}.bytes()));
    set_log_sink(nullptr);
    EXPECT_NE(lines.find("class0"), std::string::npos);
    EXPECT_EQ(model.names().size(), 999U);
    EXPECT_EQ(model.names()[998], "class998");
}

TEST_F(ModelFiles, OnnxNetworksThatAreNotDetectorsAreRefused) {
    const auto output = [](std::vector<std::int64_t> sides) {
        return forge::Onnx{.outputs = {forge::onnx_tensor("output0", sides)}};
    };
    expect_refused(output({1, 1000}), ErrorCode::ShapeMismatch, "the output is f32 [1, 1000]");
    expect_refused(output({1, 4, 8400}), ErrorCode::ShapeMismatch, "wanted f32 [N, 4 + classes, anchors]");
    expect_refused(forge::Onnx{.inputs = {forge::onnx_tensor("x", {1, 1, 28, 28})}}, ErrorCode::ShapeMismatch,
                   "the input is f32 [1, 1, 28, 28], wanted f32 [N, 3, H, W]");
    expect_refused(forge::Onnx{.inputs = {forge::onnx_tensor("x", {1, 3, 64, 64}, 7)}}, ErrorCode::ShapeMismatch,
                   "the input is type 7");
    expect_refused(forge::Onnx{.inputs = {}}, ErrorCode::ShapeMismatch, "0 inputs and 1 outputs");
    expect_refused(forge::Onnx{.inputs = {forge::onnx_tensor("x", {1, 3, 0, 64})}}, ErrorCode::ShapeMismatch,
                   "the input is [1, 3, 0, 64]");
}

TEST_F(ModelFiles, InvalidOnnxMetadataIsRefused) {
    const auto property = [](const char* key, const char* value) { return forge::Onnx{.properties = {{key, value}}}; };
    expect_refused(property("names", "{0: 'a', 2: 'b'}"), ErrorCode::CorruptFile, "class id '2' among 2 names");
    expect_refused(property("names", "{0: 'a', 0: 'b'}"), ErrorCode::CorruptFile, "class id '0' among 2 names");
    expect_refused(property("names", "{\"0\": null}"), ErrorCode::CorruptFile, "'names' is not a Python literal");
    expect_refused(property("names", "'a'"), ErrorCode::CorruptFile, "neither a list nor a mapping");
    // What is said to be finished has no column for each anchor.
    expect_refused(property("args", "{'nms': True}"), ErrorCode::ShapeMismatch, "wanted finished boxes");
    expect_refused(property("end2end", "True"), ErrorCode::ShapeMismatch, "wanted finished boxes");
    expect_refused(property("stride", "0"), ErrorCode::CorruptFile, "'stride' is 0");
    expect_refused(property("stride", "many"), ErrorCode::CorruptFile, "'stride' is many");
    expect_refused(property("imgsz", "[640]"), ErrorCode::CorruptFile, "'imgsz' is not a list of two");
    expect_refused(property("imgsz", "[640, -1]"), ErrorCode::CorruptFile, "'imgsz' is -1");
    expect_refused(property("task", "semantic"), ErrorCode::UnsupportedModel, "the task is 'semantic'");
}

TEST_F(ModelFiles, ANetworkThatTheRuntimeCannotReadIsOneLine) {
    // Right input and output, but the node between them is missing.
    expect_refused(forge::Onnx{}, ErrorCode::CorruptFile, "cannot read the model");
    for (const char* name : {"x.onnx", "x.torchscript", "x.xml"}) {
        const fs::path file = write(name, "this is text");
        EXPECT_THROW(Model{file}, Error) << name;
    }
}

TEST_F(ModelFiles, TorchScriptThatLibTorchCannotReadIsOneLine) {
    try {
        static_cast<void>(runtime::libtorch_version());
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    forge::Zip zip;
    zip.entries = {{.name = "best/data.pkl", .data = "pickle"}, {.name = "best/constants.pkl", .data = "\x80\x02)."}};
    expect_refused(write("x.torchscript", zip.bytes()), ErrorCode::CorruptFile, "cannot read the model");
}

TEST_F(ModelFiles, OtherRuntimesRefuseDevicesThatTheyDoNotHave) {
    const Model model(Model(kSample).export_to(
        {.format = "onnx", .imgsz = ImageSize{64, 64}, .verbose = false, .output_folder = folder_.path()}));
    EXPECT_THROW(
        model.predict(kImage, {.runtime = {.kind = Runtime::OnnxRuntime, .device = "gpu"}, .verbose = false}).all(),
        Error);
    EXPECT_THROW(
        model
            .predict(kImage, {.runtime = {.kind = Runtime::OnnxRuntime, .precision = Precision::F16}, .verbose = false})
            .all(),
        Error);
}

}  // namespace
}  // namespace yolovino
