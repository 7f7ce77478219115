#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "checkpoint/checkpoint.hpp"
#include "nets/network.hpp"
#include "runtime/libtorch/libtorch.hpp"
#include "runtime/onnxruntime/network.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/session.hpp"
#include "support/libtorch.hpp"
#include "support/npz.hpp"
#include "support/raw_output.hpp"
#include "support/shared.hpp"
#include "writers/metadata.hpp"
#include "writers/onnx/file.hpp"
#include "writers/openvino/folder.hpp"
#include "writers/torchscript/file.hpp"

/// The raw outputs of the tasks' networks are those of Ultralytics' own exports, whatever runs them.
namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// How far each kind of number may lie from the recorded one.
struct Bounds {
    double pixels;
    double others;
};

struct Recorded {
    const char* folder;
    const char* name;
    Bounds bounds;
};

/// Where the small networks of the other families lie, in the repository.
const fs::path kFamilies = YOLOVINO_SOURCE_DIR "/tests/golden/families";

// OpenVINO gives the recorded numbers to the last bit. Elsewhere the order of sums differs: by up to 8e-5 px, 6e-6, and
// in probabilities 1.2e-7 of trained networks; untrained ones amplify it to 0.052 px, 2.1e-4, and 1.2e-6.
constexpr Bounds kTrained = {0.01, 1e-5};
constexpr Bounds kTrainedClasses = {0, 1e-6};
constexpr Bounds kUntrained = {0.08, 3e-4};
constexpr Bounds kUntrainedClasses = {0, 3e-6};
// Attention adds to it: coefficients of masks by 4.3e-4 in LibTorch.
constexpr Bounds kUntrainedAttention = {0.08, 8e-4};
// And so does the sum of three feature maps that YOLO26 makes prototypes of, by 1.3e-3 in LibTorch.
constexpr Bounds kUntrainedSums = {0.08, 2e-3};

const Recorded kNetworks[] = {
    {"tasks-trained", "shapes-v8seg", kTrained},
    {"tasks-trained", "shapes-v8pose", kTrained},
    {"tasks-trained", "shapes-v8obb", kTrained},
    {"tasks-trained", "shapes-v8cls", kTrainedClasses},
    {"tasks", "v8seg", kUntrained},
    {"tasks", "v8pose", kUntrained},
    {"tasks", "v8pose52", kUntrained},
    {"tasks", "v8obb", kUntrained},
    {"tasks", "v8cls", kUntrainedClasses},
    {"tasks", "11det", kUntrained},
    {"tasks", "11seg", kUntrainedAttention},
    {"tasks", "26det", kUntrained},
    {"tasks", "26seg", kUntrainedSums},
    {"tasks", "26pose", kUntrained},
    {"tasks", "26obb", kUntrained},
};

const Recorded kFamilyNetworks[] = {
    {nullptr, "v5u", kUntrained},   {nullptr, "v9t", kUntrained},   {nullptr, "v9c", kUntrained},
    {nullptr, "v9e", kUntrained},   {nullptr, "v10n", kUntrained},  {nullptr, "11pose", kUntrained},
    {nullptr, "11obb", kUntrained}, {nullptr, "11cls", kUntrained}, {nullptr, "12seg", kUntrained},
    {nullptr, "12l", kUntrained},
};

#define NEEDS_RECORDED()                             \
    if (std::get<0>(GetParam()).folder != nullptr) { \
        YOLOVINO_NEEDS_SHARED();                     \
    }

class TaskOutputs : public testing::TestWithParam<std::tuple<Recorded, bool>> {
protected:
    void SetUp() override {
        NEEDS_RECORDED();
        const auto& [recorded, dynamic] = GetParam();
        folder_ = recorded.folder == nullptr ? kFamilies : test::shared_dir() / "golden" / recorded.folder;
        std::ifstream stream(folder_ / "networks.json");
        facts_ = nlohmann::json::parse(stream).at(recorded.name);
        pixels_ = test::read_npy<std::uint8_t>(folder_ / facts_.at("input").get<std::string>());
        const auto checkpoint = checkpoint::Checkpoint::open(folder_ / (std::string(recorded.name) + ".pt"));
        head_ = nets::read_head(checkpoint);
        const nets::InputShape fixed = {1, static_cast<std::int64_t>(pixels_.shape[0]),
                                        static_cast<std::int64_t>(pixels_.shape[1])};
        graph_ = std::make_shared<const graph::Graph>(
            nets::build_network(checkpoint, dynamic ? nets::InputShape::dynamic() : fixed).graph);
        metadata_.imgsz = {static_cast<int>(fixed.height), static_cast<int>(fixed.width)};
        metadata_.task = facts_.at("task").get<std::string>();
        metadata_.head = head_.class_name;
        metadata_.dynamic = dynamic;
    }

    bool is_pixels(std::size_t row) const {
        if (head_.reg_max == 0) return false;
        if (row < 4) return true;
        const auto first = static_cast<std::size_t>(4 + head_.classes);
        const auto dims = static_cast<std::size_t>(head_.keypoints.dims);
        return dims > 0 && row >= first && (row - first) % dims < 2;
    }

