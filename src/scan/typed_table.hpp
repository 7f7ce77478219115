#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace yolovino::scan {

/// A vector whose places are of a type of their own, so that no table is read with the place of another.
/// @tparam Id an enum of std::uint32_t
template <typename Id, typename T>
class TypedTable {
public:
    std::size_t size() const noexcept { return rows_.size(); }
    const std::vector<T>& rows() const noexcept { return rows_; }
    std::vector<T>& rows() noexcept { return rows_; }
    T& operator[](Id id) noexcept { return rows_[static_cast<std::uint32_t>(id)]; }
    const T& operator[](Id id) const noexcept { return rows_[static_cast<std::uint32_t>(id)]; }

    /// The place of the row that is added next.
    Id next_id() const noexcept { return static_cast<Id>(rows_.size()); }
    void add(T row) { rows_.push_back(std::move(row)); }

private:
    std::vector<T> rows_;
};

}  // namespace yolovino::scan
