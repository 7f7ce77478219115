#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "support/command.hpp"
#include "support/samples.hpp"

/// Labels, lists, CSV, and YAML as people's editors and tools write them. The numbers are those of Ultralytics 8.4.190
/// for the same images with rect=False.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using test::content;
using test::Outcome;

using test::kSample;
const fs::path kShapes = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val";
const std::array<std::string, 4> kImages = {"0000", "0001", "0002", "0004"};
const std::string kYaml = "train: images/val\nval: images/val\nnames: [circle, square, triangle, star]\n";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

/// Four images of the sample with labels that a test writes anew.
class FieldText : public test::Command {
protected:
    void SetUp() override {
        for (const std::string& name : kImages) {
            fs::create_directories(root() / "images/val");
            fs::copy_file(kShapes / "images/val" / (name + ".jpg"), root() / "images/val" / (name + ".jpg"));
            write("labels/val/" + name + ".txt", label(name));
        }
    }
    fs::path root() const { return folder.path(); }
    void write(const fs::path& name, const std::string& text) const {
        fs::create_directories((root() / name).parent_path());
        std::ofstream(root() / name, std::ios::binary) << text;
    }
    static std::string label(const std::string& name) { return content(kShapes / "labels/val" / (name + ".txt")); }

    Outcome val(const std::string& data, const std::string& more = "") {
        return yolo("val model='" + kSample + "' data='" + data +
                    "' imgsz=320 rect=False runtime=openvino device=cpu " +
                    "precision=f32 plots=False name=v exist_ok=True " + more);
    }
    /// @returns what the command wrote to the error stream
    std::string expect_map(const std::string& data, double map50, double map, std::size_t images = 4,
                           std::size_t corrupt = 0) {
        fs::remove_all(root() / "runs");
        const Outcome outcome = val(data);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        const fs::path file = root() / "runs/detect/v/results.json";
        if (!fs::exists(file)) {
            ADD_FAILURE() << "no results: " << outcome.err;
            return outcome.err;
        }
        const auto results = nlohmann::json::parse(content(file));
        EXPECT_NEAR(results.at("results").at("metrics/mAP50(B)").get<double>(), map50, 6e-4) << outcome.err;
        EXPECT_NEAR(results.at("results").at("metrics/mAP50-95(B)").get<double>(), map, 6e-4) << outcome.err;
        EXPECT_EQ(results.at("images").get<std::size_t>(), images);
        EXPECT_EQ(results.at("corrupt").get<std::size_t>(), corrupt);
        return outcome.out + outcome.err;
    }
    void expect_same(const std::string& yaml = kYaml) {
        write("d.yaml", yaml);
        const std::string said = expect_map("d.yaml", 0.8662, 0.7288);
        EXPECT_EQ(said.find("corrupt image"), std::string::npos) << said;
    }
    /// One after the other for the four label files.
    void change_labels(const std::array<std::function<std::string(std::string)>, 4>& changes) const {
        for (std::size_t i = 0; i < kImages.size(); ++i)
            write("labels/val/" + kImages[i] + ".txt", changes[i](label(kImages[i])));
    }
};

#define YOLOVINO_CASE(name) (test::shared_dir() / "cases" / (name)).string()

// Byte order marks.

TEST_F(FieldText, ByteOrderMarksInLabelsListsAndYaml) {
    const auto marked = [](const std::string& text) { return "\xEF\xBB\xBF" + text; };
    change_labels({marked, [&](const std::string& text) { return marked(replaced(text, "\n", "\r\n")); },
                   [&](const std::string& text) { return marked("\n" + text); }, marked});
    std::string list = "\xEF\xBB\xBF";
    for (const std::string& name : kImages) list += "./images/val/" + name + ".jpg\r\n";
    write("val.txt", list);
    expect_same("\xEF\xBB\xBFtrain: val.txt\r\nval: val.txt\r\nnames: [circle, square, triangle, star]\r\n");
    write("labels/val/0001.txt", std::string("\xFF\xFE"
                                             "0\0 \0",
                                             6));
    write("labels/val/0002.txt", label("0002") + "0 .5 .5 .1 \xE9\n");
    const std::string said = val("d.yaml").err;
    EXPECT_NE(said.find("0001.txt the file is UTF-16, wanted UTF-8"), std::string::npos) << said;
    EXPECT_NE(said.find("0002.txt byte 0xE9 near line"), std::string::npos) << said;
}

