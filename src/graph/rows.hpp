#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "graph/graph.hpp"

/// How TopRows and SuppressedRows are computed, written once for all that lower graphs.
///
/// `Ops` emits operations of a language. Its member type `Tensor` is a handle; tensors hold f32 or, where a function
/// says index, integers:
///
///   number(float)                     a scalar
///   ranks(count)                      0, 1, 2, …: [1, 1, count]
///   add, sub, mul, div(a, b)          with broadcasting
///   maximum, minimum(a, number)
///   sine, cosine, exponential, logarithm, square_root(a)
///   transposed(a)                     the last two of three dimensions change places
///   joined(list, axis)
///   slice(a, begin, end)              of the last dimension
///   padded(a, count)                  count zeros follow in the last dimension
///   column(a), row(a)                 [N, K] as [N, K, 1] and [N, 1, K]
///   flat(a)                           [N, K, C] as [N, K * C]
///   above(a, float)                   1 where greater, else 0
///   sum(a)                            over the middle one of three dimensions
///   highest_score(a)                  over the middle one of three dimensions: [N, A]
///   highest(a)                        the same with the index of each: pair of [N, A] and index [N, A]
///   top(a, count)                     the largest of [N, K], descending: pair of values and index, [N, count]
///   gather(a, index, width)           of [N, A, width] the rows [N, K, width] that index [N, K] names
///   gather_index(index, at)           of index [N, A] those that `at` [N, K] names
///   remainder, quotient(index, int)
///   as_float(index)
///   longest_side(images)              of the network's input, a scalar
///   unsuppressed(corners, scores, op) 1 for each box [N, A, 4] that greedy suppression keeps, else 0: [N, A]
namespace yolovino::graph {

/// What the nodes take, as tensors of `Ops`.
template <typename Tensor>
struct RowSources {
    Tensor boxes;
    Tensor scores;
    Tensor images;
    std::optional<Tensor> more;
    std::int64_t classes = 1;
    std::int64_t more_width = 0;
    std::int64_t anchors = kDynamic;
};

/// The sources of a node. @param tensor from the number of an input to its tensor
template <typename Tensor, typename Get>
RowSources<Tensor> row_sources(const Graph& graph, const Node& node, const Get& tensor) {
    RowSources<Tensor> sources{.boxes = tensor(0), .scores = tensor(1), .images = tensor(2), .more = {}};
    sources.classes = graph.shape(node.inputs[1]).at(1);
    sources.anchors = graph.shape(node.inputs[0]).at(2);
    if (node.inputs.size() > 3) {
        sources.more = tensor(3);
        sources.more_width = graph.shape(node.inputs[3]).at(1);
    }
    return sources;
}

template <typename Ops>
class RowSelection {
public:
    using Tensor = typename Ops::Tensor;

    RowSelection(Ops& ops, RowSources<Tensor> sources) : ops_(ops), in_(std::move(sources)) {}

    Tensor run(const op::TopRows& wanted) {
        if (in_.anchors == kDynamic) pad(wanted.most);
        const std::int64_t count = in_.anchors == kDynamic ? wanted.most : std::min(wanted.most, in_.anchors);
        const std::int64_t width = kBox + in_.more_width;
        const Tensor columns = ops_.transposed(in_.more ? ops_.joined({in_.boxes, *in_.more}, 1) : in_.boxes);
        const Tensor anchors = ops_.top(ops_.highest_score(in_.scores), count).second;
        const Tensor picked = ops_.gather(ops_.transposed(in_.scores), anchors, in_.classes);
        if (wanted.agnostic) {
            const auto [score, cls] = ops_.highest(ops_.transposed(picked));
            return finished(ops_.gather(columns, anchors, width), score, cls);
        }
        // A box may come again with another class.
        const auto [score, place] = ops_.top(ops_.flat(picked), count);
        const Tensor cls = ops_.remainder(place, in_.classes);
        const Tensor anchor = ops_.gather_index(anchors, ops_.quotient(place, in_.classes));
        return finished(ops_.gather(columns, anchor, width), score, cls);
    }

