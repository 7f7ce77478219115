#include "scan/state_methods.hpp"

#include <algorithm>
#include <string_view>

#include "scan/names.hpp"

namespace yolovino::scan {

using Kind = ValueArena::Kind;

namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxVisits = 10'000;
constexpr std::uint64_t kPairsPerOperation = 4;

}  // namespace

bool StateMethods::sets_method(Index state) {
    std::size_t visits = 0;
    return search(state, 0, visits);
}

bool StateMethods::search(Index state, int depth, std::size_t& visits) {
    // No known program writes such states.
    if (depth > kMaxDepth || ++visits > kMaxVisits) return true;
    switch (values_.kind(state)) {
        case Kind::Dict:
            return pairs_set_method(values_.items(state));
        case Kind::List:
        case Kind::Tuple: {
            // BUILD itself takes a pair of a dictionary and the slots. Any other sequence is for a __setstate__ of the
            // class, except that it may be a list of pairs.
            const std::vector<Index>& elements = values_.items(state);
            if (depth > 0) return false;
            return list_sets_method(elements) || (elements.size() == 2 && search_elements(elements, depth, visits));
        }
        case Kind::Object:
            return search_object(values_.object(state), depth, visits);
        default:
            return false;
    }
}

/// An object may be a dictionary of another class: it holds what it was made of, and what was added since.
bool StateMethods::search_object(const ValueArena::Object& object, int depth, std::size_t& visits) {
    if (pairs_set_method(object.pairs) || list_sets_method(object.added)) return true;
    if (values_.kind(object.arguments) != Kind::Tuple) return false;
    const std::vector<Index>& arguments = values_.items(object.arguments);
    return search_elements(arguments, depth, visits) || std::ranges::any_of(arguments, [&](Index each) {
               return values_.is_sequence(each) && list_sets_method(values_.items(each));
           });
}

bool StateMethods::search_elements(const std::vector<Index>& elements, int depth, std::size_t& visits) {
    return std::ranges::any_of(elements, [&](Index each) { return search(each, depth + 1, visits); });
}

/// Whether an element of the list is a pair that sets a method.
bool StateMethods::list_sets_method(const std::vector<Index>& list) {
    cost_ += list.size() / kPairsPerOperation;
    return std::ranges::any_of(list, [&](Index pair) {
        return values_.is_sequence(pair) && values_.items(pair).size() == 2 && pairs_set_method(values_.items(pair));
    });
}

bool StateMethods::pairs_set_method(const std::vector<Index>& pairs) {
    cost_ += pairs.size() / kPairsPerOperation;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (item_sets_method(pairs[i], pairs[i + 1])) return true;
    }
    return false;
}

bool StateMethods::item_sets_method(Index key, Index value) const {
    // A key that is a callable or the result of a call may be any name.
    if (may_be_callable(key) && may_be_callable(value)) return true;
    if (values_.kind(key) != Kind::Text) return false;
    const std::string_view name = values_.text(key);
    // `__dict__` replaces all attributes at once.
    if (!may_be_callable(value)) return values_.kind(value) == Kind::Dict && name == "__dict__";
    return is_dunder(name) || name == "append" || name == "extend" || name == "add" ||
           (is_bound_method(value) && !is_forward_key(name));
}

bool StateMethods::may_be_callable(Index node) const noexcept {
    const Kind kind = values_.kind(node);
    return kind == Kind::Global || kind == Kind::Object || kind == Kind::PersistentId;
}

/// Whether getattr made the value.
bool StateMethods::is_bound_method(Index node) const {
    if (values_.kind(node) != Kind::Object) return false;
    const Index callable = values_.object(node).callable;
    return values_.kind(callable) == Kind::Global && names_.of(callable).name == "getattr";
}

}  // namespace yolovino::scan
