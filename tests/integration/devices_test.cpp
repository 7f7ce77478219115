#include <algorithm>
#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string>
#include <sys/wait.h>
#include <vector>

#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

/// Runs the real command in a folder of its own, which is also where its cache is.
class Devices : public testing::Test {
protected:
    struct Outcome {
        int status = -1;
        std::string out;
        std::string err;
    };

    Outcome yolo(const std::string& arguments, const std::string& before = {}) const {
        const std::string line = "cd '" + folder.path().string() + "' && export XDG_CACHE_HOME=\"$PWD/xdg\" && " +
                                 before + " '" YOLOVINO_COMMAND "' " + arguments + " >out.txt 2>err.txt </dev/null";
        const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): the shell is what is tested
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, test::content(folder.path() / "out.txt"),
                test::content(folder.path() / "err.txt")};
    }
    /// The lines of a prediction and what the library says of its cache.
    Outcome predict(const std::string& more = {}, const std::string& before = {}) const {
        return yolo("predict save=False save_json=True model=" + kSample + " source=" + kImage + " " + more,
                    "YOLO_VERBOSE=True " + before);
    }
    static bool says(const Outcome& outcome, const std::string& text) {
        return outcome.err.find(text) != std::string::npos;
    }
    std::vector<fs::path> blobs() const {
        std::vector<fs::path> found;
        std::error_code error;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "xdg", error))
            if (entry.is_regular_file()) found.push_back(entry.path());
        return found;
    }
    static constexpr const char* kHit = "the compiled model is loaded from the cache";
    test::TempFolder folder;
};

/// All but the times.
std::string boxes(const std::string& line) {
    const std::size_t start = line.find("\"detections\"");
    return start == std::string::npos ? line : line.substr(start, line.find(']', start) - start);
}

TEST_F(Devices, ACompiledModelIsCachedAndLoaded) {
    const auto first = predict();
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_FALSE(says(first, kHit)) << first.err;
    ASSERT_EQ(blobs().size(), 1U);
    EXPECT_EQ(blobs().front().parent_path(), folder.path() / "xdg/yolovino/models");
    const auto second = predict();
    EXPECT_TRUE(says(second, kHit)) << second.err;
    EXPECT_FALSE(boxes(first.out).empty());
    EXPECT_EQ(boxes(second.out), boxes(first.out));
    const auto other = predict("precision=f32");
    EXPECT_FALSE(says(other, kHit)) << "another precision is another model";
    EXPECT_EQ(blobs().size(), 2U);
}

TEST_F(Devices, ADamagedEntryIsCompiledAnew) {
    const auto first = predict();
    ASSERT_EQ(blobs().size(), 1U) << first.err;
    const fs::path blob = blobs().front();
    const auto whole = fs::file_size(blob);
    fs::resize_file(blob, whole / 2);
    const auto cut = predict();
    EXPECT_EQ(cut.status, 0) << cut.err;
    EXPECT_FALSE(says(cut, kHit));
    EXPECT_EQ(boxes(cut.out), boxes(first.out));
    EXPECT_EQ(fs::file_size(blob), whole);
    std::fstream(blob, std::ios::binary | std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(whole / 2))
        << "damage";
    const auto changed = predict();
    EXPECT_EQ(changed.status, 0) << changed.err;
    EXPECT_TRUE(says(changed, "the cache is damaged")) << changed.err;
    EXPECT_EQ(boxes(changed.out), boxes(first.out));
    EXPECT_TRUE(says(predict(), kHit));
}

