#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using PickleTest = CheckpointTest;

TEST_F(PickleTest, UnsupportedOperationsAreRefusedByName) {
    const std::vector<std::pair<std::string, std::string>> cases{{"0", "POP"},
                                                                 {"1", "POP_MARK"},
                                                                 {"2", "DUP"},
                                                                 {"i", "INST"},
                                                                 {"o", "OBJ"},
                                                                 {"P", "PERSID"},
                                                                 {"\x82", "EXT1"},
                                                                 {"\x83", "EXT2"},
                                                                 {"\x84", "EXT4"},
                                                                 {"\x8b", "LONG4"},
                                                                 {"\x93", "STACK_GLOBAL"},
                                                                 {"\x95", "FRAME"},
                                                                 {"\x92", "NEWOBJ_EX"},
                                                                 {"B", "BINBYTES"},
                                                                 {"\x8e", "BINBYTES8"},
                                                                 {"\x96", "BYTEARRAY8"},
                                                                 {"\x97", "NEXT_BUFFER"},
                                                                 {"\x98", "READONLY_BUFFER"},
                                                                 {"I", "INT"},
                                                                 {"V", "UNICODE"}};
    for (const auto& [code, name] : cases) expect_pickle_refused("N" + code, ErrorCode::CorruptFile, " " + name + " ");
}

TEST_F(PickleTest, ProtocolsTwoToFiveAreRead) {
    for (const std::string start : {"\x80\x01", "\x80\x06", "N."}) {
        expect_stream_refused(start + "N.", ErrorCode::UnsupportedFile, "protocol 2 to 5");
    }
}

TEST_F(PickleTest, StackMustHoldOneValueAtTheEnd) {
    expect_stream_refused("\x80\x02.", ErrorCode::CorruptFile, "0 values");
    expect_stream_refused("\x80\x02NN.", ErrorCode::CorruptFile, "2 values");
    expect_stream_refused("\x80\x02N(.", ErrorCode::CorruptFile, "open MARK");
    expect_stream_refused("\x80\x02N.N", ErrorCode::CorruptFile, "1 bytes follow");
    expect_stream_refused("\x80\x02N", ErrorCode::CorruptFile, "without STOP");
}

TEST_F(PickleTest, StackCannotBeTakenBelowItsMark) {
    expect_pickle_refused("R", ErrorCode::CorruptFile, "empty stack");
    expect_pickle_refused("N(\x85", ErrorCode::CorruptFile, "empty stack");
    expect_pickle_refused("t", ErrorCode::CorruptFile, "not opened");
}

TEST_F(PickleTest, MemoSlotsMustBeFilledInOrder) {
    // A vector sized by the file's word would take 16 GiB here.
    expect_pickle_refused("N" + put(0xFFFFFFF0), ErrorCode::CorruptFile, "memo slot");
    expect_pickle_refused("N" + put(1), ErrorCode::CorruptFile, "memo slot");
    expect_pickle_refused(get(0), ErrorCode::CorruptFile, "never filled");
}

TEST_F(PickleTest, OperationsOnTheWrongKindAreRefused) {
    expect_pickle_refused("NNb", ErrorCode::CorruptFile, "BUILD");
    expect_pickle_refused("NNa", ErrorCode::CorruptFile, "APPEND");
    expect_pickle_refused("}Na", ErrorCode::CorruptFile, "APPEND");
    expect_pickle_refused("NNNs", ErrorCode::CorruptFile, "SETITEM");
    expect_pickle_refused("}(Nu", ErrorCode::CorruptFile, "no value");
    expect_pickle_refused("N)R", ErrorCode::CorruptFile, "class of an object");
    expect_pickle_refused(global("a", "b") + "NR", ErrorCode::CorruptFile, "not a tuple");
    expect_pickle_refused(global("a", "b") + ")R}b}b", ErrorCode::CorruptFile, "second BUILD");
}

TEST_F(PickleTest, LengthsAreComparedWithTheBytesThatAreLeft) {
    expect_pickle_refused("X\xff\xff\xff\xff", ErrorCode::CorruptFile, "ends within a value");
    expect_pickle_refused("U\xff", ErrorCode::CorruptFile, "ends within a value");
    expect_pickle_refused("\x8a\xff", ErrorCode::CorruptFile, "ends within a value");
    expect_pickle_refused("c" + std::string(300, 'm') + "\nn\n", ErrorCode::CorruptFile, "longer than 256");
}

