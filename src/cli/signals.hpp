#pragma once

#include <functional>

namespace yolovino::cli {

/// While it lives, the first Ctrl-C (or SIGTERM) calls `stop` on a thread of its own instead of ending the process; a
/// second one ends it at once, and so do ten seconds (and `more_s`) in which it has not ended by itself. A broken pipe
/// shows as a failed write instead of a signal. One at a time.
class StopSignals {
public:
    /// Must be made before other threads, which inherit what is blocked.
    explicit StopSignals(double more_s = 0);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// Until something can be stopped, a signal ends the process at once.
    void on_stop(std::function<void()> stop);
    /// Status of a process that was ended by what has come: 128 and the number of the signal; 0 if none has.
    int status() const;
};

}  // namespace yolovino::cli
