#include "cli/grammar.hpp"

#include <gtest/gtest.h>
#include <sstream>

#include "support.hpp"

namespace yolovino::cli {
namespace {

using test::parse;
using test::Parsed;
using test::predict_args;
using test::predict_error;
using Kind = Command::Kind;
using Words = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(JoinTokens, JoinsWhatTheShellSplit) {
    const std::vector<std::pair<Words, Words>> cases = {
        {{"a", "=", "b"}, {"a=b"}},
        {{"a=", "b"}, {"a=b"}},
        {{"a", "=b"}, {"a=b"}},
        {{"a=", "b=c"}, {"a=", "b=c"}},
        {{"a", "="}, {"a="}},
        {{"=", "b"}, {"=", "b"}},
        {{"imgsz=[640,", "480]", "x"}, {"imgsz=[640,480]", "x"}},
        {{"imgsz", "=", "[640", ",", "480", "]"}, {"imgsz=[640,480]"}},
        {{"source=a[1.jpg", "conf=0.5"}, {"source=a[1.jpg", "conf=0.5"}},
        {{}, {}},
    };
    for (const auto& [tokens, expected] : cases) EXPECT_EQ(join_tokens(tokens), expected);
}

TEST(Grammar, TakesAnyOrder) {
    for (const char* line :
         {"detect predict model=m.pt source=a.jpg conf=0.5", "conf=0.5 predict source=a.jpg detect model=m.pt",
          "mode=predict task=detect model=m.pt source=a.jpg conf=0.5",
          "source = a.jpg model= m.pt conf =0.5 predict"}) {
        const Parsed parsed = parse(line);
        ASSERT_TRUE(parsed.errors.empty()) << line << ": " << parsed.errors.front();
        EXPECT_EQ(parsed.command.kind, Kind::Run) << line;
        EXPECT_EQ(parsed.command.mode, Mode::Predict) << line;
        EXPECT_EQ(parsed.command.settings.model, "m.pt") << line;
        EXPECT_EQ(parsed.command.settings.source, "a.jpg") << line;
        EXPECT_EQ(parsed.command.settings.predict.conf, 0.5) << line;
    }
}

TEST(Grammar, NamesTheRunAfterTheModelOnRequest) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"a/yolov8n.pt", "yolov8n"},
        {"yolov8n_openvino_model", "yolov8n_openvino_model"},
        {"x_openvino_model/", "x_openvino_model"}};
    for (const auto& [model, name] : cases) {
        const Parsed parsed = parse("predict source=a.jpg name=model model=" + std::string(model));
        EXPECT_EQ(parsed.command.settings.predict.name, name);
        EXPECT_EQ(parsed.warnings, Words{"'name=model' automatically updated to 'name=" + std::string(name) + "'"});
        EXPECT_EQ(parse("val data=d.yaml name=model model=" + std::string(model)).command.settings.val.name, name);
    }
}

TEST(Grammar, TakesFlagsByName) {
    const PredictArgs args = predict_args("show save_txt half");
    EXPECT_TRUE(args.show && args.save_txt && args.runtime.half);
}

TEST(Grammar, LastOfEqualArgumentsWins) {
    EXPECT_EQ(predict_args("conf=0.1 conf=0.2").conf, 0.2);
}

TEST(Grammar, WarnsAboutDashesAndCommas) {
    const Parsed parsed = parse("predict --model=m.pt source=a.jpg, conf=0.5");
    ASSERT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.command.settings.model, "m.pt");
    EXPECT_EQ(parsed.command.settings.source, "a.jpg");
    EXPECT_EQ(parsed.warnings.size(), 2U);
}

TEST(Grammar, RenamesDeprecatedArguments) {
    EXPECT_FALSE(predict_args("boxes=False").show_boxes);
    EXPECT_FALSE(predict_args("hide_labels=True").show_labels);
    EXPECT_TRUE(predict_args("hide_labels=False").show_labels);
    EXPECT_FALSE(predict_args("hide_conf").show_conf);
    EXPECT_EQ(predict_args("line_thickness=3").line_width, 3);
    EXPECT_EQ(parse("predict model=m.pt source=a.jpg line_thickness=3").warnings.size(), 1U);
    for (const auto& [before, now] :
         std::vector<std::pair<std::string, std::string>>{{"hide_labels=True", "show_labels=False"},
                                                          {"hide_conf=False", "show_conf=True"},
                                                          {"boxes", "show_boxes=True"}}) {
        const Parsed parsed = parse("predict model=m.pt source=a.jpg " + before);
        ASSERT_EQ(parsed.warnings.size(), 1U) << before;
        EXPECT_TRUE(holds(parsed.warnings[0], "use '" + now + "'")) << parsed.warnings[0];
    }
}

