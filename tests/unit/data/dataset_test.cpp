#include "data/dataset.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"

#include "data/label_file.hpp"
#include "support/shared.hpp"
#include "vision/encode.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;

LabelFile labels(const std::string& text) {
    return parse_labels(text, 80);
}

TEST(Labels, AreReadAsUltralyticsReadsThem) {
    const LabelFile file = labels("45 0.5 0.25 0.4 0.2\r\n\n 0\t1e-1 .5 1 1 \n");
    EXPECT_EQ(file.problem, "");
    ASSERT_EQ(file.labels.size(), 2U);
    EXPECT_EQ(file.labels[0], (Label{45, 0.5F, 0.25F, 0.4F, 0.2F}));
    EXPECT_EQ(file.labels[1], (Label{0, 0.1F, 0.5F, 1, 1}));
    EXPECT_EQ(labels("0 .5 .5 1e-99 .1").labels.at(0).width, 0);
    EXPECT_TRUE(labels("").labels.empty());
}

TEST(Labels, PolygonsBecomeTheirBoxes) {
    const LabelFile file = labels("7 0.1 0.2 0.5 0.3 0.3 0.8\n");
    ASSERT_EQ(file.labels.size(), 1U);
    EXPECT_EQ(file.labels[0].cls, 7);
    EXPECT_NEAR(file.labels[0].cx, 0.3, 1e-6);
    EXPECT_NEAR(file.labels[0].cy, 0.5, 1e-6);
    EXPECT_NEAR(file.labels[0].width, 0.4, 1e-6);
    EXPECT_NEAR(file.labels[0].height, 0.6, 1e-6);
}

TEST(Labels, DuplicatesAreRemovedAndCounted) {
    const LabelFile file = labels("1 .5 .5 .1 .1\n0 .5 .5 .1 .1\n1 .5 .5 .1 .1\n");
    EXPECT_EQ(file.labels.size(), 2U);
    EXPECT_EQ(file.duplicates, 1U);
}

TEST(Labels, ForgedLinesAreNamed) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"0 .5 .5 .1", "line 1: 4 columns, wanted: class cx cy w h"},
        {"0 .5 .5 .1 .1 .9", "line 1: 6 columns, wanted: class cx cy w h"},
        {"0 .5 .5 .1 .1\n1 .5 .5 .1 1.02", "line 2: height 1.02 is above 1"},
        {"0 .5 -.02 .1 .1", "line 1: negative label values: centre y -0.02"},
        {"0 .5 .5 -.005 .1", "line 1: negative label values: width -0.005, wanted shares"},
        {"0 .5 .5 .1 .1\n\n0 .1 .1 .2 .2 .3 .3",
         "line 3: labels mix segment and detection rows: line 1 is a box, line 3 a polygon"},
        {"0 .5 .5 .1 .1\n\n# by hand", "line 3: '#' is not a number, wanted: class cx cy w h"},
        {"0 .1 .1 .2 .2 .3 x", "line 1: 'x' is not a number, wanted: class x1 y1 x2 y2 …"},
        {"\xFF\xFE"
         "0",
         "the file is UTF-16, wanted UTF-8"},
        {"0 .5 .5 .1 .1\n0 \xE9", "byte 0xE9 near line 2 is not UTF-8"},
        {"80 .5 .5 .1 .1", "exceeds the dataset's 80 classes"},
        {"-1 .5 .5 .1 .1", "negative label values: class -1"},
        {"1.5 .5 .5 .1 .1", "not a whole number"},
        {"1e30 .5 .5 .1 .1", "exceeds"},
        {"0 .5 .5 .1 nan", "'nan' is not a number"},
        {"0 .5 .5 .1 inf", "'inf' is not a number"},
        {"0 .5 .5 .1 1e999", "is not a number"},
        {"0 .5 .5 .1 " + std::string(400, '2') + "e", "is not a number"},
        {"0 .5 .5 .1 .1x", "'.1x' is not a number"},
        {"person .5 .5 .1 .1", "'person' is not a number"},
        {std::string("0 .5 .5 .1 \0", 12), "\\x00"},
        {"0 .1 .1 .2 .2 .3 .3 .4", "pairs of coordinates"},
    };
    for (const auto& [text, problem] : cases) {
        const LabelFile file = labels(text);
        EXPECT_NE(file.problem.find(problem), std::string::npos) << text << ": " << file.problem;
        EXPECT_TRUE(file.labels.empty()) << text;
    }
    EXPECT_EQ(labels("0 .5 .5 1.01 .1\n0 -0.01 .5 .1 .1").problem, "");  // within the tolerance
}

