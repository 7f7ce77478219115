#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "data/dataset.hpp"
#include "data/label_file.hpp"
#include "helpers.hpp"

/// Label files and dataset files whose size or nesting is the attack.
namespace yolovino::data {
namespace {

std::string repeated(std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
}

TEST(DataLimits, LabelFileOfAGigabyteIsLeftOut) {
    const test::TempFolder folder;
    const std::string good = test::write_picture(folder.path() / "images/a.png", 1, 20, 20);
    const std::string bad = test::write_picture(folder.path() / "images/b.png", 1, 20, 20);
    std::filesystem::create_directories(folder.path() / "labels");
    base::write_text_file(folder.path() / "labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
    base::write_text_file(folder.path() / "labels/b.txt", "0 0.5 0.5 0.1 0.1 ");
    // Sparse: one line of a gigabyte that takes no disk.
    std::filesystem::resize_file(folder.path() / "labels/b.txt", std::uintmax_t{1} << 30U);
    const DatasetSplit split{.yaml = folder.path() / "d.yaml", .split = "val", .names = {"x"}, .images = {good, bad}};
    const DatasetScan scan = scan_labels(split);
    EXPECT_EQ(scan.corrupt, 1U);
    EXPECT_EQ(scan.samples.size(), 1U);
}

TEST(DataLimits, LongLinesAndWordsAreRefusedInAShortLine) {
    constexpr std::size_t kBytes = 50'000'000;
    for (const std::string& line : {repeated("0.5 ", kBytes), repeated("9", kBytes), repeated("\x1b", kBytes)}) {
        const LabelFile file = parse_labels(line, 80);
        EXPECT_TRUE(file.labels.empty());
        EXPECT_FALSE(file.problem.empty());
        EXPECT_LT(file.problem.size(), 250U);
    }
    EXPECT_TRUE(parse_labels(repeated(" ", kBytes), 80).problem.empty());
    EXPECT_TRUE(parse_labels(repeated("\n", kBytes), 80).problem.empty());
}

TEST(DataLimits, NumberOfLabelsIsCapped) {
    const std::string line = "0 0.5 0.5 0.1 0.1\n";
    EXPECT_EQ(parse_labels(repeated(line, line.size() * 100'000), 80).problem, "");
    EXPECT_NE(parse_labels(repeated(line, line.size() * 100'001), 80).problem.find("more than 100000 objects"),
              std::string::npos);
}

TEST(DataLimits, YamlBombsAreRefused) {
    const test::TempFolder folder;
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 30; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + ", " + before +
                  "]\n";
    }
    for (const std::string& text : {laughs + "names: *a30\nval: x\n", laughs + "names: [a]\nval: *a30\n",
                                    repeated("[", 200'000), repeated("{", 200'000), repeated("- ", 200'000),
                                    std::string("names: &a [*a]\nval: x\n"), std::string("nc: 2000000000\nval: x\n"),
                                    std::string("names: {2000000000: a}\nval: x\n"), std::string("&a [*a]")}) {
        base::write_text_file(folder.path() / "data.yaml", text);
        try {
            read_dataset(folder.path() / "data.yaml", "val");
            ADD_FAILURE() << text.substr(0, 40);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << error.what();
            EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
        }
    }
    std::filesystem::resize_file(folder.path() / "data.yaml", std::uintmax_t{1} << 30U);
    EXPECT_THROW(read_dataset(folder.path() / "data.yaml", "val"), Error);
}

}  // namespace
}  // namespace yolovino::data
