#include "base/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <new>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "yolovino/error.hpp"

#include "base/sanitizers.hpp"

// The command links this file without the rest of the room, so it uses no other source of it but the public Error.

namespace yolovino::base {

namespace {

/// The child's bytes come in pieces, each behind its length. A length of 0 announces the ending.
constexpr std::size_t kMaxPieceBytes = 1U << 30U;
enum class Ending : std::uint8_t { Done, Failed };
constexpr std::uint32_t kMaxTextBytes = 1U << 20U;

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
    return std::as_bytes(std::span(&value, 1));
}

void write_or_leave(int descriptor, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) ::_exit(1);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

/// Allocates nothing: there may be no memory left.
void write_text(int descriptor, std::string_view text) {
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), kMaxTextBytes));
    write_or_leave(descriptor, bytes_of(count));
    write_or_leave(descriptor, as_bytes(text.substr(0, count)));
}

void write_failure(int descriptor, ErrorCode code, std::string_view area, std::string_view message,
                   const ErrorLocation* where, std::string_view hint) {
    write_or_leave(descriptor, bytes_of(std::uint32_t{0}));
    write_or_leave(descriptor, bytes_of(Ending::Failed));
    write_or_leave(descriptor, bytes_of(static_cast<std::uint32_t>(code)));
    const bool has_offset = where != nullptr && where->offset_bytes.has_value();
    write_or_leave(descriptor, bytes_of(static_cast<std::uint8_t>(has_offset)));
    write_or_leave(descriptor, bytes_of(has_offset ? *where->offset_bytes : std::uint64_t{0}));
    write_text(descriptor, area);
    write_text(descriptor, message);
    write_text(descriptor, where != nullptr ? std::string_view(where->file) : std::string_view());
    write_text(descriptor, where != nullptr ? std::string_view(where->module_path) : std::string_view());
    write_text(descriptor, hint);
}

/// The area is only in the error's line: `[area] …`.
std::string_view area_of(const Error& error) {
    const std::string_view line = error.what();
    const std::size_t end = line.find(']');
    return line.starts_with('[') && end != line.npos ? line.substr(1, end - 1) : std::string_view("process");
}

std::uint64_t address_space_bytes() {
    unsigned long pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
    std::fclose(file);
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void lower_limit(int resource, rlim_t wanted, rlim_t then_killed) {
    rlimit limit = {};
    const auto which = static_cast<__rlimit_resource>(resource);
    if (::getrlimit(which, &limit) != 0) return;
    limit.rlim_max = std::min(limit.rlim_max, then_killed);
    limit.rlim_cur = std::min({limit.rlim_cur, limit.rlim_max, wanted});
    ::setrlimit(which, &limit);
}

void be_quiet(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it went before the line above
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        if (nowhere >= 0 && nowhere != stream) ::dup2(nowhere, stream);
    }
    // The parent's handlers would speak of a crash that is no crash of the parent.
    for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_DFL);
    std::signal(SIGINT, SIG_IGN);  // of the terminal: the parent decides
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    lower_limit(RLIMIT_CORE, 0, 0);
}

void keep(const ChildLimits& limits) {
    constexpr rlim_t kGraceSeconds = 5;
    if (limits.processor_s != 0)
        lower_limit(RLIMIT_CPU, limits.processor_s, rlim_t{limits.processor_s} + kGraceSeconds);
    if (limits.memory_bytes != 0 && !kSanitized) {
        const rlim_t bytes = address_space_bytes() + limits.memory_bytes;
        lower_limit(RLIMIT_AS, bytes, bytes);
    }
}

/// The child's whole life. It leaves without running the parent's destructors.
[[noreturn]] void live(int descriptor, pid_t parent, const ChildProcess::Work& work, const ChildLimits& limits) {
    // Where the parent has closed its streams, the pipe may get their numbers.
    if (descriptor <= STDERR_FILENO) descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (descriptor < 0) ::_exit(1);
    if (limits.quiet) be_quiet(parent);
    keep(limits);
    try {
        ChildOutput output(descriptor);
        work(output);
        write_or_leave(descriptor, bytes_of(std::uint32_t{0}));
        write_or_leave(descriptor, bytes_of(Ending::Done));
    } catch (const Error& error) {
        write_failure(descriptor, error.code(), area_of(error), error.message(), &error.where(), error.hint());
    } catch (const std::bad_alloc&) {
        write_failure(descriptor, ErrorCode::LimitExceeded, "process", "there is no memory left", nullptr, {});
    } catch (const std::exception& e) {
        write_failure(descriptor, ErrorCode::RuntimeFailure, "process", e.what(), nullptr, {});
    } catch (...) {
        write_failure(descriptor, ErrorCode::RuntimeFailure, "process", "an unknown exception", nullptr, {});
    }
    ::_exit(0);
}

[[noreturn]] void fail(const std::string& message) {
    throw Error(ErrorCode::RuntimeFailure, "process", message);
}

}  // namespace

void ChildOutput::write(Bytes bytes) {
    while (!bytes.empty()) {
        const Bytes piece = bytes.first(std::min(bytes.size(), kMaxPieceBytes));
        write_or_leave(descriptor_, bytes_of(static_cast<std::uint32_t>(piece.size())));
        write_or_leave(descriptor_, piece);
        bytes = bytes.subspan(piece.size());
    }
}

