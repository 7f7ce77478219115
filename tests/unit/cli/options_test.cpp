#include "cli/options.hpp"

#include <gtest/gtest.h>

#include "cli/unsupported.hpp"
#include "support.hpp"

namespace yolovino::cli {
namespace {

using test::parse;
using test::predict_args;

TEST(Options, DefaultsAreTheLibrarysExceptForSave) {
    const PredictArgs library;
    const PredictArgs command = predict_args("");
    EXPECT_TRUE(command.save);
    EXPECT_FALSE(library.save);
    for (const Option& option : schema()) {
        const Binding* binding = option.binding(Mode::Predict);
        if (binding == nullptr || option.key == "save") continue;
        Settings settings;
        settings.predict = library;
        EXPECT_EQ(option.default_text(Mode::Predict), binding->show(settings)) << option.key;
    }
    EXPECT_EQ(find_option("conf")->default_text(Mode::Predict), "0.25");
    EXPECT_EQ(find_option("verbose")->default_text(Mode::Predict), "True");
    EXPECT_EQ(find_option("verbose")->default_text(Mode::Info), "False");
    EXPECT_EQ(find_option("format")->default_text(Mode::Export), "torchscript");
}

TEST(Options, NoneIsListedAsUnsupported) {
    for (const Option& option : schema()) EXPECT_FALSE(is_unsupported(option.key)) << option.key;
    EXPECT_TRUE(is_unsupported("epochs"));
    EXPECT_TRUE(is_unsupported("erasing"));
    EXPECT_TRUE(would_matter("dnn", Mode::Val));
    EXPECT_FALSE(would_matter("dnn", Mode::Export));
}

/// One value other than the default for each argument of a prediction, so that a wrong binding shows.
TEST(Options, EachReachesItsField) {
    const PredictArgs args = predict_args(
        "imgsz=[480,640] conf=0.5 iou=0.4 classes=[0,2] max_det=7 agnostic_nms=True batch=3 rect=False vid_stride=2 "
        "stream_buffer=True device=intel:gpu runtime=libtorch precision=bf16 half=True cache_dir=/tmp/c threads=2 "
        "streams=3 watchdog=7 performance=latency ov.config=KEY=VALUE strict save=False "
        "save_txt=True "
        "save_conf=True "
        "save_crop=True save_frames=True save_json=True show=True show_labels=False show_conf=False show_boxes=False "
        "line_width=4 project=p name=007 exist_ok=True verbose=False");
    EXPECT_EQ(args.imgsz, (ImageSize{480, 640}));
    EXPECT_EQ(args.conf, 0.5);
    EXPECT_EQ(args.iou, 0.4);
    EXPECT_EQ(args.classes, (std::vector<int>{0, 2}));
    EXPECT_EQ(args.max_det, 7);
    EXPECT_TRUE(args.agnostic_nms);
    EXPECT_EQ(args.batch, 3);
    EXPECT_FALSE(args.rect);
    EXPECT_EQ(args.vid_stride, 2);
    EXPECT_TRUE(args.stream_buffer);
    EXPECT_EQ(args.runtime.device, "intel:gpu");
    EXPECT_EQ(args.runtime.kind, Runtime::LibTorch);
    EXPECT_EQ(args.runtime.precision, Precision::Bf16);
    EXPECT_TRUE(args.runtime.half);
    EXPECT_EQ(args.runtime.cache_dir, "/tmp/c");
    EXPECT_EQ(args.runtime.threads, 2);
    EXPECT_EQ(args.runtime.streams, 3);
    EXPECT_EQ(args.runtime.watchdog, 7);
    EXPECT_EQ(args.runtime.performance, Performance::Latency);
    EXPECT_EQ(args.runtime.ov_config, (OvConfig{{"KEY", "VALUE"}}));
    EXPECT_TRUE(args.strict);
    EXPECT_FALSE(args.save);
    EXPECT_TRUE(args.save_txt && args.save_conf && args.save_crop && args.save_frames && args.save_json);
    EXPECT_TRUE(args.show);
    EXPECT_FALSE(args.show_labels || args.show_conf || args.show_boxes);
    EXPECT_EQ(args.line_width, 4);
    EXPECT_EQ(args.project, "p");
    EXPECT_EQ(args.name, "007");
    EXPECT_TRUE(args.exist_ok);
    EXPECT_FALSE(args.verbose);
}

TEST(Options, ExportAndInfoReachTheirFields) {
    const ExportArgs args = parse("export model=m.pt format=openvino imgsz=320 half dynamic=True batch=2 verbose=False")
                                .command.settings.export_args;
    EXPECT_EQ(args.format, "openvino");
    EXPECT_EQ(args.imgsz, (ImageSize{320, 320}));
    EXPECT_TRUE(args.half && args.dynamic);
    EXPECT_EQ(args.batch, 2);
    EXPECT_FALSE(args.verbose);
    const ExportArgs more =
        parse("export model=m.pt format=onnx,openvino opset=13 simplify=False optimize").command.settings.export_args;
    EXPECT_EQ(more.format, "onnx,openvino");
    EXPECT_EQ(more.opset, 13);
    EXPECT_FALSE(more.simplify);
    EXPECT_TRUE(more.optimize);
    const InfoArgs about = parse("info model=m.pt verbose save_json").command.settings.info;
    EXPECT_TRUE(about.verbose && about.save_json);
    EXPECT_EQ(parse("info model=m.pt device=cpu").command.settings.info.device, "cpu");
}

TEST(Options, Int8OptionsReachTheirFields) {
    const ExportArgs args = parse(
                                "export model=m.pt format=openvino int8 data=d.yaml split=train fraction=0.5 "
                                "float_layers=[2.cv1,'22.cv3'] guard=True")
                                .command.settings.export_args;
    EXPECT_TRUE(args.int8 && args.guard);
    EXPECT_EQ(args.data, "d.yaml");
    EXPECT_EQ(args.split, "train");
    EXPECT_EQ(args.fraction, 0.5);
    EXPECT_EQ(args.float_layers, (std::vector<std::string>{"2.cv1", "22.cv3"}));
    const auto exporting = [](const std::string& extra) {
        return parse("export model=m.pt format=openvino float_layers=1,2 " + extra).command.settings.export_args;
    };
    EXPECT_FALSE(exporting("").max_drop);
    EXPECT_EQ(exporting("max_drop=0.02").max_drop, 0.02);
    EXPECT_FALSE(exporting("max_drop=None").max_drop);
    const auto benchmark = [&](const std::string& extra) {
        return parse("benchmark model=m.pt data=d.yaml " + extra).command.settings.benchmark;
    };
    EXPECT_TRUE(benchmark("int8=True").int8);
    EXPECT_TRUE(benchmark("quantize=8").int8) << "as in Ultralytics";
    EXPECT_FALSE(benchmark("").int8);
    EXPECT_EQ(exporting("").float_layers, (std::vector<std::string>{"1", "2"})) << "names, not numbers";
    EXPECT_TRUE(exporting("quantize=8").int8);
    EXPECT_TRUE(exporting("quantize=int8 half=True").int8);
    EXPECT_FALSE(exporting("quantize=int8 half=True").half);
    EXPECT_FALSE(exporting("quantize=16 int8=True").int8) << "quantize wins";
    EXPECT_FALSE(exporting("quantize=32 int8=True").int8);
    EXPECT_TRUE(exporting("quantize=None int8=True").int8);
    for (const char* bad : {"float_layers=1,,2", "float_layers=[]", "fraction=-1", "quantize=w8a16", "quantize=4"})
        EXPECT_FALSE(parse(std::string("export model=m.pt format=openvino ") + bad).errors.empty()) << bad;
}

TEST(Options, SourceKeepsItsSpelling) {
    EXPECT_EQ(parse("predict model=m.pt source=0").command.settings.source, "0");
    EXPECT_EQ(parse("predict model=m.pt source=007").command.settings.source, "007");
    EXPECT_EQ(parse("predict model=m.pt source=1.10").command.settings.source, "1.10");
    EXPECT_EQ(parse("predict model=m.pt source=rtsp://h/?a=b").command.settings.source, "rtsp://h/?a=b");
    EXPECT_EQ(parse("predict model=m.pt source='7'").command.settings.source, "7");
}

TEST(Options, AcceptTheSpellingsOfUltralytics) {
    EXPECT_EQ(predict_args("conf=None").conf, PredictArgs().conf);
    EXPECT_EQ(predict_args("imgsz=640.0").imgsz, (ImageSize{640, 640}));
    EXPECT_EQ(predict_args("imgsz=[320.0,640]").imgsz, (ImageSize{320, 640}));
    EXPECT_EQ(predict_args("max_det=1e2").max_det, 100);
    EXPECT_EQ(predict_args("classes=2").classes, std::vector{2});
    EXPECT_EQ(predict_args("classes=[]").classes, std::vector<int>()) << "nothing, not everything";
    EXPECT_FALSE(predict_args("classes=None").classes);
    EXPECT_EQ(parse("predict model=m.pt source=['a.jpg','b.jpg']").command.settings.source, "a.jpg\nb.jpg");
    EXPECT_EQ(predict_args("precision=FP32").runtime.precision, Precision::F32);
    EXPECT_EQ(predict_args("precision=fp16").runtime.precision, Precision::F16);
    EXPECT_EQ(predict_args("precision=BF16").runtime.precision, Precision::Bf16);
}

TEST(Options, QuantizeIsTheNewNameOfHalf) {
    EXPECT_TRUE(predict_args("quantize=16").runtime.half);
    EXPECT_TRUE(predict_args("quantize=fp16").runtime.half);
    EXPECT_FALSE(predict_args("quantize=32").runtime.half);
    EXPECT_FALSE(predict_args("quantize=32 half=True").runtime.half);
    EXPECT_TRUE(predict_args("quantize=16 half=False").runtime.half);
    EXPECT_TRUE(predict_args("quantize=None half=True").runtime.half);
}

/// One value other than the default for each argument of a validation, so that a wrong binding shows.
TEST(Options, EachReachesItsFieldOfValidation) {
    const test::Parsed parsed = parse(
        "val model=m.pt data=d.yaml split=test imgsz=320 batch=4 conf=0.01 iou=0.6 max_det=100 classes=[1] single_cls "
        "agnostic_nms rect=False half device=cpu precision=f32 cache_dir=/tmp/c plots=False save_json save_txt "
        "save_conf workers=2 verbose=False project=p name=n exist_ok annotations=i.json shard=1/3 protocol=classic");
    ASSERT_EQ(parsed.errors, std::vector<std::string>{});
    const ValArgs& args = parsed.command.settings.val;
    EXPECT_EQ(args.data, "d.yaml");
    EXPECT_EQ(args.split, "test");
    EXPECT_EQ(args.imgsz, (ImageSize{320, 320}));
    EXPECT_EQ(args.batch, 4);
    EXPECT_EQ(args.conf, 0.01);
    EXPECT_EQ(args.iou, 0.6);
    EXPECT_EQ(args.max_det, 100);
    EXPECT_EQ(args.classes, std::vector<int>{1});
    EXPECT_TRUE(args.single_cls && args.agnostic_nms && args.runtime.half && args.save_json && args.save_txt);
    EXPECT_TRUE(args.save_conf && args.exist_ok);
    EXPECT_FALSE(args.rect || args.plots || args.verbose);
    EXPECT_EQ(args.runtime.device, "cpu");
    EXPECT_EQ(args.runtime.precision, Precision::F32);
    EXPECT_EQ(args.runtime.cache_dir, "/tmp/c");
    EXPECT_EQ(args.workers, 2);
    EXPECT_EQ(args.project, "p");
    EXPECT_EQ(args.name, "n");
    EXPECT_EQ(args.annotations, "i.json");
    EXPECT_EQ(args.shard, "1/3");
    EXPECT_EQ(args.protocol, "classic");
    EXPECT_EQ(parse("val merge=a.val,b.val").command.settings.merge, "a.val,b.val");
    ASSERT_EQ(parse("val model=m.pt").errors.size(), 1U);
    EXPECT_NE(parse("val model=m.pt").errors.front().find("'data'"), std::string::npos);
    EXPECT_EQ(find_option("conf")->default_text(Mode::Val), "None");
    EXPECT_EQ(find_option("batch")->default_text(Mode::Val), "16");
}

TEST(Options, EachReachesItsSideOfAComparison) {
    const test::Parsed parsed = parse(
        "agree model=a.pt,b.pt source=a.jpg device=CPU,HETERO:GPU,CPU runtime=openvino precision=f32,FP16 "
        "format=pytorch,onnx half conf=0.5 tolerance_box=1 save_json");
    ASSERT_EQ(parsed.errors, std::vector<std::string>{});
    const Settings& settings = parsed.command.settings;
    const auto& [first, second] = settings.agree.sides;
    EXPECT_EQ(first.runtime, (RuntimeOptions{.kind = Runtime::OpenVino, .device = "CPU", .precision = Precision::F32}));
    EXPECT_EQ(second.runtime,
              (RuntimeOptions{
                  .kind = Runtime::OpenVino, .device = "HETERO:GPU,CPU", .precision = Precision::F16, .half = true}));
    EXPECT_EQ(first.format, "pytorch");
    EXPECT_EQ(second.format, "onnx");
    EXPECT_EQ(settings.agree.conf, 0.5);
    EXPECT_EQ(settings.agree.tolerance_box, 1);
    EXPECT_TRUE(settings.agree_json);
    ASSERT_EQ(parse("agree model=m.pt source=a.jpg device=CPU,GPU,NPU").errors.size(), 1U);
    ASSERT_EQ(parse("agree model=m.pt source=a.jpg precision=f99").errors.size(), 1U);
    // Two spellings of one precision are one.
    const AgreeArgs same = parse("agree model=m.pt source=a.jpg precision=fp16,f16").command.settings.agree;
    EXPECT_EQ(same.sides[0], same.sides[1]);
}

TEST(Options, TimeLimitOfAnInferenceIsUnsetByDefault) {
    EXPECT_FALSE(predict_args("").runtime.watchdog);
    EXPECT_FALSE(predict_args("watchdog=None").runtime.watchdog);
    EXPECT_EQ(predict_args("watchdog=120").runtime.watchdog, 120);
    EXPECT_EQ(predict_args("watchdog=0").runtime.watchdog, 0);
}

}  // namespace
}  // namespace yolovino::cli
