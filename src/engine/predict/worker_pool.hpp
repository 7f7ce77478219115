#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "data/frame.hpp"
#include "engine/predict/batch_runner.hpp"

namespace yolovino::engine {

/// Batches of a source on several threads, in the order of the source. Each worker, a thread, takes the next batch,
/// waits for the network, and works its answer up while others have the network. A worker that is further ahead of the
/// caller than there are workers waits, so memory is bounded.
class OrderedWorkerPool {
public:
    using Take = std::function<std::vector<data::Frame>()>;
    using Run = std::function<std::vector<Predicted>(std::vector<data::Frame>)>;

    struct Batch {
        std::vector<Predicted> images;
        std::exception_ptr problem;  ///< ends the run
        std::chrono::steady_clock::time_point finished;
    };

    /// @param take the next frames, none at the end; called by one worker at a time
    /// @param make_run called once for each worker. @throws Error LimitExceeded if the threads cannot be had
    OrderedWorkerPool(std::size_t count, Take take, const std::function<Run()>& make_run);
    /// Waits for the batches in work.
    ~OrderedWorkerPool();
    OrderedWorkerPool(const OrderedWorkerPool&) = delete;
    OrderedWorkerPool& operator=(const OrderedWorkerPool&) = delete;

    /// The next batch; nothing when all that were taken have been given.
    std::optional<Batch> next();
    /// Takes no more from the source; what is in work can still be had.
    void stop_accepting();
    /// Whether the source has come to its end.
    bool source_ended() const;
    /// Whether a worker has ever waited for the caller.
    bool consumer_is_slower() const;

private:
    void work(const Run& run);
    void end();
    std::optional<std::size_t> reserve(std::unique_lock<std::mutex>& lock);
    void complete(std::size_t ticket, Batch batch);

    const Take take_;
    const std::size_t count_;
    std::mutex source_turn_;  ///< held while a worker takes frames; taken before `mutex_`
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable ready_;
    std::map<std::size_t, Batch> done_;  ///< by ticket
    std::size_t taken_ = 0;              ///< tickets given to workers
    std::size_t consumed_ = 0;           ///< batches given to the caller
    bool no_more_ = false;
    bool source_ended_ = false;
    bool waited_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace yolovino::engine
