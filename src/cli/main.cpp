#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
    const int status = yolovino::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    if (yolovino::cli::may_leave_inference()) {
        std::fflush(nullptr);
        std::_Exit(status);
    }
    return status;
}
