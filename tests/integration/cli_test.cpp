#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdlib.h>
#include <sys/wait.h>

#include "support/command.hpp"
#include "support/samples.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

const std::string kDataset = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

using test::Command;
using test::content;
using test::Outcome;

TEST_F(Command, VersionIsTheProjectsOwn) {
    const Outcome outcome = yolo("version");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "0.5.0\n");
}

TEST_F(Command, AuditSaysWhetherAFileIsDangerous) {
    const Outcome honest = yolo("info model='" + kSample + "' audit=True");
    EXPECT_EQ(honest.status, 0) << honest.err;
    EXPECT_NE(honest.out.find("\nverdict        harmless\n"), std::string::npos) << honest.out;
    EXPECT_NE(honest.out.find("model.model.0.conv.weight"), std::string::npos);
    std::ofstream(folder.path() / "attack.pt", std::ios::binary) << "cposix\nsystem\n(V\x1b[2Jid\ntR.";
    const Outcome attack = yolo("info model=attack.pt audit=True save_json=True");
    EXPECT_EQ(attack.status, 1);
    EXPECT_EQ(attack.err, "");
    const auto json = nlohmann::json::parse(attack.out);
    EXPECT_EQ(json["verdict"], "dangerous");
    EXPECT_EQ(json["names"][0]["module"], "posix");
    EXPECT_EQ(json["names"][0]["name"], "system");
    std::ofstream(folder.path() / "strange.pt", std::ios::binary) << "c\x1b[31mred\nthing\n.";
    const Outcome strange = yolo("info model=strange.pt audit=True");
    EXPECT_EQ(strange.status, 0) << "unknown names do not fail";
    EXPECT_NE(strange.out.find("unknown   \\x1b[31mred.thing"), std::string::npos) << strange.out;
    EXPECT_EQ(yolo("info model=strange.pt audit=True strict=True").status, 1);
    EXPECT_EQ(yolo("info model='" + kSample + "' audit=True strict=True").status, 0);
    std::ofstream(folder.path() / "hidden.pt", std::ios::binary) << "Va\np1_0\n.";
    const Outcome hidden = yolo("info model=hidden.pt audit=True");
    EXPECT_EQ(hidden.status, 1) << "what cannot be followed does not pass";
    EXPECT_NE(hidden.out.find("unknown, part of the file cannot be followed"), std::string::npos) << hidden.out;
    expect_failure("info model=absent.pt audit=True", 1, "absent.pt");
}

TEST_F(Command, ErrorMessagesHaveAHint) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=torchscript imgsz=64 verbose=False").status, 0);
    expect_failure("info model=m.torchscript device=cpu", 2, "device lists the layers as OpenVINO runs them");
    expect_failure("info model=/dev/null", 1, "is not a regular file");
    std::ofstream(folder.path() / "bare.pt", std::ios::binary) << "\x80\x02N.";
    expect_failure("info model=bare.pt", 1, "bare pickle without the archive around it, not a checkpoint");
    std::ofstream(folder.path() / "model.json") << "{}";
    expect_failure("info model=model.json", 1, "a model of Paddle is a .pdmodel with its .pdiparams");
    std::ofstream(folder.path() / "p.pdmodel") << "anything";
    expect_failure("info model=p.pdmodel", 1, "a Paddle model is a .pdmodel with its .pdiparams");
    expect_failure("export model=m.pt format=openvino names=WRONG", 2, "names is for imported models");
    expect_failure("export model=m.pt format=openvino stride=16", 2, "stride is for imported models");
    expect_failure("predict model=m.pt device=cuda source=" + kImage, 2, "write gpu (or intel:gpu)");
    const Outcome help = yolo("help");
    for (const char* status : {"  130, 143  ", "  141  "})
        EXPECT_NE(help.out.find(status), std::string::npos) << help.out;
    EXPECT_NE(yolo("help predict").out.find("Caffe, Keras"), std::string::npos);
}

TEST_F(Command, ExportsToAListOfFormats) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("export model=m.pt format=OpenVINO,onnx,ts,onnx verbose=False");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "m_openvino_model\nm.onnx\nm.torchscript\n");
    for (const char* name : {"m_openvino_model/m.xml", "m.onnx", "m.torchscript"})
        EXPECT_TRUE(fs::exists(folder.path() / name)) << name;
}

