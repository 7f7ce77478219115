#include <gtest/gtest.h>

#include "yolovino/log.hpp"

#include "metadata/syntax.hpp"

namespace yolovino::metadata {
namespace {

TEST(YamlMetadata, HasTheTypesOfYaml) {
    const Value root = parse_yaml(
        "\xEF\xBB\xBFstride: 32.0\r\nnames: {0: yes, '1': ~, 2: 1_0, 3: 2024-01-01, 4: 1.0, 5: \"x\"}\r\nversion: "
        "8.4.190\r\nargs: {<<: {half: on, dynamic: yes}, dynamic: False}\r\ntask: None\r\n",
        "metadata.yaml");
    EXPECT_EQ(root.find("stride")->as_int(), 32);
    const auto& names = *root.find("names")->get<Value::Map>();
    ASSERT_EQ(names.size(), 6U);
    EXPECT_EQ(names[0].value.as_text(), "True");
    EXPECT_EQ(names[1].key.as_int(), 1);
    EXPECT_TRUE(names[1].value.is_none());
    EXPECT_EQ(names[2].value.as_text(), "10");
    EXPECT_EQ(names[3].value.as_text(), "2024-01-01");
    EXPECT_EQ(names[4].value.as_text(), "1.0");
    EXPECT_EQ(root.find("version")->as_text(), "8.4.190");
    EXPECT_EQ(root.find("args")->find("half")->as_bool(), true);
    EXPECT_EQ(root.find("args")->find("dynamic")->as_bool(), false);
    EXPECT_TRUE(root.find("task")->is_none());
}

TEST(YamlMetadata, ReportsDuplicateKeys) {
    std::string said;
    set_log_sink([&](LogLevel, std::string_view line) { said += line; });
    EXPECT_EQ(parse_yaml("stride: 8\nstride: 16\n", "metadata.yaml").find("stride")->as_int(), 16);
    set_log_sink({});
    EXPECT_EQ(said, "metadata.yaml line 2: duplicate key 'stride', first in line 1: the last one is used");
}

}  // namespace
}  // namespace yolovino::metadata