/// OpenVINO's own cache, which serves the devices behind such names, would take damaged bytes for a network.
TEST_F(Devices, ADamagedEntryOfSeveralDevicesIsCompiledAnew) {
    for (const char* device : {"AUTO:CPU", "HETERO:CPU"}) {
        const std::string arguments = std::string("precision=f32 device=") + device;
        const auto first = predict(arguments);
        ASSERT_EQ(first.status, 0) << first.err;
        ASSERT_FALSE(boxes(first.out).empty());
        std::vector<fs::path> entry = blobs();
        std::erase_if(entry, [](const fs::path& file) { return file.extension() != ".blob"; });
        ASSERT_EQ(entry.size(), 1U) << device;
        const auto written = fs::last_write_time(entry.front());
        EXPECT_EQ(boxes(predict(arguments).out), boxes(first.out));
        EXPECT_EQ(fs::last_write_time(entry.front()), written) << "it was not used";
        const auto middle = static_cast<std::streamoff>(fs::file_size(entry.front()) / 2);
        std::fstream(entry.front(), std::ios::binary | std::ios::in | std::ios::out).seekp(middle) << "damage";
        const auto again = predict(arguments);
        EXPECT_TRUE(says(again, "the cache is damaged")) << again.err;
        EXPECT_EQ(boxes(again.out), boxes(first.out)) << device;
        const auto mended = fs::last_write_time(entry.front());
        EXPECT_EQ(boxes(predict(arguments).out), boxes(first.out));
        EXPECT_EQ(fs::last_write_time(entry.front()), mended) << "what was compiled anew was not used";
        fs::remove_all(folder.path() / "xdg");
    }
}

TEST_F(Devices, TheCacheIsBoundedAndTouchesNothingElse) {
    const fs::path own = folder.path() / "xdg/yolovino/models";
    fs::create_directories(own / "deep");
    const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
    const std::vector<fs::path> others = {own / "mine.blob", own / ".draft.tmp", own / "deep/mine.blob"};
    for (const fs::path& file : others) {
        std::ofstream(file) << std::string(3 << 20, 'x');
        fs::last_write_time(file, old);
    }
    for (const char* device : {"CPU", "AUTO:CPU", "MULTI:CPU"}) {
        const auto run = predict(std::string("device=") + device, "YOLOVINO_CACHE_MB=1");
        EXPECT_EQ(run.status, 0) << run.err;
    }
    EXPECT_EQ(blobs().size(), others.size()) << "entries above the limit stayed";
    for (const fs::path& file : others) EXPECT_TRUE(fs::exists(file)) << file;
}

TEST_F(Devices, TheCacheCanBeOffAndNeverStopsARun) {
    for (const char* off : {"cache_dir=none", "cache_dir=False", "cache_dir=None"})
        EXPECT_EQ(predict(off).status, 0) << off;
    EXPECT_EQ(predict("", "YOLOVINO_CACHE_MB=0").status, 0);
    EXPECT_TRUE(blobs().empty());
    const auto homeless = predict("", "XDG_CACHE_HOME= HOME=/proc/nope");
    EXPECT_EQ(homeless.status, 0) << homeless.err;
    EXPECT_TRUE(says(homeless, "no cache for compiled models")) << homeless.err;
    EXPECT_FALSE(says(homeless, "ERROR"));
    EXPECT_TRUE(blobs().empty());
}

TEST_F(Devices, AWrongLimitOfTheCacheIsReportedOnce) {
    const auto warnings = [&](const std::string& value) {
        const auto run = predict("", "YOLOVINO_CACHE_MB=" + value);
        EXPECT_EQ(run.status, 0) << run.err;
        int count = 0;
        for (auto at = run.err.find("YOLOVINO_CACHE_MB"); at != std::string::npos;
             at = run.err.find("YOLOVINO_CACHE_MB", at + 1))
            ++count;
        return count;
    };
    EXPECT_EQ(warnings("abc"), 1);
    EXPECT_EQ(warnings("-1"), 1);
    EXPECT_EQ(warnings(""), 0) << "empty is unset";
    EXPECT_FALSE(blobs().empty());
}

