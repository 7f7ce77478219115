#include "cli/isolate.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "yolovino/error.hpp"

#include "cli/console.hpp"

namespace yolovino::cli {

namespace {

[[noreturn]] void fail(const std::string& message) {
    throw Error(ErrorCode::RuntimeFailure, "process", message);
}

/// First byte of what the child sends: its result, or the message of what it threw.
constexpr char kResult = 'r';
constexpr char kProblem = 'p';

bool write_all(int descriptor, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        done += static_cast<std::size_t>(count);
    }
    return true;
}

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const ssize_t count = ::read(descriptor, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

/// The child's whole life. It leaves without running the parent's destructors.
[[noreturn]] void live(int descriptor, const std::function<std::string()>& body) {
    std::string message;
    try {
        message = kResult + body();
    } catch (const std::exception& e) {
        message = std::string(1, kProblem) + e.what();
    }
    clear_progress();
    const bool sent = write_all(descriptor, message) && flush_output();
    ::_exit(sent ? 0 : 1);
}

std::string ending(int status) {
    if (WIFSIGNALED(status))
        return fmt::format("the process was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("the process ended with status {} and without a result", WEXITSTATUS(status));
}

}  // namespace

std::string run_isolated(const std::function<std::string()>& body) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    std::fflush(nullptr);  // what is buffered would be written twice
    const pid_t child = ::fork();
    if (child < 0) {
        ::close(ends[0]);
        ::close(ends[1]);
        fail(fmt::format("cannot start a process: {}", std::strerror(errno)));
    }
    if (child == 0) {
        ::close(ends[0]);
        live(ends[1], body);
    }
    ::close(ends[1]);
    const std::string message = read_all(ends[0]);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (message.empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0) fail(ending(status));
    if (message.front() == kProblem) fail(message.substr(1));
    return message.substr(1);
}

}  // namespace yolovino::cli
