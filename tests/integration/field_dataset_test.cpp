#include "field_dataset.hpp"

#include <sstream>

#include "support/samples.hpp"

/// Which files belong to a dataset, as users keep them. The same holds for every command that reads one.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using Dataset = test::FieldDataset;
using test::kSample;
using test::Outcome;
using Names = std::vector<std::string>;

// Names that begin with a dot. The four images alone: 0.8662, 0.7225.

class HiddenNames : public Dataset {
protected:
    void SetUp() override {
        put_four();
        put("images/val/.ipynb_checkpoints/0000-checkpoint.jpg", "0000", false);
        put("images/val/.0005.jpg", "0005");
        put("images/val/.trash/deep/0006.jpg", "0006");
        write("images/val/._0000.jpg", std::string("\0\5\x16\7", 4));
        write("images/val/.DS_Store", "junk");
        write_yaml("images/val");
    }
};

TEST_F(HiddenNames, AreNotValidated) {
    const Measured found = val();
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_NE(found.outcome.out.find("4 images, 0 backgrounds, 0 corrupt"), std::string::npos) << found.outcome.out;
    EXPECT_EQ(found.outcome.err, "");
}

TEST_F(HiddenNames, AreNotCalibratedOn) {
    const Names four = {"0000.jpg", "0001.jpg", "0002.jpg", "0004.jpg"};
    EXPECT_EQ(calibrated("data=d.yaml"), four);
    EXPECT_EQ(calibrated("data=images"), four);
    EXPECT_EQ(calibrated("'data=images/val/*.jpg'"), four);
}

TEST_F(HiddenNames, AreNotMeasuredByBenchmarkAndAgree) {
    fs::copy_file(kSample, root() / "m.pt");
    const Outcome bench = run("benchmark model=m.pt formats=openvino imgsz=64 data=d.yaml device=cpu");
    EXPECT_EQ(bench.status, 0) << bench.err;
    const auto report = nlohmann::json::parse(test::content(root() / "runs/detect/benchmark/benchmark.json"));
    EXPECT_EQ(report.at("rows").at(0).at("images"), 4);
    const Outcome agree =
        run("agree model=m.pt format=pytorch,openvino device=cpu precision=f32 source=images/val imgsz=64 data=d.yaml "
            "save_json=True");
    EXPECT_EQ(agree.status, 0) << agree.err;
    EXPECT_EQ(nlohmann::json::parse(agree.out)["images"], 4);
}

TEST_F(HiddenNames, CountWhereTheyAreNamed) {
    write("list.txt", "./images/val/0000.jpg\n./images/val/.0005.jpg\n./images/val/.trash/deep/0006.jpg\n");
    write_yaml("list.txt");
    EXPECT_EQ(val().images, 3U);
    write_yaml("images/val/.trash");
    EXPECT_EQ(val().images, 1U);
    put_four("sets/.cache/images", 2);
    write_yaml("sets/.cache/images");
    EXPECT_EQ(val().images, 2U);
}

TEST_F(HiddenNames, AFolderThatIsHiddenItselfIsRead) {
    put_four(".cache/set/images/val");
    write(".cache/set/d.yaml", std::string("val: images/val\n") + kNames);
    expect(val("data=.cache/set/d.yaml"), 4, 0.8662, 0.7225);
    expect(val("data='" + (root() / ".cache/set/d.yaml").string() + "'"), 4, 0.8662, 0.7225);
}

/// What the command predicts, by file name.
class HiddenSources : public HiddenNames {
protected:
    Names predicted(const std::string& source) const {
        const Outcome outcome = run("predict model='" + kSample +
                                    "' imgsz=32 device=cpu save=False save_json=True 'source=" + source + "'");
        EXPECT_EQ(outcome.status, 0) << source << "\n" << outcome.err;
        Names names;
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);)
            names.push_back(fs::path(nlohmann::json::parse(line)["path"].get<std::string>()).filename().string());
        return names;
    }
};