TEST_F(Devices, TheOldestEntriesMakeRoom) {
    const fs::path models = folder.path() / "xdg/yolovino/models";
    fs::create_directories(models);
    const std::string older = std::string(64, 'a') + ".blob";
    const std::string old = std::string(64, 'b') + ".blob";
    for (const auto& [name, hours] : {std::pair(older, 8), std::pair(old, 1)}) {
        std::ofstream(models / name) << std::string(static_cast<std::size_t>(hours) << 20U, 'x');
        fs::last_write_time(models / name, fs::file_time_type::clock::now() - std::chrono::hours(hours));
    }
    std::ofstream(models / "notes.txt") << "not an entry";
    ASSERT_EQ(predict("", "YOLOVINO_CACHE_MB=9").status, 0);
    EXPECT_FALSE(fs::exists(models / older));
    EXPECT_TRUE(fs::exists(models / old));
    EXPECT_TRUE(fs::exists(models / "notes.txt"));
    EXPECT_TRUE(says(predict(), kHit));
}

TEST_F(Devices, SeveralProcessesShareTheCache) {
    const std::string one =
        "'" YOLOVINO_COMMAND "' predict save=False verbose=False model=" + kSample + " source=" + kImage + " & ";
    const auto all = yolo("version", "for i in 1 2 3; do " + one +
                                         "pids=\"$pids $!\"; done; for p in $pids; do wait $p "
                                         "|| exit 9; done;");
    EXPECT_EQ(all.status, 0) << all.err;
    EXPECT_EQ(blobs().size(), 1U) << "and nothing half-written is left";
    EXPECT_TRUE(says(predict(), kHit));
}

TEST_F(Devices, PropertiesReachOpenVino) {
    std::ofstream(folder.path() / "p.json") << R"({"PERF_COUNT": true, "CPU": {"NUM_STREAMS": 1}})";
    for (const char* taken : {"ov.config=num_streams=1 ov.config=INFERENCE_NUM_THREADS=1", "ov.config=p.json",
                              "ov.config=CPU:NUM_STREAMS=1,PERF_COUNT=YES", "device=MULTI:CPU ov.config=NUM_STREAMS=1",
                              "device=AUTO:CPU ov.config=p.json", "device=HETERO:CPU ov.config=CPU:NUM_STREAMS=1",
                              "'device=BATCH:CPU(2)' ov.config=NUM_STREAMS=1"}) {
        const auto outcome = predict(taken);
        EXPECT_EQ(outcome.status, 0) << taken << outcome.err;
    }
    const auto f32 = predict("ov.config=INFERENCE_PRECISION_HINT=f32");
    EXPECT_TRUE(says(f32, "on CPU in f32")) << f32.err;
    const auto fast = predict("ov.config=PERFORMANCE_HINT=THROUGHPUT");
    EXPECT_TRUE(says(fast, "Using OpenVINO THROUGHPUT mode")) << fast.err;
    const auto same = predict("streams=2 ov.config=NUM_STREAMS=2");
    EXPECT_EQ(same.status, 0) << same.err;
}

/// The load line shows the precision that is computed in, whatever precedes the device.
TEST_F(Devices, CombinationsReportTheirPrecision) {
    const auto line = [](const Outcome& outcome) {
        const std::size_t start = outcome.err.find("inference on CPU in ");
        return start == std::string::npos ? outcome.err
                                          : outcome.err.substr(start, outcome.err.find('\n', start) - start);
    };
    const std::string usual = line(predict("device=CPU"));
    EXPECT_TRUE(usual.starts_with("inference on CPU in ")) << usual;
    for (const char* device : {"AUTO", "AUTO:CPU", "AUTO:-GPU.77", "MULTI:CPU", "HETERO:CPU", "'BATCH:CPU(2)'"}) {
        const std::string argument = std::string("device=") + device;
        EXPECT_EQ(line(predict(argument)), usual) << device;
        EXPECT_EQ(line(predict(argument + " precision=f32")), "inference on CPU in f32...") << device;
        EXPECT_EQ(line(predict(argument + " ov.config=INFERENCE_PRECISION_HINT=f32")), "inference on CPU in f32...")
            << device;
    }
}

TEST_F(Devices, OptionsThatOtherRuntimesIgnoreAreReported) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=onnx imgsz=64 verbose=False").status, 0);
    const std::string predicts = "predict model=m.onnx save=False source=" + kImage;
    EXPECT_TRUE(says(yolo(predicts + " watchdog=5"), "watchdog is ignored: ONNX Runtime waits"));
    EXPECT_TRUE(says(yolo(predicts + " watchdog=120"), "watchdog is ignored")) << "it was asked for";
    EXPECT_FALSE(says(yolo(predicts), "watchdog"));
    EXPECT_FALSE(says(yolo(predicts + " watchdog=0"), "watchdog"));
}

