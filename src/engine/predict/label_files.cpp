#include "engine/predict/label_files.hpp"

#include <string>
#include <system_error>

#include "base/fail.hpp"
#include "tasks/lookup.hpp"

namespace yolovino::engine {

bool write_labels(const Results& results, const std::filesystem::path& file, bool save_conf,
                  base::Leftovers leftovers) {
    const std::string lines = tasks::task_named(results.task).label_lines(results, save_conf);
    if (!lines.empty()) {
        base::write_text_file(file, lines, leftovers);
        return true;
    }
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
        throw Error(ErrorCode::IoFailure, "results",
                    "cannot remove the label file of the previous run: " + error.message(), {.file = file.string()});
    return false;
}

}  // namespace yolovino::engine