TEST(Grammar, DropsRemovedArguments) {
    const Parsed parsed = parse("predict model=m.pt source=a.jpg label_smoothing=0.1 save_hybrid=True crop_fraction=1");
    EXPECT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.warnings.size(), 3U);
}

TEST(Grammar, AcceptsTheSpecialCommands) {
    const std::vector<std::pair<const char*, Kind>> cases = {
        {"", Kind::Help},
        {"help", Kind::Help},
        {"-h", Kind::Help},
        {"--help", Kind::Help},
        {"version", Kind::Version},
        {"-v", Kind::Version},
        {"v", Kind::Version},
        {"--version", Kind::Version},
        {"checks", Kind::Checks},
        {"check", Kind::Checks},
        {"cfg", Kind::Cfg},
        {"copy-cfg", Kind::CopyCfg},
        {"completion bash", Kind::Completion},
    };
    for (const auto& [line, kind] : cases) {
        const Parsed parsed = parse(line);
        EXPECT_TRUE(parsed.errors.empty()) << line;
        EXPECT_TRUE(parsed.warnings.empty()) << line;
        EXPECT_EQ(parsed.command.kind, kind) << line;
    }
    EXPECT_EQ(parse("help predict").command.mode, Mode::Predict);
    EXPECT_EQ(parse("export --help").command.mode, Mode::Export);
    EXPECT_EQ(parse("predict modle=x -h").command.kind, Kind::Help);
}

TEST(Errors, EndWithTheHint) {
    EXPECT_TRUE(predict_error("conf=2").ends_with("; run 'yolo help predict'"));
    ASSERT_EQ(parse("modle=x").errors.size(), 1U);
    EXPECT_TRUE(parse("modle=x").errors[0].ends_with("; run 'yolo help'"));
}

TEST(Errors, UnknownArgumentsNameSimilarOnes) {
    EXPECT_TRUE(holds(predict_error("cnf=0.5"), "'cnf' is not a valid YOLO argument; similar arguments: conf=0.25"));
    EXPECT_TRUE(holds(predict_error("imgs=640"), "imgsz;"));
    EXPECT_TRUE(holds(predict_error("predct"), "predict"));
    EXPECT_FALSE(holds(predict_error("zzzz=1"), "similar"));
    EXPECT_EQ(parse("predict model=m.pt source=a.jpg qqq=1 zzz=2").errors.size(), 2U);
}

TEST(Errors, AreOnePrintableLine) {
    const Parsed parsed = [] {
        Parsed out;
        try {
            parse_command({"predict", "a\x1b[31m\n=1", "conf=a\nb"}, {});
        } catch (const UsageError& e) {
            out.errors = e.lines();
        }
        return out;
    }();
    ASSERT_FALSE(parsed.errors.empty());
    for (const std::string& line : parsed.errors) EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos);
}

