#include "engine/compare/raw_output_diff.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <span>

namespace yolovino::engine {

namespace {

/// Of one image.
std::string shapes_of(const tensors::Outputs& outputs) {
    std::string text;
    for (const tensors::OutputTensor& tensor : outputs.tensors) {
        const graph::Shape shape(tensor.shape.begin() + 1, tensor.shape.end());
        text += (text.empty() ? "" : ", ") + graph::to_text(shape);
    }
    return text;
}

}  // namespace

void RawComparison::add(const runtime::InputShape& first_input, const tensors::Outputs& first,
                        const runtime::InputShape& second_input, const tensors::Outputs& second) {
    if (!unavailable_reason_.empty()) return;
    if (form_.finished) {
        unavailable_reason_ = "a network gives finished boxes";
        return;
    }
    if (first_input.size != second_input.size) {
        unavailable_reason_ = fmt::format("the inputs are {}x{} and {}x{}", first_input.size.height,
                                          first_input.size.width, second_input.size.height, second_input.size.width);
        return;
    }
    const std::string shapes = shapes_of(first);
    const std::string others = shapes_of(second);
    if (shapes != others) {
        unavailable_reason_ = fmt::format("the outputs are {} and {}", shapes, others);
        return;
    }
    for (std::size_t i = 0; i < first.tensors.size(); ++i) add(i, first.tensors[i], second.tensors[i]);
}

void RawComparison::add(std::size_t output, const tensors::OutputTensor& first, const tensors::OutputTensor& second) {
    const std::span<const float> one = first.image(0);
    const std::span<const float> other = second.image(0);
    const std::size_t rows = first.shape.size() > 1 ? first.dimension(1) : 1;
    const std::size_t columns = rows == 0 ? 0 : one.size() / rows;
    for (std::size_t row = 0; row < rows; ++row) {
        Gap& gap = gaps_[task_.row_kind(output, row, rows, form_)];
        for (std::size_t i = row * columns; i < (row + 1) * columns; ++i) {
            const double difference = std::abs(static_cast<double>(one[i]) - other[i]);
            if (!std::isfinite(difference)) {
                ++not_finite_;
                continue;
            }
            gap.largest = std::max(gap.largest, difference);
            gap.sum += difference;
            ++gap.values;
        }
    }
}

std::optional<RawOutputDiff> RawComparison::result() const {
    if (!unavailable_reason_.empty() || gaps_.empty()) return std::nullopt;
    const auto gap_of = [&](tensors::RowKind kind) {
        const auto found = gaps_.find(kind);
        return found == gaps_.end() ? Gap() : found->second;
    };
    const Gap box = gap_of(tensors::RowKind::Pixels);
    const Gap score = gap_of(tensors::RowKind::Score);
    const Gap rest = gap_of(tensors::RowKind::Other);
    return RawOutputDiff{.max_box_px = box.largest,
                         .mean_box_px = box.mean(),
                         .max_score = score.largest,
                         .mean_score = score.mean(),
                         .max_other = rest.largest,
                         .mean_other = rest.mean(),
                         .not_finite = not_finite_};
}

}  // namespace yolovino::engine
