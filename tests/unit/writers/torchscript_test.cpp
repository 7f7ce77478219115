#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdlib.h>

#include "yolovino/yolovino.hpp"

#include "base/half.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "support/files.hpp"
#include "support/read_zip.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"
#include "writers/torchscript/code.hpp"
#include "writers/torchscript/file.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using checkpoint::Pickle;

using test::content;
using test::kSample;

/// An exported archive by the names within its folder.
struct Archive {
    std::vector<test::ZipMember> members;
    std::map<std::string, std::string> data;

    explicit Archive(ExportArgs args, const fs::path& checkpoint = kSample) {
        const test::TempFolder folder;
        args.format = "torchscript";
        args.verbose = false;
        args.output_folder = folder.path();
        members = test::read_zip(Model(checkpoint).export_to(args));
        for (const auto& member : members) data[member.name.substr(member.name.find('/') + 1)] = member.data;
    }
    Pickle pickle(const std::string& name) const {
        const auto bytes = std::as_bytes(std::span(data.at(name)));
        return checkpoint::parse_pickle({bytes.begin(), bytes.end()}, name, 0);
    }
};

struct Tensor {
    std::string storage_type;
    std::string key;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
    std::int64_t count = 0;
};

Tensor tensor_of(const Pickle& pickle, Pickle::Index node) {
    EXPECT_TRUE(pickle.is_object(node));
    EXPECT_EQ(pickle.callable(node).name, "_rebuild_tensor_v2");
    const auto arguments = pickle.arguments(node);
    const auto numbers = [&](Pickle::Index tuple) {
        std::vector<std::int64_t> out;
        for (const Pickle::Index item : pickle.items(tuple)) out.push_back(pickle.integer(item));
        return out;
    };
    const auto id = pickle.items(pickle.persistent_id(arguments[0]));
    return {std::string(pickle.global(id[1]).name), std::string(pickle.text(id[2])), numbers(arguments[2]),
            numbers(arguments[3]), pickle.integer(id[4])};
}

std::map<std::string, Tensor> tensors_of(const Archive& archive) {
    const Pickle pickle = archive.pickle("data.pkl");
    std::map<std::string, Tensor> out;
    const auto pairs = pickle.pairs(pickle.object(pickle.root()).state);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const std::string name(pickle.text(pairs[i]));
        if (name != "training") out[name] = tensor_of(pickle, pairs[i + 1]);
    }
    return out;
}

TEST(TorchScript, ArchiveIsLaidOutAsPyTorchDoes) {
    const Archive archive({});
    EXPECT_EQ(archive.members.front().name, "yolov8-shapes/extra/config.txt");
    for (const auto& member : archive.members) {
        EXPECT_TRUE(member.name.starts_with("yolov8-shapes/")) << member.name;
        EXPECT_TRUE(member.crc_is_true) << member.name;
        EXPECT_EQ(member.data_offset % 64, 0U) << member.name;
    }
    for (const char* name : {"data.pkl", "code/__torch__.py", "constants.pkl", "version", "byteorder"})
        EXPECT_TRUE(archive.data.contains(name)) << name;
    EXPECT_EQ(archive.data.at("version"), "3\n");
    EXPECT_EQ(archive.data.at("byteorder"), "little");
    EXPECT_EQ(archive.data.at("constants.pkl"), "\x80\x02).");
}

TEST(TorchScript, PickleDescribesExactlyTheBytesThatAreThere) {
    for (const bool half : {false, true}) {
        const Archive archive({.half = half});
        const auto tensors = tensors_of(archive);
        EXPECT_TRUE(tensors.contains("model.0.conv.weight"));
        EXPECT_TRUE(tensors.contains("model.22.dfl.conv.weight"));
        EXPECT_TRUE(tensors.contains("model.22.anchors"));
        std::size_t entries = 0;
        for (const auto& [name, bytes] : archive.data) entries += name.starts_with("data/") ? 1 : 0;
        EXPECT_EQ(entries, tensors.size());
        for (const auto& [name, tensor] : tensors) {
            std::int64_t count = 1;
            for (std::size_t i = tensor.shape.size(); i-- > 0; count *= tensor.shape[i])
                EXPECT_EQ(tensor.strides[i], count) << name;
            EXPECT_EQ(tensor.count, count) << name;
            EXPECT_EQ(tensor.storage_type, half ? "HalfStorage" : "FloatStorage") << name;
            EXPECT_EQ(archive.data.at("data/" + tensor.key).size(), static_cast<std::size_t>(count) * (half ? 2 : 4));
        }
    }
}

TEST(TorchScript, HalfHoldsTheRoundedWeights) {
    const Archive full({});
    const Archive half({.half = true});
    const std::string floats = full.data.at("data/" + tensors_of(full).at("model.22.cv3.0.2.weight").key);
    const std::string halves = half.data.at("data/" + tensors_of(half).at("model.22.cv3.0.2.weight").key);
    for (std::size_t i = 0; i < floats.size() / 4; ++i) {
        const float value = test::little_at<float>(floats, 4 * i);
        ASSERT_EQ(test::little_at<std::uint16_t>(halves, 2 * i), base::to_half(value));
    }
}

