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
        for (const Option& option : schema()) {
            if (option.key == "mode") continue;
            const bool expected = option.binding(mode.mode) != nullptr;
            const std::string line = "\n  " + option.key + "=" + option.default_text(mode.mode);
            EXPECT_EQ(holds(page, line), expected) << mode.name << " " << option.key;
        }
    }
}

TEST(Help, SaysWhatEachArgumentAccepts) {
    for (const ModeInfo& mode : modes()) {
        const std::string page = help_text(mode.mode);
        for (const Option& option : schema()) {
            const Binding* binding = option.binding(mode.mode);
            if (option.key == "mode" || binding == nullptr) continue;
            const std::string limits = option.limits().empty() ? "" : ", " + option.limits();
            EXPECT_TRUE(holds(page, option.help + "  (" + binding->type + limits + ")\n")) << mode.name << option.key;
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
    for (const Option& option : schema()) {
        EXPECT_TRUE(option.key == "mode" || holds(script, option.key + "=")) << option.key;
        std::string words;
        for (const std::string& value : option.choices.empty() ? option.values : option.choices)
            words += (words.empty() ? "" : " ") + value;
        if (words.empty() || option.bindings.front().type == "path") continue;
        EXPECT_TRUE(holds(script, "      " + option.key + ") words=\"" + words + "\"")) << option.key;
    }
    for (const std::string& word : special_words()) EXPECT_TRUE(holds(script, word)) << word;
    EXPECT_TRUE(holds(script, "complete -F _yolo yolo"));
}

TEST(ConfigText, HasALineForEachArgument) {
    const std::string text = config_text();
    for (const Option& option : schema()) {
        if (option.key == "mode") continue;
        const std::string value = option.default_text(option.bindings.front().mode);
        EXPECT_TRUE(holds(text, "\n" + option.key + (value == "None" ? ":" : ": " + value) + " ")) << option.key;
        EXPECT_TRUE(holds(text, ") " + option.help + "\n")) << option.key;
    }
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
        for (const Option& option : schema()) {
            const Binding* binding = option.binding(mode.mode);
            if (binding == nullptr || mode.mode != Mode::Predict) continue;
            if (option.key == "mode" || option.key == "model" || option.key == "source") continue;
            EXPECT_EQ(binding->show(parsed.command.settings), option.default_text(mode.mode)) << option.key;
        }
    }
}

}  // namespace
}  // namespace yolovino::cli
