#include "scan/stream_operations.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "scan/escapes.hpp"

namespace yolovino::scan {

namespace {

using checkpoint::Op;
using Index = ValueArena::Index;
using Kind = ValueArena::Kind;

constexpr std::string_view kComputed = "<computed>";  ///< a part of a name that only Python's unpickler would compute

/// Carries out one kind of operation; false if the stream cannot be followed any further.
using Handler = bool (*)(StreamState&, const Operation&);

bool push(StreamState& state, Index node) {
    if (!state.stack.push(node)) return false;
    state.policy.count_push(node);
    return true;
}

bool push_again(StreamState& state, Index node) {
    state.policy.note_repetition(node);
    return push(state, node);
}

// Scalars and texts.

bool ignore(StreamState&, const Operation&) {
    return true;
}

bool push_unknown(StreamState& state, const Operation&) {
    return push(state, ValueArena::kUnknown);
}

bool push_unsigned(StreamState& state, const Operation& operation) {
    return push(state, state.values.add_integer(static_cast<std::int64_t>(operation.number)));
}

bool push_signed(StreamState& state, const Operation& operation) {
    const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(operation.number));
    return push(state, state.values.add_integer(value));
}

bool push_decimal(StreamState& state, const Operation& operation) {
    std::int64_t value = 0;
    const char* const begin = operation.text.data();
    const auto result = std::from_chars(begin, begin + operation.text.size(), value);
    return push(state, result.ec == std::errc() ? state.values.add_integer(value) : ValueArena::kUnknown);
}

bool push_string(StreamState& state, std::string_view text) {
    const Index node = state.values.add_text(text);
    state.nested.consider_text(text);
    return push(state, node);
}

bool push_text(StreamState& state, const Operation& operation) {
    return push_string(state, operation.text);
}

bool push_bytes(StreamState& state, const Operation& operation) {
    const Index node = state.values.add_bytes(operation.text);
    state.nested.consider_bytes(operation.text);
    return push(state, node);
}

bool push_decoded(StreamState& state, std::string_view line, std::string (*decode)(std::string_view)) {
    if (!state.values.pay_for_copy(line.size())) return push(state, ValueArena::kUnknown);
    return push_string(state, state.values.keep(decode(line)));
}

bool push_quoted_line(StreamState& state, const Operation& operation) {
    return push_decoded(state, operation.text, decode_string);
}

bool push_unicode_line(StreamState& state, const Operation& operation) {
    if (operation.text.find('\\') == std::string_view::npos) return push_string(state, operation.text);
    return push_decoded(state, operation.text, decode_unicode);
}

// The stack and the memo.

bool open_mark(StreamState& state, const Operation&) {
    return state.stack.open_mark();
}

bool pop(StreamState& state, const Operation&) {
    state.stack.pop_value_or_mark();
    return true;
}

bool pop_to_mark(StreamState& state, const Operation&) {
    state.stack.pop_to_mark();
    return true;
}

bool duplicate(StreamState& state, const Operation&) {
    return push_again(state, state.stack.top());
}

bool memoize(StreamState& state, const Operation&) {
    state.stack.put(state.stack.memo_size(), state.stack.top());
    return true;
}

bool put(StreamState& state, const Operation& operation) {
    state.stack.put(operation.number, state.stack.top());
    return true;
}

bool get(StreamState& state, const Operation& operation) {
    return push_again(state, state.stack.get(operation.number));
}

/// The slot that a line states.
std::optional<std::uint64_t> slot_of(StreamState& state, std::string_view line) {
    std::uint64_t slot = 0;
    const char* const end = line.data() + line.size();
    const auto [stop, problem] = std::from_chars(line.data(), end, slot);
    if (problem == std::errc() && stop == end) return slot;
    // Python accepts `1_0`, `+1`, and ` 1` as numbers, too, but never writes them.
    state.remarks.add("a place in the memo is not written as a number", true);
    return std::nullopt;
}

bool put_line(StreamState& state, const Operation& operation) {
    const auto slot = slot_of(state, operation.text);
    if (slot) state.stack.put(*slot, state.stack.top());
    return slot.has_value();
}

bool get_line(StreamState& state, const Operation& operation) {
    const auto slot = slot_of(state, operation.text);
    return slot && push_again(state, state.stack.get(*slot));
}

// Containers.

/// Tuples of up to three elements have operations of their own, which take no mark.
template <std::size_t Size>
bool push_short_tuple(StreamState& state, const Operation&) {
    std::vector<Index> elements(Size);
    std::generate(elements.rbegin(), elements.rend(), [&] { return state.stack.pop(); });
    return push(state, state.values.add_tuple(std::move(elements)));
}

bool push_tuple(StreamState& state, const Operation&) {
    return push(state, state.values.add_tuple(state.stack.pop_to_mark()));
}

/// A list, or a set.
bool push_empty_list(StreamState& state, const Operation&) {
    return push(state, state.values.add_list({}));
}

bool push_list(StreamState& state, const Operation&) {
    return push(state, state.values.add_list(state.stack.pop_to_mark()));
}

bool push_empty_dict(StreamState& state, const Operation&) {
    return push(state, state.values.add_dict({}));
}

bool push_dict(StreamState& state, const Operation&) {
    return push(state, state.values.add_dict(state.stack.pop_to_mark()));
}

bool append_values(StreamState& state, const std::vector<Index>& values) {
    const Index target = state.stack.top();
    state.policy.judge_append(target);
    state.values.append(target, values);
    return true;
}

bool append(StreamState& state, const Operation&) {
    const Index value = state.stack.pop();
    return append_values(state, {value});
}

bool append_all(StreamState& state, const Operation&) {
    const std::vector<Index> values = state.stack.pop_to_mark();
    return append_values(state, values);
}

bool set_pairs(StreamState& state, const std::vector<Index>& pairs) {
    const Index target = state.stack.top();
    state.policy.judge_set_items(target);
    state.values.set_items(target, pairs);
    return true;
}

bool set_item(StreamState& state, const Operation&) {
    const Index value = state.stack.pop();
    const Index key = state.stack.pop();
    return set_pairs(state, {key, value});
}

bool set_items(StreamState& state, const Operation&) {
    const std::vector<Index> pairs = state.stack.pop_to_mark();
    return set_pairs(state, pairs);
}

// Names and calls.

bool push_name(StreamState& state, std::string_view module, std::string_view name) {
    const auto reference = state.names.refer(module, name);
    return reference && push(state, reference->node);
}

bool push_global(StreamState& state, const Operation& operation) {
    return push_name(state, operation.text, operation.second);
}

bool push_stack_global(StreamState& state, const Operation&) {
    const Index name = state.stack.pop();
    const Index module = state.stack.pop();
    const auto text_of = [&](Index node) {
        return state.values.kind(node) == Kind::Text ? state.values.text(node) : kComputed;
    };
    const bool is_computed = state.values.kind(module) != Kind::Text || state.values.kind(name) != Kind::Text;
    if (!push_name(state, text_of(module), text_of(name))) return false;
    if (is_computed) state.policy.judge_computed_name(state.stack.top());
    return true;
}

/// EXT1 and the like name a class by its number in a registry of the program that loads the stream.
bool push_extension(StreamState& state, const Operation&) {
    const std::string shown = fmt::format("extension {}", state.names.all().size());
    const auto reference = state.names.refer(kComputed, shown);
    if (!reference || !push(state, reference->node)) return false;
    state.names[reference->name].raise(NameVerdict::Dangerous, "a number stands for the name");
    return true;
}

bool push_call(StreamState& state, Index callable, Index arguments) {
    state.policy.judge_call(callable, arguments);
    return push(state, state.values.add_object(callable, arguments));
}

bool push_instance(StreamState& state, Index callable, Index arguments) {
    state.policy.judge_instance(callable);
    return push(state, state.values.add_object(callable, arguments));
}

bool call_named(StreamState& state, const Operation& operation) {
    const Index arguments = state.values.add_tuple(state.stack.pop_to_mark());
    return push_name(state, operation.text, operation.second) && push_call(state, state.stack.pop(), arguments);
}

bool call_first(StreamState& state, const Operation&) {
    std::vector<Index> values = state.stack.pop_to_mark();
    const Index callable = values.empty() ? ValueArena::kUnknown : values.front();
    if (!values.empty()) values.erase(values.begin());
    return push_call(state, callable, state.values.add_tuple(std::move(values)));
}

bool reduce(StreamState& state, const Operation&) {
    const Index arguments = state.stack.pop();
    return push_call(state, state.stack.pop(), arguments);
}

bool make_instance(StreamState& state, const Operation&) {
    const Index arguments = state.stack.pop();
    return push_instance(state, state.stack.pop(), arguments);
}

bool make_instance_with_keywords(StreamState& state, const Operation&) {
    const Index keywords = state.stack.pop();
    const Index arguments = state.stack.pop();
    state.policy.judge_keywords(state.stack.top(), keywords);
    return push_instance(state, state.stack.pop(), arguments);
}

bool build(StreamState& state, const Operation&) {
    const Index object_state = state.stack.pop();
    const Index target = state.stack.top();
    state.policy.judge_build(target, object_state);
    state.values.set_state(target, object_state);
    return true;
}

bool push_persistent_line(StreamState& state, const Operation&) {
    return push(state, state.values.add_persistent_id(ValueArena::kUnknown));
}

bool push_persistent(StreamState& state, const Operation&) {
    const Index id = state.stack.pop();
    const auto named = state.policy.judge_persistent_id(id);
    return push(state, named ? *named : state.values.add_persistent_id(id));
}

struct Row {
    Op op;
    Handler handler;
};

/// Every operation but STOP.
constexpr std::array kRows{
    Row{Op::Proto, ignore},
    Row{Op::Frame, ignore},
    Row{Op::ReadonlyBuffer, ignore},
    Row{Op::None, push_unknown},
    Row{Op::NewTrue, push_unknown},
    Row{Op::NewFalse, push_unknown},
    Row{Op::BinInt, push_signed},
    Row{Op::BinInt1, push_unsigned},
    Row{Op::BinInt2, push_unsigned},
    Row{Op::Int, push_decimal},
    Row{Op::Long, push_decimal},
    Row{Op::Long1, push_unknown},
    Row{Op::Long4, push_unknown},
    Row{Op::Float, push_unknown},
    Row{Op::BinFloat, push_unknown},
    Row{Op::NextBuffer, push_unknown},
    Row{Op::String, push_quoted_line},
    Row{Op::BinString, push_text},
    Row{Op::ShortBinString, push_text},
    Row{Op::Unicode, push_unicode_line},
    Row{Op::BinUnicode, push_text},
    Row{Op::ShortBinUnicode, push_text},
    Row{Op::BinUnicode8, push_text},
    Row{Op::BinBytes, push_bytes},
    Row{Op::ShortBinBytes, push_bytes},
    Row{Op::BinBytes8, push_bytes},
    Row{Op::ByteArray8, push_bytes},
    Row{Op::Mark, open_mark},
    Row{Op::Pop, pop},
    Row{Op::PopMark, pop_to_mark},
    Row{Op::Dup, duplicate},
    Row{Op::Put, put_line},
    Row{Op::BinPut, put},
    Row{Op::LongBinPut, put},
    Row{Op::Memoize, memoize},
    Row{Op::Get, get_line},
    Row{Op::BinGet, get},
    Row{Op::LongBinGet, get},
    Row{Op::EmptyTuple, push_short_tuple<0>},
    Row{Op::Tuple1, push_short_tuple<1>},
    Row{Op::Tuple2, push_short_tuple<2>},
    Row{Op::Tuple3, push_short_tuple<3>},
    Row{Op::Tuple, push_tuple},
    Row{Op::EmptyList, push_empty_list},
    Row{Op::ListToMark, push_list},
    Row{Op::EmptySet, push_empty_list},
    Row{Op::FrozenSet, push_list},
    Row{Op::EmptyDict, push_empty_dict},
    Row{Op::DictToMark, push_dict},
    Row{Op::Append, append},
    Row{Op::Appends, append_all},
    Row{Op::AddItems, append_all},
    Row{Op::SetItem, set_item},
    Row{Op::SetItems, set_items},
    Row{Op::Global, push_global},
    Row{Op::StackGlobal, push_stack_global},
    Row{Op::Ext1, push_extension},
    Row{Op::Ext2, push_extension},
    Row{Op::Ext4, push_extension},
    Row{Op::Inst, call_named},
    Row{Op::Obj, call_first},
    Row{Op::Reduce, reduce},
    Row{Op::NewObj, make_instance},
    Row{Op::NewObjEx, make_instance_with_keywords},
    Row{Op::Build, build},
    Row{Op::PersId, push_persistent_line},
    Row{Op::BinPersId, push_persistent},
};

constexpr auto kHandlers = [] {
    std::array<Handler, 256> handlers{};
    for (const Row& row : kRows) handlers[static_cast<std::uint8_t>(row.op)] = row.handler;
    return handlers;
}();

}  // namespace

bool carry_out(const Operation& operation, StreamState& state) {
    const Handler handler = kHandlers[operation.code];
    return handler != nullptr && handler(state, operation);
}

}  // namespace yolovino::scan
