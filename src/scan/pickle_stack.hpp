#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "scan/remarks.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// The stack, the marks, and the memo of the machine of a stream. It never fails for want of a value: a value that is
/// not there is unknown.
class PickleStack {
public:
    using Index = ValueArena::Index;

    PickleStack(ValueArena& values, Remarks& remarks) : values_(values), remarks_(remarks) {}

    /// False if the stack is full, or its memory cannot be paid for.
    bool push(Index node);
    Index top() const;
    Index pop();
    /// The value that was pushed last and not taken, whatever marks follow it.
    Index last_pushed() const noexcept { return stack_.empty() ? ValueArena::kUnknown : stack_.back(); }
    /// False if there are too many marks, or their memory cannot be paid for.
    bool open_mark();
    std::vector<Index> pop_to_mark();
    /// As POP does: takes the top value, or the mark if no value follows it.
    void pop_value_or_mark();
    /// Whether the stream took a value, or closed a mark, that was not there.
    bool has_underflowed() const noexcept { return underflowed_; }

    void put(std::uint64_t slot, Index node);
    Index get(std::uint64_t slot) const;
    std::size_t memo_size() const noexcept { return memo_.size(); }

private:
    std::size_t floor() const noexcept { return marks_.empty() ? 0 : marks_.back(); }
    void report_deep_stack();
    void report_underflow(std::string text);

    ValueArena& values_;
    Remarks& remarks_;
    bool underflowed_ = false;
    std::vector<Index> stack_;
    std::size_t stack_peak_ = 0;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, Index> memo_;
};

}  // namespace yolovino::scan
