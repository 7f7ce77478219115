#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"

#include "data/class_folders.hpp"
#include "data/dataset.hpp"
#include "data/label_file.hpp"
#include "helpers.hpp"
#include "support/shared.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;

constexpr LabelRows kPolygons{LabelForm::Polygons, {}};
constexpr LabelRows kPoses{LabelForm::Keypoints, {2, 3}};

TEST(LabelForms, PolygonsKeepTheirOutline) {
    const LabelFile file = parse_labels("3 .1 .1 .5 .1 .5 .3\n", 80, kPolygons);
    ASSERT_EQ(file.problem, "");
    ASSERT_NE(file.labels.at(0).shape, nullptr);
    EXPECT_EQ(file.labels[0].shape->points, (std::vector<float>{0.1F, 0.1F, 0.5F, 0.1F, 0.5F, 0.3F}));
    EXPECT_FLOAT_EQ(file.labels[0].cx, 0.3F);
    EXPECT_TRUE(file.polygons);
    EXPECT_EQ(parse_labels("3 .1 .1 .5 .1 .5 .3\n", 80).labels.at(0).shape, nullptr) << "boxes need no outline";
}

TEST(LabelForms, APolygonOfTwoPointsIsRefused) {
    const LabelFile file = parse_labels("0 .1 .1 .5 .1 .5 .3\n0 .1 .1\n", 80, kPolygons);
    EXPECT_NE(file.problem.find("line 2: 3 columns: a polygon has three points or more"), std::string::npos)
        << file.problem;
}

TEST(LabelForms, BoxesAmongPolygonsAreRefused) {
    const LabelFile file = parse_labels("0 .1 .1 .5 .1 .5 .3\n0 .1 .1 .2 .2\n", 80, kPolygons);
    EXPECT_NE(file.problem.find("labels mix segment and detection rows"), std::string::npos) << file.problem;
}

TEST(LabelForms, KeypointsHaveThreeNumbers) {
    const LabelFile file = parse_labels("1 .5 .5 .2 .2 .4 .4 2 .6 .6 0\n", 80, kPoses);
    ASSERT_EQ(file.problem, "");
    EXPECT_EQ(file.labels.at(0).shape->points, (std::vector<float>{0.4F, 0.4F, 2, 0.6F, 0.6F, 0}));
    EXPECT_FLOAT_EQ(file.labels[0].width, 0.2F);
}

TEST(LabelForms, KeypointsOfTwoNumbersAreVisibleUnlessNegative) {
    const LabelFile file = parse_labels("1 .5 .5 .2 .2 .4 .4 -.005 .6\n", 80, {LabelForm::Keypoints, {2, 2}});
    ASSERT_EQ(file.problem, "");
    EXPECT_EQ(file.labels.at(0).shape->points, (std::vector<float>{0.4F, 0.4F, 1, -0.005F, 0.6F, 0}));
}

TEST(LabelForms, DamagedKeypointsAreNamed) {
    const auto problem = [](const char* text) { return parse_labels(text, 80, kPoses).problem; };
    EXPECT_NE(problem("1 .5 .5 .2 .2 .4 .4 2\n")
                  .find("line 1: 8 columns, wanted: class cx cy w h and 2 keypoints of 3 "
                        "numbers, 11 columns"),
              std::string::npos)
        << problem("1 .5 .5 .2 .2 .4 .4 2\n");
    EXPECT_NE(problem("1 .5 .5 .2 .2 1.4 .4 2 .6 .6 0\n").find("keypoint 1.4, 0.4 is above 1"), std::string::npos);
    EXPECT_NE(problem("1 .5 .5 .2 .2 -.4 .4 2 .6 .6 0\n").find("negative label values"), std::string::npos);
    EXPECT_NE(problem("99 .5 .5 .2 .2 .4 .4 2 .6 .6 0\n").find("class 99"), std::string::npos);
}

