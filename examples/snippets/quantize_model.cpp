#include <filesystem>
#include <iostream>
#include <string>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void quantize_model(const yolovino::Model& checkpoint, const std::string& data, const std::filesystem::path& folder) {
    const yolovino::Model model(
        checkpoint.export_to({.format = "openvino", .int8 = true, .data = data, .output_folder = folder}));
    if (const auto report = model.quantization()) {
        std::cout << report->convolutions.size() << " convolutions in 8 bits, boxes move by " << report->damage.box_px
                  << " px\n";
    }
}
// [/docs]

}  // namespace snippets
