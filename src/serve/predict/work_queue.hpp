#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace yolovino::serve {

/// Work for a fixed number of threads, in its order, with a limit for what waits and for how long. Thread-safe.
class WorkQueue {
public:
    struct Job {
        std::function<void()> run;  ///< does not throw
        /// Called instead of `run`, not on a worker, when the job has waited for too long.
        std::function<void()> expired;
    };

    /// @param capacity jobs that may wait, besides those that run
    WorkQueue(std::size_t workers, std::size_t capacity, std::chrono::duration<double> patience);
    /// As `finish`.
    ~WorkQueue();
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    /// False if too many wait, or after `finish`: the job is not taken.
    bool push(Job job);
    /// Takes no more, and waits until all that was taken has been run or has expired.
    void finish();

    std::size_t workers() const noexcept { return threads_.size(); }
    std::size_t waiting() const;
    std::size_t running() const;
    /// How long the last jobs took, and with that how long a new one would wait, in seconds.
    double expected_wait_s() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        Job job;
        Clock::time_point deadline;
    };

    void work();
    void expire();

    const std::size_t capacity_;
    const Clock::duration patience_;
    mutable std::mutex mutex_;
    std::condition_variable work_;   ///< for the workers
    std::condition_variable watch_;  ///< for the expirer, where something has to wait
    std::deque<Waiting> waiting_;    ///< by deadline, since all have the same patience
    std::size_t running_ = 0;
    double job_s_ = 0;  ///< moving mean of how long a job runs
    bool closed_ = false;
    std::vector<std::thread> threads_;
    std::thread expirer_;
};

}  // namespace yolovino::serve