TEST(Labels, ALineOfAnyLengthIsBounded) {
    std::string line = "0";
    for (int i = 0; i < 300'000; ++i) line += " .5";
    EXPECT_NE(labels(line).problem.find("more than"), std::string::npos);
    EXPECT_NE(labels(std::string(1U << 20U, '9')).problem, "");
}

TEST(Labels, AreFoundInTheLabelsFolderBesideImages) {
    EXPECT_EQ(label_path("/a/images/b/images/c/x.y.jpg"), "/a/images/b/labels/c/x.y.txt");
    EXPECT_EQ(label_path("/a/x.png"), "/a/x.txt");
}

/// A dataset of three images in a folder of its own.
class DatasetFiles : public testing::Test {
protected:
    void SetUp() override {
        for (const char* name : {"a", "b", "c"}) {
            write(std::string("labels/val/") + name + ".txt", "0 .5 .5 .2 .2\n");
            fs::create_directories(root() / "images/val");
            vision::save_image(Image(20, 30), root() / "images/val" / (std::string(name) + ".png"));
        }
        set_log_sink([this](LogLevel level, std::string_view line) {
            if (level == LogLevel::Warning) warnings += std::string(line) + "\n";
        });
    }
    void TearDown() override { set_log_sink({}); }

    fs::path root() const { return folder.path(); }
    void write(const fs::path& name, const std::string& text) const {
        fs::create_directories((root() / name).parent_path());
        std::ofstream(root() / name, std::ios::binary) << text;
    }
    DatasetSplit dataset(const std::string& yaml, const std::string& split = "val") const {
        write("d.yaml", yaml);
        return read_dataset(root() / "d.yaml", split);
    }
    void expect_refused(const std::string& yaml, const std::string& reason, const std::string& split = "val") const {
        try {
            dataset(yaml, split);
            ADD_FAILURE() << yaml;
        } catch (const Error& error) {
            const std::string what = error.what();
            EXPECT_NE(what.find(reason), std::string::npos) << what;
            EXPECT_EQ(what.find('\n'), std::string::npos) << what;
        }
    }

    test::TempFolder folder;
    std::string warnings;
};

TEST_F(DatasetFiles, FoldersListsAndListsOfBoth) {
    EXPECT_EQ(dataset("val: images/val\nnames: [x]\n").images.size(), 3U);
    EXPECT_EQ(dataset("path: .\nval: images\nnames: {0: x}\nnc: 1\n").images.size(), 3U);
    EXPECT_EQ(dataset("validation: images/val\nnc: 2\n").names, (ClassNames{"class_0", "class_1"}));
    write("list.txt", "./images/val/b.png\n\n./images/val/a.png\r\n");
    const DatasetSplit listed = dataset("test: list.txt\nnames: [x]\n", "test");
    ASSERT_EQ(listed.images.size(), 2U);
    EXPECT_EQ(fs::path(listed.images[0]).filename(), "a.png");
    EXPECT_EQ(dataset("val: [list.txt, images/val]\nnames: [x]\n").images.size(), 3U);  // none twice
}

TEST_F(DatasetFiles, DuplicateEntriesCountOnceWithAWarning) {
    write("list.txt", "./images/val/b.png\n./images/val/../val/b.png\n");
    EXPECT_EQ(dataset("val: [list.txt, images/val, images]\nnames: [x]\n").images.size(), 3U);
    EXPECT_NE(warnings.find("'val' names 5 images more than once"), std::string::npos) << warnings;
    warnings.clear();
    EXPECT_EQ(dataset("val: [images/val, list.txt, images/val, ./list.txt]\nnames: [x]\n").images.size(), 3U);
    EXPECT_NE(warnings.find("'val' names 2 folders or lists and 2 images more than once"), std::string::npos)
        << warnings;
}

TEST_F(DatasetFiles, HiddenNamesCountWhereTheyAreNamed) {
    for (const char* name : {"images/val/.h.png", "images/val/.dark/h.png", "images/val/._a.png"}) {
        fs::create_directories((root() / name).parent_path());
        vision::save_image(Image(20, 30), root() / name);
    }
    EXPECT_EQ(dataset("val: images/val\nnames: [x]\n").images.size(), 3U);
    EXPECT_EQ(dataset("val: images/val/.dark\nnames: [x]\n").images.size(), 1U);
    write("list.txt", "./images/val/.h.png\n");
    EXPECT_EQ(dataset("val: list.txt\nnames: [x]\n").images.size(), 1U);
    EXPECT_EQ(dataset("val: images/val/.h.png\nnames: [x]\n").images.size(), 1U);
}

TEST_F(DatasetFiles, OneLeadingDotDotIsDroppedAsInRoboflowFiles) {
    EXPECT_EQ(dataset("val: ../images/val\nnames: [x]\n").images.size(), 3U);
    EXPECT_EQ(dataset("val: [../images/val, images/val]\nnames: [x]\n").images.size(), 3U);
    expect_refused("val: ../../images/val\nnames: [x]\n", "do not exist");
    expect_refused("val: [../images/val, ../images/none]\nnames: [x]\n", "which does not exist");
}

TEST_F(DatasetFiles, EveryFaultIsOneLine) {
    expect_refused("names: [x]\n", "key 'val' is missing");
    expect_refused("train: a\nval: images/val\nnames: [x]\n", "the dataset has split=train, val", "test");
    expect_refused("val: images/val\n", "key 'names' is missing");
    expect_refused("val: images/val\nnames: [x, y]\nnc: 3\n", "'names' holds 2 classes and 'nc' is 3");
    expect_refused("val: images/val\nnames: {0: x, 2: y}\n", "no class 1 but class 2");
    expect_refused("val: images/val\nnames: x\n", "neither a list nor a map");
    expect_refused("val: images/val\nnc: many\n", "line 2: 'nc' is the text 'many', wanted a whole number");
    expect_refused("val: images/val\nnc: 0\n", "'nc' is 0");
    expect_refused("val: images/none\nnames: [x]\n", "do not exist");
    expect_refused("val: images/none\nnames: [x]\ndownload: https://example.org/d.zip\n", "https://example.org/d.zip");
    expect_refused("val: labels\nnames: [x]\n", "holds no image");
    expect_refused("val: []\nnames: [x]\n", "empty");
    expect_refused("val: {a: b}\nnames: [x]\n", "'val' is a mapping, wanted a text");
    expect_refused("[1, 2]\n", "the file holds a list, wanted a map of keys");
    expect_refused("val: [\n", "not YAML");
    EXPECT_THROW(read_dataset(root() / "none.yaml", "val"), Error);
}

TEST_F(DatasetFiles, BadPairsAreCountedAndNamed) {
    write("images/val/broken.jpg", "no image");
    write("labels/val/b.txt", "9 .5 .5 .1 .1\n");
    vision::save_image(Image(9, 30), root() / "images/val/small.png");
    fs::remove(root() / "labels/val/c.txt");
    const DatasetScan scan = scan_labels(dataset("val: images/val\nnames: [x]\n"));
    EXPECT_EQ(scan.found, 2U);
    EXPECT_EQ(scan.backgrounds, 1U);
    EXPECT_EQ(scan.corrupt, 3U);
    EXPECT_EQ(scan.samples.size(), 2U);
    EXPECT_EQ(scan.samples[0].size, (ImageSize{20, 30}));
    EXPECT_EQ(std::count(warnings.begin(), warnings.end(), '\n'), 3) << warnings;
    for (const char* part : {"broken.jpg", "class 9 exceeds", "30x9 px"})
        EXPECT_NE(warnings.find(part), std::string::npos) << warnings;
}

TEST_F(DatasetFiles, ALabelFileCountsEvenIfItIsEmptyOrDamaged) {
    write("labels/val/a.txt", "");
    write("labels/val/b.txt", "9 .5 .5 .1 .1\n");
    const DatasetScan scan = scan_labels(dataset("val: images/val\nnames: [x]\n"));
    EXPECT_EQ(scan.found, 3U);
    EXPECT_EQ(scan.backgrounds, 1U);
    EXPECT_EQ(scan.corrupt, 1U);
}

TEST_F(DatasetFiles, ATruncatedImageIsReportedOnce) {
    const fs::path image = root() / "images/val/a.png";
    fs::resize_file(image, fs::file_size(image) / 2);
    const DatasetScan scan = scan_labels(dataset("val: images/val\nnames: [x]\n"));
    EXPECT_EQ(scan.corrupt, 1U);
    EXPECT_EQ(std::count(warnings.begin(), warnings.end(), '\n'), 1) << warnings;
    std::ofstream(root() / "images/val/b.png", std::ios::app) << "bytes behind the end";
    EXPECT_EQ(scan_labels(dataset("val: images/val\nnames: [x]\n")).samples.size(), 2U);
}

TEST_F(DatasetFiles, AnnotationsDistinguishFolders) {
    fs::create_directories(root() / "images/other");
    fs::copy_file(root() / "images/val/a.png", root() / "images/other/a.png");
    const auto scan_with = [&](const std::string& first, const std::string& second) {
        write("instances.json", R"({"images": [{"id": 5, "file_name": ")" + first + R"(", "width": 30, "height": 20},
            {"id": 6, "file_name": ")" +
                                    second + R"(", "width": 30, "height": 20}],
            "categories": [{"id": 1, "name": "x"}], "annotations": [
            {"image_id": 5, "category_id": 1, "bbox": [3, 2, 6, 10]},
            {"image_id": 5, "category_id": 1, "bbox": [3, 2, 6, 11]},
            {"image_id": 6, "category_id": 1, "bbox": [3, 2, 6, 10]}]})");
        std::map<std::string, std::size_t> labels;
        for (const Sample& each :
             scan_annotations(dataset("val: images\nnames: [x]\n"), root() / "instances.json").samples)
            labels[fs::path(each.path).lexically_relative(root()).string()] = each.labels.size();
        return labels;
    };
    using Labels = std::map<std::string, std::size_t>;
    EXPECT_EQ(
        scan_with("val/a.png", "other/a.png"),
        (Labels{{"images/other/a.png", 1}, {"images/val/a.png", 2}, {"images/val/b.png", 0}, {"images/val/c.png", 0}}));
    EXPECT_EQ(scan_with("a.png", "other/a.png").at("images/val/a.png"), 2U);
    // One record for two images: the second would be measured against nothing.
    EXPECT_FALSE(scan_with("a.png", "train/b.png").contains("images/val/a.png"));
    EXPECT_NE(warnings.find("'a.png' of the annotations is matched by another image"), std::string::npos) << warnings;
}

