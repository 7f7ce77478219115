#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scan/name_table.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// Looks for methods that Python's unpickler calls on an object (`__setstate__`, `append`, `extend`, `add`) in what
/// BUILD sets as the state of the object.
class StateMethods {
public:
    using Index = ValueArena::Index;

    StateMethods(const ValueArena& values, const NameTable& names) : values_(values), names_(names) {}

    /// Whether the state sets such a method. A state too deep or too large to be searched counts as one that does.
    bool sets_method(Index state);
    /// What the searches cost, counted in operations of the stream.
    std::uint64_t cost() const noexcept { return cost_; }

private:
    bool search(Index state, int depth, std::size_t& visits);
    bool search_object(const ValueArena::Object& object, int depth, std::size_t& visits);
    bool search_elements(const std::vector<Index>& elements, int depth, std::size_t& visits);
    bool list_sets_method(const std::vector<Index>& list);
    bool pairs_set_method(const std::vector<Index>& pairs);
    bool item_sets_method(Index key, Index value) const;
    bool may_be_callable(Index node) const noexcept;
    bool is_bound_method(Index node) const;

    const ValueArena& values_;
    const NameTable& names_;
    std::uint64_t cost_ = 0;
};

}  // namespace yolovino::scan
