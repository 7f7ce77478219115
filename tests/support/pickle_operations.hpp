#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

/// A list of the operations of a pickle, written apart from the reader that is tested.
namespace yolovino::test {

struct PickleOperation {
    char code = 0;
    std::size_t offset = 0;
    std::size_t size_bytes = 0;
};

/// Length of the operation at the start of `rest` with its operand; 0 if it is truncated or no operation of
/// checkpoints.
inline std::size_t operation_bytes(std::string_view rest) {
    if (rest.empty()) return 0;
    const auto fixed = [&](std::size_t operand) { return rest.size() > operand ? operand + 1 : 0; };
    switch (static_cast<unsigned char>(rest.front())) {
        case '.':
        case '(':
        case 'N':
        case 0x88:
        case 0x89:
        case ')':
        case 0x85:
        case 0x86:
        case 0x87:
        case 't':
        case ']':
        case 'a':
        case 'e':
        case '}':
        case 's':
        case 'u':
        case 0x8f:
        case 'R':
        case 0x81:
        case 'b':
        case 'Q':
        case 0x90:
        case 0x91:
        case 0x92:
        case 0x93:
        case 0x94:
            return 1;
        case 0x80:
        case 'K':
        case 'q':
        case 'h':
            return fixed(1);
        case 'M':
            return fixed(2);
        case 'J':
        case 'r':
        case 'j':
            return fixed(4);
        case 'G':
        case 0x95:
            return fixed(8);
        case 0x8a:
        case 0x8c:
        case 'C':
        case 'U':
            return rest.size() < 2 ? 0 : fixed(1 + static_cast<unsigned char>(rest[1]));
        case 0x8d:
        case 0x8e:
        case 0x96: {
            if (rest.size() < 9) return 0;
            std::uint64_t length = 0;
            std::memcpy(&length, rest.data() + 1, sizeof length);
            return length > rest.size() ? 0 : fixed(std::size_t{8} + length);
        }
        case 'B':
        case 'X': {
            if (rest.size() < 5) return 0;
            std::uint32_t length = 0;
            std::memcpy(&length, rest.data() + 1, sizeof length);
            return fixed(std::size_t{4} + length);
        }
        case 'c': {
            const std::size_t first = rest.find('\n');
            const std::size_t second = first == std::string_view::npos ? first : rest.find('\n', first + 1);
            return second == std::string_view::npos ? 0 : second + 1;
        }
        default:
            return 0;
    }
}

/// The operations up to the first that is truncated or unknown.
inline std::vector<PickleOperation> list_operations(std::string_view stream) {
    std::vector<PickleOperation> out;
    for (std::size_t at = 0; at < stream.size();) {
        const std::size_t size = operation_bytes(stream.substr(at));
        if (size == 0) break;
        out.push_back({stream[at], at, size});
        at += size;
    }
    return out;
}

}  // namespace yolovino::test