TEST_F(Command, ChecksAllFormatsBeforeItWritesOne) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    expect_failure("export model=m.pt format=openvino,xyz", 2, "format 'xyz' is unknown, wanted one of ");
    expect_failure("export model=m.pt format=onnx,openvino opset=13", 2,
                   "'opset' is not supported for format 'openvino'");
    EXPECT_FALSE(fs::exists(folder.path() / "m_openvino_model"));
    EXPECT_FALSE(fs::exists(folder.path() / "m.onnx"));
}

TEST_F(Command, ExportCorrectsAFormatAsUltralyticsDoes) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("export model=m.pt format=openvin,onx verbose=False");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "m_openvino_model\nm.onnx\n");
    EXPECT_NE(outcome.err.find("Invalid export format='openvin', updating to format='openvino'"), std::string::npos);
    expect_failure("export model=m.pt format=engine", 2, "format 'engine' is unknown");
    expect_failure("export model=m.pt format=engin", 2, "format 'engin' is unknown");
}

TEST_F(Command, TakesAListAnEmptyListAndAModelWithoutSuffix) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("predict model=m save=False \"source=['" + kImage + "', '" + kImage + "']\"");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("image 2/2 " + kImage), std::string::npos) << outcome.out;
    const Outcome none = yolo("predict model=m classes=[] save=False source=" + kImage);
    EXPECT_NE(none.out.find("(no detections)"), std::string::npos) << none.out;
    expect_failure("predict model=m \"source=['missing.jpg']\"", 1, "missing.jpg");
    expect_failure("predict model=m source=[1,2]", 2, "'source' must be text");
    expect_failure("info model=n", 1, "no such file (n)");
}

TEST_F(Command, ExportWithoutFormatIsTorchScriptWithAWarning) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("export model=m.pt verbose=False");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "m.torchscript\n");
    EXPECT_NE(outcome.err.find("'format' argument is missing"), std::string::npos) << outcome.err;
}

TEST_F(Command, ExportsThenPredictsAsTheReadmeShows) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome exported = yolo("export model=m.pt format=openvino imgsz=320 half=True");
    ASSERT_EQ(exported.status, 0) << exported.err;
    EXPECT_NE(exported.out.find("export success ✅"), std::string::npos);
    EXPECT_NE(exported.out.find("yolo predict task=detect model=m_openvino_model/ imgsz=320 quantize=16\n"),
              std::string::npos)
        << exported.out;
    const Outcome predicted = yolo("predict model=m_openvino_model source=" + kImage +
                                   " save_txt=True save_conf save_crop=True save_json=True");
    ASSERT_EQ(predicted.status, 0) << predicted.err;
    EXPECT_NE(predicted.err.find("image 1/1 " + kImage + ": 320x320"), std::string::npos) << predicted.err;
    EXPECT_NE(predicted.err.find("Loading m_openvino_model for OpenVINO inference...\n"), std::string::npos);
    const fs::path run = folder.path() / "runs/detect/predict";
    EXPECT_TRUE(fs::exists(run / "0004.jpg"));
    EXPECT_TRUE(fs::exists(run / "labels/0004.txt"));
    EXPECT_FALSE(fs::is_empty(run / "crops"));
    EXPECT_FALSE(nlohmann::json::parse(content(run / "predictions.jsonl")).at("detections").empty());
    EXPECT_EQ(predicted.out, content(run / "predictions.jsonl")) << "standard output carries JSON lines and no others";
    ASSERT_EQ(yolo("predict model=m.pt source=" + kImage).status, 0);
    EXPECT_TRUE(fs::exists(folder.path() / "runs/detect/predict-2/0004.jpg"));
}

/// Written by Ultralytics 8.4.190 for the same command.
TEST_F(Command, ExportPrintsTheLinesOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    fs::copy_file(test::shared_dir() / "models/yolov8n.pt", folder.path() / "yolov8n.pt");
    const Outcome outcome = yolo("export model=yolov8n.pt format=openvino imgsz=352,500 half=True");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("imgsz=[352, 500] must be multiple of max stride 32, updating to [352, 512]"),
              std::string::npos);
    for (const char* line :
         {"YOLOv8n summary (fused): 72 layers, 3,151,904 parameters, 0 gradients, 3.8 GFLOPs\n",
          "PyTorch: starting from 'yolov8n.pt' with input shape (1, 3, 352, 512) BCHW and output shape(s) (1, 84, "
          "3696) "
          "(6.2 MB)\n",
          "\nPredict:         yolo predict task=detect model=yolov8n_openvino_model/ imgsz=352,512 quantize=16\n",
          "\nValidate:        yolo val task=detect model=yolov8n_openvino_model/ imgsz=352,512 data=coco.yaml "
          "quantize=16\n"}) {
        EXPECT_NE(outcome.out.find(line), std::string::npos) << line << outcome.out;
    }
}

