// The order of steps in Solver is that of package lap, so that equal costs give equal answers:
//
// Copyright (c) 2012-2017, Tomas Kazmar. All rights reserved.
//
// Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
// following conditions are met:
// 1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
//    disclaimer.
// 2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
// following
//    disclaimer in the documentation and/or other materials provided with the distribution.
//
// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
// INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
// DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
// SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
// SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
// WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
// OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

#include "tracking/assignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>

namespace yolovino::tracking {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Compiled for several instruction sets; the first that the machine has is taken. All give the same bits.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
#define YOLOVINO_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define YOLOVINO_CLONES
#endif

/// The two smallest differences of costs and prices, each with its column; of equal ones the first.
struct Cheapest {
    double first_cost = kInfinite;
    double second_cost = kInfinite;
    std::size_t first = kNone;
    std::size_t second = kNone;

    void add(double cost, std::size_t column) {
        if (cost < first_cost || (cost == first_cost && column < first)) {
            second_cost = std::exchange(first_cost, cost);
            second = std::exchange(first, column);
        } else if (cost < second_cost || (cost == second_cost && column < second)) {
            second_cost = cost;
            second = column;
        }
    }
};

YOLOVINO_CLONES Cheapest find_cheapest(const double* costs, const double* prices, std::size_t count) {
    constexpr std::size_t kLanes = 4;
    using Numbers = double __attribute__((vector_size(kLanes * sizeof(double))));
    using Columns = std::int64_t __attribute__((vector_size(kLanes * sizeof(std::int64_t))));
    Numbers first = Numbers{} + kInfinite;
    Numbers second = first;
    Columns first_at = Columns{} - 1;
    Columns second_at = first_at;
    Columns at = {0, 1, 2, 3};
    std::size_t j = 0;
    for (; j + kLanes <= count; j += kLanes, at += static_cast<std::int64_t>(kLanes)) {
        Numbers cost;
        Numbers price;
        std::memcpy(&cost, costs + j, sizeof cost);
        std::memcpy(&price, prices + j, sizeof price);
        cost -= price;
        const Columns before_first = cost < first;
        const Columns before_second = cost < second;
        second = before_first ? first : before_second ? cost : second;
        second_at = before_first ? first_at : before_second ? at : second_at;
        first = before_first ? cost : first;
        first_at = before_first ? at : first_at;
    }
    Cheapest out;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (first_at[lane] >= 0) out.add(first[lane], static_cast<std::size_t>(first_at[lane]));
        if (second_at[lane] >= 0) out.add(second[lane], static_cast<std::size_t>(second_at[lane]));
    }
    for (; j < count; ++j) out.add(costs[j] - prices[j], j);
    return out;
}

/// Lowers prices to the costs of a row, and notes whose they are.
YOLOVINO_CLONES void lower_prices(const double* __restrict costs, std::size_t row, double* __restrict prices,
                                  std::size_t* __restrict rows, std::size_t count) {
    for (std::size_t j = 0; j < count; ++j) {
        const bool cheaper = costs[j] < prices[j];
        rows[j] = cheaper ? row : rows[j];
        prices[j] = cheaper ? costs[j] : prices[j];
    }
}

/// Jonker and Volgenant's algorithm for a dense square matrix.
class Solver {
public:
    /// @param costs `[size, size]`, finite, size at least 2
    Solver(std::span<const double> costs, std::size_t size)
        : costs_(costs), size_(size), column_of_(size, kNone), row_of_(size), price_(size) {}

    /// The column of each row.
    const std::vector<std::size_t>& solve() {
        reduce_columns();
        transfer_reduction();
        for (int pass = 0; pass < 2 && !free_.empty(); ++pass) reduce_free_rows();
        for (const std::size_t row : free_) augment(row);
        return column_of_;
    }

private:
    const double* row(std::size_t index) const { return costs_.data() + index * size_; }

    /// Each column takes its cheapest row, the first of several. A row keeps the last column that takes it.
    void reduce_columns() {
        std::copy_n(row(0), size_, price_.begin());
        std::ranges::fill(row_of_, 0);
        for (std::size_t i = 1; i < size_; ++i) lower_prices(row(i), i, price_.data(), row_of_.data(), size_);
        taken_once_.assign(size_, 1);
        for (std::size_t j = size_; j-- > 0;) {
            const std::size_t i = row_of_[j];
            if (column_of_[i] == kNone) {
                column_of_[i] = j;
            } else {
                taken_once_[i] = 0;
                row_of_[j] = kNone;
            }
        }
    }

