#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace yolovino::tracking {

/// What it costs to take a detection (column) for the continuation of a track (row).
class CostMatrix {
public:
    CostMatrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), values_(rows * columns) {}

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }
    bool empty() const noexcept { return values_.empty(); }
    std::span<float> row(std::size_t index) { return std::span(values_).subspan(index * columns_, columns_); }
    std::span<const float> row(std::size_t index) const {
        return std::span(values_).subspan(index * columns_, columns_);
    }

private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<float> values_;
};

}  // namespace yolovino::tracking
