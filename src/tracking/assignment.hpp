#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tracking/cost_matrix.hpp"

namespace yolovino::tracking {

/// Which rows and columns belong together.
struct Matching {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;  ///< row and column
    std::vector<std::size_t> rows;                           ///< without a partner, ascending
    std::vector<std::size_t> columns;                        ///< without a partner, ascending
};

/// The pairs whose costs, with half the limit for each row and column that stays alone, have the smallest sum; by
/// ascending row. No pair costs more than the limit. Of several best answers it gives the one of lap 0.5.13.
/// @param costs what is not finite counts as beyond any limit
Matching assign(const CostMatrix& costs, double limit);

/// Rounds of all pairs that are each other's cheapest and below a limit, which falls by `step` from round to round; by
/// round, then by row.
Matching match_mutually(const CostMatrix& costs, double limit, double step);

}  // namespace yolovino::tracking
