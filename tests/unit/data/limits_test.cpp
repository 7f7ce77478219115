#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "data/dataset.hpp"
#include "data/label_file.hpp"
#include "helpers.hpp"
#include "support/peak_memory.hpp"

/// Label files and dataset files whose size or nesting is the attack.
namespace yolovino::data {
namespace {

std::string repeated(std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
}

TEST(DataLimits, LabelFileOfAGigabyteIsSkipped) {
    const test::TempFolder folder;
    const std::string good = test::write_image(folder.path() / "images/a.png", 1, 20, 20);
    const std::string bad = test::write_image(folder.path() / "images/b.png", 1, 20, 20);
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

TEST(DataLimits, NumberOfLabelsIsLimited) {
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
            EXPECT_TRUE(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded)
                << error.what();
            EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
        }
    }
    std::filesystem::resize_file(folder.path() / "data.yaml", std::uintmax_t{1} << 30U);
    EXPECT_THROW(read_dataset(folder.path() / "data.yaml", "val"), Error);
}

/// A folder with one image and a list of many names.
class NamedAgain : public testing::Test {
protected:
    void SetUp() override {
        test::write_image(root() / "images/a.png", 1, 20, 20);
        std::string lines;
        for (int i = 0; i < 1'000; ++i) lines += "./images/" + std::to_string(i) + ".png\n";
        base::write_text_file(root() / "l.txt", lines);
    }
    std::filesystem::path root() const { return folder_.path(); }
    std::size_t images(const std::string& val, std::size_t most = kMaxImages) const {
        base::write_text_file(root() / "data.yaml", "names: [x]\nval: " + val + "\n");
        return read_dataset(root() / "data.yaml", "val", most).images.size();
    }

private:
    test::TempFolder folder_;
};

TEST_F(NamedAgain, AListIsReadOnce) {
    std::filesystem::create_symlink("l.txt", root() / "m.txt");
    std::string names = "[./l.txt";
    for (int i = 0; i < 20'000; ++i) names += i % 2 == 0 ? ", l.txt" : ", m.txt";
    const std::int64_t before = test::peak_bytes();
    EXPECT_EQ(images(names + "]"), 1'000U);
    constexpr std::int64_t kMostBytes = 512 << 20;  // read each time, it would take more than 1 GB
    EXPECT_LT(test::peak_bytes() - before, kMostBytes);
}

TEST_F(NamedAgain, AFolderIsReadOnce) {
    std::filesystem::create_directory_symlink("images", root() / "linked");
    EXPECT_EQ(images("[images, images/../images, linked]"), 1U);
}

TEST_F(NamedAgain, AListInTwoFoldersIsTwoListsButALinkToItIsNot) {
    std::filesystem::create_directories(root() / "other");
    std::filesystem::copy_file(root() / "l.txt", root() / "other/l.txt");
    std::filesystem::create_symlink(root() / "l.txt", root() / "other/m.txt");
    EXPECT_EQ(images("[l.txt, other/l.txt]"), 2'000U);
    EXPECT_EQ(images("[l.txt, other/m.txt]"), 1'000U);
}

// Twenty folders, each with two links to the next: a million ways to the last.
TEST_F(NamedAgain, LinksThatMultiplyAreRefused) {
    for (int i = 0; i < 20; ++i) {
        const std::filesystem::path at = root() / ("f" + std::to_string(i));
        std::filesystem::create_directories(at);
        for (const char* name : {"a", "b"})
            std::filesystem::create_directory_symlink("../f" + std::to_string(i + 1), at / name);
    }
    std::filesystem::create_directories(root() / "f20");
    test::write_image(root() / "f20/x.png", 1, 20, 20);
    try {
        images("f0");
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
    }
    EXPECT_EQ(images("f10"), 1'024U);
}

TEST_F(NamedAgain, TheNumberOfImagesIsLimited) {
    EXPECT_EQ(images("[l.txt, images]", 1'001), 1'001U);
    for (const char* val : {"[l.txt, images]", "[images, l.txt]"}) {
        try {
            images(val, 1'000);
            ADD_FAILURE() << val;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
        }
    }
}

TEST(DataLimits, AnnotationsDoNotNestTheStack) {
    const test::TempFolder folder;
    const std::string image = test::write_image(folder.path() / "a.png", 1, 20, 20);
    const DatasetSplit split{.yaml = folder.path() / "d.yaml", .split = "val", .names = {"x"}, .images = {image}};
    for (const char* key : {"iscrowd", "segmentation", "other"}) {
        for (const bool closed : {true, false}) {
            base::write_text_file(folder.path() / "i.json",
                                  R"({"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
                    "categories": [{"id": 1, "name": "x"}],
                    "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], ")" +
                                      std::string(key) + "\": " + std::string(1'000'000, '[') +
                                      (closed ? std::string(1'000'000, ']') + "}]}" : ""));
            try {
                scan_annotations(split, folder.path() / "i.json");
                ADD_FAILURE() << key;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
                EXPECT_EQ(error.where().file, (folder.path() / "i.json").string());
            }
        }
    }
}

}  // namespace
}  // namespace yolovino::data
