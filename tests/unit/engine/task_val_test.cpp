#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/yolovino.hpp"

#include "support/files.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json read(const fs::path& path) {
    std::ifstream stream(path);
    return Json::parse(stream);
}

/// A recorded network, its dataset, and what Ultralytics measured.
struct Recorded {
    std::string name;
    std::string task;
    bool trained = false;

    fs::path networks() const { return test::shared_dir() / "golden" / (trained ? "tasks-trained" : "tasks"); }
    fs::path values() const { return test::shared_dir() / "golden" / (trained ? "tasks-trained/val" : "tasks-val"); }
    fs::path checkpoint() const { return networks() / (name + ".pt"); }
    Json golden() const { return read(values() / "val.json").at(name); }
};

std::ostream& operator<<(std::ostream& out, const Recorded& recorded) {
    return out << recorded.name;
}

/// Images and labels under the names that the dataset file has.
fs::path lay_out(const Recorded& recorded, const fs::path& folder) {
    const fs::path labels = recorded.trained ? recorded.networks() / "val-data" / ("labels-" + recorded.task)
                                             : recorded.values() / ("labels-" + recorded.name);
    const fs::path photos = recorded.trained ? recorded.networks() / "val-data/photos" : recorded.values() / "photos";
    if (recorded.task == "classify")
        return recorded.trained ? recorded.networks() / "val-data/classify" : recorded.values() / "tree-v8cls";
    fs::create_directories(folder / "images");
    fs::create_directories(folder / "labels");
    fs::copy(photos, folder / "images/val");
    fs::copy(labels, folder / "labels/val");
    fs::copy_file(recorded.values() / ("data-" + recorded.name + ".yaml"), folder / "data.yaml");
    return folder / "data.yaml";
}

ValArgs args_for(const Recorded& recorded, const fs::path& data) {
    ValArgs args;
    args.data = data;
    const int side = read(recorded.networks() / "networks.json").at(recorded.name).at("imgsz").get<int>();
    args.imgsz = ImageSize{side, side};
    args.runtime.kind = Runtime::OpenVino;
    args.runtime.device = "cpu";
    args.runtime.precision = Precision::F32;
    args.save = args.plots = args.verbose = false;
    return args;
}

void expect_part(const ValPart& ours, const Json& golden) {
    ASSERT_EQ(ours.classes.size(), golden.at("classes").size());
    for (std::size_t i = 0; i < ours.classes.size(); ++i) {
        const ValClass& each = ours.classes[i];
        EXPECT_EQ(each.cls, golden.at("classes")[i].get<int>());
        EXPECT_NEAR(each.p, golden.at("p")[i].get<double>(), test::kClassMetric) << each.name;
        EXPECT_NEAR(each.r, golden.at("r")[i].get<double>(), test::kClassMetric) << each.name;
    }
}

void expect_golden(const ValResults& ours, const Json& golden) {
    ASSERT_EQ(ours.results_dict.size(), golden.at("results").size());
    for (const auto& [key, value] : golden.at("results").items())
        EXPECT_NEAR(ours[key], value.get<double>(), test::kMetric) << key;
    if (golden.contains("box")) expect_part({0, 0, 0, 0, 0, 0, ours.classes}, golden.at("box"));
    if (golden.contains("seg")) expect_part(ours.seg.value(), golden.at("seg"));
    if (golden.contains("pose")) expect_part(ours.pose.value(), golden.at("pose"));
    if (golden.contains("top1")) {
        EXPECT_NEAR(ours.top1.value(), golden.at("top1").get<double>(), test::kMetric);
    }
    if (golden.contains("top5")) {
        EXPECT_NEAR(ours.top5.value(), golden.at("top5").get<double>(), test::kMetric);
    }
}

void expect_confusion(const ValResults& ours, const Json& golden) {
    const Json& rows = golden.at("confusion");
    ASSERT_EQ(ours.confusion_matrix.size(), rows.size());
    for (std::size_t p = 0; p < rows.size(); ++p) {
        for (std::size_t t = 0; t < rows.size(); ++t)
            EXPECT_EQ(static_cast<double>(ours.confusion_matrix[p][t]), rows[p][t].get<double>()) << p << ", " << t;
    }
}

class TaskVal : public ::testing::TestWithParam<Recorded> {
protected:
    void SetUp() override {
        YOLOVINO_NEEDS_SHARED();
        data_ = lay_out(GetParam(), folder_.path() / "data");
    }
    ValArgs args() const { return args_for(GetParam(), data_); }

    test::TempFolder folder_;
    fs::path data_;
};

TEST_P(TaskVal, EqualsUltralyticsWithTheCheckpointInRectangles) {
    YOLOVINO_NEEDS_SHARED();
    ValArgs args = this->args();
    args.batch = 4;
    const ValResults ours = Model(GetParam().checkpoint()).val(args);
    expect_golden(ours, GetParam().golden().at("checkpoint_rect_batch4"));
    if (GetParam().task == "classify") expect_confusion(ours, GetParam().golden().at("checkpoint_rect_batch4"));
}

