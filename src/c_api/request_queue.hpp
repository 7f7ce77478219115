#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "yolovino/c/yolovino.h"

#include "c_api/handles.hpp"

namespace yolovino::c_api {

/// A prediction in the background, which its handle and the queue share. Thread-safe.
class Request {
public:
    using Work = std::function<std::unique_ptr<yv_result>()>;

    Request(Work work, yv_callback callback, void* user);
    ~Request();
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    /// Does the work, unless it was cancelled.
    void run();
    /// Ends it without the work; false if that has begun.
    bool cancel();
    /// @param timeout_ms negative: without limit @return false if it has not ended by then
    bool wait(std::int64_t timeout_ms);
    /// Of a request that has ended and has no callback: once.
    std::unique_ptr<yv_result> take_result();
    /// Of a request that has ended; null: it did not fail.
    const yv_error* error() const noexcept { return error_.get(); }

private:
    enum class State { Waiting, Begun, Ended };

    bool begin();
    void end(std::unique_ptr<yv_result> result, yv_error* error);

    struct FreeError {
        void operator()(yv_error* error) const { yv_error_free(error); }
    };

    Work work_;
    const yv_callback callback_;
    void* const user_;
    std::mutex mutex_;
    std::condition_variable ended_;
    State state_ = State::Waiting;
    std::unique_ptr<yv_result> result_;
    std::unique_ptr<yv_error, FreeError> error_;
};

/// Threads that work off requests in their order. They start when they are needed. Thread-safe.
class RequestQueue {
public:
    RequestQueue();
    /// Cancels what has not begun and waits for what has; called by one of its own threads, for the others only.
    ~RequestQueue();
    RequestQueue(const RequestQueue&) = delete;
    RequestQueue& operator=(const RequestQueue&) = delete;

    /// @throws Error LimitExceeded if too many wait
    void push(std::shared_ptr<Request> request);

private:
    /// What the threads hold themselves: one of them may destroy the queue in a callback.
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<std::shared_ptr<Request>> waiting;
        std::size_t idle = 0;
        bool closed = false;
    };

    /// @throws std::system_error if there is none
    void start_thread();
    static void work(const std::shared_ptr<Shared>& shared);

    std::shared_ptr<Shared> shared_;
    std::vector<std::thread> threads_;  ///< under the mutex of `shared_`
};

}  // namespace yolovino::c_api
