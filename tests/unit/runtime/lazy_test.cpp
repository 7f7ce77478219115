#include <algorithm>
#include <gtest/gtest.h>

#include "base/fail.hpp"
#include "checkpoint/checkpoint.hpp"
#include "nets/network.hpp"
#include "runtime/openvino/session/compile.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/session.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino::runtime {
namespace {

constexpr int kSide = 64;

class Lazy : public testing::Test {
protected:
    std::unique_ptr<LoadedNetwork> load(const std::string& identity) {
        return load_openvino(LazyGraph{identity, [this] {
                                           ++builds;
                                           return nets::build_network(checkpoint, nets::InputShape::dynamic()).graph;
                                       }});
    }
    /// Largest value of the output for a grey image.
    static float answer(LoadedNetwork& network, const RuntimeArgs& args) {
        const InputShape shape = {1, {kSide, kSide}};
        const auto session = network.compile(args, shape)->new_session();
        std::ranges::fill(session->input(shape), 0.5F);
        return std::ranges::max(session->infer().first().data);
    }

    const checkpoint::Checkpoint checkpoint = checkpoint::Checkpoint::open(test::kSample);
    test::TempFolder folder;
    int builds = 0;
};

TEST_F(Lazy, ACachedNetworkIsNotBuilt) {
    RuntimeArgs args;
    args.device = "CPU";
    args.cache_dir = folder.path();
    const auto first = load("a");
    EXPECT_TRUE(first->dynamic());
    EXPECT_TRUE(first->signature().outputs.empty()) << "before it is built";
    EXPECT_EQ(builds, 0);
    first->ready(args);
    EXPECT_EQ(builds, 1) << "of a file that is not known it must be sure that it can be built";
    const float wanted = answer(*first, args);
    EXPECT_EQ(builds, 1);
    ASSERT_TRUE(is_kept("a", folder.path()));
    const auto second = load("a");
    second->ready(args);
    EXPECT_EQ(answer(*second, args), wanted);
    EXPECT_EQ(builds, 1);
    args.threads = 1;
    EXPECT_NEAR(answer(*second, args), wanted, 1);
    EXPECT_EQ(builds, 2) << "other options are another entry";
}

TEST_F(Lazy, AnotherFileMissesTheCache) {
    RuntimeArgs args;
    args.device = "CPU";
    args.cache_dir = folder.path();
    answer(*load("a"), args);
    ASSERT_TRUE(is_kept("a", folder.path()));
    EXPECT_FALSE(is_kept("b", folder.path()));
    load("b")->ready(args);
    EXPECT_EQ(builds, 2);
}

TEST_F(Lazy, WithoutACacheItIsBuiltBeforeFilesAreMade) {
    load("a")->ready({});
    EXPECT_EQ(builds, 1);
    const auto broken = load_openvino(
        LazyGraph{"c", []() -> graph::Graph { throw Error(ErrorCode::CorruptFile, "checkpoint", "broken"); }});
    EXPECT_THROW(broken->ready({}), Error);
    EXPECT_THROW(broken->compile({}, {1, {kSide, kSide}}), Error);
}

}  // namespace
}  // namespace yolovino::runtime