TEST_F(HiddenSources, FoldersAndPatterns) {
    fs::remove(root() / "images/val/._0000.jpg");
    put("images/val/sub/z.jpg", "0003");
    put("images/val/sub/.q.jpg", "0003");
    const Names four = {"0000.jpg", "0001.jpg", "0002.jpg", "0004.jpg"};
    EXPECT_EQ(predicted("images/val"), four);
    EXPECT_EQ(predicted("images/val/*"), four);
    EXPECT_EQ(predicted("images/val/**/*.jpg"), (Names{"0000.jpg", "0001.jpg", "0002.jpg", "0004.jpg", "z.jpg"}));
    EXPECT_EQ(predicted("images/val/*/*.jpg"), Names{"z.jpg"});
}

TEST_F(HiddenSources, AreTakenWhereADotIsWritten) {
    fs::remove(root() / "images/val/._0000.jpg");
    put("images/val/sub/.q.jpg", "0003");
    EXPECT_EQ(predicted("images/val/.0005.jpg"), Names{".0005.jpg"});
    EXPECT_EQ(predicted("images/val/.*.jpg"), Names{".0005.jpg"});
    EXPECT_EQ(predicted("images/val/.*/*.jpg"), Names{"0000-checkpoint.jpg"});
    EXPECT_EQ(predicted("images/val/.trash/deep"), Names{"0006.jpg"});
    EXPECT_EQ(predicted("images/val/**/.*.jpg"), (Names{".0005.jpg", ".q.jpg"}));
    write("list.txt", "images/val/.0005.jpg\nimages/val/0000.jpg\n");
    EXPECT_EQ(predicted("list.txt"), (Names{".0005.jpg", "0000.jpg"}));
}

TEST_F(HiddenNames, AreNoPartOfAModelFolder) {
    fs::copy_file(kSample, root() / "m.pt");
    ASSERT_EQ(run("export model=m.pt format=openvino imgsz=320").status, 0);
    for (const char* name : {"._m.xml", "._m.bin", ".a.xml", ".DS_Store", "._metadata.yaml"})
        write(fs::path("m_openvino_model") / name, "junk");
    const Measured found = val("data=d.yaml", (root() / "m_openvino_model").string());
    EXPECT_EQ(found.images, 4U);
    fs::remove(root() / "m_openvino_model/m.xml");
    const Outcome none = run("predict model=m_openvino_model source=images/val");
    EXPECT_EQ(none.status, 1);
    EXPECT_NE(none.err.find("the folder holds no .xml file"), std::string::npos) << none.err;
}

// `../x` of Roboflow's exports.

class Roboflow : public Dataset {
protected:
    void SetUp() override {
        for (const char* split : {"train", "valid", "test"}) put_four(fs::path("set") / split / "images");
        for (const char* id : {"0005", "0006"}) put(fs::path("set/train/images") / (std::string(id) + ".jpg"), id);
        fs::remove(root() / "set/test/images/0001.jpg");
        write("set/data.yaml",
              "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nminival: [../test/images, "
              "train/images]\nnc: 4\nnames: ['circle', 'square', 'triangle', 'star']\n");
    }
};

TEST_F(Roboflow, SplitsAreBesideTheFile) {
    const Measured found = val("data=set/data.yaml");
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_EQ(found.outcome.err, "");
    EXPECT_EQ(val("data=set/data.yaml split=train").images, 6U);
    EXPECT_EQ(val("data=set/data.yaml split=test").images, 3U);
    EXPECT_EQ(val("data=set/data.yaml split=minival").images, 9U);
}

TEST_F(Roboflow, WhatIsThereWins) {
    put("valid/images/0000.jpg", "0000");
    const Measured found = val("data=set/data.yaml");
    expect(found, 1, 0.995, 0.9287);
    EXPECT_EQ(lines_with(found.outcome.err, "'../valid/images' is taken as"), 1U);
}

