#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/names.hpp"
#include "scan/remarks.hpp"
#include "scan/typed_table.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// A name that a stream asks Python to import.
struct ImportedName {
    std::string module;
    std::string name;
    NameVerdict verdict = NameVerdict::Unknown;
    std::string_view reason;
    std::size_t offset = 0;             ///< of the first operation that names it
    std::uint64_t uses = 0;             ///< operations that name it
    std::uint64_t pushes = 0;           ///< uses, and repetitions from the memo
    std::uint64_t harmless_pushes = 0;  ///< pushes that ended in a use known to be harmless

    Use use() const noexcept { return use_of(module, name); }
    /// Gives the name a worse verdict; a milder one changes nothing.
    void raise(NameVerdict worse, std::string_view why) noexcept;
};

/// The names of a stream, each once. They are still found where the memory budget has no room for values.
class NameTable {
public:
    using Index = ValueArena::Index;
    struct Reference {
        NameId name{};
        Index node = ValueArena::kUnknown;  ///< unknown where the arena has no room
    };

    NameTable(ValueArena& values, Remarks& remarks) : values_(values), remarks_(remarks) {}

    /// Counts a use of the name; nothing if the stream has too many names.
    std::optional<Reference> refer(std::string_view module, std::string_view name);

    ImportedName& operator[](NameId id) noexcept { return names_[id]; }
    const ImportedName& operator[](NameId id) const noexcept { return names_[id]; }
    /// The name of a node. @pre the node is a Global
    ImportedName& of(Index node) { return names_[values_.name_id(node)]; }
    const ImportedName& of(Index node) const { return names_[values_.name_id(node)]; }
    std::vector<ImportedName>& all() noexcept { return names_.rows(); }
    const std::vector<ImportedName>& all() const noexcept { return names_.rows(); }

private:
    bool pay(std::uint64_t bytes);

    ValueArena& values_;
    Remarks& remarks_;
    std::uint64_t reserve_bytes_ = 4U << 20U;  ///< for names when the budget of the values is spent
    TypedTable<NameId, ImportedName> names_;
    std::map<std::pair<std::string, std::string>, Reference, std::less<>> known_;
};

}  // namespace yolovino::scan
