#include <filesystem>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void save_results(const yolovino::Results& results, const std::filesystem::path& folder) {
    results.save(folder / "annotated.jpg", {.conf = false, .line_width = 2});
    results.save_txt(folder / "labels.txt");
    const yolovino::Image annotated = results.plot();  // BGR, for your own window
    const std::string line = results.to_json();        // one line of JSON
}
// [/docs]

}  // namespace snippets
