#include <iostream>
#include <string>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void use_tasks(const yolovino::Results& results) {
    const auto name = [&](int cls) { return results.names->at(static_cast<std::size_t>(cls)); };
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        std::cout << name(results.boxes[i].cls);
        if (results.masks) std::cout << ", outline of " << results.masks->xy(i).size() << " points";
        if (results.keypoints) std::cout << ", first keypoint at x " << results.keypoints->xy(i).front().x;
        std::cout << '\n';
    }
    if (results.obb) {
        for (const yolovino::RotatedBox& box : *results.obb)
            std::cout << name(box.cls) << " turned by " << box.angle << ", corner at x " << box.corners().front().x
                      << '\n';
    }
    if (results.probs) std::cout << name(results.probs->top1()) << ' ' << results.probs->top1conf() << '\n';
}
// [/docs]

}  // namespace snippets
