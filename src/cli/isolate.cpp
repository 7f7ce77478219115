#include "cli/isolate.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "yolovino/error.hpp"

#include "base/child_process.hpp"
#include "cli/console.hpp"

namespace yolovino::cli {

std::string run_isolated(const std::function<std::string()>& body) {
    std::fflush(nullptr);  // what is buffered would be written twice
    base::ChildProcess child([&](base::ChildOutput& output) {
        struct Cleared {
            ~Cleared() { clear_progress(); }
        };
        std::string text;
        {
            const Cleared cleared;
            text = body();
        }
        if (!flush_output()) throw Error(ErrorCode::IoFailure, "process", "the output cannot be written");
        output.write(base::as_bytes(known_warnings() + text));
    });
    std::string text;
    std::array<std::byte, 4096> piece{};
    while (const std::size_t count = child.read_some(piece)) text += base::as_text(std::span(piece).first(count));
    const base::ChildEnding ending = child.wait();
    if (!ending.whole) throw Error(ErrorCode::RuntimeFailure, "process", ending.text());
    const std::size_t end = std::min(text.find('\n'), text.size());
    add_known_warnings(std::string_view(text).substr(0, end));
    return text.erase(0, end + 1);
}

}  // namespace yolovino::cli
