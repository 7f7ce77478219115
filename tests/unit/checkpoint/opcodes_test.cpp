#include "checkpoint/opcodes.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

#include "support/pickle_operations.hpp"

namespace yolovino::checkpoint {
namespace {

TEST(Opcodes, EachByteStandsForOneOperationOrNone) {
    std::set<std::string_view> names;
    unsigned found = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto code = static_cast<std::uint8_t>(byte);
        const Opcode* opcode = find_opcode(code);
        EXPECT_EQ(opcode_name(code), opcode == nullptr ? "unknown" : opcode->name);
        if (opcode == nullptr) continue;
        ++found;
        EXPECT_EQ(static_cast<std::uint8_t>(opcode->op), code);
        EXPECT_TRUE(names.insert(opcode->name).second) << opcode->name;
        EXPECT_LE(opcode->protocol, kHighestProtocol) << opcode->name;
    }
    EXPECT_EQ(found, 68U) << "as many as Python's pickletools lists";
    EXPECT_EQ(found, opcodes().size());
}

TEST(Opcodes, NamesAreThoseOfPickletools) {
    EXPECT_EQ(opcode_name('c'), "GLOBAL");
    EXPECT_EQ(opcode_name(0x93), "STACK_GLOBAL");
    EXPECT_EQ(opcode_name('l'), "LIST");
    EXPECT_EQ(opcode_name(0x98), "READONLY_BUFFER");
    EXPECT_EQ(opcode_name(0xff), "unknown");
}

/// The operations of checkpoints have the lengths that an independent table has, and only they stand in it.
TEST(Opcodes, OperandsAreThoseOfAnIndependentTable) {
    for (const Opcode& each : opcodes()) {
        const std::string stream = to_char(each.op) + std::string(8, '\0') + "\n\n";
        const std::size_t length = test::operation_bytes(stream);
        EXPECT_EQ(length != 0, each.in_checkpoints) << each.name;
        if (length == 0) continue;
        const bool has_lines = each.operand == Operand::TwoLines;
        EXPECT_NE(each.operand, Operand::Line) << each.name;
        EXPECT_EQ(length, has_lines ? stream.size() : 1 + width_of(each.operand)) << each.name;
        if (width_of(each.operand) == 0) continue;
        // Behind a length of one stands one byte more.
        std::string counted = stream;
        counted[1] = '\1';
        EXPECT_EQ(test::operation_bytes(counted), length + (is_counted(each.operand) ? 1 : 0)) << each.name;
    }
}

}  // namespace
}  // namespace yolovino::checkpoint