TEST_F(Command, ValidatesWithTheTableAndFilesOfUltralytics) {
    const std::string data = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";
    const Outcome outcome = yolo("val model=" + kSample + " data=" + data + " imgsz=320 precision=f32 save_json");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    for (const char* part :
         {"labels/val... 32 images, 3 backgrounds, 0 corrupt\n",
          "                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95)\n",
          "                   all         32        165 ", "                circle         18         37 ", "ms loss, ",
          "COCO protocol: AP ", "Results saved to "}) {
        EXPECT_NE(outcome.out.find(part), std::string::npos) << part << outcome.out;
    }
    const fs::path run = folder.path() / "runs/detect/val";
    for (const char* file : {"results.csv", "results.json", "predictions.json", "val_batch0_labels.jpg",
                             "val_batch0_pred.jpg", "BoxPR_curve.png", "BoxF1_curve.png", "BoxP_curve.png",
                             "BoxR_curve.png", "confusion_matrix.png", "confusion_matrix_normalized.png"}) {
        EXPECT_TRUE(fs::exists(run / file)) << file << outcome.err;
    }
    ASSERT_EQ(yolo("val model=" + kSample + " data=" + data + " shard=1/2 plots=False name=part").status, 0);
    expect_failure("val merge=runs/detect/part/shard-1-of-2.val", 2, "shard 2/2 is missing");
    expect_failure("val model=" + kSample, 2, "'data' argument is missing");
    expect_failure("val model=" + kSample + " data=none.yaml", 1, "none.yaml");
}

TEST_F(Command, RoundsTheSizeUpWithAWarning) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("export model=m.pt format=openvino imgsz=300,200");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("imgsz=[300, 200] must be multiple of max stride 32, updating to [320, 224]"),
              std::string::npos)
        << outcome.err;
    const Outcome square = yolo("predict model=m.pt imgsz=330 save=False source=" + kImage);
    EXPECT_NE(square.err.find("imgsz=[330] must be multiple of max stride 32, updating to [352]"), std::string::npos)
        << square.err;
}

TEST_F(Command, BenchmarksFormatsAndWritesTheTable) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    const Outcome outcome = yolo("benchmark model=m.pt data=" + kDataset + " imgsz=64 formats=openvino,onnx");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("| OpenVINO "), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("| ONNX "), std::string::npos) << outcome.out;
    EXPECT_NE(content(folder.path() / "benchmarks.log").find("| OpenVINO "), std::string::npos);
    const auto json = nlohmann::json::parse(content(folder.path() / "runs/detect/benchmark/benchmark.json"));
    EXPECT_EQ(json.at("rows").size(), 2U);
    EXPECT_EQ(json.at("rows")[0].at("status"), "✅");
}

TEST_F(Command, ARuntimeThatCrashesCostsOneRowOfTheBenchmark) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ::setenv("YOLOVINO_ONNXRUNTIME", YOLOVINO_CRASHING_RUNTIME, 1);
    const Outcome outcome = yolo("benchmark model=m.pt data=" + kDataset + " imgsz=64 formats=onnx,openvino");
    ::unsetenv("YOLOVINO_ONNXRUNTIME");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("❌ m ONNX: the process was ended by signal 9"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("m OpenVINO: mAP50-95"), std::string::npos) << outcome.out;
}

TEST_F(Command, BenchmarkReportsInvalidArguments) {
    expect_failure("benchmark model=m.pt", 2, "data");
    expect_failure("benchmark model=missing.pt data=" + kDataset, 1, "missing.pt");
    fs::copy_file(kSample, folder.path() / "m.pt");
    expect_failure("benchmark model=m.pt data=missing.yaml", 1, "missing.yaml");
    expect_failure("benchmark model=m.pt formats=edam data=" + kDataset, 2, "edam");
}