TEST(Errors, TypesAndRangesAreChecked) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"conf=abc", "'conf=abc' has the wrong type: 'conf' must be a number from 0 to 1"},
        {"conf=1.5", "'conf=1.5' is out of range: 'conf' must be a number from 0 to 1"},
        {"conf=-0.1", "out of range"},
        {"conf=nan", "wrong type"},
        {"iou=None", "wrong type"},
        {"conf=True", "wrong type"},
        {"iou=2", "out of range"},
        {"max_det=0", "'max_det' must be an integer of at least 1"},
        {"max_det=1.5", "wrong type"},
        {"max_det=99999999999", "wrong type"},
        {"max_det=99999999999999999999", "wrong type"},
        {"vid_stride=0", "out of range"},
        {"line_width=0", "out of range"},
        {"batch=0", "out of range"},
        {"save=1", "'save' must be True or False"},
        {"show=yes", "True or False"},
        {"imgsz=0", "out of range"},
        {"imgsz=[640,0]", "out of range"},
        {"imgsz=[1,2,3]", "wrong type"},
        {"imgsz=[]", "wrong type"},
        {"imgsz=big", "an integer or [height, width]"},
        {"classes=[0,-1]", "out of range"},
        {"classes=[0,a]", "wrong type"},
        {"imgsz=640.5", "wrong type"},
        {"precision=f64", "'precision=f64' is not known: 'precision' must be auto, f32, bf16, or f16"},
        {"runtime=onnx", "auto, openvino, onnxruntime, libtorch, or remote"},
        {"task=boat", "'task' must be one of detect"},
        {"semantic", "'task' must be one of detect"},
        {"quantize=5", "16, 32, or None"},
    };
    for (const auto& [extra, expected] : cases) {
        const std::string error = predict_error(extra);
        EXPECT_TRUE(holds(error, expected)) << extra << ": " << error;
    }
}

TEST(Errors, CheckTheFormOfAnArgument) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"=5", "'=5' has no name"},
        {"conf=", "'conf=' has no value"},
        {"conf", "'conf' is an argument that needs '=' and a value, for example 'conf=0.25'"},
    };
    for (const auto& [extra, expected] : cases) {
        const Parsed parsed = parse(std::string(extra) + " predict=x");
        ASSERT_FALSE(parsed.errors.empty()) << extra;
        EXPECT_TRUE(holds(parsed.errors[0], expected)) << parsed.errors[0];
    }
}

/// Each line is refused with the line that was meant.
TEST(Errors, FilesWithoutArgumentNamesAreUnderstood) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"predict yolov8n.pt bus.jpg",
         "'yolov8n.pt' and 'bus.jpg' have no argument name; did you mean: "
         "yolo predict model=yolov8n.pt source=bus.jpg"},
        {"yolov8n.pt bus.jpg", "did you mean: yolo predict model=yolov8n.pt source=bus.jpg"},
        {"detect predict model=m.pt photos/ conf=0.5", "yolo detect predict model=m.pt source=photos/ conf=0.5"},
        {"predict m_openvino_model/ 0", "yolo predict model=m_openvino_model/ source=0"},
        {"val yolov8n.pt coco128.yaml", "yolo val model=yolov8n.pt data=coco128.yaml"},
        {"benchmark data=d.yaml yolov8n.pt", "yolo benchmark data=d.yaml model=yolov8n.pt"},
        {"export yolov8n.pt format=onnx",
         "'yolov8n.pt' has no argument name; did you mean: "
         "yolo export model=yolov8n.pt format=onnx"},
        {"info M.ONNX", "yolo info model=M.ONNX"},
        {"predict m.pt rtsp://camera/1", "yolo predict model=m.pt source=rtsp://camera/1"},
        {"predict m.pt it's.jpg", "yolo predict model=m.pt 'source=it'\\''s.jpg'"},
        {"agree a.pt bus.jpg device=CPU,AUTO", "yolo agree model=a.pt source=bus.jpg device=CPU,AUTO"},
        {"compare a.pt bus.jpg device=CPU,AUTO", "yolo compare model=a.pt source=bus.jpg device=CPU,AUTO"},
    };
    for (const auto& [line, expected] : cases) {
        const Parsed parsed = parse(line);
        ASSERT_EQ(parsed.errors.size(), 1U) << line;
        EXPECT_TRUE(parsed.errors[0].ends_with(expected)) << parsed.errors[0];
    }
}

TEST(Errors, ReportWordsThatFitNoArgument) {
    for (const char* line : {"predict a.pt b.pt", "predict a.jpg b.jpg", "val a.pt b.jpg", "export a.pt out.onnx b",
                             "bus.jpg", "predict model=a.pt a.jpg wrong=1", "predict model=a.pt source=b.jpg c.jpg"}) {
        const Parsed parsed = parse(line);
        ASSERT_FALSE(parsed.errors.empty()) << line;
        for (const std::string& error : parsed.errors) {
            EXPECT_TRUE(holds(error, "is not a valid YOLO argument")) << error;
            EXPECT_FALSE(holds(error, "did you mean")) << error;
        }
    }
}