    /// A row with one column lowers its price as far as the next best column allows.
    void transfer_reduction() {
        for (std::size_t i = 0; i < size_; ++i) {
            if (column_of_[i] == kNone) {
                free_.push_back(i);
            } else if (taken_once_[i] != 0) {
                const Cheapest cheapest = find_cheapest(row(i), price_.data(), size_);
                const bool is_own = cheapest.first == column_of_[i];
                price_[column_of_[i]] -= is_own ? cheapest.second_cost : cheapest.first_cost;
            }
        }
    }

    /// Each free row takes its cheapest column. The row that had it comes next if the price fell, else in the next
    /// pass.
    void reduce_free_rows() {
        std::size_t current = 0;
        std::size_t kept = 0;
        std::size_t steps = 0;
        const std::size_t count = free_.size();
        while (current < count) {
            ++steps;
            const std::size_t i = free_[current++];
            const Cheapest cheapest = find_cheapest(row(i), price_.data(), size_);
            std::size_t column = cheapest.first;
            std::size_t displaced = row_of_[column];
            const double lowered = price_[column] - (cheapest.second_cost - cheapest.first_cost);
            const bool falls = lowered < price_[column];
            const bool may_repeat = steps < current * size_;  // rounding could make rows displace each other for ever
            if (may_repeat && falls) {
                price_[column] = lowered;
            } else if (may_repeat && displaced != kNone) {
                column = cheapest.second;
                displaced = row_of_[column];
            }
            if (displaced != kNone) {
                if (may_repeat && falls)
                    free_[--current] = displaced;
                else
                    free_[kept++] = displaced;
            }
            column_of_[i] = column;
            row_of_[column] = i;
        }
        free_.resize(kept);
    }

    /// Columns of the smallest distance that have not been scanned come to `[low_, high_)`; a column without a row
    /// among them, the last of several.
    std::size_t find_nearest() {
        high_ = low_ + 1;
        nearest_ = distance_[order_[low_]];
        for (std::size_t k = high_; k < size_; ++k) {
            const std::size_t j = order_[k];
            if (distance_[j] > nearest_) continue;
            if (distance_[j] < nearest_) {
                high_ = low_;
                nearest_ = distance_[j];
            }
            order_[k] = order_[high_];
            order_[high_++] = j;
        }
        std::size_t end = kNone;
        for (std::size_t k = low_; k < high_; ++k) {
            if (row_of_[order_[k]] == kNone) end = order_[k];
        }
        return end;
    }

    /// Shortens distances by way of the nearest columns; the first column without a row that gets as near.
    std::size_t scan_nearest() {
        while (low_ != high_) {
            const std::size_t through = order_[low_++];
            const std::size_t i = row_of_[through];
            nearest_ = distance_[through];
            const double* costs = row(i);
            const double base = costs[through] - price_[through] - nearest_;
            for (std::size_t k = high_; k < size_; ++k) {
                const std::size_t j = order_[k];
                const double length = costs[j] - price_[j] - base;
                if (!(length < distance_[j])) continue;
                distance_[j] = length;
                came_from_[j] = i;
                if (length != nearest_) continue;
                if (row_of_[j] == kNone) return j;
                order_[k] = order_[high_];
                order_[high_++] = j;
            }
        }
        return kNone;
    }

    /// Gives a row a nearest column that has none, the last of several, as `find_nearest` would. False if all have.
    bool take_free_column(std::size_t start) {
        const double* costs = row(start);
        const double nearest = find_cheapest(costs, price_.data(), size_).first_cost;
        for (std::size_t j = size_; j-- > 0;) {
            if (row_of_[j] != kNone || costs[j] - price_[j] != nearest) continue;
            row_of_[j] = start;
            column_of_[start] = j;
            return true;
        }
        return false;
    }

    /// Gives a row a column along the shortest path of exchanges.
    void augment(std::size_t start) {
        if (take_free_column(start)) return;
        order_.resize(size_);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        came_from_.assign(size_, start);
        distance_.resize(size_);
        for (std::size_t j = 0; j < size_; ++j) distance_[j] = row(start)[j] - price_[j];
        low_ = high_ = 0;
        std::size_t ready = 0;
        std::size_t end = kNone;
        while (end == kNone) {
            if (low_ == high_) {
                ready = low_;
                end = find_nearest();
            }
            if (end == kNone) end = scan_nearest();
        }
        for (std::size_t k = 0; k < ready; ++k) price_[order_[k]] += distance_[order_[k]] - nearest_;
        std::size_t i = kNone;
        while (i != start) {
            i = came_from_[end];
            row_of_[end] = i;
            std::swap(end, column_of_[i]);
        }
    }

