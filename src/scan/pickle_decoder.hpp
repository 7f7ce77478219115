#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "checkpoint/opcodes.hpp"

namespace yolovino::scan {

/// One operation of a pickle with its operand.
struct Operation {
    std::uint8_t code = 0;
    bool is_whole = false;        ///< false if the byte stands for no operation, or the operand is truncated
    std::uint64_t number = 0;     ///< a fixed operand, as little-endian unsigned integer
    std::string_view text;        ///< the bytes behind a length, or the line; of two lines the first
    std::string_view second;      ///< the second line
    std::uint64_t line_cost = 0;  ///< what the search for line ends cost, counted in operations

    checkpoint::Op op() const noexcept { return static_cast<checkpoint::Op>(code); }
};

/// Reads a pickle as a sequence of operations, by the table of opcodes. Texts are views of the bytes.
class PickleDecoder {
public:
    explicit PickleDecoder(base::Bytes bytes) noexcept : bytes_(bytes), reader_(bytes) {}

    /// Where the next operation begins.
    std::size_t offset() const noexcept { return reader_.offset(); }
    bool at_end() const noexcept { return reader_.remaining() == 0; }

    /// The next operation. After one that is not whole, nothing can be read. @pre not at_end()
    Operation next();

private:
    bool read_operand(checkpoint::Operand operand, Operation& operation);
    bool read_number(std::size_t width, std::uint64_t& number);
    bool read_line(std::string_view& line, std::uint64_t& cost);

    base::Bytes bytes_;
    base::ByteReader reader_;
};

}  // namespace yolovino::scan
