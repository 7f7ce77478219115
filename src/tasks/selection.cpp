#include "tasks/selection.hpp"

#include <utility>
#include <vector>

namespace yolovino::tasks {

namespace {

template <typename T>
void select(std::vector<T>& values, std::span<const std::size_t> indices, std::size_t each = 1) {
    std::vector<T> kept;
    kept.reserve(indices.size() * each);
    for (const std::size_t index : indices) {
        if ((index + 1) * each > values.size()) continue;
        for (std::size_t i = index * each; i < (index + 1) * each; ++i) kept.push_back(values[i]);
    }
    values = std::move(kept);
}

}  // namespace

void select(Results& results, std::span<const std::size_t> indices) {
    select(results.boxes, indices);
    if (results.obb) select(*results.obb, indices);
    if (results.masks) select(results.masks->instances, indices);
    if (results.masks && results.masks->instances.empty()) results.masks.reset();
    if (results.keypoints && results.keypoints->size() > 0)
        select(results.keypoints->data, indices, results.keypoints->data.size() / results.keypoints->size());
}

}  // namespace yolovino::tasks