TEST_F(Devices, WrongPropertiesAreRefusedInOneLine) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"ov.config=NO_SUCH=1", "'NO_SUCH' is unknown to CPU; docs.openvino.ai lists "},
        {"ov.config=NUM_STREAM=1", "'NUM_STREAM' is unknown to CPU; did you mean NUM_STREAMS? docs.openvino.ai "},
        {"ov.config=NUM_STREAMS=many", "NUM_STREAMS=many is not taken by CPU: "},
        {"streams=2 ov.config=NUM_STREAMS=1", "streams asks for 2, and ov.config for NUM_STREAMS=1"},
        {"threads=2 ov.config=CPU:INFERENCE_NUM_THREADS=1", "threads asks for 2, and ov.config for CPU:INFERENCE_NUM"},
        {"performance=latency ov.config=PERFORMANCE_HINT=THROUGHPUT", "performance asks for LATENCY, and ov.config"},
        {"half ov.config=INFERENCE_PRECISION_HINT=f32", "half asks for f16, and ov.config"},
        {"ov.config=CACHE_DIR=c", "give cache_dir=c"},
        {"threads=2000", "'threads' must be an integer from 0 to 1024"},
        {"watchdog=99999", "'watchdog' must be 0 (never) to 86400 seconds"},
        {"ov.config=GPU:NUM_STREAMS=1", "names device 'GPU', wanted one of device=CPU: CPU"},
        {"device=MULTI:CPU ov.config=NO_SUCH=1", "'NO_SUCH' is unknown to MULTI:CPU"},
        {"ov.config=NUM_STREAMS", "must be KEY=VALUE"},
        {"ov.config=missing.json", "cannot be read"}};
    for (const auto& [arguments, text] : cases) {
        const auto outcome = yolo(std::string("predict model=") + kSample + " source=" + kImage + " " + arguments);
        EXPECT_EQ(outcome.status, 2) << arguments << outcome.err;
        EXPECT_TRUE(says(outcome, text)) << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
        EXPECT_LT(outcome.err.size(), 300U) << outcome.err;
        EXPECT_FALSE(says(outcome, "stoi")) << outcome.err;
    }
    EXPECT_FALSE(fs::exists(folder.path() / "runs"));
}

TEST_F(Devices, InfoShowsWhereEachLayerRuns) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino verbose=False").status, 0);
    const auto page = yolo("info model=m_openvino_model device=HETERO:CPU");
    EXPECT_NE(page.out.find("Convolution"), std::string::npos) << page.err;
    EXPECT_NE(page.out.find(" layers on CPU\n"), std::string::npos) << page.out;
    const auto json = yolo("info model=m_openvino_model device=HETERO:CPU save_json=True");
    EXPECT_NE(json.out.find("\"device\": \"CPU\""), std::string::npos) << json.out;
    const auto checkpoint = yolo("info model=m.pt device=HETERO:CPU");
    EXPECT_NE(checkpoint.out.find("model.0.conv"), std::string::npos) << checkpoint.err;
    EXPECT_NE(checkpoint.out.find(" layers on CPU\n"), std::string::npos) << checkpoint.out;
}

TEST_F(Devices, InfoShowsWhereTheLayersOfAnInt8ModelRun) {
    YOLOVINO_NEEDS_SHARED();
    const std::string model = (test::shared_dir() / "models/yolov8n_int8_openvino_model").string();
    fs::copy_file(kSample, folder.path() / "m.pt");
    const auto exported = yolo("export model=m.pt format=openvino int8=True imgsz=160 verbose=False data=" +
                               fs::path(kImage).parent_path().string());
    ASSERT_EQ(exported.status, 0) << exported.err;
    for (const std::string& each : {model, std::string("m_int8_openvino_model")}) {
        const auto page = yolo("info model=" + each + " device=HETERO:CPU");
        EXPECT_NE(page.out.find(" layers on CPU\n"), std::string::npos) << each << page.err;
    }
    const auto plain = yolo("info model=m_int8_openvino_model device=CPU");
    EXPECT_EQ(plain.out.find(" layers on CPU\n"), std::string::npos) << plain.out;
}

