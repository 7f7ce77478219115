#include "cli/help.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "support.hpp"
#include "support/shared.hpp"

namespace yolovino::cli {
namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Help, ShowsEachArgumentWithItsDefault) {
    for (const ModeInfo& mode : modes()) {
        const std::string page = help_text(mode.mode);
        for (const Option& option : options()) {
            if (option.key == "mode") continue;
            const bool expected = option.binding(mode.mode) != nullptr;
            const std::string line = "\n  " + option.key + "=" + option.default_text(mode.mode);
            EXPECT_EQ(holds(page, line), expected) << mode.name << " " << option.key;
        }
    }
}

TEST(Help, NamesModesCommandsAndExitStatus) {
    const std::string page = help_text(std::nullopt);
    for (const ModeInfo& mode : modes()) EXPECT_TRUE(holds(page, std::string("  ") + std::string(mode.name)));
    for (const std::string& word : special_words()) EXPECT_TRUE(holds(page, "  " + word)) << word;
    for (const char* status : {"  0  ", "  1  ", "  2  "}) EXPECT_TRUE(holds(page, status)) << status;
}

TEST(Completion, ListsEachArgumentAndWord) {
    const std::string script = bash_completion();
    for (const Option& option : options()) {
        EXPECT_TRUE(option.key == "mode" || holds(script, option.key + "=")) << option.key;
    }
    for (const std::string& word : special_words()) EXPECT_TRUE(holds(script, word)) << word;
    EXPECT_TRUE(holds(script, "complete -F _yolo yolo"));
}

TEST(ConfigText, IsReadAgainAsTheDefaults) {
    const yolovino::test::TempFolder folder;
    const std::string path = (folder.path() / "copy.yaml").string();
    std::ofstream(path) << config_text();
    for (const ModeInfo& mode : modes()) {
        const test::Parsed parsed = test::parse(std::string(mode.name) + " cfg=" + path + " model=m.pt source=a.jpg");
        if (mode.mode == Mode::Predict) {
            EXPECT_TRUE(parsed.errors.empty());
            EXPECT_TRUE(parsed.warnings.empty());
        }
        for (const Option& option : options()) {
            const Binding* binding = option.binding(mode.mode);
            if (binding == nullptr || mode.mode != Mode::Predict) continue;
            if (option.key == "mode" || option.key == "model" || option.key == "source") continue;
            EXPECT_EQ(binding->show(parsed.command.settings), option.default_text(mode.mode)) << option.key;
        }
    }
}

}  // namespace
}  // namespace yolovino::cli
