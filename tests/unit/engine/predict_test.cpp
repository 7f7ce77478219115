#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

#include "yolovino/yolovino.hpp"

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"
#include "vision/decode.hpp"
#include "vision/media.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const fs::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";

std::vector<fs::path> photos() {
    std::vector<fs::path> files;
    for (const char* folder : {"data/coco128/images/train2017", "data/images"}) {
        for (const auto& entry : fs::directory_iterator(test::shared_dir() / folder)) {
            if (entry.path().extension() == ".jpg") files.push_back(entry.path());
        }
    }
    return files;
}

/// Each recorded box has its own among ours; those that stand within the margin of the threshold may lack theirs, by
/// name.
void compare(const std::string& photo, const nlohmann::json& golden, std::vector<Box> boxes, double conf) {
    SCOPED_TRACE(photo);
    const auto near_threshold = [&](double score) { return std::abs(score - conf) < test::kThresholdMargin; };
    for (const auto& row : golden) {
        const auto match = std::find_if(boxes.begin(), boxes.end(), [&](const Box& box) {
            const double sides[4] = {static_cast<double>(box.x1), static_cast<double>(box.y1),
                                     static_cast<double>(box.x2), static_cast<double>(box.y2)};
            bool same = box.cls == static_cast<int>(row[5].get<double>()) &&
                        std::abs(static_cast<double>(box.conf) - row[4].get<double>()) <= test::kConf;
            for (std::size_t i = 0; i < 4; ++i)
                same = same && std::abs(sides[i] - row[i].get<double>()) <= test::kBoxPx;
            return same;
        });
        if (match != boxes.end()) {
            boxes.erase(match);
        } else if (near_threshold(row[4].get<double>())) {
            std::cout << photo << ": a recorded box at conf " << row[4] << " stands on the threshold\n";
        } else {
            ADD_FAILURE() << "no box for " << row;
        }
    }
    for (const Box& box : boxes)
        EXPECT_TRUE(near_threshold(static_cast<double>(box.conf)))
            << "extra box of class " << box.cls << " at " << box.conf;
}

void expect_goldens(const Model& model, const char* file) {
    std::ifstream stream(test::shared_dir() / "golden" / file);
    const auto golden = nlohmann::json::parse(stream);
    const PredictArgs args{.runtime = {.precision = Precision::F32}, .verbose = false};
    std::size_t compared = 0;
    for (const fs::path& photo : photos()) {
        const auto& recorded = golden.at(photo.filename().string());
        for (const Results& results : model.predict(photo.string(), args)) {
            EXPECT_EQ(results.orig_shape,
                      (ImageSize{recorded["shape"][0].get<int>(), recorded["shape"][1].get<int>()}));
            compare(photo.filename().string(), recorded["boxes"], results.boxes, args.conf);
            ++compared;
        }
    }
    EXPECT_EQ(compared, golden.size());
}

TEST(Predict, FindsWhatUltralyticsFindsWithTheExportedFolder) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const Model checkpoint(test::shared_dir() / "models/yolov8n.pt");
    const fs::path exported = checkpoint.export_to(
        {.format = "openvino", .imgsz = ImageSize{640, 640}, .verbose = false, .output_folder = folder.path()});
    expect_goldens(Model(exported), "predict_exported.json");
}

TEST(Predict, FindsWhatUltralyticsFindsWithTheCheckpoint) {
    YOLOVINO_NEEDS_SHARED();
    expect_goldens(Model(test::shared_dir() / "models/yolov8n.pt"), "predict_checkpoint.json");
}

TEST(Predict, FileBytesAndPixelsGiveTheSameBoxes) {
    const Model model(kSample);
    const PredictArgs args{.runtime = {.precision = Precision::F32}, .verbose = false};
    const fs::path file = kImages / "0004.jpg";
    const std::vector<Results> from_file = model.predict(file.string(), args).all();
    ASSERT_EQ(from_file.size(), 1U);
    EXPECT_FALSE(from_file[0].boxes.empty());
    const std::string bytes = test::content(file);
    EXPECT_EQ(model.predict(std::as_bytes(std::span(bytes)), args).boxes, from_file[0].boxes);
    EXPECT_EQ(model.predict(vision::load_image(file).view(), args).boxes, from_file[0].boxes);
}

