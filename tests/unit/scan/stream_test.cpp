#include "scan/stream.hpp"

#include <gtest/gtest.h>

#include "checkpoint/opcodes.hpp"
#include "scan/escapes.hpp"
#include "scan/tensors.hpp"
#include "support/forge_pickle.hpp"

namespace yolovino::scan {
namespace {

namespace forge = test::forge;
using enum NameVerdict;

constexpr std::uint64_t kMany = 1'000'000;

/// A stream over bytes that live as long as the test.
class StreamTest : public testing::Test {
protected:
    const Stream& follow(std::string bytes, std::uint64_t max_operations = kMany) {
        bytes_.push_back(std::move(bytes));
        return streams_.emplace_back(base::as_bytes(bytes_.back()), max_operations);
    }
    /// The verdict of the only name.
    NameVerdict verdict(const std::string& bytes) {
        const Stream& stream = follow(bytes);
        EXPECT_EQ(stream.names().size(), 1U);
        return stream.names().empty() ? Unknown : stream.names().front().verdict;
    }

private:
    std::deque<std::string> bytes_;
    std::deque<Stream> streams_;
};

TEST_F(StreamTest, FollowsEveryWayToNameAClass) {
    const std::string ways[] = {
        "cos\nsystem\n.",                              // GLOBAL
        "(ios\nsystem\n.",                             // INST
        "(cos\nsystem\no.",                            // OBJ
        std::string("\x8c\x02os\x8c\x06system\x93."),  // STACK_GLOBAL
        std::string("U\x02os") + "U\x06system\x93.",   // of Python 2's strings
        "Vos\nVsystem\n\x93.",                         // of lines
        "V\\u006fs\nV\\u0073ystem\n\x93.",             // of escapes
        "S'\\x6fs'\nS\"\\163ystem\"\n\x93.",           // of other escapes
        "Vos\np7\n0Vsystem\np9\n0g7\ng9\n\x93.",       // through the memo
        std::string("\x8c\x02os\x94\x30\x8c\x06system\x94\x30h") + std::string("\0h\1\x93.", 5),
        "cos\r\nsystem\r\n.",
    };
    for (const std::string& way : ways) {
        const Stream& stream = follow(way);
        EXPECT_TRUE(stream.complete()) << way;
        ASSERT_EQ(stream.names().size(), 1U) << way;
        EXPECT_EQ(stream.names()[0].module, "os") << way;
        EXPECT_EQ(stream.names()[0].name, "system") << way;
        EXPECT_EQ(stream.names()[0].verdict, Dangerous) << way;
    }
}

TEST_F(StreamTest, ReportsNamesThatAreComputed) {
    // A name that a call returns, and one that is taken from nowhere.
    EXPECT_EQ(follow("Vos\nVsystem\nc__builtin__\nstr\n(tR\x93.").names().back().verdict, Dangerous);
    EXPECT_EQ(verdict("\x93."), Dangerous);
}

TEST_F(StreamTest, ReportsChangesOfAClass) {
    EXPECT_EQ(verdict("ctorch._utils\n_rebuild_tensor_v2\n}b."), Dangerous);
    EXPECT_EQ(verdict("ccollections\nOrderedDict\nVa\nVb\ns."), Dangerous);
    EXPECT_EQ(verdict("ccollections\nOrderedDict\n)R}b."), Needed);
}

TEST_F(StreamTest, JudgesGetattrByItsAttribute) {
    const std::string object = forge::new_object(forge::global("ultralytics.nn.modules.conv", "Conv"));
    const auto last = [&](const std::string& attribute) {
        return follow(forge::reduce(forge::global("__builtin__", "getattr"), {object, attribute}) + ".")
            .names()
            .front()
            .verdict;
    };
    EXPECT_EQ(last(forge::text("forward_fuse")), Harmless);
    EXPECT_EQ(last(forge::text("weight")), Unknown);
    EXPECT_EQ(last(forge::text("__globals__")), Dangerous);
    EXPECT_EQ(last(object), Dangerous);
    // Handed on, nobody sees what it is called with.
    EXPECT_EQ(verdict("c__builtin__\ngetattr\n."), Unknown);
}

TEST_F(StreamTest, ReportsConstructorsOfNetworks) {
    EXPECT_EQ(verdict("\x80\x02" + forge::new_object(forge::global("ultralytics.nn.tasks", "DetectionModel")) + "."),
              Needed);
    EXPECT_EQ(
        verdict(forge::reduce(forge::global("ultralytics.nn.tasks", "DetectionModel"), {forge::text("x.yaml")}) + "."),
        Dangerous);
    EXPECT_EQ(verdict(forge::reduce(forge::global("torch.nn.modules.conv", "Conv2d"), {forge::integer(1)}) + "."),
              Unknown);
}

TEST_F(StreamTest, GoesOnWhereTheStackIsEmpty) {
    const Stream& stream = follow("R0aesutbcos\nsystem\n.");
    EXPECT_TRUE(stream.complete());
    ASSERT_EQ(stream.names().size(), 1U);
    EXPECT_EQ(stream.remarks().size(), 1U) << "said once";
}

TEST_F(StreamTest, KeepsWhatItFoundBeforeTheStreamBreaksOff) {
    for (const std::string& rest :
         {std::string(), std::string("\xff"), std::string("X\xff\xff\xff\x7f"), std::string("cabc")}) {
        const Stream& stream = follow("cos\nsystem\n" + rest);
        EXPECT_FALSE(stream.complete());
        EXPECT_EQ(stream.names().size(), 1U);
        EXPECT_FALSE(stream.remarks().empty());
    }
}

/// An operand of zeros and short lines.
std::string operand_of(const checkpoint::Opcode& opcode) {
    switch (opcode.operand) {
        case checkpoint::Operand::Line:
            return "0\n";
        case checkpoint::Operand::TwoLines:
            return "a\nb\n";
        default:
            return std::string(width_of(opcode.operand), '\0');
    }
}

TEST_F(StreamTest, FollowsEveryOperation) {
    for (const checkpoint::Opcode& each : checkpoint::opcodes()) {
        if (each.op == checkpoint::Op::Stop) continue;
        const Stream& stream = follow(to_char(each.op) + operand_of(each) + "cos\nsystem\n.");
        EXPECT_TRUE(stream.complete()) << each.name;
        ASSERT_FALSE(stream.names().empty()) << each.name;
        EXPECT_EQ(stream.names().back().name, "system") << each.name;
    }
}

TEST_F(StreamTest, BreaksOffAtATruncatedOperand) {
    for (const checkpoint::Opcode& each : checkpoint::opcodes()) {
        if (each.operand == checkpoint::Operand::None) continue;
        const std::string operand = operand_of(each);
        const Stream& stream = follow("N" + (to_char(each.op) + operand.substr(0, operand.size() - 1)));
        EXPECT_FALSE(stream.complete()) << each.name;
        EXPECT_EQ(stream.end(), 1U) << each.name;
        ASSERT_EQ(stream.remarks().size(), 1U) << each.name;
        EXPECT_EQ(stream.remarks()[0].offset, 1U) << each.name;
        EXPECT_TRUE(stream.remarks()[0].text.starts_with("the stream breaks off at operation 0x")) << each.name;
    }
}

TEST_F(StreamTest, StopsAtItsLimit) {
    const Stream& stream = follow(std::string(1000, 'N') + ".", 10);
    EXPECT_FALSE(stream.complete());
    EXPECT_EQ(stream.operations(), 10U);
    ASSERT_EQ(stream.remarks().size(), 1U);
    EXPECT_TRUE(stream.remarks()[0].hides_content);
}

TEST_F(StreamTest, RepeatedNamesAreCounted) {
    EXPECT_EQ(follow("ca\nb\nca\nb\nca\nb\n.").names().front().uses, 3U);
}

TEST_F(StreamTest, MakesTheTensorTable) {
    const std::string weight =
        forge::parameter(forge::tensor(forge::storage("7", "HalfStorage", 54), {2, 3, 3, 3}, {27, 9, 3, 1}));
    const std::string conv = forge::module("torch.nn.modules.conv", "Conv2d", {.parameters = {{"weight", weight}}});
    const std::string root = forge::named({{"model", forge::detection_model({.children = {{"0", conv}}})}});
    const std::vector<AuditedTensor> tensors = tensors_of(follow(forge::pickle(root)));
    ASSERT_EQ(tensors.size(), 1U);
    EXPECT_EQ(tensors[0].path, "model.0.weight");
    EXPECT_EQ(tensors[0].dtype, "float16");
    EXPECT_EQ(tensors[0].shape, (std::vector<std::int64_t>{2, 3, 3, 3}));
    EXPECT_EQ(tensors[0].strides, (std::vector<std::int64_t>{27, 9, 3, 1}));
    EXPECT_EQ(tensors[0].storage, "7");
    EXPECT_EQ(tensors[0].location, "cpu");
}

TEST_F(StreamTest, WalksCyclesAndDeepNestsOnce) {
    EXPECT_TRUE(tensors_of(follow("\x80\x02]q" + std::string("\0h\0a.", 5))).empty());
    std::string deep(200'000, ']');
    deep += std::string(199'999, 'a') + ".";
    EXPECT_TRUE(tensors_of(follow(deep)).empty());
}

TEST(DecodeString, UndoesPythonsEscapes) {
    EXPECT_EQ(decode_string("'a\\x41\\101\\n\\'\\\\'"), "aAA\n'\\");
    EXPECT_EQ(decode_string("\"\\x4\""), "x4");
    EXPECT_EQ(decode_string("'\\"), "'\\");
}

TEST(DecodeUnicode, UndoesEscapesOfCharacters) {
    EXPECT_EQ(decode_unicode("\\u0041\\U0001F600\\u00e9\\uZZ"), "A\xF0\x9F\x98\x80\xC3\xA9\\uZZ");
}

}  // namespace
}  // namespace yolovino::scan
