#include "cli/config_file.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "support.hpp"
#include "support/shared.hpp"

namespace yolovino::cli {
namespace {

class ConfigFile : public ::testing::Test {
protected:
    std::string write(const std::string& text) const {
        const std::string path = (folder_.path() / "a.yaml").string();
        std::ofstream(path) << text;
        return path;
    }

    yolovino::test::TempFolder folder_;
};

TEST_F(ConfigFile, TypesValues) {
    const auto arguments =
        read_config_file(write("conf: 0.5\nimgsz: [480, 640]\nname: '7'\ndevice:\nsave: False\ncfg: x\n"));
    ASSERT_EQ(arguments.size(), 5U);
    EXPECT_EQ(arguments[0].value, Value{0.5});
    EXPECT_EQ(arguments[1].raw, "[480, 640]");
    EXPECT_EQ(arguments[1].value, (Value{Value::List{Value{std::int64_t{480}}, Value{std::int64_t{640}}}}));
    EXPECT_EQ(arguments[2].value, Value{std::string("7")});
    EXPECT_TRUE(arguments[3].value.is_none());
    EXPECT_EQ(arguments[4].value, Value{false});
}

TEST_F(ConfigFile, ReplacesWhatStandsBeforeAndYieldsToWhatFollows) {
    const std::string path = write("conf: 0.5\niou: 0.6\nmodel: f.pt\nsource: b.jpg\n");
    const test::Parsed parsed = test::parse("predict max_det=5 conf=0.1 cfg=" + path + " iou=0.9");
    ASSERT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.command.settings.predict.conf, 0.5);
    EXPECT_EQ(parsed.command.settings.predict.iou, 0.9);
    EXPECT_EQ(parsed.command.settings.predict.max_det, PredictArgs{}.max_det);
    EXPECT_EQ(parsed.command.settings.model, "f.pt");
}

TEST_F(ConfigFile, MayHoldArgumentsOfOtherModesAndTools) {
    const std::string path = write("format: openvino\nepochs: 100\naugment: False\nmode: train\n");
    const test::Parsed parsed = test::parse("predict cfg=" + path + " model=m.pt source=a.jpg");
    EXPECT_TRUE(parsed.errors.empty());
    ASSERT_EQ(parsed.warnings.size(), 1U);
    EXPECT_NE(parsed.warnings[0].find("epochs"), std::string::npos);
}

TEST_F(ConfigFile, MayChooseTheMode) {
    const test::Parsed parsed = test::parse("cfg=" + write("mode: export\nmodel: m.pt\n"));
    ASSERT_TRUE(parsed.errors.empty());
    EXPECT_EQ(parsed.command.mode, Mode::Export);
}

TEST_F(ConfigFile, IsRefusedWhenItIsNotOne) {
    EXPECT_THROW(read_config_file((folder_.path() / "none.yaml").string()), UsageError);
    EXPECT_THROW(read_config_file(folder_.path().string()), UsageError);
    EXPECT_THROW(read_config_file(write("- 1\n- 2\n")), UsageError);
    EXPECT_THROW(read_config_file(write("a: [1\n")), UsageError);
    EXPECT_THROW(read_config_file(write("conf: {a: 1}\n")), UsageError);
    EXPECT_THROW(read_config_file(write("classes: [[1]]\n")), UsageError);
    EXPECT_THROW(read_config_file(write("[1, 2]: 3\n")), UsageError);
    EXPECT_THROW(read_config_file(write(std::string(2 << 20, '#'))), UsageError);
    EXPECT_THROW(read_config_file(write(std::string(100'000, '['))), UsageError);
    EXPECT_TRUE(read_config_file(write("# nothing\n")).empty());
}

}  // namespace
}  // namespace yolovino::cli
