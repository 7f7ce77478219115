#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/yolovino.hpp"

#include "rect_order.hpp"
#include "support/files.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

using test::kSample;
const fs::path kShapes = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

Json read(const fs::path& path) {
    std::ifstream stream(path);
    return Json::parse(stream);
}

/// Nothing is written and nothing is left to the device.
ValArgs args_for(const fs::path& data) {
    ValArgs args;
    args.data = data;
    args.runtime.kind = Runtime::OpenVino;
    args.runtime.device = "cpu";
    args.runtime.precision = Precision::F32;
    args.save = args.plots = args.verbose = false;
    return args;
}

void expect_golden(const ValResults& ours, const Json& golden) {
    for (const auto& [key, value] : golden.at("results").items())
        EXPECT_NEAR(ours[key], value.get<double>(), test::kMetric) << key;
    EXPECT_NEAR(ours.map75, golden.at("map75").get<double>(), test::kMetric);
    ASSERT_EQ(ours.classes.size(), golden.at("classes").size());
    for (const ValClass& each : ours.classes) {
        const Json& theirs = golden.at("classes").at(each.name);
        EXPECT_EQ(each.instances, theirs.at("instances").get<std::size_t>()) << each.name;
        EXPECT_EQ(each.images, theirs.at("images").get<std::size_t>()) << each.name;
        EXPECT_NEAR(each.p, theirs.at("p").get<double>(), test::kClassMetric) << each.name;
        EXPECT_NEAR(each.r, theirs.at("r").get<double>(), test::kClassMetric) << each.name;
        EXPECT_NEAR(each.ap50, theirs.at("ap50").get<double>(), test::kClassMetric) << each.name;
        EXPECT_NEAR(each.ap, theirs.at("ap").get<double>(), test::kClassMetric) << each.name;
    }
}

/// 128 images in f32: the longest test of the suite, and the one that proves the numbers. COCO's numbers are made in
/// the same pass, from label files here and from the annotation file in the recording.
TEST(Val, EqualsUltralyticsWithTheExportedFolder) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const fs::path exported = Model(test::shared_dir() / "models/yolov8n.pt")
                                  .export_to({.format = "openvino", .verbose = false, .output_folder = folder.path()});
    const ValResults ours = Model(exported).val(args_for(test::shared_dir() / "data/coco128/coco128.yaml"));
    EXPECT_EQ(ours.images, 128U);
    EXPECT_EQ(ours.instances, 929U);
    expect_golden(ours, read(test::shared_dir() / "golden/val_exported.json"));
    const Json coco = read(test::shared_dir() / "golden/coco_exported.json");
    const std::map<std::string, double> numbers = {{"AP", ours.coco.ap},
                                                   {"AP50", ours.coco.ap50},
                                                   {"AP75", ours.coco.ap75},
                                                   {"APsmall", ours.coco.ap_small},
                                                   {"APmedium", ours.coco.ap_medium},
                                                   {"APlarge", ours.coco.ap_large},
                                                   {"AR1", ours.coco.ar1},
                                                   {"AR10", ours.coco.ar10},
                                                   {"AR100", ours.coco.ar100},
                                                   {"ARsmall", ours.coco.ar_small},
                                                   {"ARmedium", ours.coco.ar_medium},
                                                   {"ARlarge", ours.coco.ar_large}};
    for (const auto& [name, value] : numbers) EXPECT_NEAR(value, coco.at(name).get<double>(), test::kMetric) << name;
}

/// Links to the images under names that sort as Ultralytics took them.
TEST(Val, EqualsUltralyticsWithTheCheckpoint) {
    YOLOVINO_NEEDS_SHARED();
    const test::TempFolder folder;
    const fs::path coco = test::shared_dir() / "data/coco128";
    fs::create_directories(folder.path() / "images");
    fs::create_directories(folder.path() / "labels");
    for (std::size_t i = 0; i < test::kRectOrder.size(); ++i) {
        char stem[16];
        char name[16];
        std::snprintf(stem, sizeof(stem), "%012d", test::kRectOrder[i]);
        std::snprintf(name, sizeof(name), "%03d", static_cast<int>(i));
        fs::create_symlink(coco / "images/train2017" / (std::string(stem) + ".jpg"),
                           folder.path() / "images" / (std::string(name) + ".jpg"));
        const fs::path label = coco / "labels/train2017" / (std::string(stem) + ".txt");
        if (fs::exists(label)) fs::create_symlink(label, folder.path() / "labels" / (std::string(name) + ".txt"));
    }
    std::ofstream yaml(folder.path() / "d.yaml");
    std::ifstream original(coco / "coco128.yaml");
    for (std::string line; std::getline(original, line);)
        yaml << (line.starts_with("val:") ? "val: images" : line) << '\n';
    yaml.close();
    const Model model(test::shared_dir() / "models/yolov8n.pt");
    expect_golden(model.val(args_for(folder.path() / "d.yaml")),
                  read(test::shared_dir() / "golden/val_checkpoint.json"));
}

