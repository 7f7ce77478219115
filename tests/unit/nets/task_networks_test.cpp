#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "engine/model/checkpoint_info.hpp"
#include "nets/network.hpp"
#include "support/forge_yolov8.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

struct Counts {
    int layers;
    std::uint64_t parameters;
    double gflops;
};

/// What Ultralytics says of the packaged networks with the classes of the published files.
struct Documented {
    char scale;
    const char* task;
    int classes;
    Counts whole;
    Counts fused;
    int other_size;  ///< and what it counts there, not fused
    double other_gflops;
};

void PrintTo(const Documented& documented, std::ostream* out) {
    *out << "yolov8" << documented.scale << ' ' << documented.task;
}

class TaskSizes : public testing::TestWithParam<Documented> {};

TEST_P(TaskSizes, AreDescribedAsUltralyticsDoes) {
    const Documented& wanted = GetParam();
    const test::TempFolder folder;
    const fs::path file =
        test::forge::write_yolov8(folder.path() / "network.pt",
                                  {.scale = wanted.scale, .task = wanted.task, .classes = wanted.classes, .seed = 0});
    const auto checkpoint = checkpoint::Checkpoint::open(file);
    const ModelInfo info = engine::describe_checkpoint(checkpoint);
    EXPECT_EQ(info.layers, wanted.whole.layers);
    EXPECT_EQ(info.parameters, wanted.whole.parameters);
    EXPECT_NEAR(info.gflops, wanted.whole.gflops, 0.0501);
    EXPECT_EQ(info.fused_layers, wanted.fused.layers);
    EXPECT_EQ(info.fused_parameters, wanted.fused.parameters);
    EXPECT_NEAR(info.fused_gflops, wanted.fused.gflops, 0.0501);
    EXPECT_EQ(info.names.size(), static_cast<std::size_t>(wanted.classes));
    const nets::Cost cost = nets::build_shapes(checkpoint, {1, wanted.other_size, wanted.other_size}).cost;
    const double tolerance = wanted.other_gflops == wanted.whole.gflops || wanted.other_size > 640 ? 0.0501 : 0.00501;
    EXPECT_NEAR(2e-9 * static_cast<double>(cost.macs + 4 * cost.norm_elements), wanted.other_gflops, tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Documented, TaskSizes,
    testing::Values(Documented{'n', "segment", 80, {151, 3409968, 12.1}, {85, 3404320, 12.0}, 640, 12.1},
                    Documented{'n', "classify", 1000, {56, 2719288, 3.4}, {30, 2715880, 3.3}, 224, 0.41},
                    Documented{'n', "pose", 1, {144, 3295470, 9.3}, {81, 3289964, 9.2}, 1024, 23.8},
                    Documented{'n', "obb", 15, {144, 3085440, 8.5}, {81, 3080144, 8.3}, 1024, 21.6},
                    Documented{'s', "segment", 80, {151, 11821056, 40.3}, {85, 11810560, 40.1}, 640, 40.3},
                    Documented{'s', "classify", 1000, {56, 6361736, 12.6}, {30, 6356200, 12.4}, 224, 1.54},
                    Documented{'s', "pose", 1, {144, 11626046, 30.4}, {81, 11615724, 30.2}, 1024, 77.8},
                    Documented{'s', "obb", 15, {144, 11427584, 29.7}, {81, 11417376, 29.4}, 1024, 75.9},
                    Documented{'m', "segment", 80, {191, 27285968, 105.0}, {105, 27268704, 104.5}, 640, 105.0},
                    Documented{'m', "classify", 1000, {80, 17053336, 41.9}, {42, 17043656, 41.6}, 224, 5.13},
                    Documented{'m', "pose", 1, {184, 26464462, 81.4}, {101, 26447596, 81.0}, 1024, 208.4},
                    Documented{'m', "obb", 15, {184, 26425600, 81.3}, {101, 26408752, 80.9}, 1024, 208.0},
                    Documented{'l', "segment", 80, {231, 45997728, 211.1}, {125, 45973568, 210.4}, 640, 211.1},
                    Documented{'l', "classify", 1000, {104, 37480744, 99.1}, {54, 37465576, 98.7}, 224, 12.14},
                    Documented{'l', "pose", 1, {224, 44489196, 169.1}, {121, 44465580, 168.5}, 1024, 433.0},
                    Documented{'l', "obb", 15, {224, 44490240, 169.2}, {121, 44466624, 168.6}, 1024, 433.0},
                    Documented{'x', "segment", 80, {231, 71827888, 329.2}, {125, 71797696, 328.4}, 640, 329.2},
                    Documented{'x', "classify", 1000, {104, 57422840, 154.3}, {54, 57404200, 153.8}, 224, 18.91},
                    Documented{'x', "pose", 1, {224, 69491724, 264.0}, {121, 69462204, 263.2}, 1024, 675.7},
                    Documented{'x', "obb", 15, {224, 69493056, 264.0}, {121, 69463536, 263.2}, 1024, 675.7}),
    [](const auto& size) { return std::string(1, size.param.scale) + size.param.task; });

/// Without a folder in the repository.
struct Recorded {
    const char* folder;
    const char* name;
};

class TaskNetworks : public testing::TestWithParam<Recorded> {};

TEST_P(TaskNetworks, AreDescribedAsUltralyticsDoes) {
    if (GetParam().folder != nullptr) {
        YOLOVINO_NEEDS_SHARED();
    }
    const fs::path folder = GetParam().folder == nullptr ? fs::path(YOLOVINO_SOURCE_DIR "/tests/golden/families")
                                                         : test::shared_dir() / "golden" / GetParam().folder;
    std::ifstream stream(folder / "networks.json");
    const auto golden = nlohmann::json::parse(stream).at(GetParam().name);
    const ModelInfo info =
        engine::describe_checkpoint(checkpoint::Checkpoint::open(folder / (std::string(GetParam().name) + ".pt")));
    const auto expect_counts = [](const nlohmann::json& wanted, int layers, std::uint64_t parameters, double gflops) {
        EXPECT_EQ(layers, wanted.at("layers").get<int>());
        EXPECT_EQ(parameters, wanted.at("parameters").get<std::uint64_t>());
        EXPECT_DOUBLE_EQ(gflops, wanted.at("gflops_640").get<double>());
    };
    expect_counts(golden.at("info"), info.layers, info.parameters, info.gflops);
    expect_counts(golden.at("info_fused"), info.fused_layers, info.fused_parameters, info.fused_gflops);
    EXPECT_EQ(info.head, golden.at("head").get<std::string>());
    const auto names = golden.at("names").get<ClassNames>();
    // The classes of a classifier are its sorted folders.
    EXPECT_TRUE(info.head == "Classify" ? std::ranges::is_permutation(info.names, names) : info.names == names);
    EXPECT_EQ(info.imgsz.height, golden.at("imgsz").get<int>());
    const bool classifies = golden.at("task") == "classify";
    EXPECT_EQ(info.strides, classifies ? std::vector<int>{1} : (std::vector<int>{8, 16, 32}));
}

INSTANTIATE_TEST_SUITE_P(Goldens, TaskNetworks,
                         testing::Values(Recorded{"tasks", "v8seg"}, Recorded{"tasks", "v8pose"},
                                         Recorded{"tasks", "v8pose52"}, Recorded{"tasks", "v8obb"},
                                         Recorded{"tasks", "v8cls"}, Recorded{"tasks", "11det"},
                                         Recorded{"tasks", "11seg"}, Recorded{"tasks-trained", "shapes-v8seg"},
                                         Recorded{"tasks-trained", "shapes-v8pose"},
                                         Recorded{"tasks-trained", "shapes-v8obb"},
                                         Recorded{"tasks-trained", "shapes-v8cls"}),
                         [](const auto& each) {
                             std::string name = each.param.name;
                             std::erase(name, '-');
                             return name;
                         });

INSTANTIATE_TEST_SUITE_P(Families, TaskNetworks,
                         testing::Values(Recorded{nullptr, "v5u"}, Recorded{nullptr, "v9t"}, Recorded{nullptr, "v9c"},
                                         Recorded{nullptr, "v9e"}, Recorded{nullptr, "v10n"},
                                         Recorded{nullptr, "11pose"}, Recorded{nullptr, "11obb"},
                                         Recorded{nullptr, "11cls"}, Recorded{nullptr, "12seg"},
                                         Recorded{nullptr, "12l"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(TwoBranches, AreCountedAsFusingLeavesThem) {
    YOLOVINO_NEEDS_SHARED();
    using Branch = nets::HeadForm::Branch;
    for (const auto& [name, more] : {std::pair("26det", 2), {"26seg", 3}, {"26pose", 3}, {"26obb", 3}}) {
        SCOPED_TRACE(name);
        const auto checkpoint =
            checkpoint::Checkpoint::open(test::shared_dir() / "golden/tasks" / (std::string(name) + ".pt"));
        ModelInfo many;
        ModelInfo one;
        engine::count_fused(checkpoint, {.branch = Branch::OneToMany}, many);
        engine::count_fused(checkpoint, {.branch = Branch::OneToOne}, one);
        EXPECT_EQ(one.fused_parameters, many.fused_parameters);
        EXPECT_EQ(one.fused_layers, many.fused_layers + more) << "its copies bring activations of their own";
        EXPECT_DOUBLE_EQ(one.fused_gflops, many.fused_gflops);
    }
}

TEST(TaskHeads, AreListedWithTheirArguments) {
    YOLOVINO_NEEDS_SHARED();
    for (const auto& [name, arguments] : {std::pair{"v8seg", "[3, 32, 16, [16, 32, 64]]"},
                                          {"v8pose", "[1, [17, 3], [16, 32, 64]]"},
                                          {"v8pose52", "[2, [5, 2], [16, 32, 64]]"},
                                          {"v8obb", "[3, 1, [16, 32, 64]]"},
                                          {"v8cls", "[64, 12]"}}) {
        const fs::path file = test::shared_dir() / "golden/tasks" / (std::string(name) + ".pt");
        const ModelInfo info = engine::describe_checkpoint(checkpoint::Checkpoint::open(file));
        EXPECT_EQ(info.layer_table.back().arguments, arguments) << name;
    }
}

/// As Ultralytics lists the arguments of these layers while it builds the packaged networks, in other widths.
TEST(Layers, AreListedWithTheArgumentsOfTheirFamily) {
    const auto expect_arguments = [](const char* name, const std::map<int, std::string>& wanted) {
        const fs::path file = fs::path(YOLOVINO_SOURCE_DIR "/tests/golden/families") / (std::string(name) + ".pt");
        const ModelInfo info = engine::describe_checkpoint(checkpoint::Checkpoint::open(file));
        for (const auto& [index, arguments] : wanted)
            EXPECT_EQ(info.layer_table.at(static_cast<std::size_t>(index)).arguments, arguments)
                << name << " " << index;
    };
    expect_arguments("v5u", {{0, "[3, 8, 6, 2, 2]"}, {2, "[8, 8, 1]"}, {4, "[8, 8, 2]"}, {13, "[32, 16, 1, False]"}});
    expect_arguments(
        "11obb",
        {{2, "[8, 8, 1, False, 0.25]"}, {6, "[16, 16, 1, True]"}, {10, "[32, 32, 1]"}, {13, "[48, 16, 1, False]"}});
    expect_arguments("12l", {{6, "[64, 64, 2, True, 4, True, 1.2]"}, {8, "[64, 64, 2, True, 1, True, 1.2]"}});
    expect_arguments("v9t", {{2, "[8, 8, 16, 8]"}, {3, "[8, 8]"}, {4, "[8, 8, 16, 8, 3]"}, {9, "[16, 16, 16]"}});
    expect_arguments("v9e", {{0, "[]"}, {4, "[8, 8]"}, {12, "[16, [8, 8, 8]]"}, {16, "[[0, 0, 0, 0, 0]]"}});
}

TEST(PoseNetworks, NameTheirKeypoints) {
    YOLOVINO_NEEDS_SHARED();
    const auto info = [](const char* name) {
        return engine::describe_checkpoint(checkpoint::Checkpoint::open(test::shared_dir() / "golden/tasks" / name));
    };
    const ModelInfo person = info("v8pose.pt");
    EXPECT_EQ(person.kpt_shape, (KeypointShape{17, 3}));
    ASSERT_EQ(person.kpt_names.size(), 1U);
    ASSERT_EQ(person.kpt_names[0].size(), 17U);
    EXPECT_EQ(person.kpt_names[0][0], "nose");
    EXPECT_EQ(person.kpt_names[0][16], "right_ankle");
    EXPECT_EQ(info("v8pose52.pt").kpt_shape, (KeypointShape{5, 2}));
    EXPECT_EQ(info("v8seg.pt").kpt_shape, KeypointShape{});
}

}  // namespace
}  // namespace yolovino
