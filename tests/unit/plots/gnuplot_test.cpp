#include "plots/gnuplot.hpp"

#include <fstream>
#include <future>
#include <gtest/gtest.h>

#include "helpers.hpp"

namespace yolovino::plots {
namespace {

namespace fs = std::filesystem;
using test::error_of;

/// A program of our own in gnuplot's place.
std::string fake_program(const fs::path& folder, const std::string& body) {
    const fs::path file = folder / "fake-gnuplot";
    std::ofstream(file) << "#!/bin/sh\n" << body << "\n";
    fs::permissions(file, fs::perms::owner_all);
    return file.string();
}

TEST(Gnuplot, TextIsQuotedAndEscaped) {
    EXPECT_EQ(quote("it's"), "'it’s'");
    EXPECT_EQ(quote("a\nb"), "'a\\x0ab'");
    EXPECT_EQ(quote("\xff"), "'\\xff'");
    EXPECT_EQ(quote("100%"), "'100%'");
    EXPECT_EQ(quote_tic("100%"), "'100%%'");
    EXPECT_EQ(quote("abcdef", 3), "'abc…'");
    EXPECT_EQ(number(std::nan("")), "NaN");
    EXPECT_EQ(number(HUGE_VAL), "NaN");
    EXPECT_EQ(number(0.5), "0.5");
}

TEST(Gnuplot, DrawsTextThatIsACommandElsewhere) {
    const test::TempFolder folder;
    const std::string touch = "touch " + (folder.path() / "run").string();
    for (const std::string& text :
         {"'; system '" + touch + "' #", "''; system \"" + touch + "\"; '", "`" + touch + "`", "$(" + touch + ")",
          "x\n!" + touch + "\n", "\\'; system '" + touch + "'", std::string("@x {/Symbol a} ^2 %s %"), std::string("'"),
          std::string("''"), std::string("\\")}) {
        const auto png = render(preamble(320, 200, 10) + "set title " + quote(text) + "\nset xtics (" +
                                quote_tic(text) + " 0)\nplot x title " + quote(text) + "\n");
        EXPECT_EQ(vision::decode_image(png, "plot").size(), (ImageSize{200, 320})) << text;
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Gnuplot, ReturnsAWholePng) {
    const auto png = render(preamble(320, 200, 10) + "plot x\n");
    const Image image = vision::decode_image(png, "plot");
    EXPECT_EQ(image.size(), (ImageSize{200, 320}));
    EXPECT_GT(test::distinct_colors(image), 4U);
}

TEST(Gnuplot, SaysWhatToInstallWhenItIsMissing) {
    const test::Environment empty_path("PATH", "/nowhere");
    const auto error = error_of([] { render("plot x\n"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::MissingComponent);
    EXPECT_NE(error->hint().find("gnuplot-nox"), std::string::npos);
}

TEST(Gnuplot, MissingProgramLeavesNoFile) {
    const test::TempFolder folder;
    const test::Environment empty_path("PATH", "/nowhere");
    const auto error = error_of([&] { grouped_bars({"t", "y", {"n"}, {{"s", {1}}}}, folder.path() / "bars.png"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::MissingComponent);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Gnuplot, ReportsAScriptAtFault) {
    const auto error = error_of([] { render("set nonsense\n"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::RuntimeFailure);
    EXPECT_NE(error->message().find("nonsense"), std::string::npos);
}

TEST(Gnuplot, KillsAProgramThatHangs) {
    const test::TempFolder folder;
    const std::string hangs = fake_program(folder.path(), "exec sleep 300");
    const auto error = error_of([&] { render("", {hangs, std::chrono::milliseconds(100)}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::LimitExceeded);
}

TEST(Gnuplot, KillsAProgramThatClosesItsOutputAndHangs) {
    const test::TempFolder folder;
    const std::string hangs = fake_program(folder.path(), "exec >&- ; exec sleep 300");
    const auto error = error_of([&] { render("", {hangs, std::chrono::milliseconds(100)}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::LimitExceeded);
}

TEST(Gnuplot, StopsAProgramThatWritesWithoutEnd) {
    const test::TempFolder folder;
    const std::string endless = fake_program(folder.path(), "exec cat /dev/zero");
    const auto error = error_of([&] { render("", {endless}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::LimitExceeded);
}

TEST(Gnuplot, RefusesOutputThatIsNoImage) {
    const test::TempFolder folder;
    for (const std::string body : {"echo hello", "echo broken >&2; exit 3", "kill -9 $$", "true"}) {
        const std::string program = fake_program(folder.path(), body);
        // A program that never reads its script must not break anything either.
        const auto error = error_of([&] { render(std::string(1 << 20, ' '), {program}); });
        ASSERT_TRUE(error) << body;
        EXPECT_EQ(error->code(), ErrorCode::RuntimeFailure) << body;
    }
    const auto error = error_of([&] { render("", {fake_program(folder.path(), "echo broken >&2; exit 3")}); });
    EXPECT_NE(error->message().find("broken"), std::string::npos);
}

TEST(Gnuplot, RunsInSeveralThreads) {
    std::vector<std::future<std::size_t>> sizes;
    for (int i = 0; i < 6; ++i) {
        sizes.push_back(
            std::async(std::launch::async, [] { return render(preamble(320, 200, 10) + "plot x\n").size(); }));
    }
    const std::size_t first = sizes.front().get();
    EXPECT_GT(first, 1000U);
    for (std::size_t i = 1; i < sizes.size(); ++i) EXPECT_EQ(sizes[i].get(), first);
}

TEST(Gnuplot, ReadsNoStartUpFile) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / ".gnuplot") << "set nonsense\n";
    const test::Environment home("HOME", folder.path().string());
    EXPECT_FALSE(error_of([] { render(preamble(320, 200, 10) + "plot x\n"); }));
}

}  // namespace
}  // namespace yolovino::plots