TEST(Errors, RefuseUnsupportedArgumentsThatWouldChangeTheResult) {
    EXPECT_TRUE(holds(predict_error("dnn=True"), "argument 'dnn' of Ultralytics is not supported"));
    EXPECT_TRUE(holds(predict_error("dnn"), "of OpenCV's DNN module"));
    EXPECT_TRUE(predict_args("dnn=False augment=False int8=False").save) << "what is off anyway may be switched off";
}

TEST(Grammar, NmsIsUnsetTrueOrFalseInFourModes) {
    for (const char* start : {"predict model=m.pt source=a.jpg ", "val model=m.pt data=d.yaml ",
                              "export model=m.pt format=onnx ", "benchmark model=m.pt data=d.yaml "}) {
        const auto nms = [&](const std::string& words, const Words& warnings = {}) {
            const Parsed parsed = parse(start + words);
            EXPECT_EQ(parsed.errors, Words{}) << start << words;
            EXPECT_EQ(parsed.warnings, warnings) << start << words;
            const Settings& settings = parsed.command.settings;
            switch (*parsed.command.mode) {
                case Mode::Predict:
                    return settings.predict.nms;
                case Mode::Val:
                    return settings.val.nms;
                case Mode::Export:
                    return settings.export_args.nms;
                default:
                    return settings.benchmark.nms;
            }
        };
        EXPECT_EQ(nms(""), std::nullopt);
        EXPECT_EQ(nms("nms"), true);
        EXPECT_EQ(nms("nms=True"), true);
        EXPECT_EQ(nms("nms=False"), false);
        EXPECT_EQ(nms("nms=None"), std::nullopt);
        EXPECT_EQ(nms("end2end", {"'end2end=True' is deprecated, use 'nms=False'"}), false);
        EXPECT_EQ(nms("end2end=False", {"'end2end=False' is deprecated, use 'nms=None'"}), std::nullopt);
        EXPECT_EQ(nms("end2end=False nms=True", {"'end2end=False' is deprecated, use 'nms=True'"}), true);
        EXPECT_EQ(nms("nms=False end2end=False", {"'end2end=False' is deprecated, use 'nms=None'"}), std::nullopt);
        EXPECT_EQ(nms("nms=True end2end=True", {"'end2end=True' is deprecated, use 'nms=False'"}), false);
        EXPECT_EQ(nms("end2end=None"), std::nullopt);
    }
    EXPECT_TRUE(holds(predict_error("nms=maybe"), "'nms' must be True or False"));
    EXPECT_TRUE(holds(predict_error("end2end=1"), "'end2end' must be True or False"));
}

TEST(Grammar, ExportTakesTheArgumentsOfSuppression) {
    const ExportArgs args =
        parse("export model=m.pt nms conf=0.1 iou=0.5 max_det=7 agnostic_nms").command.settings.export_args;
    EXPECT_EQ(args.conf, 0.1);
    EXPECT_EQ(args.iou, 0.5);
    EXPECT_EQ(args.max_det, 7);
    EXPECT_TRUE(args.agnostic_nms);
    EXPECT_EQ(parse("export model=m.pt conf=2").errors.size(), 1U);
    EXPECT_EQ(parse("export model=m.pt max_det=0").errors.size(), 1U);
}

