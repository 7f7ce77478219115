#include <exception>
#include <iostream>
#include <string>

#include "support/forge_yolov8.hpp"

/// `forge_yolov8 SCALE FILE.pt [TASK CLASSES]`: the checkpoints of the tests as files, for other programs to load.
int main(int argc, char** argv) {
    if ((argc != 3 && argc != 5) || std::string(argv[1]).size() != 1) {
        std::cerr << "usage: forge_yolov8 n|s|m|l|x FILE.pt [TASK CLASSES]\n";
        return 2;
    }
    try {
        yolovino::test::forge::Yolov8 network{.scale = argv[1][0]};
        if (argc == 5) {
            network.task = argv[3];
            network.classes = std::stoi(argv[4]);
        }
        yolovino::test::forge::write_yolov8(argv[2], network);
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
    return 0;
}