TEST(Predict, OneModelServesManyThreads) {
    const Model model(kSample);
    const PredictArgs args{.runtime = {.precision = Precision::F32}, .verbose = false};
    const std::vector<Results> alone = model.predict(kImages.string(), args).all();
    ASSERT_EQ(alone.size(), 32U);
    std::vector<std::vector<Results>> together(4);
    std::vector<std::thread> threads;
    for (auto& results : together) threads.emplace_back([&] { results = model.predict(kImages.string(), args).all(); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& results : together) {
        ASSERT_EQ(results.size(), alone.size());
        for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(results[i].boxes, alone[i].boxes);
    }
}

TEST(Predict, BatchesGiveTheSameBoxesAsSingles) {
    const Model model(kSample);
    const std::vector<Results> singles =
        model.predict(kImages.string(), {.rect = false, .runtime = {.precision = Precision::F32}, .verbose = false})
            .all();
    const std::vector<Results> batches =
        model
            .predict(kImages.string(),
                     {.batch = 5, .rect = false, .runtime = {.precision = Precision::F32}, .verbose = false})
            .all();
    ASSERT_EQ(batches.size(), singles.size());
    for (std::size_t i = 0; i < singles.size(); ++i) {
        EXPECT_EQ(batches[i].path, singles[i].path);
        ASSERT_EQ(batches[i].boxes.size(), singles[i].boxes.size()) << singles[i].path;
        for (std::size_t k = 0; k < singles[i].boxes.size(); ++k)
            EXPECT_NEAR(batches[i].boxes[k].x1, singles[i].boxes[k].x1, test::kBoxPx);
    }
}

/// A video of one of the sample's images.
fs::path make_video(const fs::path& file, int frames = 2) {
    const Image first = vision::load_image(kImages / "0004.jpg");
    const auto writer = vision::media().create_video(file, 5, first.size());
    for (int i = 0; i < frames; ++i) vision::write_frame(*writer, first);
    writer->close();
    return file;
}

TEST(Predict, StreamsSideBySideFitAStaticNetwork) {
    const test::TempFolder folder;
    const Model model(
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()}));
    ASSERT_FALSE(model.info().dynamic);
    ASSERT_EQ(model.info().batch, 1);
    std::ofstream(folder.path() / "two.streams") << make_video(folder.path() / "v.avi").string() << '\n'
                                                 << make_video(folder.path() / "v.mp4.avi").string() << '\n';
    PredictArgs args{.stream_buffer = true, .runtime = {.precision = Precision::F32}, .save = true, .verbose = false};
    args.project = (folder.path() / "runs").string();
    const auto results = model.predict((folder.path() / "two.streams").string(), args).all();
    ASSERT_EQ(results.size(), 4U);
    for (const Results& each : results) EXPECT_EQ(each.boxes.size(), results.front().boxes.size());
    EXPECT_TRUE(fs::exists(folder.path() / "runs/predict/v.avi"));
    EXPECT_TRUE(fs::exists(folder.path() / "runs/predict/v.mp4.avi"));
}

TEST(Predict, TheLogDistinguishesStreams) {
    const test::TempFolder folder;
    const fs::path network =
        Model(kSample).export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    // The first ends before the second.
    std::ofstream(folder.path() / "two.streams") << make_video(folder.path() / "a.avi", 2).string() << '\n'
                                                 << make_video(folder.path() / "b.avi", 4).string() << '\n';
    for (const fs::path& file : {network, fs::path(kSample)}) {
        std::string begins;
        set_log_sink([&](LogLevel, std::string_view line) {
            if (line.find("ms") != std::string_view::npos && line.substr(1, 2) == ": ") begins += line.substr(0, 1);
        });
        Model(file).predict((folder.path() / "two.streams").string(), {.stream_buffer = true}).all();
        set_log_sink({});
        EXPECT_EQ(begins, "010111") << file;
    }
}

TEST(Predict, ImagesOfOneNameDoNotOverwriteEachOther) {
    const test::TempFolder folder;
    fs::create_directories(folder.path() / "a");
    fs::create_directories(folder.path() / "b");
    for (const char* place : {"a", "b"}) fs::copy_file(kImages / "0004.jpg", folder.path() / place / "same.jpg");
    const Model model(kSample);
    PredictArgs args{.save = true, .save_txt = true, .save_crop = true, .verbose = false};
    args.project = (folder.path() / "runs").string();
    args.exist_ok = true;
    // Twice: a run into the same folder replaces its files.
    for (int run = 0; run < 2; ++run) {
        const auto results = model.predict((folder.path() / "*/same.jpg").string(), args).all();
        ASSERT_EQ(results.size(), 2U);
        for (const char* stem : {"same", "same-2"}) {
            EXPECT_TRUE(fs::exists(folder.path() / "runs/predict" / (std::string(stem) + ".jpg")));
            std::ifstream labels(folder.path() / "runs/predict/labels" / (std::string(stem) + ".txt"));
            const auto lines = std::count(std::istreambuf_iterator<char>(labels), {}, '\n');
            EXPECT_EQ(static_cast<std::size_t>(lines), results.front().boxes.size());
        }
    }
}

