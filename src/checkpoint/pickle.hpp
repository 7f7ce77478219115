#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::checkpoint {

/// What a pickle describes, as inert nodes: nothing is called, imported, or looked up.
///
/// Nodes refer to each other by index, so that neither reading nor destruction recurses, whatever the file nests.
class Pickle {
public:
    using Index = std::uint32_t;
    static constexpr Index kNothing = 0xFFFFFFFF;

    // Sequence is a Python list, Mapping a plain dict.
    enum class Kind : std::uint8_t {
        None,
        Bool,
        Int,
        BigInt,
        Float,
        String,
        Bytes,
        Tuple,
        Sequence,
        Mapping,
        Set,
        Global,
        Object,
        PersistentId
    };

    struct Global {
        std::string_view module;
        std::string_view name;
    };
    /// The record of a call that is never made.
    struct Object {
        Index callable = kNothing;
        Index arguments = kNothing;
        Index state = kNothing;    ///< operand of BUILD
        std::vector<Index> pairs;  ///< key, value, key, value, …: operands of SETITEM
        std::vector<Index> appended;
    };

    Index root() const noexcept { return root_; }
    std::size_t size_bytes() const noexcept { return bytes_.size(); }
    std::size_t node_count() const noexcept { return nodes_.size(); }
    Kind kind(Index node) const noexcept { return nodes_[node].kind; }
    bool boolean(Index node) const noexcept { return nodes_[node].integer != 0; }
    std::int64_t integer(Index node) const noexcept { return nodes_[node].integer; }
    double real(Index node) const noexcept;
    std::string_view text(Index node) const noexcept;  ///< of a String, or the bytes of a Bytes
    Global global(Index node) const noexcept;
    /// Elements of a tuple, list or set; keys and values in turn of a dict.
    std::span<const Index> items(Index node) const noexcept { return lists_[list_of(node)]; }
    const Object& object(Index node) const noexcept { return objects_[list_of(node)]; }
    Index persistent_id(Index node) const noexcept { return static_cast<Index>(nodes_[node].integer); }

    bool is_none(Index node) const noexcept { return kind(node) == Kind::None; }
    bool is_object(Index node) const noexcept { return kind(node) == Kind::Object; }
    /// `module.name` of a Global, or of the class that an Object names; empty if it names none.
    std::string class_path(Index node) const;
    /// The Global that an Object names as its callable, or empty names.
    Global callable(Index object_node) const noexcept;
    std::span<const Index> arguments(Index object_node) const noexcept;
    /// Whether the node is a dict, or one of the dict types of the standard library.
    bool is_mapping(Index node) const noexcept;
    /// Keys and values in turn. @pre is_mapping
    std::span<const Index> pairs(Index node) const noexcept;
    /// The value under a string key, the last one if there are several; kNothing if absent.
    Index find(Index mapping, std::string_view key) const noexcept;

private:
    friend class PickleMachine;

    struct Node {
        Kind kind = Kind::None;
        std::int64_t integer = 0;  ///< value, bits of the double, list or object number, or text offset and length
    };

    std::size_t list_of(Index node) const noexcept { return static_cast<std::size_t>(nodes_[node].integer); }

    std::vector<std::byte> bytes_;
    std::vector<Node> nodes_;
    std::vector<std::vector<Index>> lists_;
    std::vector<Object> objects_;
    std::vector<Global> globals_;
    Index root_ = kNothing;
};

}  // namespace yolovino::checkpoint
