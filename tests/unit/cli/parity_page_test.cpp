#include "cli/parity_page.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "cli/options.hpp"
#include "cli/unsupported.hpp"
#include "ultralytics_keys.hpp"

namespace yolovino::cli {
namespace {

constexpr std::size_t kKeys = 113;

std::string row_of(const std::string& table, const std::string& key) {
    const std::size_t start = table.find("| `" + key + "` |");
    return start == std::string::npos ? "" : table.substr(start, table.find('\n', start) - start);
}

TEST(ParityPage, HasTheTableThatTheSchemaGives) {
    std::ifstream file(YOLOVINO_SOURCE_DIR "/docs/parity.md", std::ios::binary);
    ASSERT_TRUE(file.is_open());
    const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(page, with_arguments_table(page, test::ultralytics_keys()))
        << "build the target options_page, which writes the table anew";
}

TEST(ParityPage, KnowsEveryKeyOfUltralyticsDefaultYaml) {
    const std::vector<std::string> keys = test::ultralytics_keys();
    ASSERT_EQ(keys.size(), kKeys);
    const std::string table = arguments_table(keys);
    EXPECT_EQ(table.find("unknown"), std::string::npos);
    for (const std::string& key : keys) {
        if (key == "cfg") continue;
        EXPECT_NE(find_option(key) != nullptr, is_unsupported(key)) << key;
        EXPECT_FALSE(is_unsupported(key) && reason_of(key).empty()) << key;
        EXPECT_NE(row_of(table, key), "") << key;
    }
}

TEST(ParityPage, SaysInEachRowWhatAModeDoesWithTheArgument) {
    const std::string table = arguments_table(test::ultralytics_keys());
    EXPECT_NE(row_of(table, "augment").find("| works | works |"), std::string::npos) << row_of(table, "augment");
    EXPECT_NE(row_of(table, "dnn").find("| refused | refused |"), std::string::npos) << row_of(table, "dnn");
    EXPECT_NE(row_of(table, "visualize").find("| works | refused |"), std::string::npos) << row_of(table, "visualize");
    EXPECT_NE(row_of(table, "epochs").find("of the training"), std::string::npos) << row_of(table, "epochs");
    EXPECT_EQ(row_of(table, "epochs").find("works"), std::string::npos) << row_of(table, "epochs");
    const auto cells = std::ranges::count(row_of(table, "conf"), '|');
    for (const std::string& key : test::ultralytics_keys())
        EXPECT_EQ(std::ranges::count(row_of(table, key), '|'), cells);
}

TEST(ParityPage, GivesNoPageWithoutThePlaceOfTheTable) {
    EXPECT_EQ(with_arguments_table("# Parity\n", test::ultralytics_keys()), "");
}

}  // namespace
}  // namespace yolovino::cli
