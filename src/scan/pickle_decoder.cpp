#include "scan/pickle_decoder.hpp"

#include <algorithm>

namespace yolovino::scan {

using checkpoint::Operand;

Operation PickleDecoder::next() {
    Operation operation;
    operation.code = reader_.read<std::uint8_t>().value_or(0);
    const checkpoint::Opcode* opcode = checkpoint::find_opcode(operation.code);
    operation.is_whole = opcode != nullptr && read_operand(opcode->operand, operation);
    return operation;
}

bool PickleDecoder::read_operand(Operand operand, Operation& operation) {
    switch (operand) {
        case Operand::None:
            return true;
        case Operand::Fixed1:
        case Operand::Fixed2:
        case Operand::Fixed4:
        case Operand::Fixed8:
            return read_number(width_of(operand), operation.number);
        case Operand::Counted1:
        case Operand::Counted4:
        case Operand::Counted8: {
            std::uint64_t length = 0;
            if (!read_number(width_of(operand), length)) return false;
            const auto bytes = reader_.take(length);
            if (bytes) operation.text = base::as_text(*bytes);
            return bytes.has_value();
        }
        case Operand::Line:
            return read_line(operation.text, operation.line_cost);
        case Operand::TwoLines:
            return read_line(operation.text, operation.line_cost) && read_line(operation.second, operation.line_cost);
    }
    return false;
}

bool PickleDecoder::read_number(std::size_t width, std::uint64_t& number) {
    const auto bytes = reader_.take(width);
    if (!bytes) return false;
    for (std::size_t i = 0; i < width; ++i) number |= std::to_integer<std::uint64_t>((*bytes)[i]) << (8 * i);
    return true;
}

bool PickleDecoder::read_line(std::string_view& line, std::uint64_t& cost) {
    constexpr std::size_t kBytesPerOperation = 4096;
    const std::string_view rest = base::as_text(bytes_).substr(reader_.offset());
    const std::size_t end = rest.find('\n');
    cost += std::min(end, rest.size()) / kBytesPerOperation;
    if (end == std::string_view::npos || !reader_.skip(end + 1)) return false;
    line = rest.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
}

}  // namespace yolovino::scan
