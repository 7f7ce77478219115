#include <nlohmann/json.hpp>

#include "support/command.hpp"
#include "support/forge_network.hpp"
#include "support/repickle.hpp"
#include "support/samples.hpp"

/// Checkpoints as they come from the field, through the real command.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using namespace test::forge;
using namespace std::string_literals;
using nlohmann::json;
using test::content;
using test::kSample;
using test::Outcome;

const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";
const std::string kNames = "{0: 'circle', 1: 'square', 2: 'triangle', 3: 'star'}";

class FieldCheckpoints : public test::Command {
protected:
    static std::string predict(const std::string& model) {
        return "predict model='" + model + "' source='" + kImage +
               "' imgsz=320 device=cpu precision=f32 runtime=openvino save=False save_json=True verbose=False";
    }
    json detections(const std::string& model) const {
        const Outcome outcome = yolo(predict(model));
        EXPECT_EQ(outcome.status, 0) << model << "\n" << outcome.err;
        return outcome.status == 0 ? json::parse(outcome.out)["detections"] : json();
    }
    /// The names of the exports, in the order of formats, as metadata spell them.
    void expect_exported(const std::string& model, const std::vector<std::string>& names) const {
        const Outcome outcome =
            yolo("export model='" + model + "' format=openvino,onnx,torchscript imgsz=64 verbose=False");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        const fs::path base = folder.path() / fs::path(model).replace_extension();
        std::string yaml = "names:\n";
        std::string python = "{";
        json all = json::object();
        for (std::size_t i = 0; i < names.size(); ++i) {
            yaml += "  " + std::to_string(i) + ": " + names[i] + "\n";
            python += (i > 0 ? ", " : "") + std::to_string(i) + ": '" + names[i] + "'";
            all[std::to_string(i)] = names[i];
        }
        EXPECT_NE(content(base.string() + "_openvino_model/metadata.yaml").find(yaml), std::string::npos) << model;
        EXPECT_NE(content(base.string() + ".onnx").find(python + "}"), std::string::npos) << model;
        const std::string script = content(base.string() + ".torchscript");
        EXPECT_NE(script.find("\"star\""), std::string::npos);
        for (const auto& name : names) EXPECT_NE(script.find("\"" + name + "\""), std::string::npos) << model;
    }
    void expect_harmless(const std::string& model) const {
        const Outcome outcome = yolo("info model='" + model + "' audit=True strict=True");
        EXPECT_EQ(outcome.status, 0) << model << "\n" << outcome.out;
        EXPECT_NE(outcome.out.find("\nverdict        harmless\n"), std::string::npos) << outcome.out;
    }
    void expect_described(const std::string& model) const {
        const Outcome outcome = yolo("info model='" + model + "'");
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_NE(outcome.out.find("names (4)\n  0: circle\n  1: square\n  2: triangle\n  3: star\n"),
                  std::string::npos)
            << outcome.out;
        EXPECT_EQ(outcome.out.find("numpy"), std::string::npos) << outcome.out;
    }
    void write(const std::string& name, const std::string& bytes) const {
        test::forge::write(folder.path() / name, bytes);
    }
    static std::string file_of(const std::string& stream) {
        SavedParts parts = parts_of(kSample);
        parts.pickle = stream;
        return archive_of(parts).bytes();
    }
};

const std::vector<std::string> kShapes = {"circle", "square", "triangle", "star"};

TEST_F(FieldCheckpoints, RunAsTheOriginalDoes) {
    YOLOVINO_NEEDS_SHARED();
    const json expected = detections(kSample);
    ASSERT_EQ(expected.size(), 8U);
    for (const char* name : {"names_np", "names_strkey", "dataparallel"}) {
        fs::copy_file(test::shared_dir() / "cases" / "checkpoints" / (name + ".pt"s), folder.path() / (name + ".pt"s));
        EXPECT_EQ(detections(name + ".pt"s), expected) << name;
        expect_exported(name + ".pt"s, kShapes);
        expect_described(name + ".pt"s);
        expect_harmless(name + ".pt"s);
    }
}

/// Numbers of two lists of detections, as far apart as `tolerance`.
void expect_near(const json& given, const json& wanted, double tolerance) {
    ASSERT_EQ(given.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(given[i]["name"], wanted[i]["name"]) << i;
        EXPECT_NEAR(given[i]["confidence"].get<double>(), wanted[i]["confidence"].get<double>(), tolerance / 100) << i;
        for (const char* side : {"x1", "y1", "x2", "y2"})
            EXPECT_NEAR(given[i]["box"][side].get<double>(), wanted[i]["box"][side].get<double>(), tolerance) << i;
    }
}

