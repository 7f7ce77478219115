#pragma once

#include <cstdint>
#include <string_view>

namespace yolovino::checkpoint {

/// The operations of protocols 2 to 5 that checkpoints consist of. Everything else is refused.
enum class Op : std::uint8_t {
    Proto = 0x80,
    Stop = '.',
    Mark = '(',
    None = 'N',
    NewTrue = 0x88,
    NewFalse = 0x89,
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    Long1 = 0x8a,
    BinFloat = 'G',
    BinUnicode = 'X',
    ShortBinString = 'U',
    EmptyTuple = ')',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    Tuple = 't',
    EmptyList = ']',
    Append = 'a',
    Appends = 'e',
    EmptyDict = '}',
    SetItem = 's',
    SetItems = 'u',
    EmptySet = 0x8f,
    Global = 'c',
    Reduce = 'R',
    NewObj = 0x81,
    Build = 'b',
    BinPersId = 'Q',
    BinPut = 'q',
    LongBinPut = 'r',
    BinGet = 'h',
    LongBinGet = 'j',
    // protocol 3
    BinBytes = 'B',
    ShortBinBytes = 'C',
    // protocol 4
    ShortBinUnicode = 0x8c,
    BinUnicode8 = 0x8d,
    BinBytes8 = 0x8e,
    AddItems = 0x90,
    FrozenSet = 0x91,
    NewObjEx = 0x92,
    StackGlobal = 0x93,
    Memoize = 0x94,
    Frame = 0x95,
    // protocol 5
    ByteArray8 = 0x96,
};

constexpr std::uint8_t kLowestProtocol = 2;
constexpr std::uint8_t kHighestProtocol = 5;

/// The protocol that brought an operation; a pickle that says a lower one was not written by Python's pickler.
std::uint8_t protocol_of(Op op) noexcept;

/// The name of any opcode of any protocol, for messages; "unknown" for bytes that are none.
std::string_view opcode_name(std::uint8_t code) noexcept;

}  // namespace yolovino::checkpoint
