#include "checkpoint/pickle_machine.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "checkpoint/hostile_names.hpp"
#include "container/file_kind.hpp"

namespace yolovino::checkpoint {

namespace {

// Official files need 152 KB, 63,000 operations, a stack of 300, 16 marks and 13,000 memo slots.
constexpr std::uint64_t kMaxOperations = 10'000'000;
constexpr std::uint64_t kMaxStack = 1'000'000;
constexpr std::uint64_t kMaxMarks = 1'000;
constexpr std::size_t kMaxGlobalLineBytes = 256;

// Vectors that grow hold up to three times their elements while they move.
constexpr std::uint64_t kGrowth = 3;
constexpr std::uint64_t kHeapBytes = 32;  // what the allocator adds

/// UTF-8 as Python writes and reads it: lone surrogates are let pass. What Python refuses is no checkpoint.
bool is_python_text(std::string_view text) {
    if (base::is_utf8(text)) return true;
    std::string plain(text);
    for (std::size_t i = 0; i + 2 < plain.size(); ++i) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(plain[at]); };
        if (byte(i) == 0xED && (byte(i + 1) & 0xE0) == 0xA0 && (byte(i + 2) & 0xC0) == 0x80) plain.replace(i, 3, "???");
    }
    return base::is_utf8(plain);
}

}  // namespace

PickleMachine::PickleMachine(std::vector<std::byte> bytes, const std::string& file, std::uint64_t file_offset,
                             const PickleTrace& trace, ClassIds class_ids)
    : file_(file), file_offset_(file_offset), reader_({}), trace_(trace), class_ids_(class_ids), budget_(bytes.size()) {
    pickle_.bytes_ = std::move(bytes);
    reader_ = base::ByteReader(pickle_.bytes_);
    none_ = add(Kind::None, 0);
    true_ = add(Kind::Bool, 1);
    false_ = add(Kind::Bool, 0);
    empty_tuple_ = add_list(Kind::Tuple, {});
}

Pickle PickleMachine::run() {
    const bool says_protocol = take_number<std::uint8_t>() == static_cast<std::uint8_t>(Op::Proto);
    if (says_protocol) protocol_ = take_number<std::uint8_t>();
    if (protocol_ < kLowestProtocol || protocol_ > kHighestProtocol) {
        fail(fmt::format("pickle is not of protocol {} to {}", kLowestProtocol, kHighestProtocol),
             ErrorCode::UnsupportedFile, container::kSaveAgain);
    }
    for (std::uint64_t count = 0;; ++count) {
        limit(count, kMaxOperations, "operations");
        op_offset_ = reader_.offset();
        const auto op = static_cast<Op>(take_number<std::uint8_t>());
        if (trace_) trace_(op_offset_, static_cast<std::uint8_t>(op));
        if (op == Op::Stop) break;
        step(op);
    }
    finish();
    return std::move(pickle_);
}

void PickleMachine::finish() {
    if (!marks_.empty()) fail("pickle ends within an open MARK");
    if (stack_.size() != 1) fail(fmt::format("pickle ends with {} values on its stack, expected one", stack_.size()));
    if (reader_.remaining() != 0) fail(fmt::format("{} bytes follow the end of the pickle", reader_.remaining()));
    pickle_.root_ = stack_.front();
}

void PickleMachine::step(Op op) {
    if (is_accepted(op) && (step_memo(op) || step_scalar(op) || step_container(op) || step_object(op))) return;
    const auto code = static_cast<std::uint8_t>(op);
    fail(fmt::format("pickle operation {} (0x{:02x}) has no place in a checkpoint", opcode_name(code), code));
}

/// A pickle with an operation of a later protocol than the one it states was not written by Python's pickler. EMPTY_SET
/// is of protocol 4, but torch's own restricted loader accepts it in any.
bool PickleMachine::is_accepted(Op op) const {
    const Opcode* opcode = find_opcode(static_cast<std::uint8_t>(op));
    return opcode != nullptr && opcode->in_checkpoints && (opcode->protocol <= protocol_ || op == Op::EmptySet);
}

bool PickleMachine::step_memo(Op op) {
    switch (op) {
        case Op::BinPut:
            put(take_number<std::uint8_t>());
            return true;
        case Op::LongBinPut:
            put(take_number<std::uint32_t>());
            return true;
        case Op::BinGet:
            get(take_number<std::uint8_t>());
            return true;
        case Op::LongBinGet:
            get(take_number<std::uint32_t>());
            return true;
        case Op::Memoize:
            put(memo_.size());
            return true;
        case Op::Frame:
            begin_frame();
            return true;
        default:
            return false;
    }
}

