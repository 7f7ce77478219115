#include <string>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
bool contains_object(const yolovino::Model& model, const std::string& video) {
    yolovino::Predictions predictions = model.predict(video, {.vid_stride = 5});
    bool found = false;
    for (const yolovino::Results& results : predictions) {
        found = found || !results.boxes.empty();
        if (found) predictions.stop();  // also from another thread; the loop comes to its end
    }
    return found;
}
// [/docs]

}  // namespace snippets
