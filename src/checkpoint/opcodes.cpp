#include "checkpoint/opcodes.hpp"

#include <array>

namespace yolovino::checkpoint {

namespace {

constexpr std::array kOpcodes{
    Opcode{Op::Mark, "MARK", Operand::None, 0, true},
    Opcode{Op::Stop, "STOP", Operand::None, 0, true},
    Opcode{Op::Pop, "POP", Operand::None, 0, false},
    Opcode{Op::Dup, "DUP", Operand::None, 0, false},
    Opcode{Op::Float, "FLOAT", Operand::Line, 0, false},
    Opcode{Op::Int, "INT", Operand::Line, 0, false},
    Opcode{Op::Long, "LONG", Operand::Line, 0, false},
    Opcode{Op::None, "NONE", Operand::None, 0, true},
    Opcode{Op::PersId, "PERSID", Operand::Line, 0, false},
    Opcode{Op::Reduce, "REDUCE", Operand::None, 0, true},
    Opcode{Op::String, "STRING", Operand::Line, 0, false},
    Opcode{Op::Unicode, "UNICODE", Operand::Line, 0, false},
    Opcode{Op::Append, "APPEND", Operand::None, 0, true},
    Opcode{Op::Build, "BUILD", Operand::None, 0, true},
    Opcode{Op::Global, "GLOBAL", Operand::TwoLines, 0, true},
    Opcode{Op::DictToMark, "DICT", Operand::None, 0, false},
    Opcode{Op::Get, "GET", Operand::Line, 0, false},
    Opcode{Op::Inst, "INST", Operand::TwoLines, 0, false},
    Opcode{Op::ListToMark, "LIST", Operand::None, 0, false},
    Opcode{Op::Put, "PUT", Operand::Line, 0, false},
    Opcode{Op::SetItem, "SETITEM", Operand::None, 0, true},
    Opcode{Op::Tuple, "TUPLE", Operand::None, 0, true},
    Opcode{Op::PopMark, "POP_MARK", Operand::None, 1, false},
    Opcode{Op::BinFloat, "BINFLOAT", Operand::Fixed8, 1, true},
    Opcode{Op::BinInt, "BININT", Operand::Fixed4, 1, true},
    Opcode{Op::BinInt1, "BININT1", Operand::Fixed1, 1, true},
    Opcode{Op::BinInt2, "BININT2", Operand::Fixed2, 1, true},
    Opcode{Op::BinPersId, "BINPERSID", Operand::None, 1, true},
    Opcode{Op::BinString, "BINSTRING", Operand::Counted4, 1, false},
    Opcode{Op::ShortBinString, "SHORT_BINSTRING", Operand::Counted1, 1, true},
    Opcode{Op::BinUnicode, "BINUNICODE", Operand::Counted4, 1, true},
    Opcode{Op::EmptyList, "EMPTY_LIST", Operand::None, 1, true},
    Opcode{Op::EmptyTuple, "EMPTY_TUPLE", Operand::None, 1, true},
    Opcode{Op::EmptyDict, "EMPTY_DICT", Operand::None, 1, true},
    Opcode{Op::Appends, "APPENDS", Operand::None, 1, true},
    Opcode{Op::BinGet, "BINGET", Operand::Fixed1, 1, true},
    Opcode{Op::LongBinGet, "LONG_BINGET", Operand::Fixed4, 1, true},
    Opcode{Op::Obj, "OBJ", Operand::None, 1, false},
    Opcode{Op::BinPut, "BINPUT", Operand::Fixed1, 1, true},
    Opcode{Op::LongBinPut, "LONG_BINPUT", Operand::Fixed4, 1, true},
    Opcode{Op::SetItems, "SETITEMS", Operand::None, 1, true},
    Opcode{Op::Proto, "PROTO", Operand::Fixed1, 2, true},
    Opcode{Op::NewObj, "NEWOBJ", Operand::None, 2, true},
    Opcode{Op::Ext1, "EXT1", Operand::Fixed1, 2, false},
    Opcode{Op::Ext2, "EXT2", Operand::Fixed2, 2, false},
    Opcode{Op::Ext4, "EXT4", Operand::Fixed4, 2, false},
    Opcode{Op::Tuple1, "TUPLE1", Operand::None, 2, true},
    Opcode{Op::Tuple2, "TUPLE2", Operand::None, 2, true},
    Opcode{Op::Tuple3, "TUPLE3", Operand::None, 2, true},
    Opcode{Op::NewTrue, "NEWTRUE", Operand::None, 2, true},
    Opcode{Op::NewFalse, "NEWFALSE", Operand::None, 2, true},
    Opcode{Op::Long1, "LONG1", Operand::Counted1, 2, true},
    Opcode{Op::Long4, "LONG4", Operand::Counted4, 2, false},
    Opcode{Op::BinBytes, "BINBYTES", Operand::Counted4, 3, true},
    Opcode{Op::ShortBinBytes, "SHORT_BINBYTES", Operand::Counted1, 3, true},
    Opcode{Op::ShortBinUnicode, "SHORT_BINUNICODE", Operand::Counted1, 4, true},
    Opcode{Op::BinUnicode8, "BINUNICODE8", Operand::Counted8, 4, true},
    Opcode{Op::BinBytes8, "BINBYTES8", Operand::Counted8, 4, true},
    Opcode{Op::EmptySet, "EMPTY_SET", Operand::None, 4, true},
    Opcode{Op::AddItems, "ADDITEMS", Operand::None, 4, true},
    Opcode{Op::FrozenSet, "FROZENSET", Operand::None, 4, true},
    Opcode{Op::NewObjEx, "NEWOBJ_EX", Operand::None, 4, true},
    Opcode{Op::StackGlobal, "STACK_GLOBAL", Operand::None, 4, true},
    Opcode{Op::Memoize, "MEMOIZE", Operand::None, 4, true},
    Opcode{Op::Frame, "FRAME", Operand::Fixed8, 4, true},
    Opcode{Op::ByteArray8, "BYTEARRAY8", Operand::Counted8, 5, true},
    Opcode{Op::NextBuffer, "NEXT_BUFFER", Operand::None, 5, false},
    Opcode{Op::ReadonlyBuffer, "READONLY_BUFFER", Operand::None, 5, false},
};

/// For each byte the place of its operation in the table, counted from 1; 0 if the byte stands for none.
constexpr auto kPlaces = [] {
    std::array<std::uint8_t, 256> places{};
    for (std::size_t i = 0; i < kOpcodes.size(); ++i)
        places[static_cast<std::uint8_t>(kOpcodes[i].op)] = static_cast<std::uint8_t>(i + 1);
    return places;
}();

}  // namespace

std::span<const Opcode> opcodes() noexcept {
    return kOpcodes;
}

const Opcode* find_opcode(std::uint8_t code) noexcept {
    const std::size_t place = kPlaces[code];
    return place == 0 ? nullptr : &kOpcodes[place - 1];
}

std::string_view opcode_name(std::uint8_t code) noexcept {
    const Opcode* found = find_opcode(code);
    return found == nullptr ? "unknown" : found->name;
}

}  // namespace yolovino::checkpoint
