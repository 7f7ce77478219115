#include "checkpoint/opcodes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace yolovino::checkpoint {

namespace {

constexpr std::pair<std::uint8_t, std::string_view> kNames[] = {
    {'0', "POP"},
    {'1', "POP_MARK"},
    {'2', "DUP"},
    {'F', "FLOAT"},
    {'I', "INT"},
    {'L', "LONG"},
    {'P', "PERSID"},
    {'S', "STRING"},
    {'T', "BINSTRING"},
    {'V', "UNICODE"},
    {'d', "DICT"},
    {'g', "GET"},
    {'i', "INST"},
    {'l', "LIST"},
    {'o', "OBJ"},
    {'p', "PUT"},
    {'B', "BINBYTES"},
    {'C', "SHORT_BINBYTES"},
    {0x82, "EXT1"},
    {0x83, "EXT2"},
    {0x84, "EXT4"},
    {0x8b, "LONG4"},
    {0x8c, "SHORT_BINUNICODE"},
    {0x8d, "BINUNICODE8"},
    {0x8e, "BINBYTES8"},
    {0x90, "ADDITEMS"},
    {0x91, "FROZENSET"},
    {0x92, "NEWOBJ_EX"},
    {0x93, "STACK_GLOBAL"},
    {0x94, "MEMOIZE"},
    {0x95, "FRAME"},
    {0x96, "BYTEARRAY8"},
    {0x97, "NEXT_BUFFER"},
    {0x98, "READONLY_BUFFER"},
    {0x80, "PROTO"},
};

}  // namespace

std::uint8_t protocol_of(Op op) noexcept {
    switch (op) {
        case Op::BinBytes:
        case Op::ShortBinBytes:
            return 3;
        case Op::ShortBinUnicode:
        case Op::BinUnicode8:
        case Op::BinBytes8:
        case Op::AddItems:
        case Op::FrozenSet:
        case Op::NewObjEx:
        case Op::StackGlobal:
        case Op::Memoize:
        case Op::Frame:
            return 4;
        case Op::ByteArray8:
            return 5;
        default:
            // EMPTY_SET is of protocol 4, but torch's own restricted loader takes it in any.
            return kLowestProtocol;
    }
}

std::string_view opcode_name(std::uint8_t code) noexcept {
    const auto* found = std::ranges::find(kNames, code, &std::pair<std::uint8_t, std::string_view>::first);
    return found == std::end(kNames) ? "unknown" : found->second;
}

}  // namespace yolovino::checkpoint
