#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

/// Closed lines of several parts, as Ultralytics joins them: in outlines of masks and in polygons of labels.
namespace yolovino::vision {

/// Indices of the first nearest pair of points, which have whole numbers or doubles.
template <typename At>
std::pair<std::size_t, std::size_t> nearest(const std::vector<At>& a, const std::vector<At>& b) {
    std::pair<std::size_t, std::size_t> found;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
            const double dx = static_cast<double>(a[i].x) - static_cast<double>(b[j].x);
            const double dy = static_cast<double>(a[i].y) - static_cast<double>(b[j].y);
            if (const double distance = dx * dx + dy * dy; distance < least) {
                least = distance;
                found = {i, j};
            }
        }
    }
    return found;
}

/// A part that begins, and ends, at the point that joins it to the previous one.
template <typename At>
struct Link {
    std::vector<At> points;
    std::size_t turn = 0;  ///< where it is left for the next part
};

/// @param joint the point that joins it to the previous part, @param turn the one to the next
template <typename At>
Link<At> linked(std::vector<At> points, std::size_t joint, std::size_t turn) {
    if (joint > turn) {
        std::reverse(points.begin(), points.end());
        joint = points.size() - 1 - joint;
        turn = points.size() - 1 - turn;
    }
    std::rotate(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(joint), points.end());
    points.push_back(points.front());
    return {std::move(points), turn - joint};
}

/// One closed line through all parts: each is joined to the next one at the nearest pair of their points, the middle
/// ones in two halves, on the way there and on the way back. Of one part: itself.
/// @param parts none empty
template <typename At>
std::vector<At> join_lines(std::vector<std::vector<At>> parts) {
    if (parts.empty()) return {};
    if (parts.size() == 1) return std::move(parts.front());
    const std::size_t last = parts.size() - 1;
    std::vector<std::size_t> joints(parts.size());
    std::vector<std::size_t> turns(parts.size());
    for (std::size_t i = 0; i < last; ++i) std::tie(turns[i], joints[i + 1]) = nearest(parts[i], parts[i + 1]);
    // The ends have one joint each, where they begin and which they are left at.
    joints.front() = turns.front();
    turns.back() = joints.back();

    std::vector<At> line;
    std::vector<Link<At>> links;
    for (std::size_t i = 0; i <= last; ++i) {
        links.push_back(linked(std::move(parts[i]), joints[i], turns[i]));
        const std::vector<At>& points = links.back().points;
        const bool whole = i == 0 || i == last;
        const auto end = whole ? points.end() : points.begin() + static_cast<std::ptrdiff_t>(links.back().turn) + 1;
        line.insert(line.end(), points.begin(), end);
    }
    for (std::size_t i = last; i-- > 1;) {
        const std::vector<At>& points = links[i].points;
        line.insert(line.end(), points.begin() + static_cast<std::ptrdiff_t>(links[i].turn), points.end());
    }
    return line;
}

}  // namespace yolovino::vision