TEST_F(FieldCheckpoints, UltralyticsExportWithSuppressionRunsInOpenVinoF32OnCpu) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path model = test::shared_dir() / "cases" / "checkpoints" / "nms_openvino_model";
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320 verbose=False").status, 0);
    const json wanted = detections("m_openvino_model");
    EXPECT_GE(wanted.size(), 3U) << "the test did not look";
    const json given = detections(model.string());
    expect_near(given, wanted, 0.05);
    // Suppression is in the network, with iou 0.7.
    const Outcome other = yolo(predict(model.string()) + " iou=0.01");
    ASSERT_EQ(other.status, 0) << other.err;
    EXPECT_EQ(json::parse(other.out)["detections"], given);
    const Outcome few = yolo(predict(model.string()) + " max_det=2 conf=0.5");
    ASSERT_EQ(few.status, 0) << few.err;
    EXPECT_EQ(json::parse(few.out)["detections"].size(), 2U);
    expect_failure("export model='" + model.string() + "' format=openvino int8=True data=x", 2,
                   "the network chooses boxes itself");
}

std::string numpy_text(const std::string& text) {
    std::string wide;
    for (const char c : text) wide += little(static_cast<std::uint32_t>(c));
    const std::string type =
        build(reduce(global("numpy", "dtype"),
                     {test::forge::text("U" + std::to_string(text.size())), boolean(false), boolean(true)}),
              tuple({integer(3), test::forge::text("<"), none(), none(), none(), integer(0), integer(4), integer(8)}));
    return reduce(global("numpy._core.multiarray", "scalar"),
                  {type, reduce(global("_codecs", "encode"), {test::forge::text(wide), test::forge::text("latin1")})});
}

TEST_F(FieldCheckpoints, NamesMayBeWrittenInManyWays) {
    const std::string stream = parts_of(kSample).pickle;
    std::vector<std::string> texts;
    Pairs words;
    Pairs numbers;
    for (std::size_t i = kShapes.size(); i-- > 0;) {  // keys in no order
        words.emplace_back(text(std::to_string(i)), numpy_text(kShapes[i]));
        numbers.emplace_back(integer(static_cast<int>(i)), text(kShapes[i]));
        texts.insert(texts.begin(), numpy_text(kShapes[i]));
    }
    const std::string default_dict = reduce(global("collections", "defaultdict"), {global("__builtin__", "str")});
    const Pairs kinds{{"strings", dict(words)},
                      {"list", list(texts)},
                      {"tuple", tuple(texts)},
                      {"ordered", reduce(global("collections", "OrderedDict"), {}) + items(numbers)},
                      {"default", default_dict + items(numbers)}};
    const json expected = detections(kSample);
    for (const auto& [name, value] : kinds) {
        write(name + ".pt", file_of(with_names(stream, value)));
        EXPECT_EQ(detections(name + ".pt"), expected) << name;
        expect_harmless(name + ".pt");
    }
    expect_exported("strings.pt", kShapes);
    expect_described("list.pt");
}

TEST_F(FieldCheckpoints, NamesThatAreNoTextAreErrors) {
    const std::string stream = parts_of(kSample).pickle;
    const std::string cut = reduce(global("numpy.core.multiarray", "scalar"), {text("a"), text("b")});
    for (const auto& [value, words] :
         Pairs{{list({text("a"), cut, text("c"), text("d")}), "the name of class 1 cannot be read as text"},
               {dict({{integer(0), new_object(global("my", "Name"))}}), "the name of class 0 cannot be read as text"},
               {dict({{text("first"), text("a")}}), "class id first is no number"},
               {dict({{integer(0), text("a")}, {integer(9), text("b")}}),
                "2 class names have ids from 0 to 9, wanted 0 to 1"},
               {text("circle"), "class names are circle, wanted a list or a dict"}}) {
        write("m.pt", file_of(with_names(stream, value)));
        expect_failure(predict("m.pt"), 1, words);
        expect_failure("export model=m.pt format=openvino imgsz=64", 1, words);
        expect_failure("info model=m.pt", 1, words);
        EXPECT_FALSE(fs::exists(folder.path() / "m_openvino_model"));
    }
}

