#include "fuzz/pickle_mutator.hpp"

#include <set>

#include "base/bytes.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "fuzz/rewrite_pickle.hpp"
#include "support/forge_checkpoint.hpp"

/// The fuzzer's own parts: what they make must be what they promise, or the fuzzing looks at nothing.
namespace yolovino::fuzz {
namespace {

checkpoint::Pickle parse(const std::string& stream) {
    const auto bytes = base::as_bytes(stream);
    return checkpoint::parse_pickle({bytes.begin(), bytes.end()}, "generated", 0);
}

TEST(PickleMutator, GeneratedStreamsAreAccepted) {
    std::set<std::size_t> sizes;
    for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
        const std::string stream = PickleMutator(seed).generate();
        EXPECT_NO_THROW(parse(stream)) << seed;
        sizes.insert(stream.size());
    }
    EXPECT_GT(sizes.size(), 200U) << "the streams hardly differ";
}

TEST(PickleMutator, MutatedStreamsAreWholeOperations) {
    std::string stream = PickleMutator(7).generate();
    std::size_t accepted = 0;
    std::set<char> codes;
    for (std::uint32_t seed = 0; seed < 5'000; ++seed) {
        std::string next = PickleMutator(seed).mutate(stream);
        if (seed % 10 == 0) next = PickleMutator(seed).cross(next, PickleMutator(seed).generate());
        std::size_t covered = 0;
        for (const test::PickleOperation& each : test::list_operations(next)) {
            covered += each.size_bytes;
            codes.insert(each.code);
        }
        EXPECT_EQ(covered, next.size()) << "seed " << seed;
        try {
            parse(next);
            ++accepted;
            stream = next.size() > 2'000 ? PickleMutator(seed).generate() : next;
        } catch (const Error&) {
        }
    }
    EXPECT_GT(accepted, 500U);
    EXPECT_LT(accepted, 4'900U);
    EXPECT_GT(codes.size(), 30U) << "hardly any operations are tried";
}

TEST(PickleMutator, RewrittenPicklesReadEqual) {
    std::size_t compared = 0;
    for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
        const auto pickle = parse(PickleMutator(seed).generate());
        const auto rewritten = PickleRewriter(pickle).run();
        if (!rewritten) continue;
        EXPECT_TRUE(same_values(pickle, parse(*rewritten))) << seed;
        ++compared;
    }
    EXPECT_GT(compared, 900U);
}

TEST(PickleMutator, DifferentValuesAreNotEqual) {
    using namespace test::forge;
    const std::vector<std::string> values{none(),
                                          boolean(true),
                                          boolean(false),
                                          integer(1),
                                          integer(2),
                                          real(1),
                                          text("a"),
                                          text("b"),
                                          list({}),
                                          list({none()}),
                                          tuple({none()}),
                                          dict({}),
                                          list({list({}), list({})}),
                                          list({list({}) + put(0), get(0)}),
                                          global("a", "b"),
                                          global("a", "c"),
                                          reduce(global("a", "b"), {}),
                                          build(reduce(global("a", "b"), {}), dict({})),
                                          persistent(none())};
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t k = 0; k < values.size(); ++k)
            EXPECT_EQ(same_values(parse(pickle(values[i])), parse(pickle(values[k]))), i == k) << i << ' ' << k;
    }
}

}  // namespace
}  // namespace yolovino::fuzz
