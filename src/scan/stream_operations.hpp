#pragma once

#include "scan/call_policy.hpp"
#include "scan/name_table.hpp"
#include "scan/nested_pickles.hpp"
#include "scan/pickle_decoder.hpp"
#include "scan/pickle_stack.hpp"
#include "scan/remarks.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// What the operations of one stream work on. The parts refer to each other, so that it is neither copied nor moved.
struct StreamState {
    explicit StreamState(std::uint64_t stream_bytes) : values(stream_bytes, remarks) {}
    StreamState(const StreamState&) = delete;
    StreamState& operator=(const StreamState&) = delete;

    Remarks remarks;
    ValueArena values;
    PickleStack stack{values, remarks};
    NameTable names{values, remarks};
    CallPolicy policy{values, stack, names, remarks};
    NestedPickles nested{values, remarks};
};

/// Carries out an operation other than STOP. False if the stream cannot be followed any further.
bool carry_out(const Operation& operation, StreamState& state);

}  // namespace yolovino::scan