TEST_F(Command, CompletesInBash) {
    std::ofstream(folder.path() / "c.sh") << yolo("completion bash").out;
    fs::create_directory(folder.path() / "maps");
    std::ofstream(folder.path() / "map.yaml").close();
    // As bash calls it: the words, the last of which is completed.
    const std::vector<std::pair<const char*, std::string>> cases = {
        {"'' ",
         "detect segment classify pose obb predict track val export benchmark info compare serve help version checks "
         "cfg "
         "copy-cfg "
         "completion"},
        {"help ''", "predict track val export benchmark info compare serve"},
        {"agree tolerance_b", "tolerance_box="},
        {"compare tolerance_b", "tolerance_box="},
        {"completion ''", "bash"},
        {"predict save = T", "True"},
        {"predict save=T", "save=True"},
        {"export format =", "torchscript onnx openvino"},
        {"export format=o", "format=onnx format=openvino"},
        {"predict runtime = o", "openvino onnxruntime"},
        {"predict device =", "cpu gpu npu AUTO"},
        {"val split = t", "test train"},
        {"predict quantize =", "8 16 32"},
        {"predict precision = b", "bf16"},
        {"val data = map.", "map.yaml"},
        {"val data=map.", "data=map.yaml"},
        {"val annotations = map.", "map.yaml"},
        {"predict model=maps", "model=maps/"},
        {"predict cfg = map.", "map.yaml"},
        {"predict con", "conf="},
    };
    for (const auto& [typed, expected] : cases) {
        std::ofstream(folder.path() / "t.sh") << "source ./c.sh; compopt() { :; }; COMP_WORDS=(yolo " << typed
                                              << "); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _yolo; "
                                                 "echo \"${COMPREPLY[*]}\"\n";
        EXPECT_EQ(yolo("version >&2; bash t.sh").out, expected + "\n") << typed;
    }
}

TEST_F(Command, CompareHasAnOlderName) {
    const Outcome page = yolo("help compare");
    EXPECT_EQ(page.status, 0);
    EXPECT_TRUE(page.out.starts_with("Usage: yolo compare [arg=value ...]\n")) << page.out;
    EXPECT_EQ(yolo("help agree").out, page.out);
    EXPECT_NE(yolo("help").out.find("  compare    compare two devices"), std::string::npos);
    for (const char* const name : {"compare", "agree", "mode=compare", "mode=agree"})
        expect_failure(std::string(name) + " model=none.pt source=a.jpg device=CPU", 2, "both sides are the same");
    expect_failure("agree source=a.jpg", 2, "run 'yolo help compare'");
    expect_failure("compar source=a.jpg", 2, "similar arguments: compare");
    expect_failure("agre source=a.jpg", 2, "similar arguments: agree");
    std::ofstream(folder.path() / "old.yaml") << "mode: agree\nmodel: none.pt\nsource: a.jpg\n";
    expect_failure("cfg=old.yaml", 2, "both sides are the same");
}

TEST_F(Command, UsageErrorsEndWithTwo) {
    expect_failure("predict model=x.pt source=y.jpg cofn=0.3", 2, "conf");
    expect_failure("predict model=x.pt source=y.jpg conf=2", 2, "conf");
    expect_failure("predict model=x.pt source=y.jpg conf=high", 2, "conf");
    expect_failure("predict source=y.jpg", 2, "model");
    expect_failure("dance", 2, "dance");
    const std::string predict = "predict model=" + kSample + " source=" + kImage;
    expect_failure(predict + " imgsz=100000", 2, "'imgsz' must be an integer or [height, width] from 1 to 16384");
    expect_failure(predict + " batch=100000", 2, "'batch' must be an integer from 1 to 4096");
    // What only the library checks is wrong all the same.
    expect_failure(predict + " device=foo", 2, "device 'foo' is unknown");
    expect_failure(predict + " device=intel:", 2, "device 'intel:' is unknown");
    EXPECT_FALSE(fs::exists(folder.path() / "runs")) << "and leaves no empty folder";
}

TEST_F(Command, FailedRunsEndWithOne) {
    expect_failure("predict model=missing.pt source=y.jpg", 1, "missing.pt");
    expect_failure("predict model=" + kSample + " source=missing.jpg", 1, "missing.jpg");
    expect_failure("predict model=" + kSample + " source=" + kImage + " device=gpu.9", 1, "CPU");
    expect_failure("predict model=" + kSample + " source=" + kImage + " device=AUTO:-CPU,-GPU,-NPU", 1,
                   "leaves no device, this machine offers CPU");
    expect_failure("predict model=" + kSample + " source=" + kImage + " cache_dir=/proc/nope", 1,
                   "cannot create cache_dir");
    std::ofstream(folder.path() / "empty.pt").close();
    expect_failure("export model=empty.pt", 1, "empty");
    std::ofstream(folder.path() / "text.pt") << "hello\n";
    expect_failure("info model=text.pt", 1, "text.pt");
    EXPECT_FALSE(fs::exists(folder.path() / "empty_openvino_model"));
}