// Lines and words as str.splitlines() and str.split() make them.

TEST_F(FieldText, LineEndsAndSpacesOfEveryKind) {
    const auto spaces = [](const std::string& space) {
        return [space](const std::string& text) { return replaced(text, " ", space); };
    };
    const auto ends = [](const std::string& end) {
        return [end](const std::string& text) { return replaced(text, "\n", end); };
    };
    change_labels({spaces("\xC2\xA0 "), spaces("\xE3\x80\x80"), spaces("\t\x1F"), spaces("\xE2\x80\x83")});
    expect_same();
    change_labels({ends("\r"), ends("\v"), ends("\xE2\x80\xA8"), ends("\xC2\x85")});
    write("val.txt",
          "./images/val/0000.jpg\r./images/val/0001.jpg\xE2\x80\xA9./images/val/0002.jpg\x1C\xC2\xA0./images/val/"
          "0004.jpg ");
    expect_same(replaced(replaced(kYaml, "images/val", "val.txt"), "\n", "\xC2\x85"));
}

// Boxes and polygons in one file.

TEST_F(FieldText, FilesThatMixBoxesAndPolygonsAreCorrupt) {
    change_labels({[](const std::string& text) { return text + "0 .1 .1 .3 .1 .3 .3\n"; },
                   [](const std::string& text) { return "0 .1 .1 .3 .1 .3 .3 .1 .3\n\n" + text; },
                   [](const std::string&) { return "2 .3 .2 .3 .4 .2 .4\n1 .7 .7 .8 .7 .8 .8 .7 .8\n"; },
                   [](const std::string& text) { return text; }});
    write("d.yaml", kYaml);
    const Outcome outcome = val("d.yaml");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("4 images, 0 backgrounds, 2 corrupt"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.err.find("0001.txt line 3: labels mix segment and detection rows: line 3 is a box, line 1 a "
                               "polygon, wanted rows of one kind in a file"),
              std::string::npos)
        << outcome.err;
    EXPECT_NE(outcome.err.find("0000.txt line "), std::string::npos) << outcome.err;
}

TEST_F(FieldText, MixedRowsOfTheField) {
    YOLOVINO_NEEDS_SHARED();
    const Outcome outcome = val(YOLOVINO_CASE("mixed_rows/d.yaml"));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("2 images, 0 backgrounds, 1 corrupt"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.err.find("a.txt line 2: labels mix segment and detection rows"), std::string::npos)
        << outcome.err;
}

// Values that no box has.

TEST_F(FieldText, NegativeValuesMakeAFileCorrupt) {
    change_labels({[](const std::string& text) { return text + "0 .5 .5 -.005 .1"; },
                   [](const std::string& text) { return text + "0 .5 .5 .1 -1e-9"; },
                   [](const std::string& text) { return text + "-1 .5 .5 .1 .1"; },
                   [](const std::string& text) { return text + "0 .5 .5 .1 .1 # by hand"; }});
    write("d.yaml", kYaml);
    const Outcome outcome = val("d.yaml");
    EXPECT_EQ(outcome.status, 1);
    for (const char* part :
         {"negative label values: width -0.005, wanted shares of the image from 0 to 1",
          "negative label values: height -1e-09", "negative label values: class -1, wanted 0 to 3",
          "'#' is not a number, wanted: class cx cy w h", "none of the 4 images of 'val' can be used"})
        EXPECT_NE(outcome.err.find(part), std::string::npos) << part << "\n" << outcome.err;
    EXPECT_EQ(outcome.err.find("is not a number of"), std::string::npos);
}

