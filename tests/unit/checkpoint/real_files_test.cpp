#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include "support/files.hpp"
#include "support/forge_checkpoint.hpp"

namespace yolovino::test {
namespace {

namespace fs = std::filesystem;
using checkpoint::Checkpoint;
using checkpoint::Module;

struct Totals {
    std::set<const Module*> seen;
    std::uint64_t parameters = 0;
    std::size_t tensors = 0;
};

void add_up(const Checkpoint& file, const Module& module, Totals& totals) {
    if (!totals.seen.insert(&module).second) return;
    for (const auto& [name, tensor] : module.parameters) {
        if (!tensor) continue;
        totals.parameters += tensor->element_count();
        ++totals.tensors;
        EXPECT_EQ(file.read_f32(*tensor, module.path + "." + name).size(), tensor->element_count());
    }
    for (const auto& [name, child] : module.children) add_up(file, *child, totals);
}

Totals totals_of(const Checkpoint& file) {
    Totals totals;
    add_up(file, file.model(), totals);
    return totals;
}

const Module* descend(const Module& from, std::initializer_list<std::string_view> names) {
    const Module* module = &from;
    for (const auto name : names) module = module == nullptr ? nullptr : module->child(name);
    return module;
}

TEST(RealFiles, OfficialCheckpointIsRead) {
    YOLOVINO_NEEDS_SHARED();
    const auto file = Checkpoint::open(shared_dir() / "models" / "yolov8n.pt");
    const Totals totals = totals_of(file);
    EXPECT_EQ(totals.parameters, 3'157'200U);
    EXPECT_EQ(totals.tensors, 184U);
    EXPECT_EQ(totals.seen.size(), 225U);
    EXPECT_EQ(file.sha256(), "878da63ce3b48b7de27cd5a27e0767cfbe8e8152312b3256e5c22c1c393aa7b4");

    EXPECT_EQ(file.model().class_path(), "ultralytics.nn.tasks.DetectionModel");
    const auto* names = file.model().attribute("names");
    ASSERT_NE(names, nullptr);
    const auto& dict = std::get<checkpoint::Dict>(names->data);
    ASSERT_EQ(dict.size(), 80U);
    EXPECT_EQ(dict[0].key.as_int(), 0);
    EXPECT_EQ(*dict[79].value.as_string(), "toothbrush");
    EXPECT_EQ(file.metadata("train_args")->find("imgsz")->as_int(), 640);
    EXPECT_EQ(*file.metadata("version")->as_string(), "8.0.0.dev0");
}

TEST(RealFiles, LayersCarryClassesAndWeights) {
    YOLOVINO_NEEDS_SHARED();
    const auto file = Checkpoint::open(shared_dir() / "models" / "yolov8n.pt");
    const Module* layers = file.model().child("model");
    ASSERT_NE(layers, nullptr);
    ASSERT_EQ(layers->children.size(), 23U);
    EXPECT_EQ(layers->child("2")->class_path(), "ultralytics.nn.modules.block.C2f");
    EXPECT_EQ(layers->child("9")->class_name, "SPPF");
    EXPECT_EQ(layers->child("22")->class_path(), "ultralytics.nn.modules.head.Detect");
    EXPECT_EQ(layers->child("22")->attribute("f")->to_text(), "[15, 18, 21]");
    EXPECT_EQ(descend(*layers, {"0", "act"}), descend(*layers, {"1", "act"}));

    const Module* conv = descend(*layers, {"0", "conv"});
    ASSERT_NE(conv, nullptr);
    EXPECT_EQ(conv->path, "model.0.conv");
    EXPECT_EQ(conv->parameter("weight")->shape, (std::vector<std::int64_t>{16, 3, 3, 3}));
    EXPECT_EQ(conv->parameter("bias"), nullptr);
    const auto dfl = file.read_f32(*descend(*layers, {"22", "dfl", "conv"})->parameter("weight"), "dfl");
    ASSERT_EQ(dfl.size(), 16U);
    for (std::size_t i = 0; i < dfl.size(); ++i) EXPECT_EQ(dfl[i], static_cast<float>(i));
    const auto stride = file.read_f32(*file.model().attribute("stride")->as_tensor(), "stride");
    EXPECT_EQ(stride, (std::vector<float>{8, 16, 32}));
}

TEST(RealFiles, CheckpointsOfOtherShapesAreRead) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(shared_dir() / "checkpoints" / "random")) {
        if (entry.path().extension() != ".pt") continue;
        const auto file = Checkpoint::open(entry.path());
        EXPECT_GT(totals_of(file).parameters, 2'900'000U) << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 4U);
    const auto sample = Checkpoint::open(shared_dir() / "sample" / "yolov8-shapes.pt");
    EXPECT_EQ(totals_of(sample).parameters, 913'028U);
    EXPECT_EQ(sample.model().attribute("names")->to_text(), "{0: 'circle', 1: 'square', 2: 'triangle', 3: 'star'}");
}

TEST(RealFiles, OddClassNamesSurvive) {
    YOLOVINO_NEEDS_SHARED();
    const auto file = Checkpoint::open(shared_dir() / "checkpoints" / "random" / "nc3odd.pt");
    EXPECT_EQ(file.model().attribute("names")->to_text(), R"({0: "it's", 1: 'say "hi", twice', 2: 'naïve 猫'})");
}

TEST(RealFiles, TruncatedDownloadsAreNamed) {
    YOLOVINO_NEEDS_SHARED();
    for (const char* name : {"truncated_yolov8n.pt", "truncated_yolov8l.pt"}) {
        try {
            Checkpoint::open(shared_dir() / "checkpoints" / name);
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile);
            EXPECT_EQ(error.message(), "truncated download: central directory missing");
        }
    }
}

TEST(RealFiles, MaliciousCorpusIsRefused) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(shared_dir() / "corpora" / "picklescan")) {
        EXPECT_THROW(Checkpoint::open(entry.path()), Error) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 45U);
}

TEST(RealFiles, OfficialPickleOfTheLargeModelLacksOnlyItsStorages) {
    YOLOVINO_NEEDS_SHARED();
    const std::string bytes = content(shared_dir() / "checkpoints" / "yolov8l.data.pkl");
    const TempFolder folder;
    const fs::path path = forge::write(folder.path() / "l.pt", forge::archive(bytes).bytes());
    try {
        Checkpoint::open(path);
        ADD_FAILURE() << "storages are missing";
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("which the file does not hold"), std::string::npos) << error.what();
    }
}

TEST(RealFiles, ReadingIsThreadSafe) {
    YOLOVINO_NEEDS_SHARED();
    const auto file = Checkpoint::open(shared_dir() / "sample" / "yolov8-shapes.pt");
    std::vector<std::thread> threads;
    std::vector<std::string> hashes(4);
    for (std::string& hash : hashes) {
        threads.emplace_back([&file, &hash] {
            totals_of(file);
            hash = file.sha256();
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::ranges::count(hashes, hashes.front()), 4);
}

}  // namespace
}  // namespace yolovino::test
