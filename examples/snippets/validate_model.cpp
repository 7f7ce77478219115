#include <filesystem>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
double validate_model(const yolovino::Model& model, const std::filesystem::path& data) {
    const yolovino::ValResults results = model.val({.data = data, .save = false, .plots = false});
    return results["metrics/mAP50-95(B)"];
}
// [/docs]

}  // namespace snippets