    Tensor run(const op::SuppressedRows& wanted) {
        if (in_.anchors == kDynamic || in_.anchors < wanted.most)
            pad(wanted.rotated ? candidates(wanted.most) : wanted.most);
        const std::int64_t width = 6 + in_.more_width;
        const auto [score, index] = ops_.highest(in_.scores);
        const Tensor cls = ops_.as_float(index);
        std::vector<Tensor> parts = {in_.boxes, ops_.row(score), ops_.row(cls)};
        if (in_.more) parts.push_back(*in_.more);
        const Tensor rows = ops_.transposed(ops_.joined(parts, 1));
        if (wanted.rotated) return rotated_rows(wanted, rows, score, width);
        // As Ultralytics each class lies on a plane of its own, less than the side of an image away from the next.
        const Tensor scale = ops_.number(1.0F / static_cast<float>(in_.classes));
        Tensor boxes = ops_.mul(ops_.div(in_.boxes, ops_.longest_side(in_.images)), scale);
        if (!wanted.agnostic) boxes = ops_.add(boxes, ops_.row(ops_.mul(cls, scale)));
        const Tensor kept = ops_.mul(score, ops_.unsuppressed(ops_.transposed(boxes), score, wanted));
        return best_of(rows, kept, wanted.most, width);
    }

private:
    static constexpr std::int64_t kBox = 4;  ///< numbers of a box
    static constexpr float kPlaneOfRotated = 8;
    static constexpr float kEpsilon = 1e-7F;
    static constexpr float kFarthest = 100;           ///< of a distance between two boxes
    static constexpr std::int64_t kCandidates = 5;    ///< rotated boxes that are compared, for each row
    static constexpr std::int64_t kMostPairs = 3000;  ///< limit of these, whose pairs take memory

    /// Adds boxes of score 0, so that there are as many as are selected.
    void pad(std::int64_t count) {
        in_.boxes = ops_.padded(in_.boxes, count);
        in_.scores = ops_.padded(in_.scores, count);
        if (in_.more) in_.more = ops_.padded(*in_.more, count);
        if (in_.anchors != kDynamic) in_.anchors += count;
    }

    /// How many rotated boxes are compared. One that suppresses has a higher score: those below change nothing above.
    static std::int64_t candidates(std::int64_t most) {
        return std::max(most, std::min(kCandidates * most, kMostPairs));
    }

    /// @param rows [N, K, kBox + more]
    Tensor finished(const Tensor& rows, const Tensor& score, const Tensor& cls) {
        std::vector<Tensor> parts = {ops_.slice(rows, 0, kBox), ops_.column(score), ops_.column(ops_.as_float(cls))};
        if (in_.more) parts.push_back(ops_.slice(rows, kBox, kBox + in_.more_width));
        return ops_.joined(parts, 2);
    }

    /// The rows of the highest `kept`, [N, K]; those of 0 become zeros.
    Tensor best_of(const Tensor& rows, const Tensor& kept, std::int64_t most, std::int64_t width) {
        const auto [value, at] = ops_.top(kept, most);
        return ops_.mul(ops_.gather(rows, at, width), ops_.column(ops_.above(value, 0)));
    }

    Tensor rotated_rows(const op::SuppressedRows& wanted, const Tensor& all, const Tensor& score, std::int64_t width) {
        std::int64_t count = candidates(wanted.most);
        if (in_.anchors != kDynamic) count = std::min(count, in_.anchors);
        const auto [value, at] = ops_.top(score, count);
        const Tensor rows = ops_.gather(all, at, width);
        const Tensor ranks = ops_.ranks(count);
        const Tensor later = ops_.above(ops_.sub(ranks, ops_.transposed(ranks)), 0);
        // By all better boxes, also those that are suppressed themselves: the rule is not greedy.
        const Tensor hits = ops_.sum(ops_.mul(ops_.above(overlaps(wanted, rows, width), wanted.iou), later));
        const Tensor free = ops_.sub(ops_.number(1), ops_.above(hits, 0));
        const Tensor kept = ops_.mul(ops_.mul(value, ops_.above(value, wanted.conf)), free);
        return best_of(rows, kept, wanted.most, width);
    }