    void expect_recorded(runtime::LoadedNetwork& network) const {
        const auto& [recorded, dynamic] = GetParam();
        EXPECT_EQ(network.dynamic(), dynamic);
        const auto compiled = network.compile({.device = {}, .precision = Precision::F32, .cache_dir = {}}, {0, {}});
        const auto session = compiled->new_session();
        const std::vector<float> tensor = test::as_tensor(pixels_);
        const auto input = session->input({1, metadata_.imgsz});
        ASSERT_EQ(input.size(), tensor.size());
        std::copy(tensor.begin(), tensor.end(), input.begin());
        const tensors::Outputs& outputs = session->infer();
        ASSERT_EQ(outputs.tensors.size(), facts_.at("outputs").size());
        for (std::size_t i = 0; i < outputs.tensors.size(); ++i) expect_tensor(outputs.tensors[i], i, recorded);
    }

    void expect_tensor(const tensors::OutputTensor& tensor, std::size_t index, const Recorded& recorded) const {
        const std::string name = fmt::format("output{}", index);
        const auto wanted = test::read_npz<float>(folder_ / (std::string(recorded.name) + ".npz"), name);
        EXPECT_EQ(tensor.name, name);
        ASSERT_EQ((std::vector<std::size_t>{tensor.shape.begin(), tensor.shape.end()}), wanted.shape);
        double pixels = 0;
        double others = 0;
        const std::size_t anchors = tensor.shape.size() == 3 ? wanted.shape[2] : 1;
        for (std::size_t i = 0; i < wanted.values.size(); ++i) {
            double& worst = index == 0 && is_pixels(i / anchors) ? pixels : others;
            worst = std::max(worst, std::abs(static_cast<double>(tensor.data[i]) - wanted.values[i]));
        }
        EXPECT_LE(pixels, recorded.bounds.pixels) << recorded.name << " " << name;
        EXPECT_LE(others, recorded.bounds.others) << recorded.name << " " << name;
    }

    test::TempFolder temporary_;
    fs::path folder_;
    nlohmann::json facts_;
    test::NpyArray<std::uint8_t> pixels_;
    nets::HeadInfo head_;
    std::shared_ptr<const graph::Graph> graph_;
    writers::Metadata metadata_;
};

TEST_P(TaskOutputs, OfTheCheckpointInOpenVino) {
    NEEDS_RECORDED();
    expect_recorded(*runtime::load_openvino(*graph_));
}

/// LibTorch runs every checkpoint with any shape.
class DynamicTaskOutputs : public TaskOutputs {};

TEST_P(DynamicTaskOutputs, OfTheCheckpointInLibTorch) {
    NEEDS_RECORDED();
    YOLOVINO_NEEDS_LIBTORCH();
    expect_recorded(*runtime::load_libtorch(graph_));
}

TEST_P(TaskOutputs, OfOpenVinoFiles) {
    NEEDS_RECORDED();
    writers::openvino::write_folder(*graph_, metadata_, temporary_.path(), "network");
    expect_recorded(*runtime::load_openvino(temporary_.path() / "network.xml"));
}

TEST_P(TaskOutputs, OfOnnxFilesInBothRuntimes) {
    NEEDS_RECORDED();
    metadata_.format = writers::Format::Onnx;
    const fs::path file = temporary_.path() / "network.onnx";
    writers::onnx::write_file(*graph_, metadata_, {.opset = writers::onnx::kDefaultOpset}, file);
    expect_recorded(*runtime::load_onnxruntime(file));
    expect_recorded(*runtime::load_openvino(file));
}

TEST_P(TaskOutputs, OfTorchScriptFiles) {
    NEEDS_RECORDED();
    YOLOVINO_NEEDS_LIBTORCH();
    metadata_.format = writers::Format::TorchScript;
    const fs::path file = temporary_.path() / "network.torchscript";
    writers::torchscript::write_file(*graph_, metadata_, file);
    expect_recorded(*runtime::load_libtorch(file, {.dynamic = metadata_.dynamic, .shape = {1, metadata_.imgsz}}));
}

std::string name_of(const testing::TestParamInfo<std::tuple<Recorded, bool>>& each) {
    std::string name = std::get<0>(each.param).name;
    std::erase(name, '-');
    return name + (std::get<1>(each.param) ? "Dynamic" : "Fixed");
}

INSTANTIATE_TEST_SUITE_P(Networks, TaskOutputs, testing::Combine(testing::ValuesIn(kNetworks), testing::Bool()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Networks, DynamicTaskOutputs,
                         testing::Combine(testing::ValuesIn(kNetworks), testing::Values(true)), name_of);
INSTANTIATE_TEST_SUITE_P(Families, TaskOutputs, testing::Combine(testing::ValuesIn(kFamilyNetworks), testing::Bool()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Families, DynamicTaskOutputs,
                         testing::Combine(testing::ValuesIn(kFamilyNetworks), testing::Values(true)), name_of);

}  // namespace
}  // namespace yolovino