TEST(TorchScript, CodeDeclaresTheAttributesOfThePickle) {
    for (const bool dynamic : {false, true}) {
        const Archive archive({.dynamic = dynamic});
        const std::string& code = archive.data.at("code/__torch__.py");
        EXPECT_TRUE(code.ends_with("\n"));
        EXPECT_EQ(code.find('\t'), std::string::npos);
        const auto tensors = tensors_of(archive);
        for (const auto& [name, tensor] : tensors) {
            EXPECT_NE(code.find("__annotations__[\"" + name + "\"] = Tensor\n"), std::string::npos) << name;
            EXPECT_NE(code.find("getattr(self, \"" + name + "\")\n"), std::string::npos) << name;
        }
        EXPECT_EQ(tensors.contains("model.22.anchors"), !dynamic);
    }
}

// PyTorch 2.15 loads this text and computes with it what it says.
TEST(TorchScript, CodeOfASmallNetwork) {
    namespace op = graph::op;
    graph::Graph graph;
    const auto data = [](std::size_t count) { return std::make_shared<const std::vector<float>>(count, 1.0F); };
    const graph::Value images = graph.add("images", op::Input{{1, 3, 8, 8}}, {});
    const op::Conv2d conv{.weight = {{4, 3, 1, 1}, data(12)}, .bias = {{4}, data(4)}, .stride = {2, 2}};
    const graph::Value first = graph.add("model.0.conv", conv, {images});
    const graph::Value active = graph.add("model.0.act", op::Activation{}, {first});
    const graph::Value parts = graph.add("model.1", op::Split{.axis = 1, .sizes = {1, 3}}, {active});
    const graph::Value flat = graph.add("model_1", op::Reshape{{0, 3, -1}}, {{parts.node, 1}});
    const graph::Value half = graph.add("model.2", op::Scale{2.0F}, {flat});
    graph.add("output0", op::Output{}, {half});
    EXPECT_EQ(writers::torchscript::write_code(graph, false).source, R"(class DetectionModel(Module):
  __parameters__ = ["model.0.conv.weight", "model.0.conv.bias", ]
  __buffers__ = []
  training : bool
  __annotations__["model.0.conv.weight"] = Tensor
  __annotations__["model.0.conv.bias"] = Tensor
  def forward(self: __torch__.DetectionModel,
    images: Tensor) -> Tensor:
    model_0_conv_weight = getattr(self, "model.0.conv.weight")
    model_0_conv_bias = getattr(self, "model.0.conv.bias")
    model_0_conv = torch.conv2d(images, model_0_conv_weight, model_0_conv_bias, [2, 2], [0, 0], [1, 1], 1)
    model_0_act = torch.silu(model_0_conv)
    model_1_0, model_1_1, = torch.split_with_sizes(model_0_act, [1, 3], 1)
    model_1 = torch.reshape(model_1_1, [torch.size(model_1_1, 0), 3, -1])
    model_2 = torch.mul(model_1, 2.)
    return model_2
)");
}

TEST(TorchScript, CodeOfMeansOffsetsAndAngles) {
    namespace op = graph::op;
    graph::Graph graph;
    const graph::Value images = graph.add("images", op::Input{{1, 3, 8, 8}}, {});
    const graph::Value mean = graph.add("mean", op::GlobalMean{}, {images});
    const graph::Value offset = graph.add("offset", op::Offset{-0.25F}, {mean});
    const graph::Value sine = graph.add("sine", op::Sine{}, {offset});
    graph.add("output0", op::Output{}, {graph.add("cosine", op::Cosine{}, {sine})});
    const std::string source = writers::torchscript::write_code(graph, false).source;
    EXPECT_NE(source.find("    mean = torch.adaptive_avg_pool2d(images, [1, 1])\n"
                          "    offset = torch.add(mean, -0.25)\n"
                          "    sine = torch.sin(offset)\n"
                          "    cosine = torch.cos(sine)\n"),
              std::string::npos)
        << source;
}

TEST(TorchScript, ConfigIsUltralyticsJson) {
    YOLOVINO_NEEDS_SHARED();
    const Archive archive({.imgsz = ImageSize{64, 96}, .half = true, .dynamic = true, .batch = 2, .optimize = true},
                          test::shared_dir() / "checkpoints/random/nc3odd.pt");
    const auto config = nlohmann::ordered_json::parse(archive.data.at("extra/config.txt"));
    EXPECT_EQ(config.at("names").dump(), R"({"0":"it's","1":"say \"hi\", twice","2":"naïve 猫"})");
    EXPECT_EQ(config.at("imgsz").dump(), "[64,96]");
    EXPECT_EQ(config.at("args").dump(), R"({"batch":2,"quantize":16,"nms":null,"dynamic":true})");
    EXPECT_EQ(config.at("task"), "detect");
}

TEST(TorchScript, AFailureLeavesTheOldFileAndNothingElse) {
    const test::TempFolder folder;
    const fs::path file = folder.path() / "m.torchscript";
    std::ofstream(file) << "old";
    namespace op = graph::op;
    graph::Graph no_weights;
    const graph::Value images = no_weights.add("images", op::Input{{1, 3, 8, 8}}, {});
    const op::Conv2d empty{.weight = {{4, 3, 1, 1}, nullptr}, .bias = {}};
    no_weights.add("output0", op::Output{}, {no_weights.add("model.0", empty, {images})});
    EXPECT_THROW(writers::torchscript::write_file(no_weights, {}, file), Error);
    graph::Graph quoted;
    quoted.add("output0", op::Output{}, {quoted.add("a\"b", op::Input{{1, 3, 8, 8}}, {})});
    EXPECT_THROW(writers::torchscript::write_file(quoted, {}, file), Error);
    EXPECT_EQ(content(file), "old");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace yolovino
