#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What exported files say of themselves, read into one form whatever syntax it stood in.
namespace yolovino::metadata {

struct Item;

/// A value from YAML, JSON, or a Python literal (where tuples are lists).
struct Value {
    using None = std::monostate;
    using List = std::vector<Value>;
    using Map = std::vector<Item>;
    std::variant<None, bool, std::int64_t, double, std::string, List, Map> data;

    template <typename T>
    const T* get() const {
        return std::get_if<T>(&data);
    }
    bool is_none() const { return get<None>() != nullptr; }
    /// The value under a key of a mapping, or null.
    const Value* find(std::string_view key) const;

    /// An integer, a whole number with a fraction of 0, or text that is one.
    std::optional<std::int64_t> as_int() const;
    /// A truth value, or text that is one in Python's, JSON's, or YAML's spelling.
    std::optional<bool> as_bool() const;
    /// Text; numbers and truth values as Python writes them; empty for everything else.
    std::string as_text() const;
};

struct Item {
    Value key;
    Value value;
};

/// Guards the conversion of text from outside into a tree: YAML's aliases can make a small file huge.
class Budget {
public:
    static constexpr int kMaxDepth = 16;
    static constexpr std::size_t kMaxValues = 300'000;

    /// Pays for one value at this depth; false when there is no more.
    bool pay(int depth) { return depth <= kMaxDepth && ++values_ <= kMaxValues; }

private:
    std::size_t values_ = 0;
};

}  // namespace yolovino::metadata