TEST_F(PickleTest, DeepNestingDoesNotRecurse) {
    // A hundred thousand values within each other: neither reading nor destruction may use the call stack.
    constexpr int kLevels = 100'000;
    const auto times = [](const std::string& part) {
        std::string out;
        for (int i = 0; i < kLevels; ++i) out += part;
        return out;
    };
    const std::string lists = times("]") + "N" + times("a");
    const std::string tuples = "N" + times("\x85");
    const std::string dicts = times("}N") + "N" + times("s");
    const std::string states =
        times(global("a", "b") + ")\x81").substr(0, 40'000 * 7) + "N" + times("b").substr(0, 40'000);
    const std::string ids = "N" + times("Q");
    for (const std::string& deep : {lists, tuples, dicts, states, ids}) {
        expect_pickle_refused(deep, ErrorCode::UnsupportedFile, "file ");
        expect_pickle_refused(named({{"model", deep}}), ErrorCode::UnsupportedFile, "not a network");
    }
    for (const std::string& deep : {lists, tuples, dicts}) {
        expect_pickle_refused(named({{"model", detection_model()}, {"deep", deep}}), ErrorCode::LimitExceeded,
                              "nested deeper");
    }
}

TEST_F(PickleTest, SizesOfTheMachineAreLimited) {
    expect_pickle_refused(std::string(1'001, '('), ErrorCode::LimitExceeded, "open marks");
    expect_pickle_refused(std::string(1'000'001, 'N'), ErrorCode::LimitExceeded, "values on the stack");
    std::string many;
    for (int i = 0; i < 5'000'001; ++i) many += "q\0"s;
    expect_pickle_refused("N" + many + many, ErrorCode::LimitExceeded, "operations");
    many.clear();
    for (int i = 0; i < 1'000'001; ++i) many += "]a";
    expect_pickle_refused("]" + many, ErrorCode::LimitExceeded, "bytes of memory");
}

TEST_F(PickleTest, HostileNamesAreRefused) {
    for (const auto& [module, name] : Pairs{{"os", "system"},
                                            {"posix", "system"},
                                            {"builtins", "eval"},
                                            {"__builtin__", "exec"},
                                            {"subprocess", "Popen"},
                                            {"importlib", "import_module"}}) {
        expect_pickle_refused(named({{"model", detection_model()}, {"x", reduce(global(module, name), {text("ls")})}}),
                              ErrorCode::UnsupportedFile, module + "." + name);
    }
}

TEST_F(PickleTest, MessageCarriesTheOffsetInTheFile) {
    const auto error = refusal(archive(pickle("N0")).bytes());
    ASSERT_TRUE(error.has_value());
    // The pickle begins at 64; PROTO takes two bytes, NONE one.
    EXPECT_EQ(error->where().offset_bytes, 64U + 3U);
}

TEST_F(PickleTest, SharingDoesNotMultiply) {
    // Thirty lists of ten times the list before: ten to the thirtieth values if they were unfolded.
    std::string laughs = list({text("ha")}) + put(0);
    for (std::uint32_t level = 1; level <= 30; ++level) {
        laughs = list(std::vector<std::string>(1, laughs));
        std::string more = "(";
        for (int i = 0; i < 9; ++i) more += get(level - 1);
        laughs += more + "e" + put(level);
    }
    expect_pickle_refused(named({{"laughs", laughs}, {"model", detection_model()}}), ErrorCode::LimitExceeded,
                          "values");
}

TEST_F(PickleTest, SharedTextDoesNotMultiply) {
    // One mebibyte named a thousand times would be copied a thousand times.
    std::string names = text(std::string(1 << 20, 'x')) + put(0);
    for (int i = 0; i < 1'000; ++i) names += get(0);
    expect_pickle_refused(named({{"model", detection_model()}, {"names", "](" + names + "e"}}),
                          ErrorCode::LimitExceeded, "bytes of memory");
}

TEST_F(PickleTest, SelfReferenceBecomesOpaque) {
    const auto file = open_pickle(named({{"loop", "]" + put(0) + get(0) + "a"}, {"model", detection_model()}}));
    EXPECT_EQ(file.metadata("loop")->to_text(), "[<reference cycle>]");
}

}  // namespace
}  // namespace yolovino::test::forge
