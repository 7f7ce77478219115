#include <set>
#include <sstream>

#include "field_dataset.hpp"
#include "support/samples.hpp"

/// What is counted in a dataset and of which classes; names, sizes, and batches of every kind.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using Dataset = test::FieldDataset;
using test::kSample;
using test::Outcome;

class Counts : public Dataset {
protected:
    void SetUp() override {
        put_four();
        write_yaml("images/val");
    }
    void expect_scan(const std::string& counts, std::size_t warnings) const {
        const Measured found = val();
        EXPECT_NE(found.outcome.out.find("... " + counts + "\n"), std::string::npos) << found.outcome.out;
        EXPECT_EQ(lines_with(found.outcome.err, "ignoring corrupt"), warnings) << found.outcome.err;
        EXPECT_EQ(lines_with(found.outcome.err, "WARNING"), warnings == 0 ? 0U : warnings + 1) << found.outcome.err;
    }
    void cut(const fs::path& file, std::uintmax_t bytes) const { fs::resize_file(root() / file, bytes); }
};

TEST_F(Counts, CountEmptyMissingAndDamagedLabelFiles) {
    write("labels/val/0001.txt", "");
    expect_scan("4 images, 1 backgrounds, 0 corrupt", 0);
    fs::remove(root() / "labels/val/0001.txt");
    expect_scan("3 images, 1 backgrounds, 0 corrupt", 0);
    fs::create_directories(root() / "labels/val/0001.txt");
    expect_scan("3 images, 1 backgrounds, 0 corrupt", 0);
    fs::remove(root() / "labels/val/0001.txt");
    write("labels/val/0001.txt", "9 .5 .5 .1 .1\n");
    expect_scan("4 images, 0 backgrounds, 1 corrupt", 1);
}

TEST_F(Counts, CountDamagedImages) {
    const auto half = fs::file_size(root() / "images/val/0001.jpg") / 2;
    cut("images/val/0001.jpg", half);
    expect_scan("3 images, 0 backgrounds, 1 corrupt", 1);
    cut("images/val/0001.jpg", 0);
    expect_scan("3 images, 0 backgrounds, 1 corrupt", 1);
    write("images/val/0001.jpg", "no image");
    write("labels/val/0001.txt", "x");
    write("labels/val/0002.txt", "");
    fs::remove(root() / "labels/val/0004.txt");
    expect_scan("2 images, 2 backgrounds, 1 corrupt", 1);
    fs::create_symlink("gone.jpg", root() / "images/val/dangling.jpg");
    expect_scan("2 images, 2 backgrounds, 2 corrupt", 2);
}

TEST_F(Counts, AMissingEndAloneIsNoDamage) {
    cut("images/val/0001.jpg", fs::file_size(root() / "images/val/0001.jpg") - 2);
    const Measured found = val();
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_EQ(lines_with(found.outcome.err, "WARNING"), 1U) << found.outcome.err;
    EXPECT_NE(found.outcome.err.find("does not end with its end marker"), std::string::npos) << found.outcome.err;
}

// Fewer classes in the dataset than in the model.

class FewerClasses : public Counts {
protected:
    /// Leaves the labels up to a class.
    void keep_to(int most) const {
        for (const auto& entry : fs::directory_iterator(root() / "labels/val")) {
            std::istringstream lines(test::content(entry.path()));
            std::string kept;
            for (std::string line; std::getline(lines, line);)
                if (line.front() - '0' <= most) kept += line + "\n";
            std::ofstream(entry.path(), std::ios::binary) << kept;
        }
    }
    static constexpr const char* kLine = "the model has 4 classes, the dataset ";
};

TEST_F(FewerClasses, AreMeasuredWithOneWarning) {
    keep_to(2);
    write_yaml("images/val", "", "names: [circle, square, triangle]\n");
    expect(val(), 4, 0.8292, 0.6679);
    keep_to(1);
    write_yaml("images/val", "", "names: [a, b]\n");
    const Measured renamed = val();
    expect(renamed, 4, 0.7462, 0.5356);
    EXPECT_EQ(lines_with(renamed.outcome.err, "WARNING"), 1U) << renamed.outcome.err;
    EXPECT_NE(renamed.outcome.err.find("; class 0 is 'circle' in the model and 'a' in the dataset"), std::string::npos);
    keep_to(0);
    write_yaml("images/val", "", "nc: 1\n");
    expect(val(), 4, 0.995, 0.897);
    write_yaml("images/val", "", "names: [circle]\n");
    const Measured found = val();
    expect(found, 4, 0.995, 0.897);
    EXPECT_EQ(lines_with(found.outcome.err, "WARNING"), 1U) << found.outcome.err;
    EXPECT_NE(found.outcome.err.find(kLine), std::string::npos);
}