TEST_F(Devices, AModelAgreesWithItself) {
    const auto same = yolo("agree model=" + kSample + " source=" + kImage + " device=CPU,MULTI:CPU precision=f32");
    EXPECT_EQ(same.status, 0) << same.err;
    EXPECT_NE(same.out.find("agree"), std::string::npos) << same.out;
    EXPECT_NE(same.out.find(" CPU f32, ran on CPU in f32\n"), std::string::npos) << same.out;
    EXPECT_NE(same.out.find(" MULTI:CPU f32, ran on CPU in f32\n"), std::string::npos) << same.out;
    const auto json = yolo("agree model=" + kSample + " source=" + kImage + " precision=f32,bf16 save_json=True");
    EXPECT_NE(json.out.find("\"max_box_px\""), std::string::npos) << json.out << json.err;
    EXPECT_NE(json.out.find("\"raw\":{\"max_box_px\":"), std::string::npos) << json.out;
    const auto strict = yolo("agree model=" + kSample + " source=" + kImage +
                             " device=CPU,HETERO:CPU precision=f32 tolerance_box=0 tolerance_score=0");
    EXPECT_EQ(strict.status, 0) << strict.out << strict.err;
    EXPECT_NE(strict.out.find("raw box (px)         0          0           -\n"), std::string::npos) << strict.out;
    EXPECT_NE(strict.out.find("raw score            0          0           -\n"), std::string::npos) << strict.out;
}

TEST_F(Devices, AgreeIsAnAliasOfCompare) {
    const std::string rest = " model=" + kSample + " source=" + kImage + " device=CPU,MULTI:CPU precision=f32";
    const auto compared = yolo("compare" + rest);
    EXPECT_EQ(compared.status, 0) << compared.err;
    EXPECT_TRUE(compared.out.ends_with("they agree\n")) << compared.out;
    for (const char* const name : {"agree", "mode=agree", "mode=compare"}) {
        const auto agreed = yolo(name + rest);
        EXPECT_EQ(agreed.status, 0) << name << agreed.err;
        EXPECT_EQ(agreed.out, compared.out) << name;
    }
}

TEST_F(Devices, ModelsThatDisagreeEndWithOne) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=64 verbose=False").status, 0);
    const auto outcome = yolo("agree model=m.pt,m_openvino_model source=" + kImage + " precision=f32");
    EXPECT_EQ(outcome.status, 1) << outcome.out;
    EXPECT_NE(outcome.err.find("do not agree"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.out.find("raw outputs are not compared: the inputs are "), std::string::npos) << outcome.out;
}

TEST_F(Devices, AgreeNeedsTwoSides) {
    const auto outcome = yolo("agree model=" + kSample + " source=" + kImage + " device=CPU");
    EXPECT_EQ(outcome.status, 2);
    EXPECT_TRUE(says(outcome, "both sides are the same")) << outcome.err;
    EXPECT_EQ(yolo("agree model=" + kSample + " source=" + kImage + " device=CPU,GPU,NPU").status, 2);
}

TEST_F(Devices, AgreeTakesACombinationOfSeveralDevices) {
    const std::string both = "agree model=" + kSample + " source=" + kImage + " precision=f32 ";
    const auto last = yolo(both + "device=CPU,HETERO:CPU,CPU");
    EXPECT_EQ(last.status, 0) << last.err;
    EXPECT_NE(last.out.find(" HETERO:CPU,CPU f32, ran on CPU in f32\n"), std::string::npos) << last.out;
    const auto first = yolo(both + "'device=HETERO:CPU,CPU;CPU'");
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_NE(first.out.find(" HETERO:CPU,CPU f32, ran on CPU in f32\nsecond  "), std::string::npos) << first.out;
    const auto one = yolo(both + "device=HETERO:CPU,CPU");
    EXPECT_EQ(one.status, 2) << "one side only";
    EXPECT_TRUE(says(one, "a semicolon ends it")) << one.err;
    EXPECT_TRUE(says(yolo(both + "'device=CPU;;MULTI:CPU'"), "has the wrong type"));
}