TEST(Val, EqualsUltralyticsOnTheSample) {
    YOLOVINO_NEEDS_SHARED();
    const Json golden = read(test::shared_dir() / "golden/val_shapes.json");
    const test::TempFolder folder;
    ValArgs args = args_for(kShapes);
    args.imgsz = ImageSize{320, 320};
    args.batch = 1;
    const Model checkpoint(kSample);
    expect_golden(checkpoint.val(args), golden.at("checkpoint, batch=1, rect, imgsz=320"));
    const Model exported(checkpoint.export_to(
        {.format = "openvino", .imgsz = args.imgsz, .verbose = false, .output_folder = folder.path()}));
    expect_golden(exported.val(args), golden.at("exported, imgsz=320"));
}

TEST(Val, ResultsDoNotDependOnThreads) {
    ValArgs args = args_for(kShapes);
    args.batch = 4;
    const Model model(kSample);
    const ValResults many = model.val(args);
    args.workers = 0;
    const ValResults one = model.val(args);
    EXPECT_EQ(many.results_dict, one.results_dict);
    EXPECT_EQ(many.coco.ap, one.coco.ap);
    EXPECT_EQ(many.confusion_matrix, one.confusion_matrix);
}

TEST(Val, MergedShardsAreTheWholeRun) {
    const test::TempFolder folder;
    ValArgs args = args_for(kShapes);
    args.batch = 5;
    args.project = folder.path().string();
    const Model model(kSample);
    const ValResults whole = model.val(args);
    std::string files;
    for (const char* shard : {"2/3", "1/3", "3/3"}) {
        args.shard = shard;
        const ValResults part = model.val(args);
        EXPECT_LT(part.images, whole.images);
        files += part.shard_file.string() + ",";
    }
    const ValArgs quiet = args_for({});
    const ValResults merged = merge_val(files, quiet);
    EXPECT_EQ(merged.results_dict, whole.results_dict);
    EXPECT_EQ(merged.images, whole.images);
    EXPECT_EQ(merged.confusion_matrix, whole.confusion_matrix);
    EXPECT_EQ(merged.coco.ap, whole.coco.ap);
    EXPECT_EQ(merged.coco.ar_small, whole.coco.ar_small);
    EXPECT_EQ(merge_val(folder.path().string() + "/val*/*.val", quiet).results_dict, whole.results_dict);
    const std::string two = files.substr(0, files.find(',', files.find(',') + 1));
    EXPECT_THROW(merge_val(two, quiet), Error);              // one is missing
    EXPECT_THROW(merge_val(two + "," + two, quiet), Error);  // one is there twice
    EXPECT_THROW(merge_val(kSample, quiet), Error);          // something else
}

/// What is wrong with two parts, which are put together.
std::string problem_of_parts(const fs::path& first, const fs::path& second) {
    try {
        merge_val(first.string() + "," + second.string(), args_for({}));
        return "nothing";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        return error.what();
    }
}

TEST(Val, MergeRefusesPartsOfAnotherModelDataOrArguments) {
    const test::TempFolder folder;
    const fs::path data = folder.path() / "shapes.yaml";
    const auto write_data = [&](const fs::path& root) {
        std::ofstream(data) << "path: " << root.string()
                            << "\nval: images/val\nnames: [circle, square, triangle, star]\n";
    };
    write_data(kShapes.parent_path());
    const Model model(kSample);
    ValArgs args = args_for(data);
    args.batch = 16;
    args.project = folder.path().string();
    const auto part = [&](const Model& of, const ValArgs& with, const char* shard) {
        ValArgs used = with;
        used.shard = shard;
        return of.val(used).shard_file;
    };
    const fs::path first = part(model, args, "1/2");
    EXPECT_EQ(problem_of_parts(first, part(model, args, "2/2")), "nothing");
    ValArgs other = args;
    other.agnostic_nms = true;
    EXPECT_NE(problem_of_parts(first, part(model, other, "2/2")).find("agnostic_nms: true and false"),
              std::string::npos);
    const Model exported(model.export_to({.format = "openvino",
                                          .imgsz = ImageSize{320, 320},
                                          .dynamic = true,
                                          .verbose = false,
                                          .output_folder = folder.path()}));
    EXPECT_NE(problem_of_parts(first, part(exported, args, "2/2")).find("model_sha256"), std::string::npos);
    // The same names and numbers of images and labels, one label elsewhere.
    const fs::path copy = folder.path() / "copy";
    fs::copy(kShapes.parent_path(), copy, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(copy / "labels/val")) {
        std::ofstream(entry.path()) << "0 0.5 0.5 0.25 0.25\n";
        break;
    }
    write_data(copy);
    EXPECT_NE(problem_of_parts(first, part(model, args, "2/2")).find("data_sha256"), std::string::npos);
}