TEST(LabelForms, DetectionTakesTheBoxesOfKeypoints) {
    const std::string text = "1 .5 .5 .2 .2 .4 .4 2 .6 .6 0\n";
    const LabelFile file = parse_labels(text, 80, {LabelForm::Boxes, {2, 3}});
    ASSERT_EQ(file.problem, "");
    EXPECT_FLOAT_EQ(file.labels.at(0).cx, 0.5F);
    EXPECT_FLOAT_EQ(file.labels[0].width, 0.2F);
    EXPECT_EQ(file.labels[0].shape, nullptr);
    const LabelFile boxes = parse_labels("1 .5 .5 .2 .2\n", 80, {LabelForm::Boxes, {2, 3}});
    EXPECT_EQ(boxes.problem, "") << "such a dataset may have boxes alone";
}

class LabelFormFiles : public ::testing::Test {
protected:
    void image(const fs::path& name) const { test::write_image(folder.path() / name, 50, 20, 30); }
    void write(const fs::path& name, const std::string& text) const {
        fs::create_directories((folder.path() / name).parent_path());
        std::ofstream(folder.path() / name) << text;
    }
    DatasetSplit dataset(const std::string& more = {}) const {
        write("d.yaml", "val: images\nnames: [x, y]\n" + more);
        return read_dataset(folder.path() / "d.yaml", "val");
    }
    template <typename Call>
    std::string refusal(Call&& call) const {
        try {
            call();
        } catch (const Error& error) {
            return error.what();
        }
        return "nothing was refused";
    }

    test::TempFolder folder;
};

TEST_F(LabelFormFiles, OutlinesAreNotMadeOfBoxes) {
    image("images/a.png");
    write("labels/a.txt", "0 .5 .5 .2 .2\n");
    const std::string segment = refusal([&] { scan_labels(dataset(), LabelForm::Polygons); });
    EXPECT_NE(segment.find("the labels are boxes, and segment needs an outline"), std::string::npos) << segment;
    const std::string obb = refusal([&] { scan_labels(dataset(), LabelForm::Corners); });
    EXPECT_NE(obb.find("obb needs the four corners"), std::string::npos) << obb;
}

TEST_F(LabelFormFiles, DatasetsSayTheShapeOfTheirKeypoints) {
    image("images/a.png");
    const DatasetSplit split = dataset("kpt_shape: [2, 3]\nkpt_oks_sigmas: [0.1, 1]\n");
    EXPECT_EQ(split.keypoints, (KeypointShape{2, 3}));
    EXPECT_EQ(split.oks_sigmas, (std::vector<float>{0.1F, 1}));
    for (const char* bad :
         {"kpt_shape: 17\n", "kpt_shape: [17]\n", "kpt_shape: [17, 4]\n", "kpt_shape: [0, 3]\n", "kpt_shape: [-1, 3]\n",
          "kpt_shape: [99999999999, 2]\n", "kpt_shape: [2, 3]\nkpt_oks_sigmas: [0.1]\n", "kpt_oks_sigmas: [0.1]\n",
          "kpt_shape: [2, 3]\nkpt_oks_sigmas: [0.1, -1]\n", "kpt_shape: [2, 3]\nkpt_oks_sigmas: [0.1, .inf]\n"}) {
        const std::string what = refusal([&] { dataset(bad); });
        EXPECT_NE(what.find("wanted"), std::string::npos) << bad << what;
        EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    }
}

TEST_F(LabelFormFiles, AnnotationsGivePolygonsAndCrowds) {
    image("images/a.png");
    write("i.json", R"({"images": [{"id": 1, "file_name": "a.png", "height": 20, "width": 30}],
        "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}], "annotations": [
        {"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "area": 9,
         "segmentation": [[1, 1, 5, 1, 5, 5], [2, 2, 3, 2, 3, 4]]},
        {"image_id": 1, "category_id": 2, "bbox": [0, 0, 30, 20], "area": 600, "iscrowd": 1,
         "segmentation": {"size": [20, 30], "counts": [10, 590]}}]})");
    const DatasetScan scan = scan_annotations(dataset(), folder.path() / "i.json", LabelForm::Polygons);
    const std::vector<Label>& labels = scan.samples.at(0).labels;
    ASSERT_EQ(labels.size(), 2U);
    EXPECT_EQ(labels[0].shape->polygons.size(), 2U);
    EXPECT_EQ(labels[1].shape->runs, (std::vector<std::uint32_t>{10, 590}));
    EXPECT_TRUE(labels[1].crowd);
    EXPECT_EQ(scan_annotations(dataset(), folder.path() / "i.json").samples.at(0).labels[0].shape, nullptr);
}

