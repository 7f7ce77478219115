#include "scan/pickle_stack.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace yolovino::scan {

namespace {

constexpr std::size_t kMaxStack = 4'000'000;
// With the room that vectors keep in reserve.
constexpr std::uint64_t kPlaceBytes = 12;
constexpr std::uint64_t kMemoBytes = 64;

}  // namespace

bool PickleStack::push(Index node) {
    if (stack_.size() >= kMaxStack) {
        report_deep_stack();
        return false;
    }
    if (stack_.size() == stack_peak_ && !values_.pay(kPlaceBytes)) return false;
    stack_.push_back(node);
    stack_peak_ = std::max(stack_peak_, stack_.size());
    return true;
}

bool PickleStack::open_mark() {
    if (marks_.size() >= kMaxStack) {
        report_deep_stack();
        return false;
    }
    if (!values_.pay(2 * kPlaceBytes)) return false;
    marks_.push_back(stack_.size());
    return true;
}

ValueArena::Index PickleStack::top() const {
    return stack_.size() <= floor() ? ValueArena::kUnknown : stack_.back();
}

ValueArena::Index PickleStack::pop() {
    if (stack_.size() <= floor()) {
        report_underflow("the stream takes a value from an empty stack");
        return ValueArena::kUnknown;
    }
    const Index node = stack_.back();
    stack_.pop_back();
    return node;
}

std::vector<ValueArena::Index> PickleStack::pop_to_mark() {
    if (marks_.empty()) {
        report_underflow("the stream closes a MARK that it has not opened");
        return {};
    }
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(std::min(marks_.back(), stack_.size()));
    std::vector<Index> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
}

void PickleStack::pop_value_or_mark() {
    if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
    } else {
        pop();
    }
}

void PickleStack::put(std::uint64_t slot, Index node) {
    const auto known = memo_.find(slot);
    if (known != memo_.end()) {
        known->second = node;
    } else if (values_.pay(kMemoBytes)) {
        memo_.emplace(slot, node);
    }
}

ValueArena::Index PickleStack::get(std::uint64_t slot) const {
    const auto found = memo_.find(slot);
    return found == memo_.end() ? ValueArena::kUnknown : found->second;
}

void PickleStack::report_deep_stack() {
    remarks_.add("the stack is deeper than is followed", true);
}

void PickleStack::report_underflow(std::string text) {
    if (!underflowed_) remarks_.add(std::move(text));
    underflowed_ = true;
}

}  // namespace yolovino::scan
