#include "cli/config_file.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "support.hpp"
#include "support/shared.hpp"

namespace yolovino::cli {
namespace {

/// Keys and values of Ultralytics 8.4.190's own file.
constexpr const char* kUltralytics =
    "task: detect\nmode: train\nmodel:\ndata:\nepochs: 100\ntime:\npatience: 100\nbatch: 16\nimgsz: 640\n"
    "save: True\nsave_period: -1\ncache: False\ndevice:\nworkers: 8\nproject:\nname:\nexist_ok: False\n"
    "pretrained: True\ncls_remap: True\noptimizer: auto\nverbose: True\nseed: 0\ndeterministic: True\n"
    "single_cls: False\nrect: False\ncos_lr: False\nclose_mosaic: 10\nresume: False\namp: True\nfraction: 1.0\n"
    "profile: False\nfreeze:\nmulti_scale: 0.0\ncompile: False\nchannels_last:\noverlap_mask: True\n"
    "mask_ratio: 4\ndropout: 0.0\nval: True\nsplit: val\nsave_json: False\nconf:\niou: 0.7\nmax_det: 300\n"
    "quantize:\ndnn: False\nplots: True\nnms:\nsource:\nvid_stride: 1\nstream_buffer: False\nvisualize: False\n"
    "augment: False\nagnostic_nms: False\nclasses:\nretina_masks: False\nembed:\nshow: False\n"
    "save_frames: False\nsave_txt: False\nsave_conf: False\nsave_crop: False\nshow_labels: True\n"
    "show_conf: True\nshow_boxes: True\nline_width:\nformat: torchscript\noptimize: False\ndynamic: False\n"
    "simplify: True\nopset:\nworkspace:\nlr0: 0.01\nlrf: 0.01\nmomentum: 0.937\nweight_decay: 0.0005\n"
    "warmup_epochs: 3.0\nwarmup_momentum: 0.8\nwarmup_bias_lr: 0.1\ndistill_model:\ndis: 6.0\nbox: 7.5\n"
    "cls: 0.5\ncls_pw: 0.0\ndfl: 1.5\npose: 12.0\nkobj: 1.0\nrle: 1.0\nangle: 1.0\ndlog: 1.0\ndgrad: 0.5\n"
    "dlam: 1.0\nnbs: 64\nhsv_h: 0.015\nhsv_s: 0.7\nhsv_v: 0.4\ndegrees: 0.0\ntranslate: 0.1\nscale: 0.5\n"
    "shear: 0.0\nperspective: 0.0\nflipud: 0.0\nfliplr: 0.5\nbgr: 0.0\nmosaic: 1.0\nmixup: 0.0\ncutmix: 0.0\n"
    "copy_paste: 0.0\ncopy_paste_mode: flip\nauto_augment: randaugment\nerasing: 0.4\ncfg:\n"
    "tracker: tracktrack.yaml\n";

class ConfigFile : public ::testing::Test {
protected:
    std::string write(const std::string& text) const {
        const std::string path = (folder_.path() / "a.yaml").string();
        std::ofstream(path) << text;
        return path;
    }

    std::vector<Argument> read(const std::string& path) { return read_config_file(path, warnings_); }

