#include "scan/value_arena.hpp"

#include <utility>

namespace yolovino::scan {

namespace {

constexpr std::size_t kMaxNodes = 4'000'000;
// What each costs, with the room that vectors keep in reserve and what the walk over the values needs later.
constexpr std::uint64_t kNodeBytes = 96;
constexpr std::uint64_t kTextBytes = 48;
constexpr std::uint64_t kListBytes = 72;
constexpr std::uint64_t kItemBytes = 12;
constexpr std::uint64_t kObjectBytes = 144;
constexpr std::uint64_t kCopyBytes = 64;

}  // namespace

ValueArena::ValueArena(std::uint64_t stream_bytes, Remarks& remarks) : remarks_(remarks), budget_(stream_bytes) {
    nodes_.emplace_back(Unknown{});
}

ValueArena::ListId ValueArena::list_id(Index node) const {
    if (const auto* tuple = std::get_if<ListOf<Kind::Tuple>>(&nodes_[node])) return tuple->id;
    if (const auto* list = std::get_if<ListOf<Kind::List>>(&nodes_[node])) return list->id;
    return std::get<ListOf<Kind::Dict>>(nodes_[node]).id;
}

ValueArena::Index ValueArena::element(Index node, std::size_t position) const {
    return kind(node) == Kind::Tuple && position < items(node).size() ? items(node)[position] : kUnknown;
}

ValueArena::Index ValueArena::add(Node node) {
    if (nodes_.size() >= kMaxNodes || !budget_.pay(kNodeBytes)) {
        report_value_limit();
        return kUnknown;
    }
    nodes_.push_back(node);
    return static_cast<Index>(nodes_.size() - 1);
}

template <ValueArena::Kind kind>
ValueArena::Index ValueArena::add_text_of(std::string_view text) {
    const Index node = pay(kTextBytes) ? add(TextOf<kind>{texts_.next_id()}) : kUnknown;
    if (node != kUnknown) texts_.add(text);
    return node;
}

template <ValueArena::Kind kind>
ValueArena::Index ValueArena::add_list_of(std::vector<Index> items) {
    if (!pay(kListBytes + items.size() * kItemBytes)) return kUnknown;
    const Index node = add(ListOf<kind>{lists_.next_id()});
    if (node != kUnknown) lists_.add(std::move(items));
    return node;
}

ValueArena::Index ValueArena::add_integer(std::int64_t value) {
    return add(value);
}

ValueArena::Index ValueArena::add_text(std::string_view text) {
    return add_text_of<Kind::Text>(text);
}

ValueArena::Index ValueArena::add_bytes(std::string_view bytes) {
    return add_text_of<Kind::Bytes>(bytes);
}

ValueArena::Index ValueArena::add_tuple(std::vector<Index> items) {
    return add_list_of<Kind::Tuple>(std::move(items));
}

ValueArena::Index ValueArena::add_list(std::vector<Index> items) {
    return add_list_of<Kind::List>(std::move(items));
}

ValueArena::Index ValueArena::add_dict(std::vector<Index> pairs) {
    return add_list_of<Kind::Dict>(std::move(pairs));
}

ValueArena::Index ValueArena::add_name(NameId name) {
    return add(name);
}

ValueArena::Index ValueArena::add_object(Index callable, Index arguments) {
    const Index node = pay(kObjectBytes) ? add(objects_.next_id()) : kUnknown;
    const Index origin = kind(callable) == Kind::Object ? object(callable).origin : callable;
    if (node != kUnknown)
        objects_.add({.callable = callable, .origin = origin, .arguments = arguments, .pairs = {}, .added = {}});
    return node;
}

ValueArena::Index ValueArena::add_persistent_id(Index id) {
    return add(PersistentId{id});
}

void ValueArena::append(Index target, const std::vector<Index>& values) {
    const bool is_list = kind(target) == Kind::List;
    if ((!is_list && kind(target) != Kind::Object) || !pay(values.size() * kItemBytes)) return;
    auto& items = is_list ? lists_[list_id(target)] : objects_[object_id(target)].added;
    items.insert(items.end(), values.begin(), values.end());
}

void ValueArena::set_items(Index target, const std::vector<Index>& pairs) {
    const bool is_dict = kind(target) == Kind::Dict;
    if ((!is_dict && kind(target) != Kind::Object) || !pay(pairs.size() * kItemBytes)) return;
    auto& items = is_dict ? lists_[list_id(target)] : objects_[object_id(target)].pairs;
    items.insert(items.end(), pairs.begin(), pairs.end());
}

void ValueArena::set_state(Index target, Index state) {
    if (kind(target) == Kind::Object) objects_[object_id(target)].state = state;
}

bool ValueArena::pay(std::uint64_t bytes) {
    if (budget_.pay(bytes)) return true;
    report_value_limit();
    return false;
}

bool ValueArena::pay_for_copy(std::size_t bytes) {
    return pay(kCopyBytes + bytes);
}

void ValueArena::report_value_limit() {
    if (!value_limit_reported_) remarks_.add("the stream has more values than are followed", true);
    value_limit_reported_ = true;
}

}  // namespace yolovino::scan