TEST_F(Devices, AgreeExportsToTheFormatsAndComparesThem) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const std::string both = "agree model=m.pt imgsz=160 source=" + kImage + " ";
    const auto formats = yolo(both + "format=pytorch,OpenVINO precision=f32");
    EXPECT_EQ(formats.status, 0) << formats.err;
    EXPECT_NE(
        formats.out.find(
            "first   m.pt pytorch f32, ran on CPU in f32\nsecond  m.pt openvino f32, ran on CPU in f32\n1 images, "),
        std::string::npos)
        << formats.out;
    const auto runtimes = yolo(both + "format=onnx runtime=openvino,onnxruntime precision=f32");
    EXPECT_EQ(runtimes.status, 0) << runtimes.err;
    EXPECT_NE(runtimes.out.find("m.pt onnx onnxruntime f32, ran on ONNX Runtime "), std::string::npos) << runtimes.out;
    EXPECT_EQ(runtimes.out.find(", 0 detections"), std::string::npos) << runtimes.out;
    EXPECT_NE(runtimes.out.find("raw box (px)"), std::string::npos) << runtimes.out;
    EXPECT_EQ(runtimes.out.find("raw box (px)         0 "), std::string::npos) << "two programs, other bits";
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 4) << "m.pt, out, err, and the cache";
    EXPECT_EQ(yolo(both + "format=pytorch,edam").status, 2);
    ASSERT_EQ(yolo("export model=m.pt format=openvino verbose=False").status, 0);
    const auto exported = yolo("agree model=m_openvino_model format=pytorch,openvino source=" + kImage);
    EXPECT_EQ(exported.status, 2);
    EXPECT_TRUE(says(exported, "m_openvino_model is no checkpoint")) << exported.err;
}

TEST_F(Devices, AgreeMeasuresTheDifferenceOfMap) {
    // Two models of one network, since a CPU may have no other precision than f32.
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=160 int8=True verbose=False data=" YOLOVINO_SOURCE_DIR
                   "/assets/sample/shapes-val/images/val")
                  .status,
              0);
    const std::string both = "agree model=m.pt,m_int8_openvino_model imgsz=160 source=" + kImage +
                             " precision=f32 save_json=True tolerance_box=50 tolerance_score=0.9 data=" +
                             YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml ";
    const auto lenient = yolo(both + "tolerance_map=0.5");
    EXPECT_EQ(lenient.status, 0) << lenient.err;
    EXPECT_NE(lenient.out.find("\"map\":[0."), std::string::npos) << lenient.out;
    EXPECT_NE(lenient.out.find("\"agrees\":true"), std::string::npos) << lenient.out;
    const auto strict = yolo(both + "tolerance_map=0");
    EXPECT_EQ(strict.status, 1) << "8 bits are not 32: " << strict.out;
    EXPECT_NE(yolo(both + "data=none.yaml").status, 0);
}

TEST_F(Devices, AgreeReportsThatThereWasNothingToCompare) {
    const auto none = yolo("agree model=" + kSample + " source=" + kImage + " device=CPU,MULTI:CPU conf=1");
    EXPECT_EQ(none.status, 0) << none.err;
    EXPECT_TRUE(says(none, "no detections above conf=1 on either side in 1 images")) << none.err;
}

TEST_F(Devices, ChecksShowWhatADeviceCanDo) {
    const auto page = yolo("checks");
    EXPECT_NE(page.out.find("Device CPU"), std::string::npos) << page.err;
    EXPECT_NE(page.out.find(" requests at once, 1 to "), std::string::npos) << page.out;
}

}  // namespace
}  // namespace yolovino