    /// Of all pairs the overlap of their Gaussians, [N, K, K], in the order of operations that decides near ties.
    Tensor overlaps(const op::SuppressedRows& wanted, const Tensor& rows, std::int64_t width) {
        const Tensor side = ops_.longest_side(in_.images);
        const Tensor plane = ops_.number(kPlaneOfRotated);
        const Tensor boxes = ops_.mul(ops_.div(ops_.slice(rows, 0, kBox), side), plane);
        Tensor x = ops_.slice(boxes, 0, 1);
        Tensor y = ops_.slice(boxes, 1, 2);
        if (!wanted.agnostic) {
            const Tensor offset = ops_.mul(ops_.slice(rows, 5, 6), plane);
            x = ops_.add(x, offset);
            y = ops_.add(y, offset);
        }
        const auto [xx, yy, xy] = covariance(boxes, ops_.slice(rows, width - 1, width));
        const auto both = [&](const Tensor& a) { return ops_.add(a, ops_.transposed(a)); };
        const auto gap = [&](const Tensor& a) { return ops_.sub(a, ops_.transposed(a)); };
        const auto square = [&](const Tensor& a) { return ops_.mul(a, a); };
        const Tensor sum_xx = both(xx);
        const Tensor sum_yy = both(yy);
        const Tensor sum_xy = both(xy);
        const Tensor dx = gap(x);
        const Tensor dy = gap(y);
        const Tensor epsilon = ops_.number(kEpsilon);
        const Tensor determinant = ops_.sub(ops_.mul(sum_xx, sum_yy), square(sum_xy));
        const Tensor divisor = ops_.add(determinant, epsilon);
        const Tensor spread = ops_.add(ops_.mul(sum_xx, square(dy)), ops_.mul(sum_yy, square(dx)));
        const Tensor first = ops_.mul(ops_.div(spread, divisor), ops_.number(0.25F));
        const Tensor mixed = ops_.mul(ops_.mul(sum_xy, ops_.sub(ops_.number(0), dx)), dy);
        const Tensor second = ops_.mul(ops_.div(mixed, divisor), ops_.number(0.5F));
        const Tensor area = ops_.maximum(ops_.sub(ops_.mul(xx, yy), square(xy)), 0);
        const Tensor root = ops_.square_root(ops_.mul(area, ops_.transposed(area)));
        const Tensor ratio = ops_.div(determinant, ops_.add(ops_.mul(root, ops_.number(4)), epsilon));
        const Tensor third = ops_.mul(ops_.logarithm(ops_.add(ratio, epsilon)), ops_.number(0.5F));
        const Tensor sum = ops_.add(ops_.add(first, second), third);
        const Tensor distance = ops_.minimum(ops_.maximum(sum, kEpsilon), kFarthest);
        const Tensor likeness = ops_.exponential(ops_.sub(ops_.number(0), distance));
        const Tensor one = ops_.number(1);
        return ops_.sub(one, ops_.square_root(ops_.add(ops_.sub(one, likeness), epsilon)));
    }

    struct Covariance {
        Tensor xx;
        Tensor yy;
        Tensor xy;
    };
    Covariance covariance(const Tensor& boxes, const Tensor& angle) {
        const Tensor twelve = ops_.number(12);
        const auto variance = [&](std::int64_t at) {
            const Tensor length = ops_.slice(boxes, at, at + 1);
            return ops_.div(ops_.mul(length, length), twelve);
        };
        const Tensor along = variance(2);
        const Tensor across = variance(3);
        const Tensor cosine = ops_.cosine(angle);
        const Tensor sine = ops_.sine(angle);
        const Tensor cosine2 = ops_.mul(cosine, cosine);
        const Tensor sine2 = ops_.mul(sine, sine);
        return {ops_.add(ops_.mul(along, cosine2), ops_.mul(across, sine2)),
                ops_.add(ops_.mul(along, sine2), ops_.mul(across, cosine2)),
                ops_.mul(ops_.mul(ops_.sub(along, across), cosine), sine)};
    }

    Ops& ops_;
    RowSources<Tensor> in_;
};

}  // namespace yolovino::graph