TEST_F(FieldCheckpoints, NamesAreMadeAsManyAsTheClasses) {
    const std::string stream = parts_of(kSample).pickle;
    const auto names_of = [&](const std::string& model) {
        std::vector<std::string> names;
        for (const auto& each : detections(model)) names.push_back(each["name"]);
        std::ranges::sort(names);
        names.erase(std::ranges::unique(names).begin(), names.end());
        return names;
    };
    write("few.pt", file_of(with_names(stream, list({text("circle"), text("square")}))));
    EXPECT_EQ(names_of("few.pt"), (std::vector<std::string>{"circle", "class2", "class3"}));
    const std::vector<std::string> six{text("circle"), text("square"), text("triangle"),
                                       text("star"),   text("five"),   text("six")};
    write("more.pt", file_of(with_names(stream, list(six))));
    EXPECT_EQ(names_of("more.pt"), (std::vector<std::string>{"circle", "star", "triangle"}));
    expect_exported("more.pt", kShapes);
    write("none.pt", file_of(with_names(stream, none())));
    EXPECT_EQ(names_of("none.pt"), (std::vector<std::string>{"class0", "class2", "class3"}));
    const Outcome warned = yolo("info model=few.pt");
    EXPECT_EQ(warned.status, 0);
    EXPECT_NE(warned.err.find("2 class names for the 4 classes of the network in few.pt"), std::string::npos)
        << warned.err;
}

TEST_F(FieldCheckpoints, ExportsMayHaveOtherNumbersOfNames) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320 verbose=False").status, 0);
    const fs::path metadata = folder.path() / "m_openvino_model" / "metadata.yaml";
    const std::string before = content(metadata);
    const std::string four = "  3: star\n";
    ASSERT_NE(before.find(four), std::string::npos);
    std::string changed = before;
    test::forge::write(metadata, changed.replace(before.find(four), four.size(), four + "  4: five\n"));
    const Outcome more = yolo("info model=m_openvino_model");
    EXPECT_EQ(more.status, 0) << more.err;
    EXPECT_NE(more.err.find("5 class names for the 4 classes"), std::string::npos) << more.err;
    EXPECT_EQ(detections("m_openvino_model").front()["name"], "star");
    changed = before;
    test::forge::write(metadata, changed.replace(before.find(four), four.size(), ""));
    EXPECT_EQ(detections("m_openvino_model").front()["name"], "class3");
    changed = before;
    const std::string plain = "  nms: null\n";
    const std::size_t nms = before.find(plain);
    ASSERT_NE(nms, std::string::npos);
    test::forge::write(metadata, changed.replace(nms, plain.size(), "  nms: true\n"));
    expect_failure(predict("m_openvino_model"), 1, "wanted finished boxes f32 [N, boxes, 6]");
}

TEST_F(FieldCheckpoints, WrappedNetworksRun) {
    const std::string stream = parts_of(kSample).pickle;
    const json expected = detections(kSample);
    int number = 0;
    for (const auto& [package, name, part] :
         std::vector<std::array<std::string, 3>>{{"torch.nn.parallel.data_parallel", "DataParallel", "module"},
                                                 {"torch.nn.parallel.distributed", "DistributedDataParallel", "module"},
                                                 {"ultralytics.models.yolo.model", "YOLO", "model"}}) {
        const auto [before, after] = wrapper(package, name, part);
        const std::string file = "w" + std::to_string(++number) + ".pt";
        write(file, file_of(with_model_within(stream, before, after)));
        EXPECT_EQ(detections(file), expected) << name;
        expect_harmless(file);
    }
    expect_exported("w1.pt", kShapes);
    // As torch.save(YOLO(...)) writes it: nothing around the object.
    TinyNetwork tiny;
    const std::string yolo_object =
        module("ultralytics.models.yolo.model", "YOLO",
               {.children = {{"model", tiny.model()}},
                .attributes = {{"callbacks",
                                reduce(global("collections", "defaultdict"), {global("__builtin__", "list")}) +
                                    items({{text("on_train_start"),
                                            list({global("ultralytics.utils.callbacks.base", "on_train_start")})}})}}});
    write("yolo.pt", archive(pickle(yolo_object), tiny.storages()).bytes());
    const Outcome described = yolo("info model=yolo.pt");
    EXPECT_EQ(described.status, 0) << described.err;
    EXPECT_NE(described.out.find("names (2)\n  0: cat\n  1: dog\n"), std::string::npos) << described.out;
    expect_harmless("yolo.pt");
}

