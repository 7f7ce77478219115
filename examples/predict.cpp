// Exports a checkpoint and prints the detections of the exported model: example_predict MODEL.pt IMAGE

#include <filesystem>
#include <iostream>
#include <yolovino/yolovino.hpp>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: example_predict MODEL.pt IMAGE\n";
        return 2;
    }
    try {
        const yolovino::Model model(argv[1]);
        const auto folder = model.export_to(
            {.format = "openvino", .output_folder = std::filesystem::temp_directory_path() / "yolovino-example"});
        for (const auto& results : yolovino::Model(folder).predict(argv[2])) {
            for (const auto& box : results.boxes) {
                std::cout << model.names()[static_cast<std::size_t>(box.cls)] << ' ' << box.conf << ": " << box.x1
                          << ' ' << box.y1 << ' ' << box.x2 << ' ' << box.y2 << '\n';
            }
        }
    } catch (const yolovino::Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
