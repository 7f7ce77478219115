#include "cli/console.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <unistd.h>

#include "yolovino/log.hpp"

#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

struct Progress {
    std::mutex lock;
    bool visible = false;
    std::chrono::steady_clock::time_point last = {};
};

Progress& progress() {
    static Progress state;
    return state;
}

void write(std::FILE* stream, std::string_view text) {
    // A failure stays recorded in the stream; flush_output() reports it.
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stream));
}

/// What writing failed with: the stream itself keeps only that it did.
int first_failure = 0;

void flush(std::FILE* stream) {
    if (std::fflush(stream) != 0 && stream == stdout && first_failure == 0) first_failure = errno;
}

void clear(Progress& state) {
    if (!state.visible) return;
    write(stderr, "\r\033[K");
    state.visible = false;
}

/// Warnings that were printed, by their hashes, if repeated ones are dropped.
struct Warnings {
    std::mutex lock;
    bool once = false;
    std::set<std::size_t> known;

    bool is_new(std::string_view text) {
        const std::lock_guard guard(lock);
        return !once || known.insert(std::hash<std::string_view>()(text)).second;
    }
};

Warnings& warnings() {
    static Warnings state;
    return state;
}

void print_to(std::FILE* stream, const std::string& text) {
    const std::lock_guard guard(progress().lock);
    clear(progress());
    write(stream, text);
    flush(stream);
}

void show_progress(std::string_view stage, std::uint64_t done, std::uint64_t total) {
    constexpr std::chrono::milliseconds kPause(80);
    Progress& state = progress();
    const std::lock_guard guard(state.lock);
    if (total != 0 && done >= total) return clear(state);
    const auto now = std::chrono::steady_clock::now();
    if (state.visible && now - state.last < kPause) return;
    const std::string amount =
        total == 0 ? grouped(done)
                   : fmt::format("{:.0f}%", 100.0 * static_cast<double>(done) / static_cast<double>(total));
    write(stderr, fmt::format("\r\033[K{} {}", safe(stage), amount));
    std::fflush(stderr);
    state.visible = true;
    state.last = now;
}

}  // namespace

void connect_console(InfoStream info) {
    const bool debug = std::getenv("YOLO_VERBOSE") != nullptr;
    std::FILE* const stream = info == InfoStream::Output ? stdout : stderr;
    set_log_sink([debug, stream](LogLevel level, std::string_view line) {
        if (level == LogLevel::Info) {
            print_to(stream, fmt::format("{}\n", line));
        } else if (level == LogLevel::Warning) {
            if (warnings().is_new(line)) print_warning(line);
        } else if (debug) {
            print_to(stderr, fmt::format("{}\n", line));
        }
    });
    if (::isatty(STDERR_FILENO) != 0) set_progress_sink(show_progress);
}

void drop_repeated_warnings() {
    const std::lock_guard guard(warnings().lock);
    warnings().once = true;
}

std::string known_warnings() {
    const std::lock_guard guard(warnings().lock);
    return fmt::format("{:x}\n", fmt::join(warnings().known, " "));
}

void add_known_warnings(std::string_view line) {
    const std::lock_guard guard(warnings().lock);
    while (!line.empty()) {
        std::size_t hash = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), hash, 16);
        if (error != std::errc()) return;
        warnings().known.insert(hash);
        line.remove_prefix(static_cast<std::size_t>(end - line.data()));
        if (line.starts_with(' ')) line.remove_prefix(1);
    }
}

void clear_progress() {
    const std::lock_guard guard(progress().lock);
    clear(progress());
    std::fflush(stderr);
}

void print_warning(std::string_view text) {
    print_to(stderr, fmt::format("WARNING ⚠️ {}\n", text));
}

void print_error(std::string_view text) {
    print_to(stderr, fmt::format("ERROR ❌ {}\n", text));
}

void print(std::string_view text) {
    print_to(stdout, std::string(text));
}

bool output_failed() {
    return std::ferror(stdout) != 0;
}

bool pipe_broke() {
    return first_failure == EPIPE;
}

bool flush_output() {
    flush(stdout);
    return !output_failed();
}

}  // namespace yolovino::cli