TEST_F(FieldCheckpoints, CheckpointsSavedInOtherWaysRun) {
    const SavedParts parts = parts_of(kSample);
    const json expected = detections(kSample);
    for (const int protocol : {3, 4, 5})
        write("p" + std::to_string(protocol) + ".pt", file_of(as_protocol(protocol, parts.pickle)));
    write("packed.pt", archive_of(parts, true).bytes());
    write("legacy.pt", as_legacy(parts));
    for (const char* file : {"p3.pt", "p4.pt", "p5.pt", "packed.pt", "legacy.pt"}) {
        EXPECT_EQ(detections(file), expected) << file;
        expect_harmless(file);
    }
    expect_exported("legacy.pt", kShapes);
    expect_described("packed.pt");
}

TEST_F(FieldCheckpoints, UnsupportedCheckpointsGetAHintHowToSaveThemAgain) {
    write("old.pt", "]q\0."s);
    std::string tar(600, '\0');
    write("tar.pt", tar.replace(257, 5, "ustar"));
    expect_failure("info model=tar.pt", 1,
                   "import torch; torch.save(torch.load(FILE, map_location='cpu', weights_only=False), FILE)");
    write("zero.pt", archive("}q\0."s).bytes());
    expect_failure("info model=zero.pt", 1,
                   "import torch; torch.save(torch.load(FILE, map_location='cpu', weights_only=False), FILE)");
    TinyNetwork tiny;
    const std::string value = tiny.model();
    std::string five = value;
    for (const auto& [before, now] :
         Pairs{{"cultralytics.nn.modules.head\nDetect\n", "cmodels.yolo\nDetect\n"},
               {"cultralytics.nn.tasks\nDetectionModel\n", "cmodels.yolo\nDetectionModel\n"}})
        five.replace(five.find(before), before.size(), now);
    write("v5.pt", archive(pickle(named({{"model", five}})), tiny.storages()).bytes());
    expect_failure("info model=v5.pt", 1, "the head is models.yolo.Detect of a repository of its own (YOLOv5, YOLOv7)");
}

TEST_F(FieldCheckpoints, TheSizeOfTheTrainingIsReadInManyWays) {
    TinyNetwork tiny;
    const std::string model = tiny.model();
    for (const auto& [imgsz, shown] : Pairs{{integer(320), ": 256x320 "},
                                            {text("320"), ": 256x320 "},
                                            {real(320), ": 256x320 "},
                                            {list({integer(320), integer(160)}), ": 256x320 "},
                                            {none(), ": 480x640 "}}) {
        const std::string args = named({{"imgsz", imgsz}});
        write("m.pt", archive(pickle(named({{"model", model}, {"train_args", args}})), tiny.storages()).bytes());
        const Outcome outcome =
            yolo("predict model=m.pt source='" + kImage + "' device=cpu precision=f32 runtime=openvino save=False");
        EXPECT_NE(outcome.out.find(shown), std::string::npos) << outcome.out << outcome.err;
    }
}

TEST_F(FieldCheckpoints, Int8IsAcceptedForInt8Models) {
    fs::copy_file(kSample, folder.path() / "m.pt");
    ASSERT_EQ(yolo("export model=m.pt format=openvino imgsz=320 verbose=False").status, 0);
    for (const char* option : {"int8", "int8=True", "quantize=8", "quantize=int8"}) {
        expect_failure(predict("m.pt") + " " + option, 2, "needs an 8-bit model, this one is not");
        expect_failure(predict("m_openvino_model") + " " + option, 2, "needs an 8-bit model, this one is not");
    }
    const fs::path metadata = folder.path() / "m_openvino_model" / "metadata.yaml";
    std::string text = content(metadata);
    const std::string plain = "  quantize: null\n";
    const std::size_t quantize = text.find(plain);
    ASSERT_NE(quantize, std::string::npos);
    test::forge::write(metadata, text.replace(quantize, plain.size(), "  quantize: 8\n"));
    const json expected = detections("m_openvino_model");
    const std::string data = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";
    for (const char* option : {"int8", "int8=True", "quantize=8", "quantize=w8a8", "int8=False", "quantize=None"}) {
        const Outcome outcome = yolo(predict("m_openvino_model") + " " + option);
        ASSERT_EQ(outcome.status, 0) << option << outcome.err;
        EXPECT_EQ(json::parse(outcome.out)["detections"], expected) << option;
        EXPECT_EQ(outcome.err, "") << option;
    }
    const Outcome measured = yolo("val model=m_openvino_model data='" + data +
                                  "' int8=True device=cpu precision=f32 runtime=openvino plots=False");
    EXPECT_EQ(measured.status, 0) << measured.err;
}

}  // namespace
}  // namespace yolovino
