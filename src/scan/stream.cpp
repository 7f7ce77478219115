#include "scan/stream.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "scan/escapes.hpp"
#include "scan/names.hpp"

namespace yolovino::scan {

namespace {

constexpr std::size_t kMaxNodes = 4'000'000;
constexpr std::size_t kMaxNameBytes = 256;
// What each costs, with the room that vectors keep in reserve and what the walk over the values needs later.
constexpr std::uint64_t kNodeBytes = 96;
constexpr std::uint64_t kTextBytes = 48;
constexpr std::uint64_t kListBytes = 72;
constexpr std::uint64_t kItemBytes = 12;
constexpr std::uint64_t kObjectBytes = 144;
constexpr std::uint64_t kMemoBytes = 64;
constexpr std::uint64_t kNameBytes = 512;
constexpr std::uint64_t kDecodedBytes = 64;
constexpr std::size_t kMaxStack = 4'000'000;
constexpr std::size_t kMaxNames = 10'000;
constexpr std::size_t kMaxRemarks = 100;
constexpr std::size_t kMaxNested = 100'000;
constexpr std::uint64_t kNestedBytes = 32;
constexpr std::size_t kLineBytesPerOperation = 4096;  ///< what a search for the end of a line may cost
constexpr std::string_view kComputed = "<computed>";

/// Whether a pickle that begins here could name a class: by its mark, or without one by an operation that names.
bool may_be_pickle(std::string_view text) {
    if (text.size() > 2 && text[0] == '\x80' && static_cast<unsigned char>(text[1]) <= 5) return true;
    if (text.find_first_of("\x82\x83\x84\x93") != std::string_view::npos) return true;
    const std::size_t line = text.find('\n');
    return line != std::string_view::npos && text.find('\n', line + 1) != std::string_view::npos &&
           text.find_first_of("ci") < text.rfind('\n');
}

/// Whether a text looks like such a pickle that was written as one, each byte a character.
bool may_be_bytes(std::string_view text) {
    if (text.starts_with("\xc2\x80")) return true;
    for (const std::string_view naming : {"\xc2\x82", "\xc2\x83", "\xc2\x84", "\xc2\x93"}) {
        if (text.find(naming) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace

Stream::Stream(base::Bytes bytes, std::uint64_t max_operations) : bytes_(bytes), reader_(bytes), budget_(bytes.size()) {
    nodes_.push_back({});
    follow(max_operations);
    judge_names();
}

void Stream::follow(std::uint64_t max_operations) {
    for (; operations_ < max_operations; ++operations_) {
        op_offset_ = end_ = reader_.offset();
        std::uint8_t op = 0;
        if (!take_number(op)) return remark("the stream ends without STOP");
        if (op == '.') {
            complete_ = true;
            end_ = reader_.offset();
            root_ = stack_.empty() ? kUnknown : stack_.back();
            return;
        }
        if (!step(op)) return remark(fmt::format("the stream breaks off at operation 0x{:02x}", op));
    }
    remark(fmt::format("the stream has more than {} operations", max_operations), true);
}

bool Stream::step(std::uint8_t op) {
    return step_memo(op) || step_scalar(op) || step_text(op) || step_container(op) || step_object(op);
}

bool Stream::step_memo(std::uint8_t op) {
    const auto put_top = [&](auto slot) {
        if (!take_number(slot)) return false;
        put(slot, top());
        return true;
    };
    const auto get_slot = [&](auto slot) { return take_number(slot) && get(slot); };
    const auto text_slot = [&](std::uint64_t& slot) {
        std::string_view line;
        if (!take_line(line)) return false;
        const char* const end = line.data() + line.size();
        const auto [stop, problem] = std::from_chars(line.data(), end, slot);
        if (problem == std::errc() && stop == end) return true;
        // Python takes `1_0`, `+1`, and ` 1` for numbers, too, and writes none of them.
        remark("a place in the memo is not written as a number", true);
        return false;
    };
    std::uint64_t slot = 0;
    switch (op) {
        case 'q':
            return put_top(std::uint8_t{});
        case 'r':
            return put_top(std::uint32_t{});
        case 0x94:
            put(memo_.size(), top());
            return true;
        case 'h':
            return get_slot(std::uint8_t{});
        case 'j':
            return get_slot(std::uint32_t{});
        case 'p':
            if (!text_slot(slot)) return false;
            put(slot, top());
            return true;
        case 'g':
            return text_slot(slot) && get(slot);
        default:
            return false;
    }
}

bool Stream::step_scalar(std::uint8_t op) {
    const auto number = [&](auto value) { return take_number(value) && push(add(Kind::Int, value)); };
    const auto opaque = [&](std::size_t count) { return skip(count) && push(kUnknown); };
    std::string_view line;
    switch (op) {
        case 0x80:  // PROTO
            return skip(1);
        case 0x95:  // FRAME
            return skip(8);
        case 'N':
        case 0x88:
        case 0x89:
            return push(kUnknown);
        case 'J':
            return number(std::int32_t{});
        case 'K':
            return number(std::uint8_t{});
        case 'M':
            return number(std::uint16_t{});
        case 0x8a: {  // LONG1
            std::uint8_t length = 0;
            return take_number(length) && opaque(length);
        }
        case 0x8b: {  // LONG4
            std::uint32_t length = 0;
            return take_number(length) && opaque(length);
        }
        case 'G':
            return opaque(8);
        case 'I':
        case 'L': {
            if (!take_line(line)) return false;
            std::int64_t value = 0;
            const auto result = std::from_chars(line.data(), line.data() + line.size(), value);
            return push(result.ec == std::errc() ? add(Kind::Int, value) : kUnknown);
        }
        case 'F':
            return take_line(line) && push(kUnknown);
        case 0x97:  // NEXT_BUFFER
            return push(kUnknown);
        case 0x98:  // READONLY_BUFFER
            return true;
        default:
            return false;
    }
}

bool Stream::step_text(std::uint8_t op) {
    std::string_view line;
    switch (op) {
        case 'X':
        case 'T':
            return push_sized(Kind::Text, 4);
        case 'U':
        case 0x8c:
            return push_sized(Kind::Text, 1);
        case 0x8d:
            return push_sized(Kind::Text, 8);
        case 'B':
            return push_sized(Kind::Bytes, 4);
        case 'C':
            return push_sized(Kind::Bytes, 1);
        case 0x8e:
        case 0x96:
            return push_sized(Kind::Bytes, 8);
        case 'S':
            if (!take_line(line)) return false;
            if (!pay(kDecodedBytes + line.size())) return push(kUnknown);
            return push_text(Kind::Text, decoded_.emplace_back(decode_string(line)));
        case 'V':
            if (!take_line(line)) return false;
            if (line.find('\\') == std::string_view::npos) return push_text(Kind::Text, line);
            if (!pay(kDecodedBytes + line.size())) return push(kUnknown);
            return push_text(Kind::Text, decoded_.emplace_back(decode_unicode(line)));
        default:
            return false;
    }
}

bool Stream::step_container(std::uint8_t op) {
    const auto push_tuple = [&](std::size_t count) {
        std::vector<Index> values(count);
        for (std::size_t i = count; i-- > 0;) values[i] = pop();
        return push(add_list(Kind::Tuple, std::move(values)));
    };
    switch (op) {
        case '(':
            if (marks_.size() >= kMaxStack) return too_deep();
            if (!pay(2 * kItemBytes)) return false;
            marks_.push_back(stack_.size());
            return true;
        case '0':
            if (!marks_.empty() && marks_.back() == stack_.size()) {
                marks_.pop_back();
            } else {
                pop();
            }
            return true;
        case '1':
            pop_to_mark();
            return true;
        case '2':
            return repeat(top());
        case ')':
        case 0x85:
        case 0x86:
        case 0x87:
            return push_tuple(op == ')' ? 0 : op - 0x84U);
        case 't':
            return push(add_list(Kind::Tuple, pop_to_mark()));
        case ']':
        case 0x8f:
            return push(add_list(Kind::List, {}));
        case 'l':
        case 0x91:
            return push(add_list(Kind::List, pop_to_mark()));
        case '}':
            return push(add_list(Kind::Dict, {}));
        case 'd':
            return push(add_list(Kind::Dict, pop_to_mark()));
        case 'a': {
            const Index value = pop();
            append_to(top(), {value});
            return true;
        }
        case 'e':
        case 0x90: {
            const std::vector<Index> values = pop_to_mark();
            append_to(top(), values);
            return true;
        }
        case 's': {
            const Index value = pop();
            const Index key = pop();
            set_items({key, value});
            return true;
        }
        case 'u':
            set_items(pop_to_mark());
            return true;
        default:
            return false;
    }
}

bool Stream::step_object(std::uint8_t op) {
    std::string_view module;
    std::string_view name;
    switch (op) {
        case 'c':
            return take_line(module) && take_line(name) && push_global(module, name);
        case 0x93:
            return push_computed_global();
        case 'i': {
            if (!take_line(module) || !take_line(name)) return false;
            const Index arguments = add_list(Kind::Tuple, pop_to_mark());
            return push_global(module, name) && push_call(pop(), arguments, false);
        }
        case 'o': {
            std::vector<Index> values = pop_to_mark();
            const Index callable = values.empty() ? kUnknown : values.front();
            if (!values.empty()) values.erase(values.begin());
            return push_call(callable, add_list(Kind::Tuple, std::move(values)), false);
        }
        case 'R': {
            const Index arguments = pop();
            return push_call(pop(), arguments, false);
        }
        case 0x81: {
            const Index arguments = pop();
            return push_call(pop(), arguments, true);
        }
        case 0x92: {
            const Index keywords = pop();
            const Index arguments = pop();
            judge_keywords(top(), keywords);
            return push_call(pop(), arguments, true);
        }
        case 'b':
            build();
            return true;
        case 'P':
            return take_line(module) && push(add(Kind::PersistentId, kUnknown));
        case 'Q':
            return push_persistent(pop());
        case 0x82:
            return push_extension(1);
        case 0x83:
            return push_extension(2);
        case 0x84:
            return push_extension(4);
        default:
            return false;
    }
}

Stream::Index Stream::add(Kind kind, std::int64_t value) {
    if (nodes_.size() >= kMaxNodes || !budget_.pay(kNodeBytes)) {
        if (!crowded_) remark("the stream has more values than are followed", true);
        crowded_ = true;
        return kUnknown;
    }
    nodes_.push_back({kind, value});
    return static_cast<Index>(nodes_.size() - 1);
}

Stream::Index Stream::add_list(Kind kind, std::vector<Index> items) {
    if (!pay(kListBytes + items.size() * kItemBytes)) return kUnknown;
    const Index node = add(kind, static_cast<std::int64_t>(lists_.size()));
    if (node != kUnknown) lists_.push_back(std::move(items));
    return node;
}

bool Stream::push(Index node) {
    if (stack_.size() >= kMaxStack) return too_deep();
    if (stack_.size() == stack_peak_ && !pay(kItemBytes)) return false;
    if (kind(node) == Kind::Global) ++names_[number(node)].pushes;
    stack_.push_back(node);
    stack_peak_ = std::max(stack_peak_, stack_.size());
    return true;
}

bool Stream::too_deep() {
    remark("the stack is deeper than is followed", true);
    return false;
}

bool Stream::push_text(Kind kind, std::string_view text) {
    const Index node = pay(kTextBytes) ? add(kind, static_cast<std::int64_t>(texts_.size())) : kUnknown;
    if (node != kUnknown) texts_.push_back(text);
    nest(kind, text);
    return push(node);
}

bool Stream::push_sized(Kind kind, std::size_t width) {
    std::uint64_t length = 0;
    const auto size = reader_.take(width);
    if (!size) return false;
    for (std::size_t i = 0; i < width; ++i) length |= std::to_integer<std::uint64_t>((*size)[i]) << (8 * i);
    const auto bytes = reader_.take(length);
    if (!bytes) return false;
    return push_text(kind, base::as_text(*bytes));
}

/// A pickle within a text is met by pickle.loads, which is dangerous itself, and by numpy's objects.
void Stream::nest(Kind kind, std::string_view text) {
    std::string_view candidate = text;
    if (kind == Kind::Text && may_be_bytes(text)) {
        if (!pay(kDecodedBytes + text.size())) return;
        candidate = decoded_.emplace_back(encode_latin1(text));
    }
    if (!may_be_pickle(candidate)) return;
    if (nested_.size() == kMaxNested) {
        remark("more texts may be pickles than are followed", true);
    } else if (pay(kNestedBytes)) {
        nested_.push_back(base::as_bytes(candidate));
    }
}

bool Stream::skip(std::uint64_t count) {
    return reader_.skip(count);
}

/// Values that cannot be paid for are not followed; names still are.
bool Stream::pay(std::uint64_t bytes) {
    if (budget_.pay(bytes)) return true;
    if (!crowded_) remark("the stream has more values than are followed", true);
    crowded_ = true;
    return false;
}

Stream::Index Stream::top() const {
    return stack_.size() <= (marks_.empty() ? 0 : marks_.back()) ? kUnknown : stack_.back();
}

Stream::Index Stream::pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) {
        if (!underflow_) remark("the stream takes a value from an empty stack");
        underflow_ = true;
        return kUnknown;
    }
    const Index node = stack_.back();
    stack_.pop_back();
    return node;
}

std::vector<Stream::Index> Stream::pop_to_mark() {
    if (marks_.empty()) {
        if (!underflow_) remark("the stream closes a MARK that it has not opened");
        underflow_ = true;
        return {};
    }
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(std::min(marks_.back(), stack_.size()));
    std::vector<Index> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
}

void Stream::append_to(Index target, const std::vector<Index>& values) {
    if (!has_known_items(target, false)) condemn(target, "Python calls its append, extend, or add");
    if ((kind(target) != Kind::List && kind(target) != Kind::Object) || !pay(values.size() * kItemBytes)) return;
    auto& items = kind(target) == Kind::List ? lists_[number(target)] : objects_[number(target)].added;
    items.insert(items.end(), values.begin(), values.end());
}

void Stream::set_items(const std::vector<Index>& pairs) {
    const Index target = top();
    if (!has_known_items(target, true)) condemn(target, "items of it are replaced");
    if ((kind(target) != Kind::Dict && kind(target) != Kind::Object) || !pay(pairs.size() * kItemBytes)) return;
    auto& items = kind(target) == Kind::Dict ? lists_[number(target)] : objects_[number(target)].pairs;
    items.insert(items.end(), pairs.begin(), pairs.end());
}

void Stream::put(std::uint64_t slot, Index node) {
    const auto known = memo_.find(slot);
    if (known != memo_.end()) {
        known->second = node;
    } else if (pay(kMemoBytes)) {
        memo_.emplace(slot, node);
    }
}

bool Stream::get(std::uint64_t slot) {
    const auto found = memo_.find(slot);
    return repeat(found == memo_.end() ? kUnknown : found->second);
}

bool Stream::repeat(Index node) {
    if (kind(node) == Kind::Tuple && pay(kMemoBytes)) repeated_.insert(node);
    return push(node);
}

bool Stream::push_global(std::string_view module, std::string_view name) {
    if (module.size() > kMaxNameBytes || name.size() > kMaxNameBytes) {
        // A text of megabytes may be named again and again.
        remark("the name of a class is too long to be shown whole", true);
        module = module.substr(0, kMaxNameBytes);
        name = name.substr(0, kMaxNameBytes);
    }
    const auto known = name_nodes_.find(std::pair(std::string(module), std::string(name)));
    if (known != name_nodes_.end()) {
        ++names_[number(known->second)].uses;
        return push(known->second);
    }
    // Without room for values names are still found.
    const std::uint64_t cost = kNameBytes + 4 * (module.size() + name.size());
    const bool paid = budget_.pay(cost);
    if (names_.size() >= kMaxNames || (!paid && name_reserve_ < cost)) {
        remark("the stream names more classes than are followed", true);
        return false;
    }
    if (!paid) name_reserve_ -= cost;
    const Judgement judgement = judge(module, name);
    const Index node = add(Kind::Global, static_cast<std::int64_t>(names_.size()));
    names_.push_back(
        {std::string(module), std::string(name), judgement.verdict, judgement.reason, op_offset_, 1, 0, 0});
    if (node != kUnknown) name_nodes_.emplace(std::pair(std::string(module), std::string(name)), node);
    return push(node);
}

bool Stream::push_computed_global() {
    const Index name = pop();
    const Index module = pop();
    if (kind(module) == Kind::Text && kind(name) == Kind::Text) return push_global(text(module), text(name));
    const std::string known(kind(module) == Kind::Text ? text(module) : kComputed);
    if (!push_global(known, kind(name) == Kind::Text ? text(name) : kComputed)) return false;
    const Index made = top();
    if (kind(made) == Kind::Global)
        raise(names_[number(made)], NameVerdict::Dangerous, "the name is computed while the file is loaded");
    return true;
}

bool Stream::push_extension(std::size_t width) {
    if (!skip(width)) return false;
    if (!push_global(kComputed, fmt::format("extension {}", names_.size()))) return false;
    raise(names_.back(), NameVerdict::Dangerous, "a number stands for the name");
    return true;
}

bool Stream::push_call(Index callable, Index arguments, bool constructs) {
    if (constructs) {
        judge_instance(callable);
    } else {
        judge_call(callable, arguments);
    }
    const Index node = pay(kObjectBytes) ? add(Kind::Object, static_cast<std::int64_t>(objects_.size())) : kUnknown;
    const Index origin = kind(callable) == Kind::Object ? object(callable).origin : callable;
    if (node != kUnknown) objects_.push_back({callable, origin, arguments, kUnknown, {}, {}});
    return push(node);
}

void Stream::remark(std::string text, bool hides_content) {
    if (remarks_.size() < kMaxRemarks) remarks_.push_back({op_offset_, std::move(text), hides_content});
}

bool Stream::take_line(std::string_view& line) {
    const std::string_view rest = base::as_text(bytes_).substr(reader_.offset());
    const std::size_t end = rest.find('\n');
    operations_ += std::min(end, rest.size()) / kLineBytesPerOperation;
    if (end == std::string_view::npos || !reader_.skip(end + 1)) return false;
    line = rest.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
}

template <typename T>
bool Stream::take_number(T& value) {
    const auto taken = reader_.read<T>();
    if (taken) value = *taken;
    return taken.has_value();
}

}  // namespace yolovino::scan
