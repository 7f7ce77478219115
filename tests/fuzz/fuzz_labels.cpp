#include <cmath>

#include "data/label_file.hpp"
#include "fuzz/input.hpp"

/// Labels that are accepted lie within the picture and the classes, are no more than lines, and, written anew, read
/// equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const std::string_view text = fuzz::text_of(data, size);
    for (const std::size_t classes : {1U, 80U}) {
        const data::LabelFile file = data::parse_labels(text, classes);
        fuzz::expect(file.problem.empty() || file.labels.empty(), "a file with a problem has no labels");
        fuzz::expect(file.labels.size() * 6 <= size + 1, "each label has been paid for with bytes");
        std::string again;
        for (const data::Label& label : file.labels) {
            fuzz::expect(label.cls >= 0 && static_cast<std::size_t>(label.cls) < classes, "classes are known");
            for (const float value : {label.cx, label.cy, label.width, label.height})
                fuzz::expect(std::isfinite(value) && value >= -0.01F && value <= 1.01F, "boxes are normalised");
            fuzz::expect(label.width >= 0 && label.height >= 0, "no side is negative");
            char line[128];
            std::snprintf(line, sizeof line, "%d %.9g %.9g %.9g %.9g\n", label.cls, static_cast<double>(label.cx),
                          static_cast<double>(label.cy), static_cast<double>(label.width),
                          static_cast<double>(label.height));
            again += line;
        }
        const data::LabelFile rewritten = data::parse_labels(again, classes);
        fuzz::expect(rewritten.problem.empty(), "rewritten labels can be read");
        // Different polygons may have one box.
        fuzz::expect(rewritten.duplicates > 0 || rewritten.labels == file.labels, "rewritten labels read equal");
    }
    return 0;
}