TEST_F(FewerClasses, ClassesSingleClsAndAgnosticNmsMeasureTheSame) {
    keep_to(1);
    write_yaml("images/val", "", "names: [circle, square]\n");
    expect(val("data=d.yaml classes=1"), 4, 0.4975, 0.1741);
    expect(val("data=d.yaml classes=0,3"), 4, 0.995, 0.897);
    keep_to(0);
    write_yaml("images/val", "", "names: [circle]\n");
    expect(val("data=d.yaml single_cls=True"), 4, 0.4853, 0.448);
    expect(val("data=d.yaml agnostic_nms=True"), 4, 0.835, 0.801);
    const Outcome beyond = run("val model='" + kSample + "' data=d.yaml classes=4");
    EXPECT_EQ(beyond.status, 2);
    EXPECT_NE(beyond.err.find("classes holds 4, the model has 0 to 3"), std::string::npos) << beyond.err;
}

TEST_F(FewerClasses, ShardsMergeToTheWholeRun) {
    keep_to(0);
    write_yaml("images/val", "", "names: [circle]\n");
    for (const char* shard : {"1/2", "2/2"}) {
        const Outcome part = run("val model='" + kSample + "' imgsz=320 data=d.yaml device=cpu precision=f32 " +
                                 "plots=False batch=2 rect=False name=s exist_ok=True shard=" + shard);
        ASSERT_EQ(part.status, 0) << part.err;
    }
    ASSERT_EQ(run("val merge='runs/detect/s/shard-*.val' plots=False name=m").status, 0);
    const auto merged = nlohmann::json::parse(test::content(root() / "runs/detect/m/results.json"));
    const Measured whole = val("data=d.yaml batch=2 rect=False");
    EXPECT_EQ(merged["results"]["metrics/mAP50-95(B)"].get<double>(), whole.map);
    EXPECT_EQ(merged["images"], 4);
}

TEST_F(FewerClasses, InBenchmarkAgreeAndExport) {
    keep_to(0);
    write_yaml("images/val", "", "names: [circle]\n");
    fs::copy_file(kSample, root() / "m.pt");
    const Outcome bench = run("benchmark model=m.pt formats=openvino,openvino-int8 imgsz=64 data=d.yaml device=cpu");
    EXPECT_EQ(bench.status, 0) << bench.err;
    EXPECT_EQ(lines_with(bench.err, kLine), 1U) << bench.err;
    const Outcome agree =
        run("agree model=m.pt format=pytorch,openvino device=cpu precision=f32 source=images/val imgsz=64 data=d.yaml");
    EXPECT_EQ(agree.status, 0) << agree.err;
    EXPECT_EQ(lines_with(agree.err, kLine), 1U) << agree.err;
    const Outcome exported = run("export model=m.pt format=openvino int8=True max_drop=1 imgsz=64 data=d.yaml");
    EXPECT_EQ(exported.status, 0) << exported.err;
    EXPECT_EQ(lines_with(exported.err, kLine), 1U) << exported.err;
}

TEST_F(FewerClasses, WithAnnotationsEachCategoryKeepsItsId) {
    // Category 4 is the circle; class 3 of the model, which would be 4 too, takes an id that is free.
    std::string images;
    for (std::size_t i = 0; i < kFour.size(); ++i)
        images += fmt::format(R"({}{{"id": {}, "file_name": "val/{}.jpg", "width": 100, "height": 100}})",
                              i == 0 ? "" : ", ", i + 1, kFour[i]);
    write("instances.json", R"({"images": [)" + images + R"(], "categories": [{"id": 4, "name": "circle"}],
        "annotations": [{"image_id": 1, "category_id": 4, "bbox": [10, 10, 30, 30]}]})");
    write_yaml("images/val", "", "names: [circle]\n");
    EXPECT_EQ(val("data=d.yaml annotations=instances.json save_json=True conf=0.5").images, 4U);
    std::set<int> ids;
    const auto rows = nlohmann::json::parse(test::content(root() / "runs/detect/r/predictions.json"));
    for (const auto& row : rows) ids.insert(row["category_id"].get<int>());
    EXPECT_EQ(ids, (std::set<int>{1, 2, 3, 4}));
}

TEST_F(FewerClasses, MoreInTheDatasetIsAnError) {
    write_yaml("images/val", "", "names: [circle, square, triangle, star, more]\n");
    const Outcome outcome = run("val model='" + kSample + "' data=d.yaml");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("the model has 4 classes, the dataset 5"), std::string::npos) << outcome.err;
}

TEST_F(FewerClasses, AReportedDatasetIsMeasured) {
    YOLOVINO_NEEDS_SHARED();
    const Measured found = val("data='" + (test::shared_dir() / "cases/fewer_classes/person.yaml").string() + "'",
                               (test::shared_dir() / "models/yolov8n.pt").string());
    expect(found, 6, 0.2724, 0.1259);
    EXPECT_EQ(lines_with(found.outcome.err, "WARNING"), 1U) << found.outcome.err;
}

// `fraction` as a share and as a number.

class Fraction : public Counts {};

