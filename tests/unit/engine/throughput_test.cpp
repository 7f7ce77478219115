#include <algorithm>
#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "yolovino/yolovino.hpp"

#include "support/samples.hpp"
#include "support/shared.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";

PredictArgs quiet(Performance performance) {
    return {.runtime = {.precision = Precision::F32, .performance = performance}, .verbose = false};
}

/// The sample images again and again, as a list of sources.
std::string many(int rounds) {
    std::string list;
    for (int i = 0; i < rounds; ++i) list += kImages.string() + "\n";
    return list;
}

/// An export with fixed shape: its input is small, so that runs are short.
class Throughput : public testing::Test {
protected:
    Throughput()
        : exported(Model(kSample).export_to(
              {.format = "openvino", .imgsz = ImageSize{160, 160}, .verbose = false, .output_folder = folder.path()})) {
    }
    test::TempFolder folder;
    Model exported;
};

void expect_equal(const std::vector<Results>& some, const std::vector<Results>& others) {
    ASSERT_EQ(some.size(), others.size());
    std::size_t boxes = 0;
    for (std::size_t i = 0; i < some.size(); ++i) {
        EXPECT_EQ(some[i].path, others[i].path);
        ASSERT_EQ(some[i].boxes.size(), others[i].boxes.size()) << some[i].path;
        boxes += some[i].boxes.size();
        for (std::size_t b = 0; b < some[i].boxes.size(); ++b) {
            const Box& one = some[i].boxes[b];
            const Box& other = others[i].boxes[b];
            EXPECT_EQ(one.cls, other.cls);
            EXPECT_NEAR(one.conf, other.conf, 1e-5F);
            EXPECT_NEAR(one.x1, other.x1, 1e-2F);
            EXPECT_NEAR(one.y2, other.y2, 1e-2F);
        }
    }
    EXPECT_GT(boxes, 0U);
}

TEST_F(Throughput, FindsTheSameInTheSameOrderAsLatencyMode) {
    const std::vector<Results> one_by_one = exported.predict(kImages.string(), quiet(Performance::Latency)).all();
    ASSERT_EQ(one_by_one.size(), 32U);
    expect_equal(exported.predict(kImages.string(), quiet(Performance::Throughput)).all(), one_by_one);
}

TEST_F(Throughput, FindsTheSameInADynamicNetworkAndInBatches) {
    const Model checkpoint(kSample);
    for (const int batch : {1, 5}) {
        PredictArgs args = quiet(Performance::Latency);
        args.imgsz = ImageSize{160, 160};
        args.batch = batch;
        const std::vector<Results> one_by_one = checkpoint.predict(kImages.string(), args).all();
        args.runtime.performance = Performance::Throughput;
        args.runtime.streams = 3;
        args.runtime.threads = 2;
        expect_equal(checkpoint.predict(kImages.string(), args).all(), one_by_one);
    }
}

/// The probe changes from one way of computing to another on the way.
TEST_F(Throughput, AutoGivesEachImageOnceInOrder) {
    std::vector<std::string> lines;
    std::mutex lock;
    set_log_sink([&](LogLevel, std::string_view line) {
        const std::lock_guard guard(lock);
        lines.emplace_back(line);
    });
    PredictArgs args = quiet(Performance::Auto);
    args.verbose = true;
    const std::vector<Results> all = exported.predict(many(3), args).all();
    args.imgsz = ImageSize{160, 160};
    args.rect = false;
    const std::vector<Results> open = Model(kSample).predict(many(3), args).all();
    set_log_sink({});
    const std::vector<Results> one_by_one = exported.predict(many(3), quiet(Performance::Latency)).all();
    expect_equal(all, one_by_one);
    ASSERT_EQ(open.size(), one_by_one.size());
    for (std::size_t i = 0; i < open.size(); ++i) EXPECT_EQ(open[i].path, one_by_one[i].path);
    const auto verdicts =
        std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("performance="); });
    EXPECT_EQ(verdicts, 2);
}

TEST_F(Throughput, StopsOnRequestAndWhenTheCallerAbandonsIt) {
    for (const Performance performance : {Performance::Latency, Performance::Throughput}) {
        Predictions predictions = exported.predict(many(50), quiet(performance));
        std::size_t seen = 0;
        std::thread other;
        for ([[maybe_unused]] const Results& results : predictions) {
            if (++seen == 3) other = std::thread([&] { predictions.stop(); });
            if (seen >= 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        other.join();
        EXPECT_LT(seen, 1600U);
        Predictions left = exported.predict(many(50), quiet(performance));
        EXPECT_FALSE(left.begin()->boxes.empty() && left.begin()->path.empty());
    }
}

TEST_F(Throughput, GoesOnAfterAnImageThatCannotBeReadUnlessStrict) {
    const test::TempFolder images;
    for (const auto& entry : fs::directory_iterator(kImages)) fs::copy(entry.path(), images.path());
    std::ofstream(images.path() / "0005a.jpg") << "no image";
    for (const Performance performance : {Performance::Latency, Performance::Throughput}) {
        PredictArgs args = quiet(performance);
        EXPECT_EQ(exported.predict(images.path().string(), args).all().size(), 32U);
        args.strict = true;
        std::size_t seen = 0;
        try {
            for ([[maybe_unused]] const Results& results : exported.predict(images.path().string(), args)) ++seen;
            FAIL() << "no error after " << seen;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find("0005a.jpg"), std::string::npos) << error.what();
        }
        EXPECT_LT(seen, 32U);
    }
}

TEST_F(Throughput, GivesUpARequestThatDoesNotReturn) {
    for (const Performance performance : {Performance::Latency, Performance::Throughput}) {
        PredictArgs args = quiet(performance);
        args.runtime.watchdog = 1e-6;
        try {
            exported.predict(kImages.string(), args).all();
            FAIL() << "no error";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::DeviceUnavailable);
            EXPECT_NE(std::string(error.what()).find("has not returned after 1e-06 s (EXECUTION_DEVICES=CPU"),
                      std::string::npos)
                << error.what();
        }
    }
    EXPECT_EQ(exported.predict(kImages.string(), quiet(Performance::Throughput)).all().size(), 32U);
}

TEST_F(Throughput, RefusesOptionsOutOfRange) {
    for (const auto change :
         std::initializer_list<void (*)(PredictArgs&)>{[](PredictArgs& args) { args.runtime.threads = -1; },
                                                       [](PredictArgs& args) { args.runtime.streams = 100000; },
                                                       [](PredictArgs& args) { args.runtime.watchdog = -1; }}) {
        PredictArgs args = quiet(Performance::Auto);
        change(args);
        EXPECT_THROW(exported.predict(kImages.string(), args), Error);
    }
}

TEST_F(Throughput, ValidatesWithTheSameNumbers) {
    ValArgs args{.data = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml",
                 .runtime = {.precision = Precision::F32, .performance = Performance::Latency},
                 .save = false,
                 .plots = false,
                 .verbose = false};
    const ValResults one_by_one = exported.val(args);
    args.runtime.performance = Performance::Throughput;
    const ValResults side_by_side = exported.val(args);
    EXPECT_GT(one_by_one.map, 0);
    EXPECT_NEAR(side_by_side.map, one_by_one.map, 1e-6);
}

}  // namespace
}  // namespace yolovino
