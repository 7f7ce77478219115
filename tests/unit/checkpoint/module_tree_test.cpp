#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

using ModuleTreeTest = CheckpointTest;

std::string sequential(const Pairs& children) {
    return module("torch.nn.modules.container", "Sequential", {.children = children});
}

TEST_F(ModuleTreeTest, EmaIsPreferredToModel) {
    const auto file = open_pickle(named({{"model", module("a", "Plain")}, {"ema", module("a", "Averaged")}}));
    EXPECT_EQ(file.model().class_name, "Averaged");
    EXPECT_EQ(open_pickle(named({{"ema", none()}, {"model", module("a", "Plain")}})).model().class_name, "Plain");
}

TEST_F(ModuleTreeTest, BareModuleIsACheckpoint) {
    const auto file = open_pickle(detection_model());
    EXPECT_EQ(file.model().class_path(), "ultralytics.nn.tasks.DetectionModel");
    EXPECT_TRUE(file.metadata().empty());
}

TEST_F(ModuleTreeTest, MetadataKeepsItsOrderWithoutTheModel) {
    const auto file = open_pickle(
        named({{"date", text("today")}, {"model", detection_model()}, {"ema", none()}, {"version", text("8.0.0")}}));
    ASSERT_EQ(file.metadata().size(), 2U);
    EXPECT_EQ(*file.metadata()[1].key.as_string(), "version");
    EXPECT_EQ(file.metadata("model"), nullptr);
}

TEST_F(ModuleTreeTest, UnknownClassesAreRecordedAndNotRefused) {
    const auto file =
        open_pickle(detection_model({.children = {{"model", sequential({{"0", module("ultralytics.nn.modules", "Conv")},
                                                                        {"1", module("my.fork", "Secret")}})}}}));
    const auto* layers = file.model().child("model");
    EXPECT_EQ(layers->child("0")->class_module, "ultralytics.nn.modules");
    EXPECT_EQ(layers->child("0")->class_name, "Conv");
    EXPECT_EQ(layers->child("1")->path, "model.1");
}

TEST_F(ModuleTreeTest, SharedModuleStaysOneObjectWithItsFirstPath) {
    const auto file = open_pickle(sequential({{"a", module("torch.nn", "SiLU") + put(0)}, {"b", get(0)}}));
    EXPECT_EQ(file.model().child("a"), file.model().child("b"));
    EXPECT_EQ(file.model().child("b")->path, "a");
}

TEST_F(ModuleTreeTest, ModuleThatContainsItselfIsRefused) {
    const std::string state =
        named({{"_modules", named({{"again", get(0)}})}, {"_parameters", named({})}, {"_buffers", named({})}});
    expect_pickle_refused(build(new_object(global("a", "Loop")) + put(0), state), ErrorCode::CorruptFile,
                          "contains itself");
}

TEST_F(ModuleTreeTest, SharedModulesDoNotMultiplyByPath) {
    std::string tower = module("a", "Base") + put(0);
    for (std::uint32_t level = 1; level <= 40; ++level)
        tower = sequential({{"x", tower}, {"y", get(level - 1)}}) + put(level);
    expect_pickle_refused(tower, ErrorCode::LimitExceeded, "modules by path");
}

TEST_F(ModuleTreeTest, DepthAndCountAreLimited) {
    std::string deep = module("a", "Base");
    for (int level = 0; level < 300; ++level) deep = sequential({{"0", deep}});
    expect_pickle_refused(deep, ErrorCode::LimitExceeded, "nested deeper");
    Pairs many;
    for (int i = 0; i < 10'001; ++i) many.emplace_back(std::to_string(i), module("a", "B"));
    expect_pickle_refused(sequential(many), ErrorCode::LimitExceeded, "bytes of memory");
}

TEST_F(ModuleTreeTest, SharedDictOfTensorsDoesNotMultiply) {
    Pairs absent;
    for (int i = 0; i < 5'000; ++i) absent.emplace_back("p" + std::to_string(i), none());
    const std::string first = named(absent) + put(0);
    Pairs children;
    for (int i = 0; i < 300; ++i) {
        const std::string state =
            named({{"_parameters", i == 0 ? first : get(0)}, {"_buffers", "}"}, {"_modules", "}"}});
        children.emplace_back(std::to_string(i), build(new_object(global("a", "B")), state));
    }
    expect_pickle_refused(sequential(children), ErrorCode::LimitExceeded, "bytes of memory");
}

TEST_F(ModuleTreeTest, NamesOfPartsAreUnique) {
    expect_pickle_refused(sequential({{"0", module("a", "B")}, {"0", module("a", "C")}}), ErrorCode::CorruptFile,
                          "twice");
    expect_pickle_refused(detection_model({.parameters = {{"w", none()}, {"w", none()}}}), ErrorCode::CorruptFile,
                          "twice");
}

TEST_F(ModuleTreeTest, AbsentParameterIsKeptAsNothing) {
    const auto file = open_pickle(detection_model({.parameters = {{"bias", none()}}}));
    ASSERT_EQ(file.model().parameters.size(), 1U);
    EXPECT_FALSE(file.model().parameters[0].second.has_value());
    EXPECT_EQ(file.model().parameter("bias"), nullptr);
}

TEST_F(ModuleTreeTest, ChildThatIsNoModuleIsRefusedWithItsPath) {
    const auto error = refusal(archive(pickle(sequential({{"0", reduce(global("my", "Factory"), {})}}))).bytes());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ErrorCode::UnsupportedModel);
    EXPECT_EQ(error->where().module_path, "0");
    expect_pickle_refused(detection_model({.parameters = {{"w", integer(1)}}}), ErrorCode::CorruptFile, "not a tensor");
}

TEST_F(ModuleTreeTest, FileWithoutANetworkSaysWhatItHolds) {
    const std::string weights =
        ordered_dict({{"model.0.conv.weight", tensor(storage("0", "FloatStorage", 1), {1}, {1})}});
    const std::vector<std::string> storages{std::string(4, '\0')};
    expect_pickle_refused(weights, ErrorCode::UnsupportedFile, "plain state dict", storages);
    expect_pickle_refused(named({{"model", weights}}), ErrorCode::UnsupportedFile, "plain state dict", storages);
    expect_pickle_refused(named({{"epoch", integer(1)}}), ErrorCode::UnsupportedFile, "neither 'ema' nor 'model'");
    expect_pickle_refused(named({{"model", integer(1)}}), ErrorCode::UnsupportedFile, "plain value");
    expect_pickle_refused(named({{"model", reduce(global("my", "Thing"), {})}}), ErrorCode::UnsupportedFile,
                          "my.Thing");
    expect_pickle_refused(list({}), ErrorCode::UnsupportedFile, "not a checkpoint");
}

}  // namespace
}  // namespace yolovino::test::forge
