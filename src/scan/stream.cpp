#include "scan/stream.hpp"

#include <fmt/format.h>

namespace yolovino::scan {

Stream::Stream(base::Bytes bytes, std::uint64_t max_operations) : decoder_(bytes), state_(bytes.size()) {
    follow(max_operations);
    state_.policy.finish();
}

void Stream::follow(std::uint64_t max_operations) {
    for (; operations_ < max_operations; ++operations_) {
        end_ = decoder_.offset();
        state_.remarks.set_offset(end_);
        if (decoder_.at_end()) return state_.remarks.add("the stream ends without STOP");
        const Operation operation = decoder_.next();
        if (operation.op() == checkpoint::Op::Stop) {
            complete_ = true;
            end_ = decoder_.offset();
            root_ = state_.stack.last_pushed();
            return;
        }
        if (!follow(operation))
            return state_.remarks.add(fmt::format("the stream breaks off at operation 0x{:02x}", operation.code));
    }
    state_.remarks.add(fmt::format("the stream has more than {} operations", max_operations), true);
}

bool Stream::follow(const Operation& operation) {
    operations_ += operation.line_cost;
    if (!operation.is_whole) return false;
    const std::uint64_t cost_before = state_.policy.cost();
    const bool followed = carry_out(operation, state_);
    operations_ += state_.policy.cost() - cost_before;
    return followed;
}

}  // namespace yolovino::scan
