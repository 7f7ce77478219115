#include <exception>
#include <iostream>
#include <string>

#include "support/forge_yolov8.hpp"

/// `forge_yolov8 SCALE FILE.pt`: the checkpoints of the tests as files, for other programs to load.
int main(int argc, char** argv) {
    if (argc != 3 || std::string(argv[1]).size() != 1) {
        std::cerr << "usage: forge_yolov8 n|s|m|l|x FILE.pt\n";
        return 2;
    }
    try {
        yolovino::test::forge::write_yolov8(argv[2], argv[1][0]);
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
    return 0;
}