/// What 8.4.190 has in its default.yaml, as `yolo cfg` prints it, but for the words that choose the work.
constexpr const char* kUltralyticsDefaults =
    "epochs=100 time=None patience=100 batch=16 imgsz=640 save=True save_period=-1 cache=False "
    "device=None workers=8 project=None name=None exist_ok=False pretrained=True cls_remap=True "
    "optimizer=auto verbose=True seed=0 deterministic=True single_cls=False rect=False cos_lr=False "
    "close_mosaic=10 resume=False amp=True fraction=1.0 profile=False freeze=None multi_scale=0.0 "
    "compile=False channels_last=None overlap_mask=True mask_ratio=4 dropout=0.0 val=True split=val "
    "save_json=False conf=None iou=0.7 max_det=300 quantize=None dnn=False plots=True nms=None "
    "vid_stride=1 stream_buffer=False visualize=False augment=False agnostic_nms=False classes=None "
    "retina_masks=False embed=None show=False save_frames=False save_txt=False save_conf=False "
    "save_crop=False show_labels=True show_conf=True show_boxes=True line_width=None format=torchscript "
    "optimize=False dynamic=False simplify=True opset=None workspace=None lr0=0.01 lrf=0.01 "
    "momentum=0.937 weight_decay=0.0005 warmup_epochs=3.0 warmup_momentum=0.8 warmup_bias_lr=0.1 "
    "distill_model=None dis=6.0 box=7.5 cls=0.5 cls_pw=0.0 dfl=1.5 pose=12.0 kobj=1.0 rle=1.0 angle=1.0 "
    "dlog=1.0 dgrad=0.5 dlam=1.0 nbs=64 hsv_h=0.015 hsv_s=0.7 hsv_v=0.4 degrees=0.0 translate=0.1 "
    "scale=0.5 shear=0.0 perspective=0.0 flipud=0.0 fliplr=0.5 bgr=0.0 mosaic=1.0 mixup=0.0 cutmix=0.0 "
    "copy_paste=0.0 copy_paste_mode=flip auto_augment=randaugment erasing=0.4 tracker=tracktrack.yaml ";

TEST(Grammar, DefaultsOfUltralyticsAreAcceptedInEachMode) {
    std::istringstream words(std::string(kUltralyticsDefaults) + " cfg=None mode=None task=None half=False int8=False");
    std::size_t count = 0;
    for (std::string word; words >> word; ++count) {
        for (const char* start :
             {"predict model=m.pt source=a.jpg ", "track model=m.pt source=a.mp4 ", "val model=m.pt data=d.yaml ",
              "export model=m.pt ", "benchmark model=m.pt data=d.yaml ", "info model=m.pt ",
              "agree model=m.pt source=a.jpg ", "compare model=m.pt source=a.jpg "}) {
            const Parsed parsed = parse(start + word);
            EXPECT_EQ(parsed.errors, Words{}) << start << word;
        }
    }
    EXPECT_EQ(count, 112U);
}

TEST(Grammar, TrackTakesTheOptionsOfPredictForItself) {
    const Settings settings =
        parse("track model=m.pt source=a.mp4 tracker=botsort.yaml iou=0.5 device=cpu save=False name=model conf=None")
            .command.settings;
    EXPECT_EQ(settings.track.tracker, "botsort.yaml");
    EXPECT_EQ(settings.track.predict.iou, 0.5);
    EXPECT_EQ(settings.track.predict.conf, 0.1);
    EXPECT_EQ(settings.track.predict.name, "m");
    EXPECT_EQ(settings.track.predict.runtime.device, "cpu");
    EXPECT_FALSE(settings.track.predict.save);
    EXPECT_EQ(settings.predict.iou, 0.7);
    EXPECT_TRUE(settings.predict.save);
    EXPECT_EQ(parse("track model=m.pt source=a.mp4 tracker=None").command.settings.track.tracker, "tracktrack.yaml");
    EXPECT_EQ(parse("track model=m.pt source=a.mp4 conf=0.25").command.settings.track.predict.conf, 0.25);
    EXPECT_TRUE(holds(parse("track model=m.pt source=a.mp4 conf=2").errors.at(0), "'conf=2' is out of range"));
    EXPECT_TRUE(holds(parse("track model=m.pt source=a.mp4 persist=True").errors.at(0), "not a valid YOLO argument"));
    const Parsed task = parse("task=track model=m.pt source=a.mp4");
    EXPECT_EQ(task.command.mode, Mode::Track);
    EXPECT_TRUE(holds(task.warnings.at(0), "'task=track' is a mode, not a task"));
}

TEST(Grammar, Int8IsAcceptedInOtherModes) {
    for (const char* word : {"int8", "int8=True", "quantize=8", "quantize=int8", "quantize=w8a8"}) {
        EXPECT_TRUE(parse(std::string("predict model=m source=a.jpg ") + word).command.settings.int8) << word;
        EXPECT_TRUE(parse(std::string("val model=m data=d.yaml ") + word).command.settings.int8) << word;
    }
    EXPECT_FALSE(parse("predict model=m source=a.jpg int8 quantize=16").command.settings.int8) << "quantize wins";
    EXPECT_TRUE(parse("predict model=m source=a.jpg quantize=16").command.settings.predict.runtime.half);
    EXPECT_TRUE(holds(predict_error("quantize=w8a16"), "use 8, 16, or 32"));
}