TEST_F(FieldText, CentresJustOutsideAreRead) {
    change_labels({[](const std::string& text) { return text + "0 -.005 .5 .01 .1\n"; },
                   [](const std::string& text) { return text + "0 .5 -.01 .1 .01\n"; },
                   [](const std::string& text) { return text + "0 1.01 .5 .02 .1\n"; },
                   [](const std::string& text) { return text; }});
    write("d.yaml", kYaml);
    const Outcome outcome = val("d.yaml");
    EXPECT_NE(outcome.out.find("4 images, 0 backgrounds, 0 corrupt"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.out.find(" 21 "), std::string::npos) << "three objects more than 18\n" << outcome.out;
}

// Repeated rows.

TEST_F(FieldText, OnlyEqualRowsAreRepeated) {
    change_labels({[](const std::string& text) { return text + text; },
                   [](const std::string& text) { return text + replaced(text, " ", "  "); },
                   [](const std::string& text) { return replaced(text, "\n", "\n\n") + text; },
                   [](const std::string& text) { return text + text + text; }});
    write("d.yaml", kYaml);
    const std::string said = expect_map("d.yaml", 0.8662, 0.7288);
    EXPECT_NE(said.find("duplicate labels removed"), std::string::npos) << said;
    // Three outlines with one box, and one of them again.
    write("labels/val/0000.txt",
          "0 .2 .2 .4 .2 .4 .4 .2 .4\n0 .2 .2 .4 .2 .4 .4\n0 .2 .4 .4 .2 .2 .2\n0 .2 .2 .4 .2 .4 .4\n");
    const Outcome outcome = val("d.yaml");
    EXPECT_NE(outcome.err.find("0000.jpg: 1 duplicate labels removed"), std::string::npos) << outcome.err;
}

TEST_F(FieldText, PolygonsWithOneBoxOfTheField) {
    YOLOVINO_NEEDS_SHARED();
    const std::string said = expect_map(YOLOVINO_CASE("same_box_polygons/d.yaml"), 0.534, 0.441, 12);
    EXPECT_NE(said.find(" 126 "), std::string::npos) << said;
}

// YAML.

TEST_F(FieldText, TheLastOfEqualKeysCounts) {
    expect_same(
        "train: x\nval: nowhere\nval: images/val\nnames: [a]\nnames: {0: a, 0: circle, 1: square, 2: triangle, 3: "
        "star}\nnc: 1\nnc: 4\n");
    const Outcome outcome = val("d.yaml");
    for (const char* part : {"d.yaml line 3: duplicate key 'val', first in line 2: the last one is used",
                             "d.yaml line 5: duplicate key 'names'", "d.yaml line 5: duplicate key '0'",
                             "d.yaml line 7: duplicate key 'nc'"})
        EXPECT_NE(outcome.err.find(part), std::string::npos) << part << "\n" << outcome.err;
}

TEST_F(FieldText, ADuplicateKeyOfTheField) {
    YOLOVINO_NEEDS_SHARED();
    const std::string said = expect_map(YOLOVINO_CASE("duplicate_key/d.yaml"), 0.9801, 0.8554, 12);
    EXPECT_NE(said.find("line 3: duplicate key 'val'"), std::string::npos) << said;
}

TEST_F(FieldText, MergeKeysNullsAndCounts) {
    expect_same(
        "x: &x {train: images/val, val: nowhere}\ny: &y {val: nowhere, nc: 4.0}\n<<: [*x, *y]\nval: images/val\n"
        "names:\n");
    expect_same("train: images/val\nval: images/val\nnames: {'0': circle, \"1\": square, 2.0: ~, 3: 1_0}\nnc: '4'\n");
    expect_same(
        "%YAML 1.1\n---\n{train: images/val, val: [images/val], names: &n [yes, 1:30, 2024-01-01, 017], nc: 4}\n");
    const std::string said = val("d.yaml").err;
    EXPECT_NE(said.find("class 0 is 'circle' in the model and 'True' in the dataset"), std::string::npos) << said;
}

TEST_F(FieldText, AMergeKeyOfTheField) {
    YOLOVINO_NEEDS_SHARED();
    expect_map(YOLOVINO_CASE("merge_key/d.yaml"), 0.8662, 0.7288);
}

TEST_F(FieldText, FaultsOfADatasetNameTheLine) {
    for (const auto& [yaml, part] : std::vector<std::pair<std::string, std::string>>{
             {"val: images/val\nnames: [a, 'b]\n", "line 2, column 12: the closing quote is missing"},
             {"val: images/val\nnames:\n  0: a\n  b\n", "line 4, column 3: ':' is missing behind a key"},
             {"val: images/val\nnames: !!python/tuple [a]\n", "line 2: tag 'tag:yaml.org,2002:python/tuple'"},
             {"val: images/val\nnames: a\n", "line 2: 'names' is the text 'a', wanted a list or a map"},
             {"val: 5\nnames: [a]\n", "line 1: 'val' is the number '5', wanted a text"},
             {"val: images/val\nnc: 2.5\n", "line 2: 'nc' is the number '2.5', wanted a whole number"}}) {
        write("d.yaml", yaml);
        const Outcome outcome = val("d.yaml");
        EXPECT_EQ(outcome.status, 1) << yaml;
        EXPECT_NE(outcome.err.find(part), std::string::npos) << part << "\n" << outcome.err;
    }
}

// Lists and CSV as sources.

class FieldLists : public FieldText {
protected:
    std::vector<std::string> predicted(const std::string& source) {
        const Outcome outcome = yolo("predict model='" + kSample + "' source='" + source +
                                     "' imgsz=64 runtime=openvino device=cpu precision=f32 save=False save_json=True");
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        std::vector<std::string> names;
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);)
            names.push_back(fs::path(nlohmann::json::parse(line).at("path").get<std::string>()).filename().string());
        return names;
    }
};