TEST_F(Command, EveryHostileFileIsRefusedInOneLine) {
    YOLOVINO_NEEDS_SHARED();
    std::vector<fs::path> files = {test::shared_dir() / "checkpoints/truncated_yolov8n.pt",
                                   test::shared_dir() / "checkpoints/truncated_yolov8l.pt"};
    for (const auto& entry : fs::directory_iterator(test::shared_dir() / "corpora/picklescan"))
        files.push_back(entry.path());
    ASSERT_GT(files.size(), 40U);
    for (const fs::path& file : files) {
        const Outcome outcome = yolo("info model='" + file.string() + "'");
        EXPECT_EQ(outcome.status, 1) << file << outcome.out;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
}

TEST_F(Command, ReferenceDataIsPresentInCi) {
    if (std::getenv("CI") == nullptr) GTEST_SKIP() << "only CI must have the reference data";
    EXPECT_TRUE(test::has_shared()) << test::shared_dir();
}

/// A list that names the sample image so often that a run takes many seconds.
void write_long_list(const fs::path& file) {
    std::ofstream list(file);
    for (int i = 0; i < 20000; ++i) list << kImage << '\n';
}

TEST_F(Command, LogsDeviceAndPrecision) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=64 verbose=False").status, 0);
    const std::string predict = "predict model=m_openvino_model save=False source=" + kImage;
    const Outcome latency = yolo(predict);
    EXPECT_NE(latency.out.find("Using OpenVINO LATENCY mode"), std::string::npos) << latency.out;
    const Outcome throughput = yolo(predict + " mode=throughput streams=2 threads=1 watchdog=60 strict=True");
    EXPECT_NE(throughput.out.find("Using OpenVINO THROUGHPUT mode"), std::string::npos)
        << throughput.out << throughput.err;
    expect_failure(predict + " mode=fast", 2, "'mode=fast' is not known");
    expect_failure(predict + " performance=fast", 2, "must be auto, latency, or throughput");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=640 verbose=False").status, 0);
    expect_failure(predict + " device=cpu precision=f32 watchdog=0.000001", 1, "an inference has not returned");
    expect_failure(predict + " streams=-1", 2, "'streams=-1' is out of range");
}

TEST_F(Command, AnInterruptedRunFinishesItsFiles) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    write_long_list(folder.path() / "long.txt");
    for (const char* performance : {"latency", "throughput"}) {
        // Without --foreground the signal goes to the process and to its group: the second one would end it at once.
        const std::string line =
            fmt::format("cd '{}' && timeout --foreground --preserve-status --signal=INT 3 '" YOLOVINO_COMMAND
                        "' predict model=m.pt source=long.txt imgsz=64 save=False save_json=True "
                        "mode={} exist_ok=True >out.txt 2>err.txt",
                        folder.path().string(), performance);
        const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): the shell is what is tested
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 130) << content(folder.path() / "err.txt");
        std::istringstream lines(content(folder.path() / "runs/detect/predict/predictions.jsonl"));
        std::size_t count = 0;
        for (std::string each; std::getline(lines, each); ++count) EXPECT_TRUE(nlohmann::json::accept(each)) << each;
        EXPECT_GT(count, 0U);
        EXPECT_LT(count, 20000U);
        EXPECT_NE(content(folder.path() / "err.txt").find("Results saved to "), std::string::npos);
    }
}

TEST_F(Command, StopsWhenTheReaderOfItsOutputIsGone) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    write_long_list(folder.path() / "long.txt");
    const std::string line = fmt::format("cd '{}' && bash -c \"'" YOLOVINO_COMMAND
                                         "' predict model=m.pt source=long.txt imgsz=64 save=False save_json=True "
                                         "2>err.txt | head -n 1 >first.txt; exit "
                                         "\\${{PIPESTATUS[0]}}\"",
                                         folder.path().string());
    const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): the shell is what is tested
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 141);
    EXPECT_TRUE(nlohmann::json::accept(content(folder.path() / "first.txt")));
    EXPECT_EQ(content(folder.path() / "err.txt").find("ERROR"), std::string::npos);
}

}  // namespace
}  // namespace yolovino
