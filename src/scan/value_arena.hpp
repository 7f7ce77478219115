#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "container/memory_budget.hpp"
#include "scan/remarks.hpp"
#include "scan/typed_table.hpp"

namespace yolovino::scan {

/// A name in the table of names of the stream.
enum class NameId : std::uint32_t {};

/// The values of a stream. A value is a node; nodes refer to each other by index, so that nothing recurses. What the
/// memory budget does not hold becomes an unknown value.
class ValueArena {
public:
    using Index = std::uint32_t;
    /// In the order of the alternatives of a node.
    enum class Kind : std::uint8_t { Unknown, Int, Text, Bytes, Tuple, List, Dict, Global, Object, PersistentId };

    /// The record of a call. Nothing is called.
    struct Object {
        Index callable = 0;
        Index origin = 0;  ///< the callable; where the callable is an object itself, the origin of that object
        Index arguments = 0;
        Index state = 0;           ///< operand of BUILD
        std::vector<Index> pairs;  ///< key, value, key, value, …: operands of SETITEM
        std::vector<Index> added;  ///< operands of APPEND and ADDITEMS
    };

    /// The node of every value that is not followed.
    static constexpr Index kUnknown = 0;

    /// @param stream_bytes the size of the stream, which sets the memory budget
    ValueArena(std::uint64_t stream_bytes, Remarks& remarks);

    Kind kind(Index node) const noexcept { return static_cast<Kind>(nodes_[node].index()); }
    bool is_sequence(Index node) const noexcept { return kind(node) == Kind::List || kind(node) == Kind::Tuple; }
    std::size_t node_count() const noexcept { return nodes_.size(); }
    // Each of these is for nodes of its kind.
    std::int64_t integer(Index node) const { return std::get<std::int64_t>(nodes_[node]); }
    std::string_view text(Index node) const { return texts_[std::get<TextOf<Kind::Text>>(nodes_[node]).id]; }
    /// Of a tuple or a list the elements, of a dictionary keys and values in turn.
    const std::vector<Index>& items(Index node) const { return lists_[list_id(node)]; }
    NameId name_id(Index node) const { return std::get<NameId>(nodes_[node]); }
    const Object& object(Index node) const { return objects_[object_id(node)]; }
    Index persistent_id(Index node) const { return std::get<PersistentId>(nodes_[node]).id; }
    /// The element of a tuple; unknown if the node is no tuple, or too short.
    Index element(Index node, std::size_t position) const;

    Index add_integer(std::int64_t value);
    Index add_text(std::string_view text);
    Index add_bytes(std::string_view bytes);
    Index add_tuple(std::vector<Index> items);
    Index add_list(std::vector<Index> items);
    Index add_dict(std::vector<Index> pairs);
    Index add_name(NameId name);
    Index add_object(Index callable, Index arguments);
    Index add_persistent_id(Index id);

    /// Adds to a list or an object; other values cannot hold elements, or are not followed.
    void append(Index target, const std::vector<Index>& values);
    /// Adds keys and values to a dictionary or an object.
    void set_items(Index target, const std::vector<Index>& pairs);
    /// Sets the state of an object.
    void set_state(Index target, Index state);

    /// Pays for memory; if the budget does not hold it, a remark says once that values are not followed.
    bool pay(std::uint64_t bytes);
    bool pay_without_remark(std::uint64_t bytes) { return budget_.pay(bytes); }
    /// Pays for a copy of so many bytes that `keep` is given next.
    bool pay_for_copy(std::size_t bytes);
    /// Keeps a decoded text as long as the arena lives.
    std::string_view keep(std::string text) { return copies_.emplace_back(std::move(text)); }

private:
    enum class TextId : std::uint32_t {};
    enum class ListId : std::uint32_t {};
    enum class ObjectId : std::uint32_t {};
    struct Unknown {};
    template <Kind>
    struct TextOf {
        TextId id{};
    };
    template <Kind>
    struct ListOf {
        ListId id{};
    };
    struct PersistentId {
        Index id = kUnknown;
    };
    using Node = std::variant<Unknown, std::int64_t, TextOf<Kind::Text>, TextOf<Kind::Bytes>, ListOf<Kind::Tuple>,
                              ListOf<Kind::List>, ListOf<Kind::Dict>, NameId, ObjectId, PersistentId>;
    static_assert(std::variant_size_v<Node> == static_cast<std::size_t>(Kind::PersistentId) + 1);
    static_assert(sizeof(Node) == 16, "the budget counts nodes of this size");

    Index add(Node node);
    template <Kind kind>
    Index add_text_of(std::string_view text);
    template <Kind kind>
    Index add_list_of(std::vector<Index> items);
    ListId list_id(Index node) const;
    ObjectId object_id(Index node) const { return std::get<ObjectId>(nodes_[node]); }
    void report_value_limit();

    Remarks& remarks_;
    container::MemoryBudget budget_;
    bool value_limit_reported_ = false;
    std::vector<Node> nodes_;
    TypedTable<ListId, std::vector<Index>> lists_;
    TypedTable<ObjectId, Object> objects_;
    TypedTable<TextId, std::string_view> texts_;
    std::deque<std::string> copies_;
};

}  // namespace yolovino::scan
