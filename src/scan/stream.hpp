#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "scan/name_table.hpp"
#include "scan/pickle_decoder.hpp"
#include "scan/remarks.hpp"
#include "scan/stream_operations.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// A pickle stream of any protocol, followed as far as possible. Unlike the reader of checkpoints this one refuses
/// nothing: a value that it cannot follow is unknown, and a remark says what Python's pickler does not write. Each
/// operation is read by a PickleDecoder, makes values in a ValueArena, and is judged by a CallPolicy.
class Stream {
public:
    using Name = ImportedName;
    using Remark = scan::Remark;
    using Index = ValueArena::Index;

    /// Follows the stream that begins at the first byte, for at most `max_operations`. The bytes must stay.
    explicit Stream(base::Bytes bytes, std::uint64_t max_operations);

    /// Whether it ends with STOP.
    bool complete() const noexcept { return complete_; }
    /// Behind STOP, or where it could not be followed any further.
    std::size_t end() const noexcept { return end_; }
    std::uint64_t operations() const noexcept { return operations_; }
    const std::vector<Name>& names() const noexcept { return state_.names.all(); }
    const std::vector<Remark>& remarks() const noexcept { return state_.remarks.all(); }
    /// Texts and bytes that may hold a pickle of their own. They live as long as the stream.
    const std::vector<base::Bytes>& nested() const noexcept { return state_.nested.all(); }

    const ValueArena& values() const noexcept { return state_.values; }
    /// The value that the stream describes.
    Index root() const noexcept { return root_; }
    /// The name of a value. @pre the value is a Global
    const Name& name(Index node) const { return state_.names.of(node); }

private:
    void follow(std::uint64_t max_operations);
    bool follow(const Operation& operation);

    PickleDecoder decoder_;
    StreamState state_;
    std::size_t end_ = 0;
    std::uint64_t operations_ = 0;
    bool complete_ = false;
    Index root_ = ValueArena::kUnknown;
};

}  // namespace yolovino::scan