TEST_F(Roboflow, WithAPathOrAList) {
    write("d.yaml", "path: set\nval: ../valid/images\nnames: [circle, square, triangle, star]\n");
    expect(val(), 4, 0.8662, 0.7225);
    write("d.yaml", "path: " + (root() / "set").string() + "\nval: ../valid/images\n" + kNames);
    expect(val(), 4, 0.8662, 0.7225);
    write("set/valid.txt", "./valid/images/0000.jpg\n");
    write("set/d.yaml", std::string("val: ../valid.txt\n") + kNames);
    expect(val("data=set/d.yaml"), 1, 0.995, 0.9287);
    write("set/d.yaml", std::string("val: ../../valid/images\n") + kNames);  // one step alone is forgiven, as there
    EXPECT_EQ(run("val model='" + kSample + "' data=set/d.yaml").status, 1);
}

TEST_F(Roboflow, CalibratesAndComparesToo) {
    EXPECT_EQ(calibrated("data=set/data.yaml").size(), 4U);
    EXPECT_EQ(calibrated("data=set/data.yaml split=train").size(), 6U);
    const Outcome bench = run("benchmark model=m.pt formats=openvino imgsz=64 data=set/data.yaml device=cpu");
    EXPECT_EQ(bench.status, 0) << bench.err;
    const Outcome agree =
        run("agree model=m.pt format=pytorch,openvino device=cpu precision=f32 source=set/valid/images imgsz=64 "
            "data=set/data.yaml");
    EXPECT_EQ(agree.status, 0) << agree.err;
}

TEST_F(Roboflow, TheCaseFromTheField) {
    YOLOVINO_NEEDS_SHARED();
    expect(val("data='" + (test::shared_dir() / "cases/roboflow/data.yaml").string() + "'"), 12, 0.9705, 0.8447);
}

// Which `path` wins: of the working folder 3 images, of the settings 2, beside the file 1.

class PathTwice : public Dataset {
protected:
    void SetUp() override { write("cfg/d.yaml", std::string("path: data\nval: images\n") + kNames); }
    void here() const { put_four("data/images", 3); }
    void beside() const { put_four("cfg/data/images", 1); }
    void in_settings(const std::string& config = "config/Ultralytics") const {
        put_four("kept/data/images", 2);
        write(config + "/settings.json", R"({"datasets_dir": ")" + (root() / "kept").string() + "\"}");
    }
    void expect_taken(std::size_t images, const std::string& line) const {
        const Measured found = val("data=cfg/d.yaml");
        EXPECT_EQ(found.images, images);
        EXPECT_EQ(lines_with(found.outcome.err, "WARNING"), line.empty() ? 0U : 1U) << found.outcome.err;
        EXPECT_NE(found.outcome.err.find(line), std::string::npos) << found.outcome.err;
    }
};

TEST_F(PathTwice, TheWorkingFolderWins) {
    here();
    beside();
    expect_taken(3, "data (in the current folder), not as " + (root() / "cfg/data").string() + " (beside the YAML)");
}

TEST_F(PathTwice, ThenTheSettings) {
    in_settings();
    beside();
    expect_taken(2, "data (in the datasets_dir of config/Ultralytics/settings.json), not as ");
    here();
    expect_taken(3, "(in the current folder), not as " + (root() / "kept/data").string());
}

TEST_F(PathTwice, SettingsAreNamedEvenIfTheyAreTheOnlyPlace) {
    in_settings("config");  // as before 8.4
    expect_taken(2,
                 "is taken as " + (root() / "kept/data").string() + " (in the datasets_dir of config/settings.json)");
}

TEST_F(PathTwice, AnUnambiguousPathNeedsNoWarning) {
    beside();
    expect_taken(1, "");
    fs::remove_all(root() / "cfg/data");
    here();
    expect_taken(3, "");
    fs::remove_all(root() / "data");
    put_four("datasets/data/images", 2);
    expect_taken(2, "");
}