TEST_F(Fraction, IsAShareOrANumber) {
    for (const auto& [fraction, images] :
         {std::pair("100", 4U), std::pair("0.5", 2U), std::pair("0.01", 1U), std::pair("1", 4U), std::pair("3", 3U)})
        EXPECT_EQ(calibrated(std::string("data=d.yaml fraction=") + fraction).size(), images) << fraction;
    EXPECT_EQ(calibrated("data=images fraction=3").size(), 3U);
    EXPECT_NE(test::content(root() / "m_int8_openvino_model/metadata.yaml").find("fraction: 3\n"), std::string::npos);
}

TEST_F(Fraction, OtherNumbersAreRefused) {
    for (const char* fraction : {"0", "1.5", "-1", "1e300", "2.000001"}) {
        const Outcome outcome = run("export model='" + kSample +
                                    "' format=openvino int8=True data=d.yaml fraction=" + std::string(fraction));
        EXPECT_EQ(outcome.status, 2) << fraction;
        EXPECT_NE(outcome.err.find("fraction"), std::string::npos) << outcome.err;
    }
    const Outcome outcome = run("export model='" + kSample + "' format=openvino int8=True data=d.yaml fraction=1.5");
    EXPECT_NE(outcome.err.find("a share above 0 to 1 or a whole number of images above 1"), std::string::npos);
    EXPECT_NE(run("help export").out.find("above 1 the number of images"), std::string::npos);
}

TEST_F(Fraction, HasNoEffectInVal) {
    const Measured found = val("data=d.yaml fraction=3");
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_NE(found.outcome.err.find("arguments without effect in val: fraction"), std::string::npos);
}

// What has always been read.

const std::vector<std::string>& odd_names() {
    static const std::vector<std::string> kOdd = {
        "ünïcode ß 漢字", "with space", "quo'te\"s",   "-leading",    "100%#1", "br[1]",      "st*r",  "q?",
        "cam 12:30:05",   "x",          "semi;colon&", "back\\slash", "a.b.c",  "$HOME `id`", " lead", "emoji😀"};
    return kOdd;
}

class Names : public Dataset {};

TEST_F(Names, ImagesWithOddNamesAreValidatedAndPredicted) {
    for (std::size_t i = 0; i < odd_names().size(); ++i) {
        const std::string name = odd_names()[i] == "x" ? std::string(200, 'x') : odd_names()[i];
        const std::string id = fmt::format("{:04}", i);
        put("images/val/" + name + ".jpg", id);
        put("images/folders/" + name + "/same.jpg", id);
    }
    write_yaml("images/val");
    const Measured found = val();
    expect(found, 16, 0.9762, 0.8459);
    EXPECT_EQ(found.outcome.err, "");
    write_yaml("images/folders");
    expect(val(), 16, 0.9762, 0.8459);
    const Outcome predicted =
        run("predict model='" + kSample + "' imgsz=32 device=cpu save=False save_json=True source=images/val");
    EXPECT_EQ(predicted.status, 0) << predicted.err;
    EXPECT_EQ(lines_with(predicted.out, "\n"), 16U) << predicted.err;
    const Outcome starred = run("predict model='" + kSample +
                                "' imgsz=32 device=cpu save=False save_json=True 'source=images/folders/**/*.jpg'");
    EXPECT_EQ(lines_with(starred.out, "\n"), 16U) << starred.err;
}

TEST_F(Names, ADatasetFolderWithAnOddNameIsValidated) {
    const std::string odd = "dir odd/ü #%[1] & \"x\"";
    put_four(odd + "/images/val");
    write(odd + "/d.yaml", std::string("val: images/val\n") + kNames);
    expect(val("'data=" + odd + "/d.yaml'"), 4, 0.8662, 0.7225);
}

TEST_F(Names, EqualStemsShareTheirLabels) {
    put_four();
    put("images/val/0000.png", "0005", false);
    write_yaml("images/val");
    expect(val(), 5, 0.5846, 0.5054);
    fs::remove(root() / "images/val/0000.png");
    put("images/other/0000.jpg", "0005");
    put("images/other/0001.jpg", "0006");
    write_yaml("[images/val, images/other]");
    expect(val(), 6, 0.9691, 0.8364);
}

TEST_F(Names, AnySizeAndBatchIsValidated) {
    put_four();
    write_yaml("images/val");
    struct Case {
        const char* args;
        double map50;
        double map;
    };
    for (const Case& each : {Case{"batch=1 imgsz=320", 0.8662, 0.7225}, Case{"batch=2 imgsz=321", 0.8706, 0.7909},
                             Case{"batch=3 imgsz=64", 0.0468, 0.0183}, Case{"batch=16 imgsz=321", 0.8706, 0.7844},
                             Case{"batch=1 imgsz=33", 0.0481, 0.0184}, Case{"batch=3 imgsz=300", 0.8662, 0.7225},
                             Case{"batch=2 imgsz=200,320", 0.8662, 0.7225}}) {
        SCOPED_TRACE(each.args);
        expect(val(std::string("data=d.yaml ") + each.args), 4, each.map50, each.map);
    }
}

}  // namespace
}  // namespace yolovino