std::string ChildEnding::text() const {
    if (too_long) return "the process did not answer";
    if (signal) return fmt::format("the process was ended by signal {} ({})", *signal, ::strsignal(*signal));
    if (status) return fmt::format("the process ended with status {} and without a result", *status);
    return "the process ended without a result";
}

ChildProcess::ChildProcess(const Work& work, const ChildLimits& limits) : limits_(limits) {
    std::array<int, 2> ends{};
    // A process that is started meanwhile would hold this pipe open, and the end of a crashed child would not show.
    static std::mutex mutex;
    std::unique_lock lock(mutex);
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
        lock.unlock();  // for children of the child
        ::close(ends[0]);
        live(ends[1], parent, work, limits);
    }
    const int reason = errno;
    ::close(ends[1]);
    if (child_ < 0) {
        ::close(ends[0]);
        fail(fmt::format("cannot start a process: {}", std::strerror(reason)));
    }
    descriptor_ = ends[0];
}

ChildProcess::~ChildProcess() {
    if (child_ < 0) return;
    end_it();
    wait();
}

void ChildProcess::end_it() noexcept {
    // Once the pipe is closed, the process may be gone and its number another's.
    if (!closed_ && child_ > 0) ::kill(child_, SIGKILL);
    closed_ = true;
}

std::size_t ChildProcess::take(std::span<std::byte> into) {
    using Clock = std::chrono::steady_clock;
    constexpr int kTickMs = 1000;
    unsigned silent_s = 0;
    Clock::time_point last = Clock::now();
    while (!closed_) {
        // Seconds are counted one by one, so that the time for which both processes were stopped counts as one.
        pollfd waiting = {descriptor_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, limits_.silent_s == 0 ? -1 : kTickMs);
        if (ready < 0 && errno != EINTR) break;
        if (ready <= 0) {
            if (Clock::now() - last < std::chrono::milliseconds(kTickMs)) continue;
            last = Clock::now();
            if (++silent_s < limits_.silent_s || limits_.silent_s == 0) continue;
            ending_.too_long = true;
            end_it();
            break;
        }
        const ssize_t count = ::read(descriptor_, into.data(), into.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        return static_cast<std::size_t>(count);
    }
    closed_ = true;
    return 0;
}

bool ChildProcess::take_all(std::span<std::byte> into) {
    while (!into.empty()) {
        const std::size_t count = take(into);
        if (count == 0) return false;
        into = into.subspan(count);
    }
    return true;
}

/// Behind a length of 0: the child is done, or reports what was thrown in it.
void ChildProcess::take_ending() {
    const auto value = [&](auto& into) { return take_all(std::as_writable_bytes(std::span(&into, 1))); };
    Ending kind{};
    if (!value(kind)) return;
    if (kind == Ending::Done) {
        ending_.whole = true;
        closed_ = true;
        return;
    }
    std::uint32_t code = 0;
    std::uint8_t has_offset = 0;
    std::uint64_t offset = 0;
    std::array<std::string, 5> texts;  // area, message, file, module path, hint
    if (!value(code) || !value(has_offset) || !value(offset)) return;
    for (std::string& text : texts) {
        std::uint32_t count = 0;
        if (!value(count)) return;
        text.resize(std::min(count, kMaxTextBytes));
        if (!take_all(std::as_writable_bytes(std::span(text)))) return;
    }
    closed_ = true;
    const bool known = code <= static_cast<std::uint32_t>(ErrorCode::MissingComponent);
    throw Error(known ? static_cast<ErrorCode>(code) : ErrorCode::RuntimeFailure, texts[0], texts[1],
                {.file = texts[2],
                 .offset_bytes = has_offset != 0 ? std::optional(offset) : std::nullopt,
                 .module_path = texts[3]},
                texts[4]);
}

std::size_t ChildProcess::read_some(std::span<std::byte> into) {
    if (into.empty() || closed_) return 0;
    if (left_in_piece_ == 0) {
        std::uint32_t count = 0;
        if (!take_all(std::as_writable_bytes(std::span(&count, 1)))) return 0;
        if (count == 0) {
            take_ending();
            return 0;
        }
        left_in_piece_ = count;
    }
    const std::uint64_t wanted = std::min<std::uint64_t>(into.size(), left_in_piece_);
    const std::size_t count = take(into.first(static_cast<std::size_t>(wanted)));
    left_in_piece_ -= count;
    return count;
}

bool ChildProcess::read(std::span<std::byte> into) {
    while (!into.empty()) {
        const std::size_t count = read_some(into);
        if (count == 0) return false;
        into = into.subspan(count);
    }
    return true;
}

ChildEnding ChildProcess::wait() noexcept {
    if (child_ < 0) return ending_;
    closed_ = true;
    ::close(descriptor_);  // it shall not wait for a reader
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(child_, &status, 0)) < 0 && errno == EINTR) {
    }
    // A program that ignores SIGCHLD, or waits for every child, leaves no status to find.
    if (ended == child_ && WIFSIGNALED(status)) ending_.signal = WTERMSIG(status);
    if (ended == child_ && WIFEXITED(status)) ending_.status = WEXITSTATUS(status);
    child_ = -1;
    return ending_;
}

}  // namespace yolovino::base
