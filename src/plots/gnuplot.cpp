#include "plots/gnuplot.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/fail.hpp"
#include "base/file.hpp"

namespace yolovino::plots {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kArea = "plots";
constexpr std::size_t kMaxPngBytes = std::size_t{1} << 26U;

[[noreturn]] void throw_errno(std::string_view what, int error) {
    throw Error(ErrorCode::IoFailure, kArea, fmt::format("{}: {}", what, std::strerror(error)));
}

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    int get() const { return value_; }
    void close() {
        if (value_ >= 0) ::close(value_);
        value_ = -1;
    }

private:
    int value_;
};

/// A file without a name in memory. Gnuplot reads its script from one and writes messages to another, so that neither
/// side can block the other or die of a broken pipe.
int memory_file(const char* name) {
    const int descriptor = ::memfd_create(name, MFD_CLOEXEC);
    if (descriptor < 0) throw_errno("there is no memory for a script", errno);
    return descriptor;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno("writing a script failed", errno);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    ::lseek(descriptor, 0, SEEK_SET);
}

/// The end of what gnuplot wrote to its error stream: the reason follows the echo of the line at fault.
std::string tail_of(int descriptor) {
    constexpr off_t kMaxBytes = 4096;
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, kMaxBytes)), '\0');
    const off_t start = std::max<off_t>(size - kMaxBytes, 0);
    const ssize_t count = text.empty() ? 0 : ::pread(descriptor, text.data(), text.size(), start);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    std::ranges::replace(text, '\n', ' ');
    constexpr std::size_t kShown = 240;
    if (text.size() > kShown) text.erase(0, text.size() - kShown);
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? "nothing" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// A child process that does not outlive this object.
class Child {
public:
    Child(const std::string& program, int input, int output, int errors) {
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        // -d: no start-up files of the user or the system, which could change fonts and colours or run commands.
        std::string name = program;
        std::string defaults = "-d";
        std::string from_input = "-";
        const std::array<char*, 4> arguments = {name.data(), defaults.data(), from_input.data(), nullptr};
        const int error = ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error == 0) return;
        pid_ = -1;
        throw Error(ErrorCode::MissingComponent, kArea,
                    fmt::format("plots need the program {}, which does not start: {}", program, std::strerror(error)),
                    {}, "install gnuplot-nox (apt-get install gnuplot-nox)");
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
    }

    /// The status of waitpid; false while the process runs.
    bool ended(int& status) {
        const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
        if (waited == 0 || (waited < 0 && errno == EINTR)) return false;
        if (waited < 0) status = 0;  // the host reaps children itself; the image decides
        pid_ = -1;
        return true;
    }

private:
    pid_t pid_ = -1;
};

[[noreturn]] void throw_timeout(const GnuplotRun& run) {
    throw Error(ErrorCode::LimitExceeded, kArea,
                fmt::format("{} took longer than {} ms for a plot", run.program, run.time_limit.count()));
}

std::vector<std::byte> read_all(int descriptor, Clock::time_point deadline, const GnuplotRun& run) {
    std::vector<std::byte> content;
    std::array<std::byte, 65536> block{};
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) throw_timeout(run);
        pollfd waiting = {descriptor, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left));
        if (ready < 0 && errno != EINTR) throw_errno("waiting for gnuplot failed", errno);
        if (ready <= 0) continue;
        const ssize_t count = ::read(descriptor, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno("reading a plot failed", errno);
        if (count == 0) return content;
        content.insert(content.end(), block.begin(), block.begin() + count);
        if (content.size() > kMaxPngBytes)
            throw Error(ErrorCode::LimitExceeded, kArea, fmt::format("a plot is larger than {} bytes", kMaxPngBytes));
    }
}

int wait_for(Child& child, Clock::time_point deadline, const GnuplotRun& run) {
    int status = 0;
    while (!child.ended(status)) {
        if (Clock::now() > deadline) throw_timeout(run);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return status;
}

bool is_whole_png(const std::vector<std::byte>& content) {
    constexpr std::string_view kStart = "\x89PNG\r\n\x1a\n";
    constexpr std::string_view kEnd = "IEND\xAE\x42\x60\x82";
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    return text.starts_with(kStart) && text.ends_with(kEnd);
}

}  // namespace

std::string quote(std::string_view text, std::size_t max_bytes) {
    std::string out = "'";
    for (const char c : base::printable(text, max_bytes)) {
        // Doubled, as its language has it, gnuplot still ends a text that begins with one.
        if (c == '\'') {
            out += "\u2019";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string quote_tic(std::string_view text, std::size_t max_bytes) {
    std::string out;
    for (const char c : quote(text, max_bytes)) {
        out += c;
        if (c == '%') out += c;
    }
    return out;
}

std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.9g}", value) : "NaN";
}

std::string preamble(int width_px, int height_px, int font_points) {
    return fmt::format(
        "set encoding utf8\n"
        "set terminal pngcairo noenhanced size {},{} font 'DejaVu Sans,{}' background rgb '#ffffff'\n"
        "set border 3 linewidth 1 linecolor rgb '#555555'\n"
        "set tics nomirror textcolor rgb '#222222'\n"
        "set grid linetype 1 linewidth 1 linecolor rgb '#e6e6e6'\n",
        width_px, height_px, font_points);
}

std::vector<std::byte> render(const std::string& script, const GnuplotRun& run) {
    const Clock::time_point deadline = Clock::now() + run.time_limit;
    Descriptor input(memory_file("gnuplot-script"));
    write_all(input.get(), script);
    Descriptor errors(memory_file("gnuplot-errors"));
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("a pipe could not be made", errno);
    Descriptor read_end(ends[0]);
    Descriptor write_end(ends[1]);
    Child child(run.program, input.get(), write_end.get(), errors.get());
    write_end.close();
    std::vector<std::byte> content = read_all(read_end.get(), deadline, run);
    const int status = wait_for(child, deadline, run);
    const bool succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        throw Error(ErrorCode::MissingComponent, kArea, fmt::format("plots need the program {}", run.program), {},
                    "install gnuplot-nox (apt-get install gnuplot-nox)");
    if (!succeeded || !is_whole_png(content)) {
        throw Error(ErrorCode::RuntimeFailure, kArea,
                    fmt::format("{} drew no image, it said: {}", run.program, tail_of(errors.get())));
    }
    return content;
}

void render_to(const std::string& script, const std::filesystem::path& path) {
    base::write_file(path, render(script));
}

}  // namespace yolovino::plots