TEST_P(TaskVal, EqualsUltralyticsWithTheExportedNetwork) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path exported =
        Model(GetParam().checkpoint())
            .export_to(
                {.format = "openvino", .imgsz = args().imgsz, .verbose = false, .output_folder = folder_.path()});
    expect_golden(Model(exported).val(args()), GetParam().golden().at("openvino"));
}

/// Of tasks that find objects; classes of images have no such files.
class TaskValFiles : public TaskVal {};

TEST_P(TaskValFiles, EqualUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    ValArgs args = this->args();
    args.rect = false;
    args.batch = 1;
    args.conf = 0.2;
    args.save_json = args.save_txt = args.save_conf = true;
    args.project = (folder_.path() / "runs").string();
    const ValResults ours = Model(GetParam().checkpoint()).val(args);
    const Json golden = GetParam().golden().at("openvino_json_conf0.2");
    expect_golden(ours, golden);
    expect_confusion(ours, golden);
    const Json rows = read(ours.save_dir / "predictions.json");
    const Json wanted = read(GetParam().values() / ("predictions-" + GetParam().name + ".json"));
    ASSERT_GE(rows.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        ASSERT_EQ(rows[i].size(), wanted[i].size());
        for (const auto& [key, value] : wanted[i].items()) EXPECT_TRUE(rows[i].contains(key)) << key;
        EXPECT_NEAR(rows[i].at("score").get<double>(), wanted[i].at("score").get<double>(), 1e-4) << i;
    }
}

TEST_P(TaskVal, MergedShardsEqualTheWholeRun) {
    YOLOVINO_NEEDS_SHARED();
    const Model model(GetParam().checkpoint());
    ValArgs args = this->args();
    args.batch = 2;
    const ValResults whole = model.val(args);
    std::string files;
    for (const char* shard : {"1/3", "2/3", "3/3"}) {
        args.shard = shard;
        args.project = (folder_.path() / "runs").string();
        files += model.val(args).shard_file.string() + ",";
    }
    args.shard.clear();
    const ValResults merged = merge_val(files, args);
    EXPECT_EQ(merged.results_dict, whole.results_dict);
    EXPECT_EQ(merged.confusion_matrix, whole.confusion_matrix);
    EXPECT_EQ(merged.images, whole.images);
    EXPECT_EQ(merged.coco.ap, whole.coco.ap);
    EXPECT_EQ(merged.seg.has_value(), whole.seg.has_value());
    EXPECT_EQ(merged.pose.has_value(), whole.pose.has_value());
    if (whole.coco_masks) {
        EXPECT_EQ(merged.coco_masks.value().ap, whole.coco_masks->ap);
    }
    if (whole.coco_keypoints) {
        EXPECT_EQ(merged.coco_keypoints.value().ap, whole.coco_keypoints->ap);
    }
}

/// YOLO26 with its two heads, by nms.
TEST(TwoBranchVal, EqualsUltralyticsInOpenVinoF32OnCpu) {
    YOLOVINO_NEEDS_SHARED();
    const Recorded recorded{"26det", "detect"};
    const test::TempFolder folder;
    ValArgs args = args_for(recorded, lay_out(recorded, folder.path() / "data"));
    args.batch = 4;
    const Model model(recorded.checkpoint());
    expect_golden(model.val(args), recorded.golden().at("checkpoint_rect_batch4"));
    args.nms = true;
    expect_golden(model.val(args), recorded.golden().at("checkpoint_rect_batch4"));
    args.nms = false;
    const ValResults one_to_one = model.val(args);
    expect_golden(one_to_one, recorded.golden().at("checkpoint_rect_batch4_end2end"));
    // The labels of this set are more than 20 in some image: the default would be raised, a number that is given stays.
    args.max_det = 3;
    EXPECT_LT(model.val(args).map, one_to_one.map);
    args = args_for(recorded, folder.path() / "data/data.yaml");
    const auto exported = [&](std::optional<bool> nms) {
        return Model(recorded.checkpoint())
            .export_to({.format = "openvino",
                        .imgsz = args.imgsz,
                        .nms = nms,
                        .verbose = false,
                        .output_folder = folder.path()});
    };
    expect_golden(Model(exported({})).val(args), recorded.golden().at("openvino"));
    EXPECT_GT(Model(exported(false)).val(args).map, 0);
}

const std::vector<Recorded> kObjects = {{"shapes-v8seg", "segment", true},
                                        {"shapes-v8pose", "pose", true},
                                        {"shapes-v8obb", "obb", true},
                                        {"v8seg", "segment"},
                                        {"v8pose", "pose"},
                                        {"v8pose52", "pose"},
                                        {"v8obb", "obb"}};
const std::vector<Recorded> kImages = {{"shapes-v8cls", "classify", true}, {"v8cls", "classify"}};

std::string name_of(const testing::TestParamInfo<Recorded>& each) {
    std::string name = each.param.name;
    std::erase(name, '-');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Objects, TaskVal, testing::ValuesIn(kObjects), name_of);
INSTANTIATE_TEST_SUITE_P(Images, TaskVal, testing::ValuesIn(kImages), name_of);
INSTANTIATE_TEST_SUITE_P(Objects, TaskValFiles, testing::ValuesIn(kObjects), name_of);

}  // namespace
}  // namespace yolovino