TEST(Predict, ATruncatedImageIsSkippedAndReported) {
    const test::TempFolder folder;
    const std::string bytes = test::content(kImages / "0009.jpg");
    std::ofstream(folder.path() / "cut.jpg", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
    std::ofstream(folder.path() / "unmarked.jpg", std::ios::binary) << bytes.substr(0, bytes.size() - 2);
    std::string warnings;
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level == LogLevel::Warning) warnings += std::string(line) + "\n";
    });
    const auto results = Model(kSample).predict(folder.path().string(), {.verbose = false}).all();
    set_log_sink({});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(fs::path(results.front().path).filename(), "unmarked.jpg");
    EXPECT_NE(warnings.find("truncated"), std::string::npos) << warnings;
}

TEST(Predict, AVideoOfUnknownLengthShowsNoTotal) {
    const test::TempFolder folder;
    fs::copy_file(kImages / "0004.jpg", folder.path() / "a.mp4");
    std::ofstream(folder.path() / "b.mp4") << "no video";
    std::ofstream(folder.path() / "c.jpg") << "no image";
    std::string lines;
    set_log_sink([&](LogLevel, std::string_view line) { lines += std::string(line) + "\n"; });
    const auto results = Model(kSample).predict(folder.path().string(), {}).all();
    set_log_sink({});
    EXPECT_EQ(results.size(), 1U);
    EXPECT_NE(lines.find("video 2/3 (frame 1) "), std::string::npos) << lines;
    EXPECT_NE(lines.find("2 source(s) skipped or truncated"), std::string::npos) << lines;
}

TEST(Predict, AFolderThatCannotBeMadeIsAnError) {
    const test::TempFolder folder;
    PredictArgs args{.save_txt = true, .verbose = false};
    args.project = folder.path().string();
    args.exist_ok = true;
    fs::create_directories(folder.path() / "predict");
    std::ofstream(folder.path() / "predict/labels") << "a file";
    EXPECT_THROW(Model(kSample).predict((kImages / "0004.jpg").string(), args).all(), Error);
    EXPECT_THROW(Model(std::string(300, 'a')), Error);
}

TEST(Predict, RefusesArgumentsOutOfRange) {
    const Model model(kSample);
    for (const PredictArgs& args :
         {PredictArgs{.conf = 1.5}, PredictArgs{.iou = -1}, PredictArgs{.classes = std::vector{4}},
          PredictArgs{.max_det = 0}, PredictArgs{.batch = 0}, PredictArgs{.vid_stride = 0},
          PredictArgs{.runtime = {.device = "warp"}}}) {
        EXPECT_THROW(model.predict(kImages.string(), args).all(), Error);
    }
}

TEST(Predict, RefusesChoicesThatContradictOrDoNotExist) {
    const Model model(kSample);
    const auto refusal = [&](const PredictArgs& args) {
        try {
            model.predict((kImages / "0004.jpg").string(), args).all();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
            return error.message();
        }
        return std::string("accepted");
    };
    EXPECT_NE(refusal({.runtime = {.precision = Precision::F32, .half = true}}).find("asks for 16-bit"),
              std::string::npos);
    EXPECT_EQ(refusal({.runtime = {.precision = Precision::Bf16, .half = true}, .verbose = false}), "accepted");
    EXPECT_NE(refusal({.runtime = {.precision = static_cast<Precision>(77)}}).find("precision is not one of"),
              std::string::npos);
    EXPECT_NE(refusal({.runtime = {.kind = static_cast<Runtime>(77)}}).find("runtime is not one of"),
              std::string::npos);
}

TEST(Predict, NamesTheDevicesThatAreThere) {
    const Model model(kSample);
    try {
        model.predict(kImages.string(), {.runtime = {.device = "gpu.7"}}).all();
        FAIL() << "a device that is not there was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::DeviceUnavailable);
        EXPECT_NE(std::string(error.what()).find("CPU"), std::string::npos);
    }
}

TEST(Predict, RunsOnCombinedDevices) {
    const Model model(kSample);
    const std::string image = (kImages / "0004.jpg").string();
    const auto plain =
        model.predict(image, {.runtime = {.device = "cpu", .precision = Precision::F32}, .verbose = false}).all();
    for (const char* device : {"intel:cpu", "MULTI:CPU", "HETERO:CPU", "AUTO:CPU"}) {
        const auto combined =
            model.predict(image, {.runtime = {.device = device, .precision = Precision::F32}, .verbose = false}).all();
        ASSERT_EQ(combined.size(), 1U);
        EXPECT_EQ(combined[0].boxes.size(), plain[0].boxes.size()) << device;
    }
}

TEST(Predict, ReadsAnInt8ModelMadeByUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(test::shared_dir() / "models/yolov8n_int8_openvino_model");
    const auto results = model.predict((test::shared_dir() / "data/images/bus.jpg").string(), {.verbose = false}).all();
    ASSERT_EQ(results.size(), 1U);
    EXPECT_NE(results[0].verbose().find("person"), std::string::npos);
    EXPECT_NE(results[0].verbose().find("bus"), std::string::npos);
}

}  // namespace
}  // namespace yolovino
