#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace yolovino::checkpoint {

/// The operations of pickles of protocols 0 to 5.
enum class Op : std::uint8_t {
    // protocol 0
    Mark = '(',
    Stop = '.',
    Pop = '0',
    Dup = '2',
    Float = 'F',
    Int = 'I',
    Long = 'L',
    None = 'N',
    PersId = 'P',
    Reduce = 'R',
    String = 'S',
    Unicode = 'V',
    Append = 'a',
    Build = 'b',
    Global = 'c',
    DictToMark = 'd',  ///< DICT; Op::Dict would shadow checkpoint::Dict
    Get = 'g',
    Inst = 'i',
    ListToMark = 'l',  ///< LIST, likewise
    Put = 'p',
    SetItem = 's',
    Tuple = 't',
    // protocol 1
    PopMark = '1',
    BinFloat = 'G',
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    BinPersId = 'Q',
    BinString = 'T',
    ShortBinString = 'U',
    BinUnicode = 'X',
    EmptyList = ']',
    EmptyTuple = ')',
    EmptyDict = '}',
    Appends = 'e',
    BinGet = 'h',
    LongBinGet = 'j',
    Obj = 'o',
    BinPut = 'q',
    LongBinPut = 'r',
    SetItems = 'u',
    // protocol 2
    Proto = 0x80,
    NewObj = 0x81,
    Ext1 = 0x82,
    Ext2 = 0x83,
    Ext4 = 0x84,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8a,
    Long4 = 0x8b,
    // protocol 3
    BinBytes = 'B',
    ShortBinBytes = 'C',
    // protocol 4
    ShortBinUnicode = 0x8c,
    BinUnicode8 = 0x8d,
    BinBytes8 = 0x8e,
    EmptySet = 0x8f,
    AddItems = 0x90,
    FrozenSet = 0x91,
    NewObjEx = 0x92,
    StackGlobal = 0x93,
    Memoize = 0x94,
    Frame = 0x95,
    // protocol 5
    ByteArray8 = 0x96,
    NextBuffer = 0x97,
    ReadonlyBuffer = 0x98,
};

constexpr std::uint8_t kLowestProtocol = 2;  ///< of checkpoints
constexpr std::uint8_t kHighestProtocol = 5;

/// What follows the byte of an operation.
enum class Operand : std::uint8_t {
    None,
    Fixed1,  ///< a value of 1 byte
    Fixed2,
    Fixed4,
    Fixed8,
    Counted1,  ///< a length of 1 byte, then as many bytes
    Counted4,
    Counted8,
    Line,  ///< text that a newline ends
    TwoLines,
};

/// Width in bytes of a fixed value or of a length; 0 for lines and for no operand.
constexpr std::size_t width_of(Operand operand) noexcept {
    switch (operand) {
        case Operand::Fixed1:
        case Operand::Counted1:
            return 1;
        case Operand::Fixed2:
            return 2;
        case Operand::Fixed4:
        case Operand::Counted4:
            return 4;
        case Operand::Fixed8:
        case Operand::Counted8:
            return 8;
        case Operand::None:
        case Operand::Line:
        case Operand::TwoLines:
            break;
    }
    return 0;
}

constexpr bool is_counted(Operand operand) noexcept {
    return operand == Operand::Counted1 || operand == Operand::Counted4 || operand == Operand::Counted8;
}

struct Opcode {
    Op op;
    std::string_view name;  ///< as Python's pickletools spells it
    Operand operand;
    std::uint8_t protocol;  ///< the first that has the operation
    bool in_checkpoints;    ///< whether the reader of checkpoints accepts the operation
};

/// All operations.
std::span<const Opcode> opcodes() noexcept;

/// The operation that a byte stands for; nullptr if it stands for none.
const Opcode* find_opcode(std::uint8_t code) noexcept;

/// The name of an operation, for messages; "unknown" for a byte that stands for none.
std::string_view opcode_name(std::uint8_t code) noexcept;

/// The byte of an operation as a character of a pickle.
constexpr char to_char(Op op) noexcept {
    return static_cast<char>(op);
}

}  // namespace yolovino::checkpoint