TEST_F(FieldLists, CsvIsReadWithHeaderAndQuotes) {
    using Names = std::vector<std::string>;
    fs::copy_file(root() / "images/val/0000.jpg", root() / "b c,\"d\".jpg");
    write("plain.csv", "images/val/0001.jpg\n\"b c,\"\"d\"\".jpg\"\n");
    EXPECT_EQ(predicted("plain.csv"), (Names{"0001.jpg", "b c,\"d\".jpg"}));
    write("marked.csv", "\xEF\xBB\xBF\"source\"\r\n\"b c,\"\"d\"\".jpg\"\r\nimages/val/0001.jpg\r\n");
    EXPECT_EQ(predicted("marked.csv"), (Names{"b c,\"d\".jpg", "0001.jpg"}));
    write("columns.csv", "id,source,split\n1,images/val/0002.jpg,val\n2,\"b c,\"\"d\"\".jpg\",\n");
    EXPECT_EQ(predicted("columns.csv"), (Names{"0002.jpg", "b c,\"d\".jpg"}));
    write("cells.csv", "images/val/0001.jpg,images/val/0002.jpg\rimages/val/0004.jpg,");
    EXPECT_EQ(predicted("cells.csv"), (Names{"0001.jpg", "0002.jpg", "0004.jpg"}));
    write("path.csv", "path\nimages/val/0001.jpg\n");
    expect_failure("predict model='" + kSample + "' source=path.csv device=cpu", 1, "a first row with a cell 'source'");
    write("list.txt", "\xEF\xBB\xBF\xC2\xA0images/val/0001.jpg\xE3\x80\x80\rimages/val/0002.jpg\v\n");
    EXPECT_EQ(predicted("list.txt"), (Names{"0001.jpg", "0002.jpg"}));
}

TEST_F(FieldLists, CsvWithHeaderAndQuotedNamesNamesItsImages) {
    YOLOVINO_NEEDS_SHARED();
    EXPECT_EQ(predicted(YOLOVINO_CASE("lists/head.csv")), (std::vector<std::string>{"0000.jpg", "b c,d.jpg"}));
}

TEST_F(FieldLists, ConfigFilesAreYaml) {
    write("c.yaml", "base: &b {conf: 0.9, imgsz: 64}\n<<: *b\nconf: 0.5\nconf: 0.3\nsave: no\n");
    const Outcome outcome = yolo("predict cfg=c.yaml model='" + kSample +
                                 "' source=images/val/0000.jpg runtime=openvino device=cpu precision=f32");
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("base"), std::string::npos) << outcome.err;
    write("c.yaml", "<<: {conf: 0.9, imgsz: 64}\nconf: 0.5\nconf: 0.3\nsave: no\nproject: None\n");
    const Outcome read = yolo("predict cfg=c.yaml model='" + kSample +
                              "' source=images/val/0000.jpg runtime=openvino device=cpu precision=f32");
    EXPECT_EQ(read.status, 0) << read.err;
    EXPECT_NE(read.err.find("c.yaml line 3: duplicate key 'conf', first in line 2: the last one is used"),
              std::string::npos)
        << read.err;
    EXPECT_FALSE(fs::exists(root() / "runs"));
}

}  // namespace
}  // namespace yolovino
