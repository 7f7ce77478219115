#include "cli/options_page.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "cli/options.hpp"

namespace yolovino::cli {
namespace {

TEST(OptionsPage, EqualsDocsOptionsMd) {
    std::ifstream file(YOLOVINO_SOURCE_DIR "/docs/options.md", std::ios::binary);
    ASSERT_TRUE(file.is_open());
    const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(page, options_page()) << "build the target options_page, which writes the file anew";
}

TEST(OptionsPage, HasARowOfSixCellsForEachOption) {
    const std::string page = options_page();
    for (const Option& option : schema()) {
        if (option.key == "mode") continue;
        const std::size_t start = page.find("\n| `" + option.key + "` |");
        ASSERT_NE(start, std::string::npos) << option.key;
        const std::string row = page.substr(start + 1, page.find('\n', start + 1) - start - 1);
        EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 7) << row;
        EXPECT_NE(row.find(option.help), std::string::npos) << row;
        EXPECT_NE(row.find(option.limits()), std::string::npos) << row;
        for (const Binding& binding : option.bindings) {
            EXPECT_NE(row.find("`" + option.default_text(binding.mode) + "`"), std::string::npos) << row;
            const bool in_all = option.bindings.size() == modes().size();
            EXPECT_TRUE(in_all || row.find(describe(binding.mode).name) != std::string::npos) << row;
        }
    }
}

}  // namespace
}  // namespace yolovino::cli
