#include <iostream>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
void receive_messages() {
    yolovino::set_log_sink([](yolovino::LogLevel level, std::string_view line) {
        if (level == yolovino::LogLevel::Warning) std::cerr << "warning: " << line << '\n';
    });
    yolovino::set_progress_sink([](std::string_view stage, std::uint64_t done, std::uint64_t total) {
        std::cerr << stage << ' ' << done << '/' << total << '\n';
    });
}
// [/docs]

}  // namespace snippets