TEST(Grammar, NamesArgumentsOfOtherModesInOneWarning) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"predict model=m.pt source=a.jpg workers=8 seed=1 plots=False format=openvino tracker=x.yaml",
         "arguments without effect in predict: workers, seed, plots, format, tracker"},
        {"export model=m.pt format=onnx conf=0.5 source=x device=cpu",
         "arguments without effect in export: source, device"},
        {"val model=m.pt data=d.yaml epochs=10 show=True", "arguments without effect in val: epochs, show"},
        {"info model=m.pt imgsz=320", "arguments without effect in info: imgsz"},
    };
    for (const auto& [line, expected] : cases) {
        const Parsed parsed = parse(line);
        EXPECT_EQ(parsed.errors, Words{}) << line;
        EXPECT_EQ(parsed.warnings, Words{expected}) << line;
    }
    EXPECT_EQ(parse("predict model=m.pt source=a.jpg workers=many").errors.size(), 1U) << "and still checks their type";
    EXPECT_EQ(parse("export model=m.pt format=onnx conf=2").errors.size(), 1U) << "and their range";
    EXPECT_EQ(parse("export model=m.pt format=onnx workrs=2").errors.size(), 1U) << "and refuses unknown arguments";
}

TEST(Errors, MissingPartsAreNamed) {
    EXPECT_TRUE(holds(parse("predict source=a.jpg").errors.at(0), "'model' argument is missing"));
    EXPECT_TRUE(holds(parse("predict model=m.pt").errors.at(0), "'source' argument is missing"));
    EXPECT_TRUE(holds(parse("model=m.pt source=a.jpg").errors.at(0), "'mode' is missing"));
    EXPECT_TRUE(holds(parse("mode=fly model=m.pt").errors.at(0),
                      "'mode=fly' is not known: choose from predict, track, val, export, benchmark, info"));
}

TEST(Errors, OtherModesAndCommandsAreRecognised) {
    for (const char* mode : {"train"}) {
        const Parsed parsed = parse(std::string(mode) + " model=m.pt data=coco8.yaml");
        ASSERT_EQ(parsed.errors.size(), 1U) << mode;
        EXPECT_TRUE(holds(parsed.errors[0], "is not offered by this version")) << parsed.errors[0];
    }
    for (const char* word : {"settings", "solutions", "login", "logout", "hub"}) {
        EXPECT_TRUE(holds(parse(word).errors.at(0), "is not offered by this version")) << word;
    }
    EXPECT_TRUE(holds(parse("completion fish").errors.at(0), "completion is offered for bash"));
    EXPECT_TRUE(holds(parse("completion bash extra").errors.at(0), "takes no other words, got 'bash extra'"));
    EXPECT_TRUE(holds(parse("help predict export").errors.at(0), "help explains one mode, got predict and export"));
    EXPECT_TRUE(holds(parse("checks foo=1").errors.at(0), "'yolo checks' takes no other words, got 'foo=1'"));
    EXPECT_TRUE(holds(parse("cfg x").errors.at(0), "'yolo cfg' takes no other words, got 'x'"));
    EXPECT_TRUE(holds(parse("copy-cfg predict").errors.at(0), "'yolo copy-cfg' takes no other words"));
    EXPECT_TRUE(holds(parse("version 1").errors.at(0), "'yolo version' takes no other words"));
    EXPECT_TRUE(holds(parse("predict =5").errors.at(0), "'predict=5' gives a value to a mode: write 'predict' alone"));
    EXPECT_TRUE(holds(parse("predict --model X").errors.at(0), "for example 'model=yolov8n.pt'"));
    EXPECT_TRUE(holds(parse("predict device").errors.at(0), "for example 'device=cpu'"));
    EXPECT_EQ(parse("cfg --help").command.kind, Kind::Help);
    EXPECT_TRUE(holds(parse("help predictt").errors.at(0), "not a valid YOLO argument"));
}

}  // namespace
}  // namespace yolovino::cli