TEST_F(PathTwice, OneLineForAllReadings) {
    here();
    beside();
    fs::copy_file(kSample, root() / "m.pt");
    const Outcome bench =
        run("benchmark model=m.pt formats=openvino,openvino-int8 imgsz=64 data=cfg/d.yaml device=cpu");
    EXPECT_EQ(lines_with(bench.err, "path 'data' is taken as"), 1U) << bench.err;
    const Outcome exported = run("export model=m.pt format=openvino int8=True max_drop=1 imgsz=64 data=cfg/d.yaml");
    EXPECT_EQ(lines_with(exported.err, "path 'data' is taken as"), 1U) << exported.err;
}

TEST_F(PathTwice, APointIsTheWorkingFolder) {
    write("cfg/d.yaml", std::string("path: .\nval: images\n") + kNames);
    put_four("cfg/images", 1);
    expect_taken(1, "");
    put_four("images", 3);
    expect_taken(3, "path '.' is taken as");
    write("cfg/d.yaml", std::string("val: images\n") + kNames);  // without one it is the folder of the file
    expect_taken(1, "");
}

TEST_F(PathTwice, AMissingPathIsOneLine) {
    const Outcome none = run("val model='" + kSample + "' data=cfg/d.yaml");
    EXPECT_EQ(none.status, 1);
    EXPECT_EQ(lines_with(none.err, "\n"), 1U) << none.err;
    EXPECT_NE(none.err.find("do not exist, looked for " + (root() / "data/images").string()), std::string::npos);
}

// Named twice, and links.

class NamedTwice : public Dataset {
protected:
    void SetUp() override { put_four(); }
};

TEST_F(NamedTwice, ADuplicateImageCountsOnceWithAWarning) {
    for (const char* val_key : {"[images/val, images/val]", "[images/val, images]", "[images/val/, ./images/val]"}) {
        write_yaml(val_key);
        const Measured found = val();
        expect(found, 4, 0.8662, 0.7225);
        EXPECT_EQ(lines_with(found.outcome.err, "more than once: each image counts once here"), 1U) << val_key;
    }
    write("l.txt", "./images/val/0000.jpg\n./images/val/0001.jpg\n./images/val/../val/0001.jpg\n");
    write_yaml("[l.txt, images/val]");
    const Measured found = val();
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_NE(found.outcome.err.find("'val' names 3 images more than once"), std::string::npos) << found.outcome.err;
}

TEST_F(NamedTwice, NamesOnceNeedNoLine) {
    write("images/l.txt", "./val/0000.jpg\nval/0001.jpg\n" + (root() / "images/val/0002.jpg").string() +
                              "\n\n ./val/0004.jpg \nother.text\n");
    write_yaml("images/l.txt");
    const Measured found = val();
    expect(found, 4, 0.8662, 0.7225);
    EXPECT_EQ(found.outcome.err, "");
}

TEST_F(NamedTwice, LinksLeadToTheirLabels) {
    fs::create_directory_symlink("images/val", root() / "link");
    write_yaml("link");
    expect(val(), 4, 0.8662, 0.7225);
    write("l.txt", "./images/val/0000.jpg\n");
    fs::create_directories(root() / "other");
    fs::create_symlink("../l.txt", root() / "other/l.txt");
    write_yaml("other/l.txt");
    expect(val(), 1, 0.995, 0.9287);
    put("images/other/0005.jpg", "0005");
    fs::create_directory_symlink("../other", root() / "images/val/link");
    fs::create_directory_symlink("../other", root() / "labels/val/link");
    write_yaml("images/val");
    EXPECT_EQ(val().images, 5U);
    fs::create_directory_symlink(".", root() / "images/val/loop");
    EXPECT_EQ(val().images, 5U);
}

}  // namespace
}  // namespace yolovino