TEST(Val, WritesTheFilesThatItReports) {
    const test::TempFolder folder;
    ValArgs args = args_for(kShapes);
    args.project = folder.path().string();
    args.save = args.save_json = args.save_txt = args.save_conf = true;
    const ValResults results = Model(kSample).val(args);
    const Json numbers = read(results.save_dir / "results.json");
    EXPECT_EQ(numbers.at("results").at("metrics/mAP50-95(B)").get<double>(), results.map);
    EXPECT_EQ(numbers.at("images").get<int>(), 32);
    EXPECT_EQ(numbers.at("coco").at("AP").get<double>(), results.coco.ap);
    const Json rows = read(results.save_dir / "predictions.json");
    ASSERT_FALSE(rows.empty());
    for (const char* key : {"image_id", "file_name", "category_id", "bbox", "score"})
        EXPECT_TRUE(rows[0].contains(key)) << key;
    for (const Json& row : rows) {
        EXPECT_GE(row.at("category_id").get<int>(), 1);
        EXPECT_LE(row.at("category_id").get<int>(), 4);
    }
    EXPECT_TRUE(rows[0].at("image_id").is_number());
    std::size_t lines = 0;
    for (const auto& entry : fs::directory_iterator(results.save_dir / "labels")) {
        std::ifstream stream(entry.path());
        for (std::string line; std::getline(stream, line);) ++lines;
    }
    EXPECT_EQ(lines, rows.size());
    EXPECT_TRUE(fs::exists(results.save_dir / "results.csv"));
}

TEST(Val, AppliesClassesAndSingleCls) {
    ValArgs args = args_for(kShapes);
    args.classes = std::vector{1, 3};
    const Model model(kSample);
    const ValResults some = model.val(args);
    ASSERT_EQ(some.classes.size(), 2U);
    EXPECT_EQ(some.classes[0].name, "square");
    EXPECT_EQ(some.instances, 80U);
    args.classes = {};
    args.single_cls = true;
    const ValResults one = model.val(args);
    ASSERT_EQ(one.classes.size(), 1U);
    EXPECT_EQ(one.instances, 165U);
    EXPECT_GT(one.map50, 0.9);
    args.single_cls = false;
    args.protocol = "classic";
    EXPECT_NEAR(model.val(args).fitness, 0.1 * model.val(args).map50 + 0.9 * model.val(args).map, 1e-12);
}

void expect_refused(const Model& model, const ValArgs& args, const std::string& reason) {
    try {
        model.val(args);
        ADD_FAILURE() << reason;
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
}

TEST(Val, RefusesInvalidArgumentsInOneLine) {
    const test::TempFolder folder;
    const Model model(kSample);
    ValArgs args = args_for(kShapes);
    std::ofstream(folder.path() / "five.yaml")
        << "path: " << kShapes.parent_path().string() << "\nval: images/val\nnames: [a, b, c, d, e]\n";
    args.data = folder.path() / "five.yaml";
    expect_refused(model, args, "the model has 4 classes, the dataset 5");
    args = args_for(kShapes);
    args.classes = std::vector{4};
    expect_refused(model, args, "classes holds 4");
    args.classes = std::vector<int>();
    expect_refused(model, args, "no label is of the chosen classes");
    args = args_for(kShapes);
    args.protocol = "other";
    expect_refused(model, args, "ultralytics or classic");
    args = args_for({});
    expect_refused(model, args, "data is missing");
    for (const char* shard : {"0/2", "3/2", "1", "1/2x", "a/b", "1/999999999"}) {
        args = args_for(kShapes);
        args.shard = shard;
        expect_refused(model, args, "shard is");
    }
    args = args_for(kShapes);
    args.shard = "3/3";
    args.batch = 16;
    expect_refused(model, args, "is empty");
}

TEST(Val, ADamagedImageIsLeftOutAndCounted) {
    const test::TempFolder folder;
    fs::copy(kShapes.parent_path(), folder.path(), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
        fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    const fs::path victim = folder.path() / "images/val/0004.jpg";
    // A header that promises an image, and nothing after it.
    std::string bytes = test::content(victim);
    const std::size_t scan = bytes.find("\xFF\xDA");
    ASSERT_NE(scan, std::string::npos);
    std::ofstream(victim, std::ios::binary) << bytes.substr(0, scan) + "\xFF\xD9";
    const ValResults results = Model(kSample).val(args_for(folder.path() / "shapes.yaml"));
    EXPECT_EQ(results.images + results.corrupt, 32U);
    EXPECT_EQ(results.corrupt, 1U);
}

}  // namespace
}  // namespace yolovino