bool PickleMachine::step_scalar(Op op) {
    switch (op) {
        case Op::None:
            push(none_);
            return true;
        case Op::NewTrue:
            push(true_);
            return true;
        case Op::NewFalse:
            push(false_);
            return true;
        case Op::BinInt:
            push(add(Kind::Int, take_number<std::int32_t>()));
            return true;
        case Op::BinInt1:
            push(add(Kind::Int, take_number<std::uint8_t>()));
            return true;
        case Op::BinInt2:
            push(add(Kind::Int, take_number<std::uint16_t>()));
            return true;
        case Op::Long1:
            push_long(take_number<std::uint8_t>());
            return true;
        case Op::BinFloat: {
            // The only big-endian number of the format.
            std::array<std::byte, 8> reversed{};
            std::ranges::reverse_copy(take(8), reversed.begin());
            push(add(Kind::Float, std::bit_cast<std::int64_t>(reversed)));
            return true;
        }
        default:
            return step_text(op);
    }
}

bool PickleMachine::step_text(Op op) {
    switch (op) {
        case Op::ShortBinUnicode:
            push_text(take_number<std::uint8_t>(), Kind::String, true);
            return true;
        case Op::BinUnicode:
            push_text(take_number<std::uint32_t>(), Kind::String, true);
            return true;
        case Op::BinUnicode8:
            push_text(take_number<std::uint64_t>(), Kind::String, true);
            return true;
        case Op::ShortBinString:
            push_text(take_number<std::uint8_t>(), Kind::String, false);
            return true;
        case Op::ShortBinBytes:
            push_text(take_number<std::uint8_t>(), Kind::Bytes, false);
            return true;
        case Op::BinBytes:
            push_text(take_number<std::uint32_t>(), Kind::Bytes, false);
            return true;
        case Op::BinBytes8:
        case Op::ByteArray8:
            push_text(take_number<std::uint64_t>(), Kind::Bytes, false);
            return true;
        default:
            return false;
    }
}

bool PickleMachine::step_container(Op op) {
    switch (op) {
        case Op::Mark:
            limit(marks_.size() + 1, kMaxMarks, "open marks");
            marks_.push_back(stack_.size());
            return true;
        case Op::EmptyTuple:
            push(empty_tuple_);
            return true;
        case Op::Tuple1:
            push_tuple(1);
            return true;
        case Op::Tuple2:
            push_tuple(2);
            return true;
        case Op::Tuple3:
            push_tuple(3);
            return true;
        case Op::Tuple:
            push(add_list(Kind::Tuple, pop_to_mark()));
            return true;
        case Op::EmptyList:
            push(add_list(Kind::Sequence, {}));
            return true;
        case Op::EmptyDict:
            push(add_list(Kind::Mapping, {}));
            return true;
        case Op::EmptySet:
            push(add_list(Kind::Set, {}));
            return true;
        case Op::Append:
            append({pop()});
            return true;
        case Op::Appends:
            append(pop_to_mark());
            return true;
        case Op::SetItem: {
            const Index value = pop();
            const Index key = pop();
            set_items({key, value});
            return true;
        }
        case Op::SetItems:
            set_items(pop_to_mark());
            return true;
        case Op::AddItems:
            add_items(pop_to_mark());
            return true;
        case Op::FrozenSet:
            push(add_list(Kind::Set, pop_to_mark()));
            return true;
        default:
            return false;
    }
}

bool PickleMachine::step_object(Op op) {
    switch (op) {
        case Op::Global: {
            const std::string_view module = take_line();
            push_global(module, take_line());
            return true;
        }
        case Op::StackGlobal:
            push_stack_global();
            return true;
        case Op::Reduce:
        case Op::NewObj:
            push_object();
            return true;
        case Op::NewObjEx:
            push_object_ex();
            return true;
        case Op::Build:
            build();
            return true;
        case Op::BinPersId:
            push_persistent();
            return true;
        default:
            return false;
    }
}

Pickle::Index PickleMachine::add(Kind kind, std::int64_t integer) {
    pay(kGrowth * sizeof(Pickle::Node));
    pickle_.nodes_.push_back({kind, integer});
    return static_cast<Index>(pickle_.nodes_.size() - 1);
}

Pickle::Index PickleMachine::add_list(Kind kind, std::vector<Index> items) {
    pay(kGrowth * sizeof(std::vector<Index>) + (items.empty() ? 0 : kHeapBytes + items.size() * sizeof(Index)));
    pickle_.lists_.push_back(std::move(items));
    return add(kind, static_cast<std::int64_t>(pickle_.lists_.size() - 1));
}

void PickleMachine::push(Index node) {
    limit(stack_.size() + 1, kMaxStack, "values on the stack");
    if (stack_.size() == highest_stack_) {
        pay(kGrowth * sizeof(Index));
        ++highest_stack_;
    }
    stack_.push_back(node);
}

