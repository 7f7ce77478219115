#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "yolovino/audit.hpp"

#include "base/bytes.hpp"
#include "checkpoint/memory_budget.hpp"

namespace yolovino::scan {

/// A pickle stream of any protocol, followed as far as it goes. Unlike the reader of checkpoints this one refuses
/// nothing: what it cannot follow becomes an unknown value, and what is odd a remark.
class Stream {
public:
    using Index = std::uint32_t;
    enum class Kind : std::uint8_t { Unknown, Int, Text, Bytes, Tuple, List, Dict, Global, Object, PersistentId };

    struct Name {
        std::string module;
        std::string name;
        NameVerdict verdict = NameVerdict::Unknown;
        std::string_view reason;
        std::size_t offset = 0;
        std::uint64_t uses = 0;
        std::uint64_t pushes = 0;   ///< uses, and repetitions from the memo
        std::uint64_t settled = 0;  ///< pushes that ended in a use known to be harmless
    };
    struct Remark {
        std::size_t offset = 0;
        std::string text;
        bool hides_content = false;
    };
    struct Object {
        Index callable = 0;
        Index origin = 0;  ///< the callable; of one that is an object itself, its origin
        Index arguments = 0;
        Index state = 0;
        std::vector<Index> pairs;
        std::vector<Index> added;  ///< to a list or the like
    };

    /// Follows the stream that begins at the first byte, for at most `max_operations`. The bytes must stay.
    explicit Stream(base::Bytes bytes, std::uint64_t max_operations);

    /// Whether it ends with STOP.
    bool complete() const noexcept { return complete_; }
    /// Behind STOP, or where it could not be followed any further.
    std::size_t end() const noexcept { return end_; }
    std::uint64_t operations() const noexcept { return operations_; }
    const std::vector<Name>& names() const noexcept { return names_; }
    const std::vector<Remark>& remarks() const noexcept { return remarks_; }
    /// Texts and bytes that may hold a pickle of their own. They live as long as the stream.
    const std::vector<base::Bytes>& nested() const noexcept { return nested_; }

    Index root() const noexcept { return root_; }
    Kind kind(Index node) const noexcept { return nodes_[node].kind; }
    std::int64_t integer(Index node) const noexcept { return nodes_[node].number; }
    std::string_view text(Index node) const noexcept { return texts_[number(node)]; }
    const std::vector<Index>& items(Index node) const noexcept { return lists_[number(node)]; }
    const Object& object(Index node) const noexcept { return objects_[number(node)]; }
    const Name& name(Index node) const noexcept { return names_[number(node)]; }
    std::size_t node_count() const noexcept { return nodes_.size(); }

private:
    static constexpr Index kUnknown = 0;  ///< the node of every value that is not followed

    struct Node {
        Kind kind = Kind::Unknown;
        std::int64_t number = 0;
    };

    std::size_t number(Index node) const noexcept { return static_cast<std::size_t>(nodes_[node].number); }
    void follow(std::uint64_t max_operations);
    bool step(std::uint8_t op);
    bool step_scalar(std::uint8_t op);
    bool step_text(std::uint8_t op);
    bool step_container(std::uint8_t op);
    bool step_object(std::uint8_t op);
    bool step_memo(std::uint8_t op);

    Index add(Kind kind, std::int64_t value);
    Index add_list(Kind kind, std::vector<Index> items);
    bool push(Index node);
    bool repeat(Index node);
    bool too_deep();
    bool push_text(Kind kind, std::string_view text);
    bool push_sized(Kind kind, std::size_t width);
    void nest(Kind kind, std::string_view text);
    bool skip(std::uint64_t count);
    bool pay(std::uint64_t bytes);
    Index pop();
    Index top() const;
    std::vector<Index> pop_to_mark();
    void append_to(Index target, const std::vector<Index>& values);
    void set_items(const std::vector<Index>& pairs);
    void put(std::uint64_t slot, Index node);
    bool get(std::uint64_t slot);
    bool push_global(std::string_view module, std::string_view name);
    bool push_computed_global();
    bool push_call(Index callable, Index arguments, bool constructs);
    bool push_extension(std::size_t width);
    // What Python would run for a harmless name in a way that is not: stream_calls.cpp.
    void judge_call(Index callable, Index arguments);
    void judge_instance(Index callable);
    void judge_class_call(Name& called, bool has_arguments);
    void judge_getattr(Name& called, Index arguments);
    void judge_reconstructor(Name& called, Index arguments);
    void judge_rebuild(Name& called, Index arguments);
    void judge_names();
    void build();
    bool gives_method(Index state);
    bool gives_method(Index state, int depth, std::size_t& visits);
    bool holds_method(const std::vector<Index>& list);
    void judge_state(Index target, Index state);
    bool pairs_give_method(const std::vector<Index>& pairs);
    bool has_known_items(Index target, bool by_key) const;
    bool push_persistent(Index id);
    void settle_within(Index tuple, Index node);
    void judge_storage(Index callable);
    void judge_keywords(Index callable, Index keywords);
    void judge_partial(Name& called, Index arguments);
    bool is_plain(Index node) const;
    Index argument(Index arguments, std::size_t position) const;
    bool is_callable(Index node) const noexcept;
    bool is_sequence(Index node) const noexcept;
    void condemn(Index node, std::string_view reason);
    void settle(Index node);
    void raise(Name& name, NameVerdict verdict, std::string_view reason);
    void remark(std::string text, bool hides_content = false);
    bool take_line(std::string_view& line);
    template <typename T>
    bool take_number(T& value);

    base::Bytes bytes_;
    base::ByteReader reader_;
    checkpoint::MemoryBudget budget_;
    std::uint64_t name_reserve_ = 4U << 20U;
    std::size_t op_offset_ = 0;
    std::size_t end_ = 0;
    std::uint64_t operations_ = 0;
    bool complete_ = false;
    bool crowded_ = false;
    bool underflow_ = false;
    bool nameless_ = false;
    Index root_ = 0;
    std::vector<Node> nodes_;
    std::vector<std::vector<Index>> lists_;
    std::vector<Object> objects_;
    std::vector<std::string_view> texts_;
    std::deque<std::string> decoded_;
    std::vector<Name> names_;
    std::map<std::pair<std::string, std::string>, Index, std::less<>> name_nodes_;
    std::vector<Index> stack_;
    std::size_t stack_peak_ = 0;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, Index> memo_;
    std::vector<std::pair<Index, Index>> settled_within_;  ///< a tuple, and a name in it whose use is known
    std::unordered_set<Index> repeated_;                   ///< tuples that were pushed more than once
    std::vector<Remark> remarks_;
    std::vector<base::Bytes> nested_;
};

}  // namespace yolovino::scan