TEST_F(LabelFormFiles, DamagedOutlinesOfAnnotationsAreRefused) {
    image("images/a.png");
    for (const char* outline :
         {R"([[1, 1, 5]])", R"([])", R"([[1, 1, 5, 1, 5, 1e9]])", R"("text")", R"([[1, 1, 5, 1, 5, null]])",
          R"({"size": [20, 30], "counts": [10, 5]})", R"({"size": [21, 30], "counts": [630]})",
          R"({"size": [20, 30], "counts": "\u007f"})", R"({"size": [20, 30], "counts": [-5, 605]})"}) {
        write("i.json", std::string(R"({"images": [{"id": 1, "file_name": "a.png", "height": 20, "width": 30}],
            "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}], "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "iscrowd": 1, "segmentation": )") +
                            outline + "}]}");
        EXPECT_THROW(scan_annotations(dataset(), folder.path() / "i.json", LabelForm::Polygons), Error) << outline;
    }
}

TEST_F(LabelFormFiles, AnnotationsGiveKeypoints) {
    image("images/a.png");
    write("i.json", R"({"images": [{"id": 1, "file_name": "a.png", "height": 20, "width": 30}],
        "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}], "annotations": [
        {"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "keypoints": [3, 4, 2, 15, 10, 0]}]})");
    const auto scan = [&](const char* shape) {
        return scan_annotations(dataset(shape), folder.path() / "i.json", LabelForm::Keypoints);
    };
    EXPECT_EQ(scan("kpt_shape: [2, 3]\n").samples.at(0).labels.at(0).shape->points,
              (std::vector<float>{0.1F, 0.2F, 2, 0.5F, 0.5F, 0}));
    EXPECT_THROW(scan("kpt_shape: [3, 3]\n"), Error);
}

TEST_F(LabelFormFiles, FoldersAreClasses) {
    image("train/cat/1.png");
    image("train/dog/1.png");
    fs::create_directories(folder.path() / "train/bird");
    image("valid/dog/b.png");
    image("valid/dog/a.png");
    image("valid/cat/c.png");
    write("valid/dog/notes.txt", "no image");
    const ClassFolders folders = read_class_folders(folder.path(), "val");
    EXPECT_EQ(folders.names, (ClassNames{"bird", "cat", "dog"}));
    ASSERT_EQ(folders.folders.size(), 2U);
    EXPECT_EQ(folders.folders[1].name, "dog");
    ASSERT_EQ(folders.folders[1].images.size(), 2U);
    EXPECT_EQ(fs::path(folders.folders[1].images[0]).filename(), "a.png");
    EXPECT_NO_THROW(read_class_folders(folder.path(), "train"));
}

TEST_F(LabelFormFiles, FoldersWithoutImagesAreRefused) {
    write("d.yaml", "val: images\n");
    const auto what = [&](const fs::path& path, const char* split) {
        return refusal([&] { read_class_folders(path, split); });
    };
    EXPECT_NE(what(folder.path() / "d.yaml", "val").find("is a file, wanted a folder"), std::string::npos);
    EXPECT_NE(what(folder.path() / "absent", "val").find("does not exist"), std::string::npos);
    EXPECT_NE(what(folder.path(), "val").find("the folder has no 'val'"), std::string::npos);
    fs::create_directories(folder.path() / "test/cat");
    EXPECT_NE(what(folder.path(), "val").find("no folder of a class holds an image"), std::string::npos);
}

}  // namespace
}  // namespace yolovino::data