    const std::span<const double> costs_;
    const std::size_t size_;
    std::vector<std::size_t> column_of_;
    std::vector<std::size_t> row_of_;
    std::vector<double> price_;
    std::vector<std::uint8_t> taken_once_;
    std::vector<std::size_t> free_;
    // Of one augmentation
    std::vector<std::size_t> order_;
    std::vector<std::size_t> came_from_;
    std::vector<double> distance_;
    std::size_t low_ = 0;
    std::size_t high_ = 0;
    double nearest_ = 0;
};

/// The costs with a partner of half the limit for each row and column.
void extend(const CostMatrix& costs, double limit, std::vector<double>& out) {
    const std::size_t rows = costs.rows();
    const std::size_t columns = costs.columns();
    const std::size_t size = rows + columns;
    const double forbidden = 2 * std::abs(limit) + 4;  // dearer than two partners, and than any finite cost here
    out.assign(size * size, limit / 2);
    for (std::size_t i = 0; i < rows; ++i) {
        const std::span<const float> from = costs.row(i);
        for (std::size_t j = 0; j < columns; ++j)
            out[i * size + j] = std::isfinite(from[j]) ? static_cast<double>(from[j]) : forbidden;
    }
    for (std::size_t i = rows; i < size; ++i)
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i * size + columns), rows, 0.0);
}

Matching all_alone(const CostMatrix& costs) {
    Matching out;
    out.rows.resize(costs.rows());
    out.columns.resize(costs.columns());
    std::iota(out.rows.begin(), out.rows.end(), std::size_t{0});
    std::iota(out.columns.begin(), out.columns.end(), std::size_t{0});
    return out;
}

/// With the rows and columns that are in no pair.
Matching completed(std::vector<std::pair<std::size_t, std::size_t>> pairs, const CostMatrix& costs) {
    Matching out = all_alone(costs);
    std::vector<std::uint8_t> row_used(costs.rows());
    std::vector<std::uint8_t> column_used(costs.columns());
    for (const auto& [row, column] : pairs) row_used[row] = column_used[column] = 1;
    std::erase_if(out.rows, [&](std::size_t row) { return row_used[row] != 0; });
    std::erase_if(out.columns, [&](std::size_t column) { return column_used[column] != 0; });
    out.pairs = std::move(pairs);
    return out;
}

std::size_t cheapest_column(std::span<const float> row) {
    return static_cast<std::size_t>(std::ranges::min_element(row) - row.begin());
}

}  // namespace

Matching assign(const CostMatrix& costs, double limit) {
    if (costs.empty()) return all_alone(costs);
    const std::size_t size = costs.rows() + costs.columns();
    thread_local std::vector<double> extended;  // large enough that the system would map it anew for each frame
    extend(costs, limit, extended);
    Solver solver(extended, size);
    const std::vector<std::size_t>& column_of = solver.solve();
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t row = 0; row < costs.rows(); ++row) {
        if (column_of[row] < costs.columns()) pairs.emplace_back(row, column_of[row]);
    }
    return completed(std::move(pairs), costs);
}

Matching match_mutually(const CostMatrix& costs, double limit, double step) {
    constexpr float kGone = std::numeric_limits<float>::infinity();
    if (costs.empty()) return all_alone(costs);
    CostMatrix left = costs;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    while (true) {
        std::vector<std::size_t> row_of(left.columns(), 0);
        std::vector<float> least(left.row(0).begin(), left.row(0).end());
        for (std::size_t i = 1; i < left.rows(); ++i) {
            const std::span<const float> row = left.row(i);
            for (std::size_t j = 0; j < row.size(); ++j) {
                const bool cheaper = row[j] < least[j];
                least[j] = cheaper ? row[j] : least[j];
                row_of[j] = cheaper ? i : row_of[j];
            }
        }
        const std::size_t before = pairs.size();
        for (std::size_t i = 0; i < left.rows(); ++i) {
            const std::size_t j = cheapest_column(left.row(i));
            if (row_of[j] == i && left.row(i)[j] < static_cast<float>(limit)) pairs.emplace_back(i, j);
        }
        if (pairs.size() == before) break;
        for (std::size_t k = before; k < pairs.size(); ++k) {
            std::ranges::fill(left.row(pairs[k].first), kGone);
            for (std::size_t i = 0; i < left.rows(); ++i) left.row(i)[pairs[k].second] = kGone;
        }
        limit -= step;
    }
    return completed(std::move(pairs), costs);
}

}  // namespace yolovino::tracking