TEST_F(DatasetFiles, NoLabelAtAllIsAnError) {
    fs::remove_all(root() / "labels");
    EXPECT_THROW(scan_labels(dataset("val: images/val\nnames: [x]\n")), Error);
}

TEST_F(DatasetFiles, AnnotationsReplaceLabelFiles) {
    write("instances.json", R"({"images": [{"id": 5, "file_name": "a.png", "width": 30, "height": 20}],
        "categories": [{"id": 90, "name": "y"}, {"id": 3, "name": "x"}],
        "annotations": [{"image_id": 5, "category_id": 90, "bbox": [3, 2, 6, 10], "area": 50,
                         "segmentation": [[3, 2, 9, 2, 9, 12]], "iscrowd": 0},
                        {"image_id": 5, "category_id": 3, "bbox": [0, 0, 30, 20], "area": 600, "iscrowd": 1}]})");
    const DatasetScan scan = scan_annotations(dataset("val: images/val\nnames: [x, y]\n"), root() / "instances.json");
    EXPECT_EQ(scan.instances, 2U);
    ASSERT_EQ(scan.samples.size(), 3U);
    EXPECT_EQ(scan.samples[0].image_id, 5);
    ASSERT_EQ(scan.samples[0].labels.size(), 2U);
    EXPECT_EQ(scan.samples[0].labels[0].cls, 1);
    EXPECT_NEAR(scan.samples[0].labels[0].cx, 0.2, 1e-6);
    EXPECT_EQ(scan.samples[0].labels[0].exact->area_px2, 50);
    EXPECT_TRUE(scan.samples[0].labels[1].crowd);
    EXPECT_EQ(scan.category_ids.at(1), 90);
    for (const char* bad : {"", "[]", "{}", R"({"images": [], "categories": 3, "annotations": []})",
                            R"({"images": [], "categories": [], "annotations": [{"image_id": 1}]})"}) {
        write("bad.json", bad);
        EXPECT_THROW(scan_annotations(dataset("val: images/val\nnames: [x, y]\n"), root() / "bad.json"), Error) << bad;
    }
}

TEST_F(DatasetFiles, CategoriesOfAnnotationsFit32Bits) {
    const auto scan_with = [&](const std::string& category) {
        write("instances.json", R"({"images": [{"id": 5, "file_name": "a.png", "width": 30, "height": 20}],
            "categories": [{"id": )" +
                                    category + R"(, "name": "x"}],
            "annotations": [{"image_id": 5, "category_id": )" +
                                    category + R"(, "bbox": [3, 2, 6, 10]}]})");
        return scan_annotations(dataset("val: images/val\nnames: [x]\n"), root() / "instances.json").category_ids.at(0);
    };
    EXPECT_EQ(scan_with("2147483647"), 2147483647);
    EXPECT_EQ(scan_with("-2147483648"), -2147483647 - 1);
    for (const char* const category : {"2147483648", "4294967297", "-2147483649"}) {
        try {
            scan_with(category);
            ADD_FAILURE() << category;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(category), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace yolovino::data
