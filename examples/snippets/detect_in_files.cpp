#include <iostream>
#include <string>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void detect_in_files(const std::string& model_path, const std::string& source) {
    const yolovino::Model model(model_path);
    for (const yolovino::Results& results : model.predict(source, {.conf = 0.4})) {
        std::cout << results.path << ": " << results.verbose() << '\n';
        for (const yolovino::Box& box : results.boxes) {
            std::cout << "  " << model.names()[static_cast<std::size_t>(box.cls)] << ' ' << box.conf << " at " << box.x1
                      << ',' << box.y1 << " to " << box.x2 << ',' << box.y2 << '\n';
        }
    }
}
// [/docs]

}  // namespace snippets
