#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/options_page.hpp"
#include "cli/parity_page.hpp"
#include "ultralytics_keys.hpp"

namespace {

std::string content_of(const char* file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool write(const char* file, const std::string& text) {
    if (text.empty()) return false;
    std::ofstream page(file, std::ios::binary);
    page << text;
    page.close();
    return static_cast<bool>(page);
}

}  // namespace

/// Writes docs/options.md and the table of arguments in docs/parity.md: `write_options_page OPTIONS PARITY`.
int main(int count, char** words) {
    if (count != 3) return EXIT_FAILURE;
    const std::string parity =
        yolovino::cli::with_arguments_table(content_of(words[2]), yolovino::test::ultralytics_keys());
    return write(words[1], yolovino::cli::options_page()) && write(words[2], parity) ? EXIT_SUCCESS : EXIT_FAILURE;
}
