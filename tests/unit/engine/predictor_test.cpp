#include "yolovino/predictor.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "yolovino/yolovino.hpp"

#include "base/file.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";

PredictArgs on_openvino_cpu_f32() {
    return {.runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32}, .verbose = false};
}

std::vector<Image> sample_images() {
    std::vector<Image> images;
    for (const char* name : {"0004.jpg", "0009.jpg", "0018.jpg", "0031.jpg"})
        images.push_back(vision::load_image(kImages / name));
    return images;
}

void expect_same(const Results& got, const Results& wanted) {
    ASSERT_EQ(got.boxes.size(), wanted.boxes.size());
    for (std::size_t i = 0; i < got.boxes.size(); ++i) {
        EXPECT_EQ(got.boxes[i].cls, wanted.boxes[i].cls);
        EXPECT_FLOAT_EQ(got.boxes[i].conf, wanted.boxes[i].conf);
        EXPECT_FLOAT_EQ(got.boxes[i].x1, wanted.boxes[i].x1);
        EXPECT_FLOAT_EQ(got.boxes[i].y2, wanted.boxes[i].y2);
    }
}

TEST(Predictor, FindsInPixelsWhatTheModelFinds) {
    const Model model(kSample);
    const Predictor predictor = model.predictor(on_openvino_cpu_f32());
    std::size_t boxes = 0;
    for (const Image& image : sample_images()) {
        const Results wanted = model.predict(image.view(), on_openvino_cpu_f32());
        for (int round = 0; round < 2; ++round) {
            const Results got = predictor(image.view());
            expect_same(got, wanted);
            EXPECT_EQ(got.path, wanted.path);
            EXPECT_EQ(got.orig_shape, wanted.orig_shape);
            EXPECT_EQ(got.input_shape, wanted.input_shape);
            EXPECT_EQ(got.names, wanted.names) << "all results of a model share the names";
        }
        boxes += wanted.boxes.size();
    }
    EXPECT_GT(boxes, 0U);
}

TEST(Predictor, ReadsEncodedImages) {
    const Model model(kSample);
    const Predictor predictor = model.predictor(on_openvino_cpu_f32());
    const std::vector<std::byte> encoded = base::read_file(kImages / "0004.jpg", 1U << 24U);
    expect_same(predictor(encoded), model.predict(encoded, on_openvino_cpu_f32()));
    try {
        predictor(std::span(encoded).first(100));
        FAIL() << "a truncated image was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << error.what();
    }
}

TEST(Predictor, RunsSeveralImagesInBatchesInTheirOrder) {
    PredictArgs args = on_openvino_cpu_f32();
    args.batch = 3;
    args.rect = false;
    const Model model(kSample);
    const Predictor predictor = model.predictor(args);
    const std::vector<Image> images = sample_images();
    std::vector<ImageView> views;
    for (const Image& image : images) views.push_back(image.view());
    const std::vector<Results> all = predictor.run(views);
    ASSERT_EQ(all.size(), images.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].path, "image" + std::to_string(i) + ".jpg");
        const Results alone = predictor(views[i]);
        ASSERT_EQ(all[i].boxes.size(), alone.boxes.size());
        for (std::size_t b = 0; b < alone.boxes.size(); ++b) EXPECT_NEAR(all[i].boxes[b].x1, alone.boxes[b].x1, 1e-2F);
    }
    EXPECT_TRUE(predictor.run({}).empty());
}

TEST(Predictor, PadsTheLastBatchOfAFixedNetwork) {
    const test::TempFolder folder;
    const Model exported(Model(kSample).export_to({.format = "openvino",
                                                   .imgsz = ImageSize{160, 160},
                                                   .batch = 2,
                                                   .verbose = false,
                                                   .output_folder = folder.path()}));
    const Predictor predictor = exported.predictor(on_openvino_cpu_f32());
    const std::vector<Image> images = sample_images();
    const std::vector<ImageView> views = {images[0].view(), images[1].view(), images[2].view()};
    const std::vector<Results> all = predictor.run(views);
    ASSERT_EQ(all.size(), views.size());
    expect_same(all[2], predictor(views[2]));
}

