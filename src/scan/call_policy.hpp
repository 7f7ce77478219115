#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "scan/name_table.hpp"
#include "scan/pickle_stack.hpp"
#include "scan/remarks.hpp"
#include "scan/state_methods.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// Judges what Python would run while it loads a stream: each call of a name, and each operation that calls a method of
/// an object. A name gets the worst verdict of all its uses.
class CallPolicy {
public:
    using Index = ValueArena::Index;

    CallPolicy(ValueArena& values, const PickleStack& stack, NameTable& names, Remarks& remarks)
        : values_(values), stack_(stack), names_(names), remarks_(remarks), state_methods_(values, names) {}

    /// The node was pushed to the stack.
    void count_push(Index node);
    /// The node is pushed once more, from the memo or by DUP.
    void note_repetition(Index node);
    void judge_call(Index callable, Index arguments);
    /// An instance is made without its constructor: `callable.__new__` is called.
    void judge_instance(Index callable);
    void judge_keywords(Index callable, Index keywords);
    void judge_build(Index target, Index state);
    void judge_append(Index target);
    void judge_set_items(Index target);
    /// The class that a persistent id stands for; nothing where it stands for a storage or for what is not known.
    std::optional<Index> judge_persistent_id(Index id);
    /// If the node is a name, that name is computed while Python loads the stream.
    void judge_computed_name(Index node);

    /// Judges the names by all their uses. To be called once, behind the last operation.
    void finish();
    /// What judging cost so far, counted in operations of the stream.
    std::uint64_t cost() const noexcept { return state_methods_.cost(); }

private:
    void judge_class_call(ImportedName& called, bool has_arguments);
    void judge_getattr(ImportedName& called, Index arguments);
    void judge_reconstructor(ImportedName& called, Index arguments);
    void judge_rebuild_from_type(ImportedName& called, Index arguments);
    void judge_partial(ImportedName& called, Index arguments);
    void judge_default_factory(ImportedName& called, Index arguments);
    void judge_storage_call(ImportedName& called);
    void judge_trusted_state(Index target, Index state);
    void judge_dtype_state(ImportedName& made, const ValueArena::Object& object, Index state);
    bool has_known_items(Index target, bool by_key) const;
    bool is_harmless_function(Index node) const;
    void mark_dangerous(Index node, std::string_view reason);
    void mark_call_harmless(Index node);
    void mark_call_harmless_within(Index tuple, Index node);

    ValueArena& values_;
    const PickleStack& stack_;
    NameTable& names_;
    Remarks& remarks_;
    StateMethods state_methods_;
    bool anonymous_call_reported_ = false;
    /// A tuple, and a name in it that is used in a harmless way if the tuple is used only once.
    std::vector<std::pair<Index, Index>> harmless_within_;
    std::unordered_set<Index> repeated_tuples_;
};

}  // namespace yolovino::scan
