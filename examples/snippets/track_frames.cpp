#include <set>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
/// How many objects are seen in the frames of one video.
std::size_t count_objects(const yolovino::Model& model, std::span<const yolovino::Image> frames) {
    yolovino::Tracker tracker = model.tracker({.tracker = "bytetrack.yaml"});
    std::set<int> ids;
    for (const yolovino::Image& frame : frames) {
        for (const yolovino::Box& box : tracker(frame.view()).boxes) {
            if (box.id) ids.insert(*box.id);
        }
    }
    tracker.reset();  // what comes next is another video
    return ids.size();
}
// [/docs]

}  // namespace snippets