TEST(Predictor, SixteenThreadsShareOne) {
    const Model model(kSample);
    PredictArgs args = on_openvino_cpu_f32();
    args.imgsz = ImageSize{160, 160};
    const Predictor predictor = model.predictor(args);
    const std::vector<Image> images = sample_images();
    std::vector<Results> wanted;
    for (const Image& image : images) wanted.push_back(predictor(image.view()));
    std::mutex mutex;
    std::vector<std::string> problems;
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 16; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t round = 0; round < 8; ++round) {
                    const std::size_t i = (t + round) % images.size();
                    const Results got = predictor(images[i].view());
                    if (got.boxes.size() == wanted[i].boxes.size() &&
                        std::ranges::equal(got.boxes, wanted[i].boxes, {}, &Box::cls, &Box::cls))
                        continue;
                    const std::lock_guard lock(mutex);
                    problems.push_back("thread " + std::to_string(t) + " found something else in image " +
                                       std::to_string(i));
                }
            });
        }
    }
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(Predictor, SendsMessagesOfACallToItsOwnSink) {
    std::vector<std::string> process;
    set_log_sink([&](LogLevel, std::string_view line) { process.emplace_back(line); });
    PredictArgs args = on_openvino_cpu_f32();
    args.verbose = true;
    const Predictor predictor = Model(kSample).predictor(args);
    process.clear();
    std::vector<std::string> own;
    const CallSinks sinks{.log = [&](LogLevel, std::string_view line) { own.emplace_back(line); }};
    EXPECT_EQ(predictor.stream((kImages / "0004.jpg").string(), sinks).all().size(), 1U);
    EXPECT_TRUE(process.empty()) << process.front();
    const bool reported =
        std::ranges::any_of(own, [](const std::string& line) { return line.starts_with("image 1/1 "); });
    EXPECT_TRUE(reported);
    EXPECT_EQ(predictor.stream((kImages / "0004.jpg").string()).all().size(), 1U);
    EXPECT_FALSE(process.empty()) << "without sinks of its own, a call uses those of the process";
    set_log_sink({});
}

TEST(Predictor, SendsMessagesOfWorkersToTheSinkOfTheirCall) {
    std::vector<std::string> process;
    set_log_sink([&](LogLevel, std::string_view line) { process.emplace_back(line); });
    const test::TempFolder folder;
    fs::copy(kImages / "0004.jpg", folder.path() / "a.jpg");
    std::ofstream(folder.path() / "b.jpg") << "no image";
    PredictArgs args = on_openvino_cpu_f32();
    args.runtime.performance = Performance::Throughput;
    const Predictor predictor = Model(kSample).predictor(args);
    process.clear();
    std::vector<std::string> own;
    const CallSinks sinks{.log = [&](LogLevel, std::string_view line) { own.emplace_back(line); }};
    EXPECT_EQ(predictor.stream(folder.path().string(), sinks).all().size(), 1U);
    EXPECT_TRUE(process.empty()) << process.front();
    const bool reported =
        std::ranges::any_of(own, [](const std::string& line) { return line.find("b.jpg") != std::string::npos; });
    EXPECT_TRUE(reported) << "the image that cannot be read is reported by the thread that reads";
    set_log_sink({});
}

TEST(Predictor, SendsMessagesOfOpeningASourceToTheSinkOfItsCall) {
    std::vector<std::string> process;
    set_log_sink([&](LogLevel, std::string_view line) { process.emplace_back(line); });
    const test::TempFolder folder;
    const std::string list = (folder.path() / "one.streams").string();
    std::ofstream(list) << YOLOVINO_SOURCE_DIR "/tests/data/videos/rotate90.mkv\n";
    const Predictor predictor = Model(kSample).predictor(on_openvino_cpu_f32());
    process.clear();
    std::vector<std::string> own;
    const CallSinks sinks{.log = [&](LogLevel, std::string_view line) { own.emplace_back(line); }};
    EXPECT_FALSE(predictor.stream(list, sinks).all().empty());
    EXPECT_TRUE(process.empty()) << process.front();
    const bool reported =
        std::ranges::any_of(own, [](const std::string& line) { return line.find("Success") != std::string::npos; });
    EXPECT_TRUE(reported);
    set_log_sink({});
}

TEST(Predictor, RefusesWrongOptionsWhenItIsMade) {
    PredictArgs args = on_openvino_cpu_f32();
    args.conf = 2;
    try {
        static_cast<void>(Model(kSample).predictor(args));
        FAIL() << "conf=2 was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(std::string(error.what()).find("conf"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace yolovino
