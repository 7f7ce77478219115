#include "cli/signals.hpp"

#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <ctime>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace yolovino::cli {

namespace {

constexpr int kSignalBase = 128;

/// Outlives every object: the thread that waits for signals is never joined.
struct State {
    std::mutex lock;
    std::function<void()> stop;
    std::atomic<int> status = 0;
    double patience_s = 10;  ///< until the process is ended
};

State& state() {
    static auto& kept = *new State;
    return kept;
}

sigset_t stop_set() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

[[noreturn]] void wait_for_signals() {
    const sigset_t set = stop_set();
    while (true) {
        int signal = 0;
        if (sigwait(&set, &signal) != 0) continue;
        State& shared = state();
        const std::lock_guard guard(shared.lock);
        shared.status = kSignalBase + signal;
        if (!shared.stop) ::_exit(kSignalBase + signal);
        shared.stop();
        break;
    }
    // A second signal, or what does not come to its end: a device that hangs while it compiles, for instance.
    const timespec patience = {.tv_sec = static_cast<time_t>(std::ceil(state().patience_s)), .tv_nsec = 0};
    while (sigtimedwait(&set, nullptr, &patience) < 0 && errno == EINTR) {
    }
    ::_exit(state().status);
}

}  // namespace

StopSignals::StopSignals(double more_s) {
    state().patience_s += more_s;
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = stop_set();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::thread(wait_for_signals).detach();
}

StopSignals::~StopSignals() {
    on_stop({});
}

void StopSignals::on_stop(std::function<void()> stop) {
    const std::lock_guard guard(state().lock);
    state().stop = std::move(stop);
}

int StopSignals::status() const {
    return state().status;
}

}  // namespace yolovino::cli
