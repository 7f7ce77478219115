#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "yolovino/agree.hpp"

#include "runtime/session.hpp"
#include "tasks/task.hpp"

namespace yolovino::engine {

/// Adds up how far two networks' outputs are apart, by the kinds of their rows.
class RawComparison {
public:
    RawComparison(const tasks::Task& task, const tasks::NetworkForm& form) : task_(task), form_(form) {}

    /// One image, in the first place of both batches. From the first pair that cannot be compared, nothing is.
    void add(const runtime::InputShape& first_input, const tensors::Outputs& first,
             const runtime::InputShape& second_input, const tensors::Outputs& second);

    /// Why there is nothing to compare; empty otherwise.
    const std::string& unavailable_reason() const { return unavailable_reason_; }
    /// Nothing if there is an obstacle or no image.
    std::optional<RawOutputDiff> result() const;

private:
    /// Of one kind of rows.
    struct Gap {
        double largest = 0;
        double sum = 0;
        std::size_t values = 0;

        double mean() const { return values == 0 ? 0 : sum / static_cast<double>(values); }
    };

    void add(std::size_t output, const tensors::OutputTensor& first, const tensors::OutputTensor& second);

    const tasks::Task& task_;
    tasks::NetworkForm form_;
    std::map<tensors::RowKind, Gap> gaps_;
    std::size_t not_finite_ = 0;
    std::string unavailable_reason_;
};

}  // namespace yolovino::engine