Pickle::Index PickleMachine::top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("pickle takes a value from an empty stack");
    return stack_.back();
}

Pickle::Index PickleMachine::pop() {
    const Index node = top();
    stack_.pop_back();
    return node;
}

std::vector<Pickle::Index> PickleMachine::pop_to_mark() {
    if (marks_.empty()) fail("pickle closes a MARK that it has not opened");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Index> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
}

void PickleMachine::push_tuple(std::size_t count) {
    std::vector<Index> values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = pop();
    push(add_list(Kind::Tuple, std::move(values)));
}

void PickleMachine::push_text(std::uint64_t length, Kind kind, bool unicode) {
    const std::size_t offset = reader_.offset();
    const base::Bytes bytes = take(length);
    if (unicode && !is_python_text(base::as_text(bytes))) fail("text is not UTF-8");
    push(add(kind, static_cast<std::int64_t>(static_cast<std::uint64_t>(offset) << 32 | length)));
}

void PickleMachine::push_long(std::uint64_t length) {
    const base::Bytes bytes = take(length);
    if (length > 8) {
        push(add(Kind::BigInt, 0));
        return;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    const bool negative = !bytes.empty() && (std::to_integer<unsigned>(bytes.back()) & 0x80) != 0;
    if (negative && length < 8) value |= ~std::uint64_t{0} << (8 * length);
    push(add(Kind::Int, static_cast<std::int64_t>(value)));
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
    if (module.empty() || name.empty()) fail("pickle names a class without a name");
    if (!base::is_utf8(module) || !base::is_utf8(name)) fail("name of a class is not UTF-8");
    // From protocol 4 on, Python follows the dots of a name.
    if (is_hostile(module, name) || (protocol_ >= 4 && leads_to_hostile(name))) {
        fail(fmt::format("pickle names {}.{}, which no network needs: the file may be an attack",
                         base::printable(module), base::printable(name)),
             ErrorCode::UnsupportedFile, "do not open this file in Python");
    }
    pay(kGrowth * sizeof(Pickle::Global));
    pickle_.globals_.push_back({module, name});
    push(add(Kind::Global, static_cast<std::int64_t>(pickle_.globals_.size() - 1)));
}

void PickleMachine::push_stack_global() {
    const Index name = pop();
    const Index module = pop();
    if (pickle_.kind(name) != Kind::String || pickle_.kind(module) != Kind::String) fail("name of a class is not text");
    if (pickle_.text(name).size() > kMaxGlobalLineBytes || pickle_.text(module).size() > kMaxGlobalLineBytes)
        fail("name of a class is longer than 256 bytes");
    // GLOBAL cannot hold them, and no class has one.
    if (pickle_.text(name).find('\n') != std::string_view::npos ||
        pickle_.text(module).find('\n') != std::string_view::npos) {
        fail("name of a class holds a line end");
    }
    push_global(pickle_.text(module), pickle_.text(name));
}

void PickleMachine::push_object() {
    const Index arguments = pop();
    const Index callable = pop();
    if (pickle_.kind(arguments) != Kind::Tuple) fail("arguments of an object are not a tuple");
    // A persistent id or a scalar cannot be called; an object can, as the result of a factory.
    if (pickle_.kind(callable) != Kind::Global && pickle_.kind(callable) != Kind::Object)
        fail("class of an object is not a name");
    pay(kGrowth * sizeof(Pickle::Object));
    pickle_.objects_.push_back({.callable = callable, .arguments = arguments, .pairs = {}, .appended = {}});
    push(add(Kind::Object, static_cast<std::int64_t>(pickle_.objects_.size() - 1)));
}

/// What is called with named arguments, too: they are kept behind the others, where no known class looks for them.
void PickleMachine::push_object_ex() {
    const Index named = pop();
    const Index arguments = pop();
    if (pickle_.kind(arguments) != Kind::Tuple || pickle_.kind(named) != Kind::Mapping)
        fail("arguments of an object are not a tuple and a dict");
    push(pickle_.items(named).empty() ? arguments : add_list(Kind::Tuple, {arguments, named}));
    push_object();
}

/// A legacy file says the source of a class with its name, in ('module', class, file, text).
void PickleMachine::push_persistent() {
    const Index id = pop();
    if (class_ids_ == ClassIds::Read && pickle_.kind(id) == Kind::Tuple) {
        const auto items = pickle_.items(id);
        if (items.size() == 4 && pickle_.kind(items[0]) == Kind::String && pickle_.text(items[0]) == "module" &&
            pickle_.kind(items[1]) == Kind::Global) {
            return push(items[1]);
        }
    }
    push(add(Kind::PersistentId, id));
}

/// A frame says how much Python reads at once; it has no meaning of its own.
void PickleMachine::begin_frame() {
    const auto length = take_number<std::uint64_t>();
    if (length > reader_.remaining()) fail(fmt::format("frame of {} bytes, {} are left", length, reader_.remaining()));
}

void PickleMachine::build() {
    const Index state = pop();
    const Index target = top();
    if (!pickle_.is_object(target)) fail("BUILD on a value that is not an object");
    Pickle::Object& object = pickle_.objects_[pickle_.list_of(target)];
    // Python never writes a second state; merging two would let readers differ about what the object holds.
    if (object.state != Pickle::kNothing) fail("second BUILD on one object");
    object.state = state;
}

void PickleMachine::append(const std::vector<Index>& values) {
    const Index target = top();
    const Kind kind = pickle_.kind(target);
    if (kind != Kind::Sequence && kind != Kind::Object) fail("APPEND to a value that is not a list");
    const std::size_t number = pickle_.list_of(target);
    auto& items = kind == Kind::Sequence ? pickle_.lists_[number] : pickle_.objects_[number].appended;
    pay((items.empty() ? kHeapBytes : 0) + kGrowth * sizeof(Index) * values.size());
    items.insert(items.end(), values.begin(), values.end());
}

void PickleMachine::set_items(const std::vector<Index>& pairs) {
    if (pairs.size() % 2 != 0) fail("SETITEMS with a key that has no value");
    const Index target = top();
    const Kind kind = pickle_.kind(target);
    if (kind != Kind::Mapping && kind != Kind::Object) fail("SETITEM on a value that is not a dict");
    const std::size_t number = pickle_.list_of(target);
    auto& items = kind == Kind::Mapping ? pickle_.lists_[number] : pickle_.objects_[number].pairs;
    pay((items.empty() ? kHeapBytes : 0) + kGrowth * sizeof(Index) * pairs.size());
    items.insert(items.end(), pairs.begin(), pairs.end());
}

void PickleMachine::add_items(const std::vector<Index>& values) {
    const Index target = top();
    if (pickle_.kind(target) != Kind::Set) fail("ADDITEMS to a value that is not a set");
    auto& items = pickle_.lists_[pickle_.list_of(target)];
    pay((items.empty() ? kHeapBytes : 0) + kGrowth * sizeof(Index) * values.size());
    items.insert(items.end(), values.begin(), values.end());
}

void PickleMachine::put(std::uint64_t slot) {
    // Files number their slots 0, 1, 2, …; a gap would let one operation claim gigabytes.
    if (slot > memo_.size()) fail(fmt::format("memo slot {} follows slot {}", slot, memo_.size()));
    if (slot == memo_.size()) {
        pay(kGrowth * sizeof(Index));
        memo_.push_back(top());
    } else {
        memo_[static_cast<std::size_t>(slot)] = top();
    }
}

void PickleMachine::get(std::uint64_t slot) {
    if (slot >= memo_.size()) fail(fmt::format("memo slot {} was never filled", slot));
    push(memo_[static_cast<std::size_t>(slot)]);
}

std::string_view PickleMachine::take_line() {
    const std::string_view rest = base::as_text(pickle_.bytes_).substr(reader_.offset(), kMaxGlobalLineBytes + 1);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) fail("name of a class is truncated or longer than 256 bytes");
    take(end + 1);
    return rest.substr(0, end);
}

base::Bytes PickleMachine::take(std::uint64_t count) {
    const auto bytes = reader_.take(count);
    if (!bytes) fail(fmt::format("pickle ends within a value: {} bytes wanted, {} left", count, reader_.remaining()));
    return *bytes;
}

template <typename T>
T PickleMachine::take_number() {
    const auto value = reader_.read<T>();
    if (!value) fail("pickle ends without STOP");
    return *value;
}

void PickleMachine::pay(std::uint64_t bytes) {
    if (budget_.pay(bytes)) return;
    fail(fmt::format("pickle of {} bytes needs more than {} bytes of memory", pickle_.bytes_.size(), budget_.all()),
         ErrorCode::LimitExceeded);
}

void PickleMachine::limit(std::uint64_t value, std::uint64_t maximum, std::string_view what) const {
    if (value > maximum) fail(fmt::format("pickle has more than {} {}", maximum, what), ErrorCode::LimitExceeded);
}

void PickleMachine::fail(std::string_view message, ErrorCode code, std::string_view hint) const {
    throw Error(code, "checkpoint", message, {.file = file_, .offset_bytes = file_offset_ + op_offset_}, hint);
}

}  // namespace yolovino::checkpoint
