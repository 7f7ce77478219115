#include <filesystem>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
yolovino::Model export_model(const yolovino::Model& checkpoint, const std::filesystem::path& folder) {
    const auto written = checkpoint.export_to({.format = "openvino", .half = true, .output_folder = folder});
    return yolovino::Model(written);
}
// [/docs]

}  // namespace snippets
