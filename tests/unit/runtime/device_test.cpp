#include "runtime/openvino/session/device.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"
#include "yolovino/model.hpp"

#include "openvino/translate.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino::runtime {
namespace {

namespace fs = std::filesystem;

ErrorCode code_of(std::string_view device) {
    try {
        openvino_device(device);
    } catch (const Error& e) {
        EXPECT_EQ(std::string_view(e.what()).find("Exception"), std::string_view::npos) << e.what();
        return e.code();
    }
    ADD_FAILURE() << device << " was taken";
    return ErrorCode::RuntimeFailure;
}

TEST(Device, NamesOfTheCpuBecomeOpenVinoNames) {
    for (const char* name : {"cpu", "CPU", "intel:cpu", "CPU.0"}) EXPECT_EQ(openvino_device(name), "CPU") << name;
    for (const char* name : {"AUTO", "AUTO:CPU", "MULTI:CPU", "HETERO:CPU", "BATCH:CPU(2)"})
        EXPECT_EQ(openvino_device(name), name);
}

TEST(Device, SpellingsThatNameNoDeviceAreRefused) {
    for (const char* name : {"foo", "intel:", "CPU:", "AUTO:", "AUTO:XYZ", "AUTO.x", "MULTI", "MULTI:", "HETERO",
                             "HETERO:CPU,", "BATCH", "cpu gpu"})
        EXPECT_EQ(code_of(name), ErrorCode::InvalidArgument) << name;
    for (const char* name : {"CPU.7", "HETERO:CPU,GPU.77", "AUTO:-CPU,-GPU,-NPU"})
        EXPECT_EQ(code_of(name), ErrorCode::DeviceUnavailable) << name;
}

TEST(Device, ExcludingWhatIsNotThereIsNoError) {
    EXPECT_EQ(openvino_device("AUTO:-GPU.77"), "AUTO");
    EXPECT_EQ(openvino_device("auto:cpu,-gpu.77"), "AUTO:CPU");
    EXPECT_EQ(openvino_device("HETERO:CPU,-NPU.77"), "HETERO:CPU");
    EXPECT_NE(openvino_device("MULTI:-GPU.77").find("CPU"), std::string::npos);
    EXPECT_EQ(openvino_device("AUTO:CPU,-CPU"), "AUTO:CPU,-CPU") << "that is for OpenVINO to judge";
}

TEST(Device, MessagesNameTheDeviceThatIsMissingAndPyTorchsNames) {
    const auto text_of = [](std::string_view device) -> std::string {
        try {
            return openvino_device(device);
        } catch (const Error& e) {
            return e.what();
        }
    };
    EXPECT_NE(text_of("MULTI:CPU,GPU.77").find("device 'GPU.77' of 'MULTI:CPU,GPU.77' is not there"), std::string::npos)
        << text_of("MULTI:CPU,GPU.77");
    EXPECT_NE(text_of("intel:gpu.77").find("device 'intel:gpu.77' is not there"), std::string::npos);
    for (const char* name : {"0", "0,1", "cuda", "cuda:0", "mps"})
        EXPECT_NE(text_of(name).find("write gpu (or intel:gpu)"), std::string::npos) << text_of(name);
    EXPECT_EQ(text_of("foo").find("write gpu"), std::string::npos);
    EXPECT_NE(text_of("foo").find("BATCH:GPU"), std::string::npos);
}

TEST(Reason, IsTheMessageWithoutSourceLocations) {
    using openvino::reason_in;
    EXPECT_EQ(reason_in("Exception from src/inference/src/cpp/core.cpp:117:\nException from src/plugin.cpp:54:\nCheck "
                        "'device_id.empty()' failed at src/config.cpp:247:\nCPU takes no id\n\n\n"),
              "CPU takes no id");
    EXPECT_EQ(reason_in("one\n  two \n"), "one; two");
    EXPECT_EQ(reason_in("Wrong value abc\nstoi\n"), "Wrong value abc");
    EXPECT_EQ(reason_in("Wrong value: abc; stoi\n"), "Wrong value: abc");
    EXPECT_EQ(reason_in("Exception from a.cpp:1:\n"), "OpenVINO does not say why");
    EXPECT_TRUE(openvino::tells_of_memory("Exception from a.cpp:1:\ncan't alloc\n"));
    EXPECT_FALSE(openvino::tells_of_memory("Couldn't create directory"));
}

TEST(OpenVinoFolder, WithoutItsWeightsIsRefused) {
    const test::TempFolder folder;
    const fs::path written =
        Model(test::kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    const fs::path weights = written / "yolov8-shapes.bin";
    const auto refuse = [&](ErrorCode code, const std::string& text) {
        try {
            const Model model(written);
            ADD_FAILURE() << "the model was read";
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), code);
            EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
            EXPECT_EQ(std::string(e.what()).find(".cpp"), std::string::npos) << e.what();
        }
    };
    fs::resize_file(weights, 1000);
    refuse(ErrorCode::CorruptFile, "Incorrect weights");
    fs::remove(weights);
    refuse(ErrorCode::NotFound, "the weights of yolov8-shapes.xml are missing");
}

}  // namespace
}  // namespace yolovino::runtime
