#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "yolovino/agree.hpp"

#include "runtime/session.hpp"

namespace yolovino::engine {

/// Adds up how far two networks' outputs are apart.
class RawComparison {
public:
    /// One picture, in the first place of both batches. From the first pair that cannot be compared, nothing is.
    void add(const runtime::InputShape& first_input, const runtime::RawOutput& first,
             const runtime::InputShape& second_input, const runtime::RawOutput& second);

    /// Why there is nothing to compare; empty otherwise.
    const std::string& obstacle() const { return obstacle_; }
    /// Nothing if there is an obstacle or no picture.
    std::optional<RawDrift> result() const;

private:
    RawDrift drift_;  // the means are sums until result()
    std::size_t box_values_ = 0;
    std::size_t score_values_ = 0;
    std::string obstacle_;
};

}  // namespace yolovino::engine