    yolovino::test::TempFolder folder_;
    std::vector<std::string> warnings_;
};

TEST_F(ConfigFile, TypesValues) {
    const auto arguments = read(write("conf: 0.5\nimgsz: [480, 640]\nname: '7'\ndevice:\nsave: False\ncfg: x\n"));
    ASSERT_EQ(arguments.size(), 5U);
    EXPECT_EQ(arguments[0].value, Value{0.5});
    EXPECT_EQ(arguments[1].raw, "[480, 640]");
    EXPECT_EQ(arguments[1].value, (Value{Value::List{Value{std::int64_t{480}}, Value{std::int64_t{640}}}}));
    EXPECT_EQ(arguments[2].value, Value{std::string("7")});
    EXPECT_TRUE(arguments[3].value.is_none());
    EXPECT_EQ(arguments[4].value, Value{false});
}

TEST_F(ConfigFile, ReadsValuesWithTheTypesOfYaml) {
    const auto arguments = read(
        write("\xEF\xBB\xBF<<: {conf: 0.9, half: on}\rconf: .5\riou: 1e-1\rimgsz: (640, 480)\rsave: 'yes'\rshow: no\r"
              "max_det: 1_0\rdevice: None\rproject: 007\riou: 0.25\r"));
    ASSERT_EQ(arguments.size(), 9U);
    EXPECT_EQ(arguments[0].value, Value{0.5});
    EXPECT_EQ(arguments[1].value, Value{true});
    EXPECT_EQ(arguments[2].value, Value{0.25});
    EXPECT_EQ(arguments[3].value, (Value{Value::List{Value{std::int64_t{640}}, Value{std::int64_t{480}}}}));
    EXPECT_EQ(arguments[4].value, Value{std::string("yes")}) << "in quotes";
    EXPECT_EQ(arguments[5].value, Value{false});
    EXPECT_EQ(arguments[6].value, Value{std::int64_t{10}});
    EXPECT_TRUE(arguments[7].value.is_none());
    EXPECT_EQ(arguments[8].raw, "7") << "YAML 1.1 reads it as an octal number";
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_NE(warnings_[0].find("line 10: duplicate key 'iou', first in line 3"), std::string::npos) << warnings_[0];
    EXPECT_EQ(read(write("conf: 1e-3\n")).at(0).value, Value{0.001}) << "as on the command line";
}

TEST_F(ConfigFile, ReportsFaultsWithTheirLines) {
    const auto message = [&](const std::string& text) -> std::string {
        try {
            read(write(text));
        } catch (const UsageError& error) {
            return error.lines().front();
        }
        return "";
    };
    EXPECT_NE(message("conf: 1\nsave: {a: 1}\n").find("line 2 of cfg file"), std::string::npos);
    EXPECT_NE(message("conf: 1\n5: 1\n").find("the key is the number '5', wanted a word"), std::string::npos);
    EXPECT_NE(message("conf: 1\nname: 'x\n").find("line 2, column 7: the closing quote is missing"), std::string::npos)
        << message("conf: 1\nname: 'x\n");
    EXPECT_NE(message("- 1\n").find("holds a list, wanted lines 'key: value'"), std::string::npos);
}

TEST_F(ConfigFile, OverridesEarlierArgumentsAndYieldsToLaterOnes) {
    const std::string path = write("conf: 0.5\niou: 0.6\nmodel: f.pt\nsource: b.jpg\n");
    const test::Parsed parsed = test::parse("predict max_det=5 conf=0.1 cfg=" + path + " iou=0.9");
    ASSERT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.command.settings.predict.conf, 0.5);
    EXPECT_EQ(parsed.command.settings.predict.iou, 0.9);
    EXPECT_EQ(parsed.command.settings.predict.max_det, PredictArgs{}.max_det);
    EXPECT_EQ(parsed.command.settings.model, "f.pt");
}

TEST_F(ConfigFile, WarnsOnceAboutArgumentsOfOtherModesAndTools) {
    const std::string path = write("format: openvino\nepochs: 100\naugment: False\nmode: train\n");
    const test::Parsed parsed = test::parse("predict cfg=" + path + " model=m.pt source=a.jpg");
    EXPECT_TRUE(parsed.errors.empty());
    ASSERT_EQ(parsed.warnings.size(), 1U);
    EXPECT_NE(parsed.warnings[0].find("epochs"), std::string::npos);
}

TEST_F(ConfigFile, ReadsTheDefaultFileOfUltralytics) {
    const std::string path = write(kUltralytics);
    const test::Parsed predicted = test::parse("predict cfg=" + path + " model=m.pt source=a.jpg");
    EXPECT_EQ(predicted.errors, std::vector<std::string>{});
    ASSERT_EQ(predicted.warnings.size(), 1U);
    EXPECT_NE(predicted.warnings[0].find("arguments of the cfg file without effect in predict: epochs"),
              std::string::npos);
    EXPECT_EQ(predicted.command.settings.predict.conf, PredictArgs().conf) << "null is the default of the mode";
    EXPECT_EQ(test::parse("val cfg=" + path + " model=m.pt data=d.yaml").errors, std::vector<std::string>{});
    EXPECT_EQ(test::parse("export cfg=" + path + " model=m.pt format=onnx").errors, std::vector<std::string>{});
}

TEST_F(ConfigFile, CanChooseTheMode) {
    const test::Parsed parsed = test::parse("cfg=" + write("mode: export\nmodel: m.pt\n"));
    ASSERT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.command.mode, Mode::Export);
}

TEST_F(ConfigFile, RefusesFilesThatAreNoConfig) {
    EXPECT_THROW(read((folder_.path() / "none.yaml").string()), UsageError);
    EXPECT_THROW(read(folder_.path().string()), UsageError);
    EXPECT_THROW(read(write("- 1\n- 2\n")), UsageError);
    EXPECT_THROW(read(write("a: [1\n")), UsageError);
    EXPECT_THROW(read(write("conf: {a: 1}\n")), UsageError);
    EXPECT_THROW(read(write("classes: [[1]]\n")), UsageError);
    EXPECT_THROW(read(write("[1, 2]: 3\n")), UsageError);
    EXPECT_THROW(read(write(std::string(2 << 20, '#'))), UsageError);
    EXPECT_THROW(read(write(std::string(100'000, '['))), UsageError);
    EXPECT_TRUE(read(write("# nothing\n")).empty());
}

}  // namespace
}  // namespace yolovino::cli
